"""Something in each table of messages, for tests that look at every table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.events import SYSTEM
from service.messages.protocol import Message
from service.notices import queries as notices
from service.notices import reaching, reviews, sendings
from service.notices.reaching import Choice


def is_written_to(session: Session, *, council_id: str, person_id: str, now: datetime) -> None:
    """Somebody asked for letters, one waits to be printed, and a group has read a file of words."""
    about: dict[str, Any] = {"council_id": council_id, "now": now}
    letters = Choice("letter", "en", "1 Made Up Street\nExampleton\nEX1 2MP")
    reaching.choose(session, person_id=person_id, given=letters, actor=SYSTEM, **about)
    (notice, *_) = notices.of_person(session, council_id=council_id, person_id=person_id)
    message = Message(notice.id, "Ada", notice.subject, notice.body, by="letter")
    sendings.to_print(session, message=message, notice_id=notice.id, **about)
    reviews.record(
        session,
        file="easy",
        seen=reviews.hash_of("easy"),
        reviewed_by="A group",
        reviewed_on=now.date(),
        actor=SYSTEM,
        **about,
    )
