"""What waits in the queues, what stopped, and who waits behind it?

A delivery is one event on its way to one task. The relay makes them, the tasks tick them off; here are the
questions and verbs that operations need.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, Text, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, Session, mapped_column

from service import events
from service.db import Base
from service.events import Actor, Event


class Delivery(Base):
    """One event on its way to one task. `state`: waiting, done, failed or dismissed."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "deliveries_open",
            "state",
            "handed_at",
            postgresql_where=text("state IN ('waiting', 'failed')"),
        ),
        Index(
            "deliveries_begun",
            "started_at",
            postgresql_where=text("state = 'waiting' AND started_at IS NOT NULL"),
        ),
        Index(
            "deliveries_next",
            "next_at",
            postgresql_where=text("state = 'waiting' AND next_at IS NOT NULL"),
        ),
        Index(
            "deliveries_unbegun",
            "queue",
            "handed_at",
            postgresql_where=text("state = 'waiting' AND started_at IS NULL AND next_at IS NULL"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    task: Mapped[str] = mapped_column(Text, primary_key=True)
    queue: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    handed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    next_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    error: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class Figures:
    """One queue: jobs by state, since when the oldest stands there, and the people and pence behind it."""

    queue: str
    waiting: int = 0
    running: int = 0
    failed: int = 0
    oldest: datetime | None = None
    people: int = 0
    pence: int = 0

    def age_seconds(self, now: datetime) -> int:
        """How long the oldest job has stood there; 0 for an empty queue."""
        return max(int((now - self.oldest).total_seconds()), 0) if self.oldest else 0


def figures(session: Session, *, queues: tuple[str, ...]) -> list[Figures]:
    """Every queue, the empty ones too. Counts and sums over the whole service: no names, no ids."""
    found = {name: Figures(name) for name in queues}
    for row in session.execute(text("SELECT * FROM queue_figures()")):
        known = found.get(row.queue, Figures(row.queue))
        jobs = {row.state: row.jobs} if row.state in ("waiting", "running", "failed") else {}
        found[row.queue] = replace(
            known,
            oldest=min(known.oldest, row.oldest) if known.oldest else row.oldest,
            people=known.people + row.people,
            pence=known.pence + int(row.pence),
            **jobs,
        )
    return list(found.values())


def failed(session: Session, *, council_id: str, limit: int = 100) -> list[tuple[Delivery, Event]]:
    """Deliveries of one council that stopped, with their events, oldest first."""
    query = (
        select(Delivery, Event)
        .join(Event, (Event.council_id == Delivery.council_id) & (Event.id == Delivery.event_id))
        .where(Delivery.council_id == council_id, Delivery.state == "failed")
        .order_by(Delivery.event_id)
        .limit(limit)
    )
    return [(delivery, event) for delivery, event in session.execute(query)]


def retry(
    session: Session, *, council_id: str, event_id: int, task: str, actor: Actor, now: datetime
) -> bool:
    """Put a stopped delivery back in its queue. Answers False when it is no longer stopped."""
    values = {"state": "waiting", "attempts": 0, "next_at": now}
    return _leave_failed(session, council_id, event_id, task, values, actor=actor, now=now)


def dismiss(
    session: Session, *, council_id: str, event_id: int, task: str, actor: Actor, now: datetime
) -> bool:
    """Set a stopped delivery aside, for good. Answers False when it is no longer stopped."""
    values = {"state": "dismissed", "finished_at": now}
    return _leave_failed(session, council_id, event_id, task, values, actor=actor, now=now)


def _leave_failed(
    session: Session,
    council_id: str,
    event_id: int,
    task: str,
    values: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    changed = session.execute(
        update(Delivery)
        .where(
            tuple_(Delivery.council_id, Delivery.event_id, Delivery.task) == (council_id, event_id, task),
            Delivery.state == "failed",
        )
        .values(**values)
        .returning(Delivery.event_id)
    ).first()
    if changed is None:
        return False
    name = "delivery.retried" if values["state"] == "waiting" else "delivery.dismissed"
    events.record(
        session,
        council_id=council_id,
        name=name,
        subject_id=str(event_id),
        actor=actor,
        at=now,
        refs={"task": task},
    )
    return True
