"""Questions about messages. Writes nothing."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.notices.tables import Notice


def get(session: Session, *, council_id: str, notice_id: str) -> Notice:
    """One message. Raises `NotFound`."""
    notice = session.get(Notice, (council_id, notice_id))
    if notice is None:
        raise NotFound("We cannot find that message.")
    return notice


def newest(session: Session, *, council_id: str, limit: int = 100) -> list[Notice]:
    """The outbox: messages, newest first."""
    query = select(Notice).where(Notice.council_id == council_id)
    return list(session.scalars(query.order_by(Notice.id.desc()).limit(limit)))


def of_person(session: Session, *, council_id: str, person_id: str) -> list[Notice]:
    """Every message to one person, newest first."""
    query = select(Notice).where(Notice.council_id == council_id, Notice.person_id == person_id)
    return list(session.scalars(query.order_by(Notice.id.desc())))
