"""Was this request made before? The first answer is kept and given again.

The scope is the council, not the key that called. The row is written in the same transaction as the effect.
Only answers of 2xx are kept, for thirty days. A request that is still running is told apart by a lock that
answers at once, since a second insert would only wait.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, Text, delete, select, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.db import Base
from service.errors import KeyReused, StillRunning

KEPT_FOR = timedelta(days=30)


class KeptAnswer(Base):
    """The first answer to one idempotency key."""

    __tablename__ = "kept_answers"
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[str] = mapped_column(Text)
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status, body to the letter, and the headers worth giving again (`Location`, `ETag`)."""

    status: int
    body: str
    headers: dict[str, str]


def fingerprint(*, method: str, path: str, body: bytes) -> str:
    """What makes two requests the same: method, path with its query, and body."""
    return hashlib.sha256(b"\0".join([method.encode(), path.encode(), body])).hexdigest()


def first_answer(session: Session, *, council_id: str, key: str, mark: str, now: datetime) -> Answer | None:
    """The kept answer for this key, or None when the caller should do the work now, under our lock.

    Raises `StillRunning` when another transaction is working on it, `KeyReused` when the request differs.
    """
    locked = session.scalar(
        text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 1))"), {"name": f"{council_id}:{key}"}
    )
    if not locked:
        raise StillRunning("The same request is still being worked on. Ask again in a moment.")
    kept = session.scalars(
        select(KeptAnswer).where(KeptAnswer.council_id == council_id, KeptAnswer.key == key)
    ).first()
    if kept is None:
        return None
    if kept.made_at < now - KEPT_FOR:
        session.delete(kept)
        session.flush()
        return None
    if kept.fingerprint != mark:
        raise KeyReused(
            "This Idempotency-Key came before with another request. Use a new key for a new request."
        )
    return Answer(kept.status, kept.body, kept.headers)


def keep(session: Session, *, council_id: str, key: str, mark: str, answer: Answer, now: datetime) -> None:
    """Keep the first answer, in the transaction of its effect. Give it no bank details."""
    session.add(
        KeptAnswer(
            council_id=council_id,
            key=key,
            fingerprint=mark,
            status=answer.status,
            body=answer.body,
            headers=answer.headers,
            made_at=now,
        )
    )


def forget_old(session: Session, *, council_id: str, now: datetime) -> None:
    """Drop answers older than thirty days."""
    session.execute(
        delete(KeptAnswer).where(KeptAnswer.council_id == council_id, KeptAnswer.made_at < now - KEPT_FOR)
    )
