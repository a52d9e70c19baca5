"""Which figures does a policy rest on that nobody has read at their source yet?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from service.policy.model import Amount, Tree
from service.policy.resolve import used_amounts


@dataclass(frozen=True)
class Unconfirmed:
    """A figure of a table that nobody has read at its source. `key`: how `sure:` confirms it."""

    amount: Amount
    day: date
    key: str


def unconfirmed(tree: Tree) -> list[Unconfirmed]:
    """Every figure that the policy rests on while it counts, and that nobody has confirmed."""
    found = []
    for name in sorted(used_amounts(tree)):
        amount = tree.amounts[name]
        for day in amount.inferred:
            key = f"{name} {day.isoformat()}"
            if _matters(amount, day, tree) and key not in tree.sure:
                found.append(Unconfirmed(amount, day, key))
    return found


def _matters(amount: Amount, day: date, tree: Tree) -> bool:
    later = [start for start, _ in amount.series if start > day]
    ends = tree.header.effective_to
    return (not later or later[0] > tree.header.effective_from) and (ends is None or day < ends)
