"""What did somebody choose about when they are paid, and what follows for a payment? Writes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from service.claims.tables import Claim
from service.days import LONDON
from service.payouts.choice_tables import PaymentChoice

NOW, LATER, LESS, NONE, NO = "now", "later", "less", "none", "no"
ANSWERS = (NOW, LATER, LESS, NONE, NO)

# Everybody may choose a day, with a line of their own or without; but none that is over half a year away.
LONGEST = timedelta(days=182)


def standing(session: Session, *, council_id: str, person_id: str) -> list[PaymentChoice]:
    """Every choice of a person that stands, the newest first."""
    query = select(PaymentChoice).where(
        PaymentChoice.council_id == council_id,
        PaymentChoice.person_id == person_id,
        PaymentChoice.replaced_at.is_(None),
    )
    return list(session.scalars(query.order_by(PaymentChoice.id.desc())))


def about(session: Session, *, claim: Claim) -> PaymentChoice | None:
    """The choice that counts for a claim: about itself, or else about the offer whose fee it carries."""
    of_fee: ColumnElement[bool] = PaymentChoice.claim_id == claim.id
    if claim.with_fee and claim.offer_id:
        of_fee = or_(of_fee, PaymentChoice.offer_id == claim.offer_id)
    query = select(PaymentChoice).where(
        PaymentChoice.council_id == claim.council_id, of_fee, PaymentChoice.replaced_at.is_(None)
    )
    found = list(session.scalars(query, execution_options={"populate_existing": True}))
    return next((row for row in found if row.claim_id), found[0] if found else None)


def own_day(session: Session, *, claim: Claim) -> date | None:
    """The day before which the person does not want this money, if they chose one."""
    found = about(session, claim=claim)
    return found.day if found is not None else None


def begins(day: date) -> datetime:
    """The first moment of a London day: from then on a payment that was put off to it may go."""
    return datetime.combine(day, time(0), LONDON).astimezone(UTC)


def promised(pay_by: date | None, chosen: date | None) -> date | None:
    """The day by which money is promised, when the person chose a later one themselves."""
    return max(pay_by, chosen) if pay_by and chosen else pay_by
