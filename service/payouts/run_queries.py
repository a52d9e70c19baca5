"""Questions about payment runs: what is in one, what it comes to, how it stands. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.payouts.control_tables import PaymentRun, PaymentRunLine
from service.payouts.model import OVER
from service.payouts.tables import Obligation, Payout

# How a run stands.
OPENING, WAITING, GOING, PAID, OVER_IN_PART = "opening", "waiting", "going", "paid", "over"


@dataclass(frozen=True)
class Summary:
    """What a run holds: count and pence in all, by cost centre and by state of its payments."""

    count: int
    total_pence: int
    cost_centres: dict[str, int]
    states: dict[str, int]
    standing: str


@dataclass(frozen=True)
class Waiting:
    """What waits for the next run on a rail."""

    rail: str
    count: int
    total_pence: int


def get(session: Session, *, council_id: str, run_id: str) -> PaymentRun:
    """One run. Raises `NotFound`."""
    found = session.get(PaymentRun, (council_id, run_id))
    if found is None:
        raise NotFound("We cannot find that payment run. Look at the list of runs.")
    return found


def page(
    session: Session, *, council_id: str, before: str | None = None, limit: int = 50
) -> list[PaymentRun]:
    """Runs, the newest first, before one that was seen already."""
    query = select(PaymentRun).where(PaymentRun.council_id == council_id)
    if before:
        query = query.where(PaymentRun.id < before)
    return list(session.scalars(query.order_by(PaymentRun.id.desc()).limit(limit)))


def filling(session: Session, *, council_id: str) -> dict[str, str]:
    """Rail → the run on it that is being put together."""
    query = select(PaymentRun).where(PaymentRun.council_id == council_id, PaymentRun.filled_at.is_(None))
    return {run.rail: run.id for run in session.scalars(query)}


def unfinished(session: Session, *, council_id: str) -> list[PaymentRun]:
    """Runs that were released and hold back payments still."""
    query = (
        select(PaymentRun)
        .join(
            PaymentRunLine,
            (PaymentRunLine.council_id == PaymentRun.council_id) & (PaymentRunLine.run_id == PaymentRun.id),
        )
        .join(
            Payout,
            (Payout.council_id == PaymentRunLine.council_id) & (Payout.id == PaymentRunLine.payout_id),
        )
        .where(
            PaymentRun.council_id == council_id,
            PaymentRun.released_at.is_not(None),
            PaymentRunLine.taken_over_at.is_(None),
            Payout.state == "held",
            Payout.held_because == "in_run",
        )
        .distinct()
    )
    return list(session.scalars(query))


def total(session: Session, *, council_id: str, run_id: str) -> int:
    """The pence of all its lines."""
    query = select(func.coalesce(func.sum(PaymentRunLine.amount_pence), 0)).where(
        PaymentRunLine.council_id == council_id, PaymentRunLine.run_id == run_id
    )
    return int(session.scalar(query) or 0)


def claim_ids(session: Session, *, council_id: str, run_id: str) -> list[str]:
    """The claims that its payments settle."""
    query = select(Payout.claim_id).where(
        Payout.council_id == council_id, Payout.id.in_(_lines(council_id, run_id))
    )
    return list(session.scalars(query))


def _lines(council_id: str, run_id: str) -> Select[str]:
    return select(PaymentRunLine.payout_id).where(
        PaymentRunLine.council_id == council_id, PaymentRunLine.run_id == run_id
    )


def payments(session: Session, *, council_id: str, run_id: str, limit: int = 200) -> list[Payout]:
    """Its payments, oldest promise first."""
    query = (
        select(Payout)
        .join(
            Obligation,
            (Obligation.council_id == Payout.council_id) & (Obligation.id == Payout.obligation_id),
        )
        .where(Payout.council_id == council_id, Payout.id.in_(_lines(council_id, run_id)))
        .order_by(Obligation.pay_by.asc().nulls_last(), Payout.made_at, Payout.id)
    )
    return list(session.scalars(query.limit(limit)))


def summary(session: Session, *, run: PaymentRun) -> Summary:
    """What it holds and how it stands."""
    mine = (PaymentRunLine.council_id == run.council_id, PaymentRunLine.run_id == run.id)
    centres = (
        select(PaymentRunLine.cost_centre, func.sum(PaymentRunLine.amount_pence), func.count())
        .where(*mine)
        .group_by(PaymentRunLine.cost_centre)
        .order_by(PaymentRunLine.cost_centre)
    )
    by_centre = session.execute(centres).all()
    states = (
        select(Payout.state, func.count())
        .where(Payout.council_id == run.council_id, Payout.id.in_(_lines(run.council_id, run.id)))
        .group_by(Payout.state)
        .order_by(Payout.state)
    )
    by_state = {str(state): int(count) for state, count in session.execute(states)}
    return Summary(
        count=sum(count for _, _, count in by_centre),
        total_pence=sum(int(pence) for _, pence, _ in by_centre),
        cost_centres={centre: int(pence) for centre, pence, _ in by_centre},
        states=by_state,
        standing=_standing(run, by_state),
    )


def _standing(run: PaymentRun, states: dict[str, int]) -> str:
    if run.filled_at is None:
        return OPENING
    if run.released_at is None:
        return WAITING
    if set(states) <= {"paid"}:
        return PAID
    return OVER_IN_PART if set(states) <= {"paid", *OVER} else GOING


def waiting(session: Session, *, council_id: str) -> list[Waiting]:
    """What waits for the next run, by rail."""
    query = (
        select(Payout.rail, func.count(), func.sum(Payout.amount_pence))
        .where(Payout.council_id == council_id, Payout.state == "held", Payout.held_because == "next_run")
        .group_by(Payout.rail)
        .order_by(Payout.rail)
    )
    return [Waiting(rail, count, int(pence)) for rail, count, pence in session.execute(query)]
