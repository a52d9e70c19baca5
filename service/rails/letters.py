"""What did a webhook bring? Kept once, sealed, as it was received; nothing is acted on here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service import events
from service.events import Actor
from service.rails.inbox import RailNotice


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
    noted = session.execute(
        insert(RailNotice).values(**row).on_conflict_do_nothing().returning(RailNotice.external_id)
    )
    if noted.first() is None:
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
