"""What follows a register: claims."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.claims import actions as claims
from service.events import Event
from service.tasks.delivery import follows


@follows("claims.follow_register", queue="claims")
def follow_register(*, session: Session, event: Event, now: datetime) -> None:
    """The register of one person changed: their claim follows."""
    claims.follow_register(
        session,
        council_id=event.council_id,
        session_id=event.subject_id,
        person_id=event.person_id or "",
        now=now,
    )


@follows("claims.follow_cancellation", queue="claims")
def follow_cancellation(*, session: Session, event: Event, now: datetime) -> None:
    """A session was cancelled on somebody: the policy's cancellation terms apply to a yes."""
    if event.refs.get("was") == "accepted":
        claims.follow_cancellation(session, council_id=event.council_id, offer_id=event.subject_id, now=now)
