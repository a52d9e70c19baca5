"""What does a policy say, clause by clause, on one day? For pages that show it to people."""

from __future__ import annotations

import re
from datetime import date

from service.policy.engine import Policy
from service.policy.proving import every_rule
from service.policy.resolve import OnDay


def clauses(policy: Policy, *, on: date) -> list[tuple[str, str]]:
    """`(clause, sentence)` of every rule, with the figures of that day, in the order of the clauses."""
    at = OnDay(policy.tree, on)
    rules = [*every_rule(policy.tree), *(one.rule for one in (policy.tree.sign_off,) if one)]
    said = {(rule.clause, at.sentence(rule)) for rule in rules}
    return sorted(said, key=lambda pair: (_order(pair[0]), pair[1]))


def _order(clause: str) -> list[tuple[bool, int, str]]:
    """`3.10` after `3.9`, and lettered clauses of the council's own after the region's numbers."""
    parts = re.findall(r"\d+|[^\d.]+", clause)
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]
