"""What did a rail tell us by itself? Verify, note, answer: nothing is acted on here.

A notice is kept once, whatever the number of times it comes. What it says is not trusted for order: the task
that follows asks the rail how things stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, Session, mapped_column

from service import events, log
from service.db import Base
from service.events import Actor, Happening


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


def receive_all(
    session: Session, *, council_id: str, rail: str, notices: Mapping[str, str], now: datetime
) -> int:
    """Note messages: the rail's id of each → the key it is about. Answers how many had not come before."""
    given = {"council_id": council_id, "rail": rail, "now": now, "ids": list(notices)}
    fresh = session.scalars(_NOTE, given | {"keys": list(notices.values())}).all()
    happenings = [
        Happening(
            name="rail.noticed",
            subject_id=notices[external_id],
            request_id=log.request_id(),
            refs={"rail": rail, "key": notices[external_id]},
        )
        for external_id in fresh
    ]
    events.record_all(
        session, council_id=council_id, happenings=happenings, actor=Actor("rail", rail), at=now
    )
    return len(fresh)


_NOTE = text(
    "INSERT INTO rail_notices (council_id, rail, external_id, key, received_at)"
    " SELECT :council_id, :rail, t.id, t.key, :now"
    " FROM unnest(CAST(:ids AS text[]), CAST(:keys AS text[])) AS t(id, key) ORDER BY t.id"
    " ON CONFLICT DO NOTHING RETURNING external_id"
)
