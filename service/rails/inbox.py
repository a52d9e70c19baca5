"""What did a rail tell us by itself? Verify, note, answer: nothing is acted on here.

A notice is kept once, whatever the number of times it comes. What it says is not trusted for order: the task
that follows asks the rail how things stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import TIMESTAMP, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from service import events
from service.db import Base
from service.events import Actor


class RailNotice(Base):
    """One message from a rail. `(rail, external_id)` comes in once.

    It is about the payment with our `key`, or about a thing that the rail calls `about`;
    `body_sealed` is what was sent, as received: it may say more of a person than we need to know.
    """

    __tablename__ = "rail_notices"
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    rail: Mapped[str] = mapped_column(Text, primary_key=True)
    external_id: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    about: Mapped[str] = mapped_column(Text, default="", server_default="")
    body_sealed: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class Letter:
    """A message as a webhook brought it. `behalf`: the account on whose behalf the thing is, if any."""

    external_id: str
    kind: str
    about: str
    behalf: str
    live: bool
    body_sealed: str = field(repr=False)


def keep(session: Session, *, council_id: str, rail: str, letter: Letter, now: datetime) -> bool:
    """Note a letter as received. Answers False when it came before."""
    row = {
        "council_id": council_id,
        "rail": rail,
        "external_id": letter.external_id,
        "key": "",
        "about": letter.about,
        "body_sealed": letter.body_sealed,
        "received_at": now,
    }
    if not _noted(session, row):
        return False
    refs = {"rail": rail, "kind": letter.kind, "about": letter.about, "behalf": letter.behalf}
    events.record(
        session,
        council_id=council_id,
        name="rail.told",
        subject_id=letter.external_id,
        actor=Actor("rail", rail),
        at=now,
        refs=refs | {"live": int(letter.live)},
    )
    return True


def receive(
    session: Session, *, council_id: str, rail: str, external_id: str, key: str, now: datetime
) -> bool:
    """Note a message. Answers False when it came before."""
    row = {"council_id": council_id, "rail": rail, "external_id": external_id, "key": key, "received_at": now}
    if not _noted(session, row):
        return False
    events.record(
        session,
        council_id=council_id,
        name="rail.noticed",
        subject_id=key,
        actor=Actor("rail", rail),
        at=now,
        refs={"rail": rail, "key": key},
    )
    return True


def _noted(session: Session, row: dict[str, Any]) -> bool:
    """Whether it is the first of its kind."""
    kept = session.execute(
        insert(RailNotice).values(**row).on_conflict_do_nothing().returning(RailNotice.external_id)
    )
    return kept.first() is not None
