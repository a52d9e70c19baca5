"""How does one line of an answer say what the rules said?"""

from __future__ import annotations

from typing import Any

from service.policy.printing import Trace
from service.policy.steps import NOT_PAYABLE, OUTCOMES, PAYABLE

Line = dict[str, Any]


def told(trace: Trace, at: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A line's trace in words: its reasons, and what would change it. `at` is the pointer to the line."""
    reasons: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for entry in trace:
        one = entry[0](entry, at)
        (changes if "pointer" in one else reasons).append(one)
    return reasons, changes


def settle(start: Line, mark: int, pence: int, trace: Trace, at: str) -> Line:
    """A line with its outcome. A sum of nothing is not payable, whatever the rule."""
    reasons, changes = told(trace, at)
    line = {
        **start,
        "outcome": OUTCOMES[mark or (PAYABLE if pence else NOT_PAYABLE)],
        "amount_pence": pence if not mark else 0,
        "reasons": reasons,
    }
    if changes:
        line["would_change"] = _once(changes)
    return line


def _once(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One change for each fact: the first that was named."""
    found: dict[str, dict[str, Any]] = {}
    for change in changes:
        found.setdefault(change["pointer"], change)
    return list(found.values())
