"""Questions about sessions, offers and registers. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.days import london_day
from service.db import among
from service.errors import NotFound
from service.sessions.model import LIVE_OFFERS, length_minutes
from service.sessions.tables import Attendance, InvolvementSession, Offer, OfferAsk


def get(session: Session, *, council_id: str, session_id: str) -> InvolvementSession:
    """One session. Raises `NotFound`."""
    found = session.get(InvolvementSession, (council_id, session_id))
    if found is None:
        raise NotFound("We cannot find that session. Check the id, or look under another council.")
    return found


def by_ids(session: Session, *, council_id: str, session_ids: set[str]) -> dict[str, InvolvementSession]:
    """Id → session, for the ids that this council knows."""
    query = select(InvolvementSession).where(
        InvolvementSession.council_id == council_id, InvolvementSession.id.in_(session_ids)
    )
    return {row.id: row for row in session.scalars(query)}


def newest(session: Session, *, council_id: str, limit: int = 200) -> list[InvolvementSession]:
    """Sessions, the latest day first."""
    query = select(InvolvementSession).where(InvolvementSession.council_id == council_id)
    return list(session.scalars(query.order_by(InvolvementSession.starts_at.desc()).limit(limit)))


def sessions_of(session: Session, *, council_id: str, person_id: str) -> list[InvolvementSession]:
    """Every session that a person was asked to and did not decline, or that they were ever ticked for.

    The latest first.
    """
    asked = select(Offer.session_id).where(
        Offer.council_id == council_id, Offer.person_id == person_id, Offer.state != "declined"
    )
    ticked = select(Attendance.session_id).where(
        Attendance.council_id == council_id, Attendance.person_id == person_id
    )
    query = select(InvolvementSession).where(
        InvolvementSession.council_id == council_id, InvolvementSession.id.in_(asked.union(ticked))
    )
    return list(session.scalars(query.order_by(InvolvementSession.starts_at.desc(), InvolvementSession.id)))


def page(session: Session, *, council_id: str, after: str | None, limit: int) -> list[InvolvementSession]:
    """Sessions in the order they were added, after an id."""
    query = select(InvolvementSession).where(InvolvementSession.council_id == council_id)
    if after:
        query = query.where(InvolvementSession.id > after)
    return list(session.scalars(query.order_by(InvolvementSession.id).limit(limit)))


def offer(session: Session, *, council_id: str, offer_id: str) -> Offer:
    """One offer. Raises `NotFound`."""
    found = session.get(Offer, (council_id, offer_id))
    if found is None:
        raise NotFound("We cannot find that offer. Check the id, or look under another council.")
    return found


def offers(session: Session, *, council_id: str, session_id: str) -> list[Offer]:
    """Every offer made for a session, oldest first."""
    query = select(Offer).where(Offer.council_id == council_id, Offer.session_id == session_id)
    return list(session.scalars(query.order_by(Offer.id)))


def offers_of(session: Session, *, council_id: str, person_id: str) -> list[Offer]:
    """Every offer made to a person, newest first."""
    query = select(Offer).where(Offer.council_id == council_id, Offer.person_id == person_id)
    return list(session.scalars(query.order_by(Offer.id.desc())))


def live_offer(session: Session, *, council_id: str, session_id: str, person_id: str) -> Offer | None:
    """The offer that stands between a person and a session, if any."""
    query = select(Offer).where(
        Offer.council_id == council_id,
        Offer.session_id == session_id,
        Offer.person_id == person_id,
        Offer.state.in_(LIVE_OFFERS),
    )
    return session.scalars(query).first()


def ask(session: Session, *, council_id: str, ask_id: str) -> OfferAsk:
    """One thing that a person asked about an offer. Raises `NotFound`."""
    found = session.get(OfferAsk, (council_id, ask_id))
    if found is None:
        raise NotFound("We cannot find that question. Look under all questions.")
    return found


def asks_of(session: Session, *, council_id: str, offer_ids: Collection[str]) -> list[OfferAsk]:
    """Everything that was asked about these offers, oldest first."""
    query = select(OfferAsk).where(OfferAsk.council_id == council_id, among(OfferAsk.offer_id, offer_ids))
    return list(session.scalars(query.order_by(OfferAsk.id)))


def asks_waiting(session: Session, *, council_id: str) -> list[OfferAsk]:
    """Everything that waits for an answer, oldest first."""
    query = select(OfferAsk).where(OfferAsk.council_id == council_id, OfferAsk.state == "waiting")
    return list(session.scalars(query.order_by(OfferAsk.id)))


def asks_answered(session: Session, *, council_id: str, limit: int = 50) -> list[OfferAsk]:
    """What had its answer, the newest first."""
    query = select(OfferAsk).where(OfferAsk.council_id == council_id, OfferAsk.state != "waiting")
    return list(session.scalars(query.order_by(OfferAsk.answered_at.desc(), OfferAsk.id).limit(limit)))


def register(session: Session, *, council_id: str, session_id: str) -> list[Attendance]:
    """The register as it stands: everybody who was ever ticked or un-ticked."""
    query = select(Attendance).where(Attendance.council_id == council_id, Attendance.session_id == session_id)
    return list(session.scalars(query.order_by(Attendance.person_id)))


def attendance(session: Session, *, council_id: str, session_id: str, person_id: str) -> Attendance | None:
    """What the register says of one person."""
    return session.get(Attendance, (council_id, session_id, person_id))


@dataclass(frozen=True)
class Attended:
    """What a session tells a claim: the facts for the policy, and where they came from."""

    facts: dict[str, Any]
    offer: Offer | None
    attended: bool


def facts_for(
    session: Session, *, council_id: str, session_id: str, person_id: str, role: str | None = None
) -> Attended:
    """The facts that a policy may ask about one person at one session.

    Minutes are those ticked, else those planned; the role is the one ticked, else offered, else given.
    """
    occasion = get(session, council_id=council_id, session_id=session_id)
    tick = attendance(session, council_id=council_id, session_id=session_id, person_id=person_id)
    standing = live_offer(session, council_id=council_id, session_id=session_id, person_id=person_id)
    accepted = standing if standing is not None and standing.state == "accepted" else None
    minutes = tick.minutes if tick is not None and tick.minutes is not None else None
    own = (tick.role if tick else None) or (accepted.role if accepted else None) or role
    facts = base_facts(occasion) | (accepted.facts if accepted else {})
    if minutes is not None:
        facts["minutes"] = minutes
    if own:
        facts["role"] = own
    return Attended(facts=facts, offer=accepted, attended=tick is not None and tick.attended)


def base_facts(occasion: InvolvementSession) -> dict[str, Any]:
    """What the session alone says: activity, London day, planned minutes, online or not, and its own
    facts.
    """
    return {
        "activity": occasion.activity,
        "on": london_day(occasion.starts_at).isoformat(),
        "minutes": length_minutes(occasion.starts_at, occasion.ends_at),
        "online": occasion.online,
        **occasion.facts,
    }
