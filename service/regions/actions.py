"""The verb by which a council takes on another version of its region's base. Never commits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.days import london_day
from service.errors import Conflict
from service.policy import actions as policies
from service.policy.life import Author
from service.policy.tables import PolicyDraft
from service.regions import queries


def take_on(session: Session, *, council_id: str, base_id: str, author: Author, now: datetime) -> PolicyDraft:
    """Make a draft of the council's own text on that version. Nothing counts until two people publish it.

    Raises `NotFound` for what its region does not offer, `Conflict` where the text cannot be moved by itself.
    """
    found = queries.offered(session, council_id=council_id, base_id=base_id, today=london_day(now))
    if not found.text:
        raise Conflict("Your text does not let its base be changed by itself. Write the new pin by hand.")
    return policies.write(session, council_id=council_id, text=found.text, author=author, now=now)
