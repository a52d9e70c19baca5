"""Questions about overpayments, and what comes off later fees. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.payouts.model import OVER
from service.payouts.overpaid_tables import Consent, Offset, Overpayment
from service.payouts.tables import Payout


def get(session: Session, *, council_id: str, overpayment_id: str) -> Overpayment:
    """One overpayment. Raises `NotFound`."""
    found = session.get(Overpayment, (council_id, overpayment_id))
    if found is None:
        raise NotFound("We cannot find that overpayment. Check the id, or look under another council.")
    return found


def of_claims(session: Session, *, council_id: str, claim_ids: list[str]) -> list[Overpayment]:
    """What was paid too much for these claims, oldest first."""
    query = select(Overpayment).where(
        Overpayment.council_id == council_id, Overpayment.claim_id.in_(claim_ids)
    )
    return list(session.scalars(query.order_by(Overpayment.id)))


def of_person(session: Session, *, council_id: str, person_id: str) -> list[Overpayment]:
    """What was ever paid too much to one person, oldest first."""
    query = select(Overpayment).where(
        Overpayment.council_id == council_id, Overpayment.person_id == person_id
    )
    return list(session.scalars(query.order_by(Overpayment.id)))


def page(
    session: Session, *, council_id: str, states: tuple[str, ...] = (), after: str | None, limit: int
) -> list[Overpayment]:
    """Overpayments in the order in which they were noticed, after an id."""
    query = select(Overpayment).where(Overpayment.council_id == council_id)
    if states:
        query = query.where(Overpayment.state.in_(states))
    if after:
        query = query.where(Overpayment.id > after)
    return list(session.scalars(query.order_by(Overpayment.id).limit(limit)))


def consent(session: Session, *, council_id: str, overpayment_id: str) -> Consent | None:
    """The consent that stands."""
    query = select(Consent).where(
        Consent.council_id == council_id, Consent.overpayment_id == overpayment_id, Consent.ended_at.is_(None)
    )
    return session.scalars(query).first()


def offset_of(session: Session, *, council_id: str, payout_id: str) -> Offset | None:
    """What a payment is less by, if it is."""
    query = select(Offset).where(Offset.council_id == council_id, Offset.payout_id == payout_id)
    return session.scalars(query).first()


def offsets_of(session: Session, *, council_id: str, payout_ids: list[str]) -> dict[str, int]:
    """Payment id → pence that it is less by, for those that are."""
    query = select(Offset.payout_id, Offset.amount_pence).where(
        Offset.council_id == council_id, Offset.payout_id.in_(payout_ids)
    )
    return {row.payout_id: row.amount_pence for row in session.execute(query)}


@dataclass(frozen=True)
class Taken:
    """One fee that was, or will be, less."""

    payout: Payout
    amount_pence: int


def takings(session: Session, *, council_id: str, overpayment_id: str) -> list[Taken]:
    """What came off which payments, or is about to; payments that failed or were called off left out."""
    query = (
        select(Payout, Offset.amount_pence)
        .join(Offset, (Offset.council_id == Payout.council_id) & (Offset.payout_id == Payout.id))
        .where(
            Offset.council_id == council_id,
            Offset.overpayment_id == overpayment_id,
            Payout.state.not_in(OVER),
        )
    )
    return [Taken(payout, pence) for payout, pence in session.execute(query.order_by(Offset.id))]


def planned_pence(session: Session, *, council_id: str, overpayment_id: str) -> int:
    """What payments that have not arrived yet will take."""
    query = (
        select(func.coalesce(func.sum(Offset.amount_pence), 0))
        .join(Payout, (Offset.council_id == Payout.council_id) & (Offset.payout_id == Payout.id))
        .where(
            Offset.council_id == council_id,
            Offset.overpayment_id == overpayment_id,
            Payout.state.not_in((*OVER, "paid")),
        )
    )
    return int(session.scalar(query) or 0)
