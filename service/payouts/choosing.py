"""What did somebody choose about when they are paid, and what follows for a payment? Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.claims.tables import Claim
from service.days import LONDON
from service.payouts.choice_tables import PaymentChoice

NOW, LATER, SPLIT, LESS, NONE, NO = "now", "later", "split", "less", "none", "no"

# Of these a day belongs to the answer.
WITH_A_DAY = (LATER, SPLIT)

# Everybody may choose a day, with a line of their own or without; but none that is over half a year away.
LONGEST = timedelta(days=182)


@dataclass(frozen=True)
class Parts:
    """One fee in two parts: what comes as usual, and what comes on a later day. Whole pence, both above 0."""

    now_pence: int
    later_pence: int
    day: date


def standing(session: Session, *, council_id: str, person_id: str) -> list[PaymentChoice]:
    """Every choice of a person that stands, the newest first."""
    query = select(PaymentChoice).where(
        PaymentChoice.council_id == council_id,
        PaymentChoice.person_id == person_id,
        PaymentChoice.replaced_at.is_(None),
    )
    return list(session.scalars(query.order_by(PaymentChoice.id.desc())))


def about(session: Session, *, claim: Claim) -> PaymentChoice | None:
    """The choice that counts for a claim: about itself, or else about the offer whose fee it carries.

    What was chosen about a fee in two parts counts for both.
    """
    if claim.rest_of_id:
        claim = claims.get(session, council_id=claim.council_id, claim_id=claim.rest_of_id)
    of_fee: ColumnElement[bool] = PaymentChoice.claim_id == claim.id
    if claim.with_fee and claim.offer_id:
        of_fee = or_(of_fee, PaymentChoice.offer_id == claim.offer_id)
    query = select(PaymentChoice).where(
        PaymentChoice.council_id == claim.council_id, of_fee, PaymentChoice.replaced_at.is_(None)
    )
    found = list(session.scalars(query, execution_options={"populate_existing": True}))
    return next((row for row in found if row.claim_id), found[0] if found else None)


def own_day(session: Session, *, claim: Claim) -> date | None:
    """The day before which the person does not want this money, if they chose one.

    Of a fee in two parts the first comes as usual.
    """
    return _day_for(claim, about(session, claim=claim))


def own_days(session: Session, *, council_id: str, of: Sequence[Claim]) -> dict[str, date | None]:
    """Claim id → that day, for many claims at the cost of two questions."""
    if not of:
        return {}
    wholes = {claim.id: claim for claim in of}
    others = {claim.rest_of_id for claim in of if claim.rest_of_id} - wholes.keys()
    if others:
        wholes |= claims.by_ids(session, council_id=council_id, claim_ids=others)
    offers = {one.offer_id for one in wholes.values() if one.with_fee and one.offer_id}
    query = select(PaymentChoice).where(
        PaymentChoice.council_id == council_id,
        or_(PaymentChoice.claim_id.in_(list(wholes)), PaymentChoice.offer_id.in_(list(offers))),
        PaymentChoice.replaced_at.is_(None),
    )
    rows = list(session.scalars(query))
    by_claim = {row.claim_id: row for row in rows if row.claim_id}
    by_offer = {row.offer_id: row for row in rows if row.offer_id and not row.claim_id}
    found = {}
    for claim in of:
        whole = wholes[claim.rest_of_id or claim.id]
        of_fee = by_offer.get(whole.offer_id or "") if whole.with_fee else None
        found[claim.id] = _day_for(claim, by_claim.get(whole.id) or of_fee)
    return found


def _day_for(claim: Claim, choice: PaymentChoice | None) -> date | None:
    if choice is None or (choice.answer == SPLIT and not claim.rest_of_id):
        return None
    return choice.day


def parts(session: Session, *, claim: Claim, now: datetime) -> Parts | None:
    """How the fee of a claim is to be divided, as its person chose. None where there is nothing to divide.

    So where it comes to no more than they wanted first, or the day of the rest has come; and a fee that is
    given away stays whole.
    """
    found = about(session, claim=claim)
    if found is None or found.answer != SPLIT or found.day is None or found.now_pence is None:
        return None
    whole = claim.fee_pence + claim.put_off_pence
    if not may_be_divided(session, claim=claim) or found.now_pence >= whole or begins(found.day) <= now:
        return None
    return Parts(found.now_pence, whole - found.now_pence, found.day)


def may_be_divided(session: Session, *, claim: Claim) -> bool:
    """Whether a claim carries a fee that goes to its own person."""
    if not claim.with_fee or claim.assessment_id is None:
        return False
    facts = claims.assessment(session, council_id=claim.council_id, claim_id=claim.id).facts
    return not facts.get("give_to")


def begins(day: date) -> datetime:
    """The first moment of a London day: from then on a payment that was put off to it may go."""
    return datetime.combine(day, time(0), LONDON).astimezone(UTC)


def promised(pay_by: date | None, chosen: date | None) -> date | None:
    """The day by which money is promised, when the person chose a later one themselves."""
    return max(pay_by, chosen) if pay_by and chosen else pay_by
