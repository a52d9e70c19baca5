"""A receipt on record without its pages: for tests that need one to be there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.events import Actor
from service.receipts import actions
from service.receipts.keeping import Keeping
from service.receipts.tables import Receipt
from tests.receipts import made


def sent(
    session: Session, *, council_id: str, person_id: str, claim_id: str, keeping: Keeping, now: datetime
) -> Receipt:
    """Somebody sends a picture with the first cost of a claim."""
    taken = keeping.take(made.jpeg(), council_id=council_id)
    actor = Actor("person", person_id)
    about = {"council_id": council_id, "person_id": person_id}
    row = actions.add(session, **about, taken=taken, actor=actor, now=now)
    actions.attach(session, **about, claim_id=claim_id, numbers={row.id: 0}, actor=actor, now=now)
    return row
