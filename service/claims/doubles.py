"""Was the same cost asked for before? It is noticed, and may be right all the same. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.claims import queries

# A claim that was not agreed, or taken back, asks for nothing.
NOT_ASKED = ("withdrawn", "refused", "draft")

Likeness = tuple[object, object, object]


@dataclass(frozen=True)
class Double:
    """A cost that another claim of the same person has for the same day."""

    claim_id: str
    asked_at: datetime
    category: str


def doubles(
    session: Session,
    *,
    council_id: str,
    person_id: str,
    on: str,
    expenses: Iterable[Mapping[str, Any]],
    leaving_out: str = "",
) -> list[Double]:
    """The same kind, sum and distance on the same day (like 2027-01-12), in other claims, newest first."""
    mine = {likeness(expense) for expense in expenses}
    if not mine:
        return []
    return [
        Double(other.id, other.made_at, str(found[0]))
        for other in queries.of_person(session, council_id=council_id, person_id=person_id)
        if other.id != leaving_out and other.state not in NOT_ASKED and other.facts.get("on") == on
        for found in sorted(mine & {likeness(expense) for expense in other.expenses}, key=str)
    ]


def likeness(expense: Mapping[str, Any]) -> Likeness:
    """What makes two costs of one day look the same."""
    return (expense.get("category"), expense.get("amount_pence"), expense.get("miles"))
