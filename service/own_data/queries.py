"""Questions about what is kept of a person, and what is still open with them. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.claims.model import OPEN
from service.claims.tables import Claim
from service.days import london_day
from service.own_data.model import HELD, Held
from service.own_data.tables import Erasure
from service.payouts import overpaid_queries
from service.payouts import queries as payouts
from service.payouts.tables import Payout
from service.people import queries as people
from service.sessions import queries as sessions

# A bank can send money back for so long after it was paid; then we must still be able to reach the person.
MAY_COME_BACK = timedelta(days=14)
# So long after a session its register may still be ticked, and a fee follow.
REGISTER_MAY_COME = timedelta(days=31)


@dataclass(frozen=True)
class StillOpen:
    """One thing that would be lost if somebody were erased now. `leaf`: its page below the person's own."""

    what: str
    leaf: str


def everything(session: Session, *, council_id: str, person_id: str) -> dict[str, list[dict[str, Any]]]:
    """Table → every row of it that is about this person, without what is sealed or names other people."""
    return {held.table: _rows(session, held, council_id, person_id) for held in HELD}


def _rows(session: Session, held: Held, council_id: str, person_id: str) -> list[dict[str, Any]]:
    query = text(
        f"SELECT to_jsonb(t) - CAST(:hides AS text[]) FROM {held.table} t"  # noqa: S608 - names of our own tables
        f" WHERE t.council_id = :council AND ({held.whose})"
    )
    given: dict[str, Any] = {"council": council_id, "person": person_id}
    hides = ["council_id", *held.hides]
    rows: list[dict[str, Any]] = list(session.scalars(query, {**given, "hides": hides}))
    return sorted(rows, key=lambda row: str(row.get("made_at") or row.get("at") or row.get("id") or ""))


def wish(session: Session, *, council_id: str, person_id: str) -> Erasure | None:
    """The person's wish to be erased, while it is open."""
    query = select(Erasure).where(
        Erasure.council_id == council_id, Erasure.person_id == person_id, Erasure.state == "asked"
    )
    return session.scalars(query).first()


def due(session: Session, *, council_id: str, now: datetime) -> list[str]:
    """Whose wish to be erased has waited long enough, the oldest first."""
    query = select(Erasure.person_id).where(
        Erasure.council_id == council_id, Erasure.state == "asked", Erasure.due_at <= now
    )
    return list(session.scalars(query.order_by(Erasure.asked_at)))


def last_paid_on(session: Session, *, council_id: str, person_id: str) -> date | None:
    """The day of the last payment, from which the law counts."""
    found = payouts.of_person(session, council_id=council_id, person_id=person_id)
    return max((row.paid_on for row in found if row.paid_on), default=None)


def still_open(session: Session, *, council_id: str, person_id: str, now: datetime) -> list[StillOpen]:
    """What must be settled before a person can be erased, so that nothing open is lost."""
    key = {"council_id": council_id}
    person = people.get(session, **key, person_id=person_id)
    mine = claims.of_person(session, **key, person_id=person_id)
    paid = payouts.of_claims(session, **key, claim_ids=[claim.id for claim in mine])
    found = [StillOpen(_of_claim(claim, paid[claim.id], now), f"claims/{claim.id}") for claim in mine]
    found += _overpaid(session, council_id, person_id)
    carried = {claim.session_id for claim in mine if claims.carries_fee(session, claim=claim)}
    found += _offers(session, council_id, person_id, carried, now)
    if person.payments_stopped_at is not None:
        found.append(StillOpen("We hold your payments until we have talked with you", "payment-method"))
    return [one for one in found if one.what]


def _of_claim(claim: Claim, paid: list[Payout], now: datetime) -> str:
    """What is open about a claim, or nothing."""
    last = paid[-1] if paid else None
    if claim.state in OPEN:
        return "A claim that nobody has decided yet"
    if claim.state == "approved" and claim.total_pence > 0:
        unwanted = last is not None and last.state == "held" and last.held_because == "not_wanted"
        return "" if unwanted else "Money that we owe you and have not paid"
    if last is not None and last.state in ("sending", "unknown", "sent"):
        return "A payment on its way"
    fresh = last is not None and last.state == "paid" and last.paid_on is not None
    if fresh and last is not None and last.paid_on is not None:
        return _fresh(last.paid_on, london_day(now))
    return ""


def _fresh(paid_on: date, today: date) -> str:
    if today - paid_on <= MAY_COME_BACK:
        return "A payment that the bank could still send back"
    return ""


def _overpaid(session: Session, council_id: str, person_id: str) -> list[StillOpen]:
    rows = overpaid_queries.of_person(session, council_id=council_id, person_id=person_id)
    return [
        StillOpen("Something that we paid you too much", f"overpaid/{row.id}")
        for row in rows
        if row.state in ("noted", "asked", "agreed", "declined") and row.left_pence > 0
    ]


def _offers(
    session: Session, council_id: str, person_id: str, claimed: set[str | None], now: datetime
) -> list[StillOpen]:
    """A session that somebody said yes to, and that has not been paid or called off."""
    offers = [
        offer
        for offer in sessions.offers_of(session, council_id=council_id, person_id=person_id)
        if offer.state == "accepted" and offer.session_id not in claimed
    ]
    held = sessions.by_ids(session, council_id=council_id, session_ids={offer.session_id for offer in offers})
    return [
        StillOpen(f"A session that you said yes to: {held[offer.session_id].title}", f"offers/{offer.id}")
        for offer in offers
        if held[offer.session_id].cancelled_at is None
        and held[offer.session_id].ends_at > now - REGISTER_MAY_COME
    ]
