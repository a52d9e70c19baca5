"""What did a rail tell us by itself? Verify, note, answer: nothing is acted on here.

A notice is kept once, whatever the number of times it comes. What it says is not trusted for order: the task
that follows asks the rail how things stand.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import TIMESTAMP, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from service import events
from service.db import Base
from service.events import Actor


class RailNotice(Base):
    """One message from a rail. `(rail, external_id)` comes in once.

    It is about the payment with our `key`, or about a thing that the rail calls `about`; `body_sealed` is
    what was sent, as received (`letters`): it may say more of a person than we need to know.
    """

    __tablename__ = "rail_notices"
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    rail: Mapped[str] = mapped_column(Text, primary_key=True)
    external_id: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    about: Mapped[str] = mapped_column(Text, default="", server_default="")
    body_sealed: Mapped[str | None] = mapped_column(Text)


def receive(
    session: Session, *, council_id: str, rail: str, external_id: str, key: str, now: datetime
) -> bool:
    """Note a message. Answers False when it came before."""
    row = {"council_id": council_id, "rail": rail, "external_id": external_id, "key": key, "received_at": now}
    noted = session.execute(
        insert(RailNotice).values(**row).on_conflict_do_nothing().returning(RailNotice.external_id)
    ).first()
    if noted is None:
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
