"""May anything change for this person? Not while somebody has said that a change was not theirs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.errors import Conflict
from service.people import queries

STOPPED = (
    "Somebody told us that a change was not theirs. So we hold the payments, to keep the money safe. "
    "Contact us, and we will put it right."
)


class PaymentsStopped(Conflict):
    """Nothing changes for this person until staff have talked with them."""

    title = "Payments are on hold to keep the money safe"


def refuse_where_stopped(session: Session, *, council_id: str, person_id: str) -> None:
    """Raises `PaymentsStopped`."""
    if queries.is_stopped(session, council_id=council_id, person_id=person_id):
        raise PaymentsStopped(STOPPED)
