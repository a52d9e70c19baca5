"""Is there money for this where it is paid from? What fits goes, the rest waits, and nothing fails.

A rail that can say what it holds is asked with no transaction open (`Purse`); from that we take what is on
its way already, as long as the rail may not know of it. Who lets money go takes turns, rail by rail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.orm import Session

from service import events
from service.events import SYSTEM
from service.payouts import covering
from service.payouts.tables import Attempt, Obligation, Payout

PAGE = 200
BECAUSE = "no_funds"


@dataclass(frozen=True)
class Purse:
    """What a rail said that it holds, in pence, and when we asked."""

    pence: int
    asked_at: datetime


def fitting(sums: Iterable[tuple[str, int]], *, pence: int) -> set[str]:
    """Which of these, in their order, the money reaches. One too large leaves the next to be tried."""
    found = set()
    for name, amount in sums:
        if amount <= pence:
            found.add(name)
            pence -= amount
    return found


def short_of(
    session: Session, *, council_id: str, rail: str, payouts: Sequence[Payout], purse: Purse | None
) -> set[str]:
    """Which of these held payments, in their order, the money does not reach. A rail that says nothing holds
    enough. Takes turns with everybody else who lets money go on this rail.
    """
    if purse is None or not payouts:
        return set()
    left = purse.pence - _spoken_for(session, council_id, rail, purse, also=("ready",))
    fits = fitting([(payout.id, payout.amount_pence) for payout in payouts], pence=left)
    return {payout.id for payout in payouts} - fits


def beyond(session: Session, *, payouts: Sequence[Payout], purse: Purse | None) -> set[str]:
    """Which of these ready, locked payments of one rail, in their order, the money does not reach."""
    if purse is None or not payouts:
        return set()
    first = payouts[0]
    left = purse.pence - _spoken_for(session, first.council_id, first.rail, purse, also=())
    fits = fitting([(payout.id, payout.amount_pence) for payout in payouts], pence=left)
    return {payout.id for payout in payouts} - fits


def hold_back(session: Session, *, payouts: Sequence[Payout], now: datetime) -> None:
    """These wait for money. Staff are told when they are the first to wait on their rail."""
    if not payouts:
        return
    first = payouts[0]
    alone = session.scalars(_waiting(first.council_id, first.rail).limit(1)).first() is None
    for payout in payouts:
        covering.wait(session, payout=payout, because=BECAUSE, now=now)
    if alone:
        events.record(
            session,
            council_id=first.council_id,
            name="rail.short_of_funds",
            subject_id=first.rail,
            amount_pence=sum(payout.amount_pence for payout in payouts),
            actor=SYSTEM,
            at=now,
            refs={"rail": first.rail, "payments": len(payouts)},
        )


def try_again(session: Session, *, council_id: str, rail: str, purse: Purse | None, now: datetime) -> bool:
    """Let go what the money reaches now, oldest promise first. Answers whether more may be waiting."""
    query = (
        _waiting(council_id, rail)
        .join(
            Obligation,
            (Obligation.council_id == Payout.council_id) & (Obligation.id == Payout.obligation_id),
        )
        .order_by(Obligation.pay_by.asc().nulls_last(), Payout.made_at, Payout.id)
        .limit(PAGE)
        .with_for_update(of=Payout)
        .execution_options(populate_existing=True)
    )
    page = list(session.scalars(query))
    short = short_of(session, council_id=council_id, rail=rail, payouts=page, purse=purse)
    for payout in page:
        if payout.id not in short:
            covering.let_go(session, payout=payout, now=now)
    return len(page) == PAGE and not short


def rails_short(session: Session, *, council_id: str) -> dict[str, tuple[int, int]]:
    """Rail → how many payments wait for money there, and their pence."""
    query = (
        select(Payout.rail, func.count(), func.sum(Payout.amount_pence))
        .where(_is_waiting(council_id))
        .group_by(Payout.rail)
        .order_by(Payout.rail)
    )
    return {rail: (count, int(pence)) for rail, count, pence in session.execute(query)}


def _spoken_for(session: Session, council_id: str, rail: str, purse: Purse, *, also: tuple[str, ...]) -> int:
    """Pence that the rail may not have taken off yet: on their way, or sent since it was asked."""
    key = {"key": f"funds {council_id} {rail}"}
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)
    since = select(Attempt.payout_id).where(
        Attempt.council_id == council_id, Attempt.called_at >= purse.asked_at
    )
    on_its_way = Payout.state.in_(("sending", "unknown", *also))
    just_sent = Payout.state.in_(("sent", "paid")) & Payout.id.in_(since)
    query = select(func.coalesce(func.sum(Payout.amount_pence), 0)).where(
        Payout.council_id == council_id, Payout.rail == rail, on_its_way | just_sent
    )
    return int(session.scalar(query) or 0)


def _is_waiting(council_id: str) -> ColumnElement[bool]:
    return (Payout.council_id == council_id) & (Payout.state == "held") & (Payout.held_because == BECAUSE)


def _waiting(council_id: str, rail: str) -> Select[Payout]:
    return select(Payout).where(_is_waiting(council_id), Payout.rail == rail)
