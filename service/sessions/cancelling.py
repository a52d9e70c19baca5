"""What does the council do when it cancels a session, or one person's place? What is due, the policy says.

A person who cannot come after all says no (`actions.decline`). In either case the event says that there had
been a yes, and `claims.follow_cancellation` asks the policy what is due for it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service import events
from service.errors import Conflict
from service.events import Actor
from service.ledger import actions as ledger
from service.sessions import allowing, queries
from service.sessions.model import OFFER_TRANSITIONS
from service.sessions.moving import locked, locked_offer, move
from service.sessions.tables import InvolvementSession, Offer


def cancel(
    session: Session, *, council_id: str, session_id: str, actor: Actor, now: datetime
) -> InvolvementSession:
    """Cancel a session and every offer that stands. Safe to repeat.

    Raises `Conflict` once somebody has been ticked as having come.
    """
    occasion = locked(session, council_id, session_id)
    if occasion.cancelled_at is not None:
        return occasion
    if any(row.attended for row in queries.register(session, council_id=council_id, session_id=session_id)):
        raise Conflict("People are ticked as having come. Un-tick them first, then cancel.")
    occasion.cancelled_at = now
    events.record(
        session,
        council_id=council_id,
        name="session.cancelled",
        subject_id=session_id,
        session_id=session_id,
        actor=actor,
        at=now,
    )
    made = queries.offers(session, council_id=council_id, session_id=session_id)
    standing = [offer for offer in made if (offer.state, "cancel") in OFFER_TRANSITIONS]
    for offer in standing:
        move(session, offer, verb="cancel", actor=actor, now=now, refs={"was": offer.state})
    allowing.free(session, council_id=council_id, offers=standing, now=now)
    ledger.release(session, council_id=council_id, offer_ids=[offer.id for offer in standing], at=now)
    return occasion


def cancel_place(session: Session, *, council_id: str, offer_id: str, actor: Actor, now: datetime) -> Offer:
    """Take back one person's offer, answered or not; the session goes on. Safe to repeat.

    Raises `Conflict` once they are ticked as having come, `OfferIsOver` when they had said no.
    """
    found = locked_offer(session, council_id, offer_id)
    if found.state == "cancelled":
        return found
    tick = queries.attendance(
        session, council_id=council_id, session_id=found.session_id, person_id=found.person_id
    )
    if tick is not None and tick.attended:
        raise Conflict("They are ticked as having come. Un-tick them first, then cancel.")
    move(session, found, verb="cancel", actor=actor, now=now, refs={"was": found.state})
    allowing.free(session, council_id=council_id, offers=[found], now=now)
    ledger.release(session, council_id=council_id, offer_ids=[found.id], at=now)
    return found
