"""How do payments leave, as a policy says on a day? Together or at once; what a second person releases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from service.policy.model import Runs, Tree, Undecided, Value
from service.policy.resolve import OnDay


@dataclass(frozen=True)
class Leaving:
    """When payments go together, if they do; above how many pence a second person releases them."""

    runs: Runs | None = None
    payment_above_pence: int | None = None
    run_above_pence: int | None = None


AT_ONCE = Leaving()


def leaving(tree: Tree, *, on: date) -> Leaving:
    """What the policy says that day. A limit that is undecided is none at all: all is released by hand."""
    at, second = OnDay(tree, on), tree.second_release

    def pence(value: Value | None) -> int | None:
        number = at.number(value) if value is not None else None
        return 0 if isinstance(number, Undecided) else number

    if second is None:
        return Leaving(tree.runs)
    return Leaving(tree.runs, pence(second.payment_above), pence(second.run_above))
