"""Which people may be asked to read a draft of the policy? Those whom the council knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from service.errors import Fault, Invalid
from service.people import queries
from service.policy import signing
from service.policy.life import Author
from service.policy.tables import PolicySignOff


def ask(
    session: Session,
    *,
    council_id: str,
    policy_id: str,
    person_ids: Sequence[str],
    author: Author,
    now: datetime,
) -> list[PolicySignOff]:
    """Put a draft to people of this council. Raises as `signing.ask`, and `Invalid` for an unknown id."""
    known = queries.by_ids(session, council_id=council_id, person_ids=set(person_ids))
    strangers = tuple(
        Fault(f"/people/{place}", "We do not know this person. Check the id.")
        for place, person_id in enumerate(person_ids)
        if person_id not in known
    )
    if strangers:
        raise Invalid(strangers[0].detail, errors=strangers)
    return signing.ask(
        session, council_id=council_id, policy_id=policy_id, person_ids=person_ids, author=author, now=now
    )
