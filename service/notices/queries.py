"""Questions about messages. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.db import among
from service.errors import NotFound
from service.notices.tables import Notice


def get(session: Session, *, council_id: str, notice_id: str) -> Notice:
    """One message. Raises `NotFound`."""
    notice = session.get(Notice, (council_id, notice_id))
    if notice is None:
        raise NotFound("We cannot find that message.")
    return notice


def written(session: Session, *, council_id: str, event_ids: Collection[int]) -> set[int]:
    """Which of these events have their message."""
    query = select(Notice.event_id).where(Notice.council_id == council_id, Notice.event_id.in_(event_ids))
    return set(session.scalars(query))


def by_ids(session: Session, *, council_id: str, notice_ids: Collection[str]) -> dict[str, Notice]:
    """Id → message, for the ids that this council knows."""
    query = select(Notice).where(Notice.council_id == council_id, among(Notice.id, notice_ids))
    return {notice.id: notice for notice in session.scalars(query)}


def unsent(session: Session, *, council_id: str, notice_ids: Collection[str]) -> dict[str, str]:
    """Message id → the person it is for, for those of these that have not left, as things happened."""
    query = select(Notice.id, Notice.person_id).where(
        Notice.council_id == council_id, among(Notice.id, notice_ids), Notice.sent_at.is_(None)
    )
    return {row.id: row.person_id for row in session.execute(query.order_by(Notice.event_id))}


def newest(session: Session, *, council_id: str, limit: int = 100) -> list[Notice]:
    """The outbox: messages, newest first."""
    query = select(Notice).where(Notice.council_id == council_id)
    return list(session.scalars(query.order_by(Notice.event_id.desc()).limit(limit)))


def of_person(session: Session, *, council_id: str, person_id: str) -> list[Notice]:
    """Every message to one person, newest first."""
    query = select(Notice).where(Notice.council_id == council_id, Notice.person_id == person_id)
    return list(session.scalars(query.order_by(Notice.event_id.desc())))
