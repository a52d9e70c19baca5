"""What moves an offer from one state to the next, with its event? Used by this room's verbs alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import events
from service.errors import Conflict
from service.events import RULE, Actor
from service.sessions import queries
from service.sessions.model import ASK_TRANSITIONS, COST, LIVE_OFFERS, OFFER_TRANSITIONS
from service.sessions.tables import InvolvementSession, Offer, OfferAsk


class OfferIsOver(Conflict):
    """The offer is no longer one that can be answered that way."""

    title = "This offer can no longer be changed"


class AskIsOver(Conflict):
    """What was asked has had its answer."""

    title = "This has been answered already"


def move(
    session: Session,
    offer: Offer,
    *,
    verb: str,
    actor: Actor,
    now: datetime,
    refs: dict[str, Any] | None = None,
) -> None:
    """Take an offer one step, with its event. A cost asked for goes with it. Raises `OfferIsOver`."""
    if (offer.state, verb) not in OFFER_TRANSITIONS:
        raise OfferIsOver(f"This offer is {offer.state}. Ask the team for a new one.")
    offer.state, name = OFFER_TRANSITIONS[offer.state, verb]
    offer.answered_at = now
    session.flush()
    tell(session, offer, name=name, actor=actor, now=now, refs=refs)
    if offer.state not in LIVE_OFFERS:
        for ask in queries.asks_of(session, council_id=offer.council_id, offer_ids=[offer.id]):
            if ask.kind == COST and ask.state == "waiting":
                move_ask(session, ask, verb="take_back", actor=RULE, now=now)


def move_ask(
    session: Session,
    ask: OfferAsk,
    *,
    verb: str,
    actor: Actor,
    now: datetime,
    words: str = "",
    met_pence: int | None = None,
    result_id: str | None = None,
) -> None:
    """Take what somebody asked one step, with its event. Raises `AskIsOver`."""
    if (ask.state, verb) not in ASK_TRANSITIONS:
        raise AskIsOver("Somebody has answered this already. Read their answer first.")
    ask.state, name = ASK_TRANSITIONS[ask.state, verb]
    ask.answered_by, ask.answered_at = str(actor), now
    ask.met_pence, ask.result_id = met_pence, result_id
    event = tell_of_ask(session, ask, name=name, actor=actor, now=now, words=words, pence=met_pence)
    ask.answered_event_id = event.id
    session.flush()


def tell_of_ask(
    session: Session,
    ask: OfferAsk,
    *,
    name: str,
    actor: Actor,
    now: datetime,
    words: str = "",
    pence: int | None = None,
) -> events.Event:
    """Write down what happened to something that was asked, with the words that were said."""
    return events.record(
        session,
        council_id=ask.council_id,
        name=name,
        subject_id=ask.id,
        person_id=ask.person_id,
        session_id=ask.session_id,
        amount_pence=ask.about_pence if pence is None else pence,
        actor=actor,
        at=now,
        refs={"ask_id": ask.id, "offer_id": ask.offer_id},
        words=words or None,
    )


def tell(
    session: Session,
    offer: Offer,
    *,
    name: str,
    actor: Actor,
    now: datetime,
    refs: dict[str, Any] | None = None,
) -> None:
    """Write down what happened to an offer."""
    events.record(
        session,
        council_id=offer.council_id,
        name=name,
        subject_id=offer.id,
        person_id=offer.person_id,
        session_id=offer.session_id,
        amount_pence=offer.promised_pence,
        actor=actor,
        at=now,
        refs={"offer_id": offer.id, **(refs or {})},
    )


def locked(session: Session, council_id: str, session_id: str) -> InvolvementSession:
    """The session with its row locked, so that two registers at once take turns. Raises `NotFound`."""
    found = session.get(
        InvolvementSession, (council_id, session_id), with_for_update=True, populate_existing=True
    )
    return found or queries.get(session, council_id=council_id, session_id=session_id)


def locked_offer(session: Session, council_id: str, offer_id: str) -> Offer:
    """The offer with its row locked, after its session's: a yes, a tick and a cancellation take turns."""
    locked(session, council_id, queries.offer(session, council_id=council_id, offer_id=offer_id).session_id)
    found = session.get(Offer, (council_id, offer_id), with_for_update=True, populate_existing=True)
    return found or queries.offer(session, council_id=council_id, offer_id=offer_id)
