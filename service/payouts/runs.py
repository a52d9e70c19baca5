"""Verbs about payment runs: open one, fill it page by page, release it, let its payments go. Never commit.

A run is filled before anything in it goes, so that its total is known: above the policy's limit a second
person releases it, else it goes by itself. One page is one transaction, whatever the size of the run.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from service import events, ids
from service.db import among
from service.errors import Conflict, Moved, one_fault
from service.events import RULE, Actor
from service.payouts import covering, funds, gates, run_queries, second, waiting
from service.payouts.control_tables import PaymentRun, PaymentRunLine
from service.payouts.holdbook import Hand
from service.payouts.model import HELD_BY, IN_RUNS
from service.payouts.tables import Obligation, Payout

# So many payments are put into a run, or let go from it, in one transaction.
PAGE = 200


class NothingWaits(Conflict):
    """There is nothing to put into a run."""

    title = "No payment waits for a run"


class RunHasMoved(Conflict):
    """The run is no longer, or not yet, where that can be done."""

    title = "This run cannot be released now"


def open_due(session: Session, *, council_id: str, now: datetime) -> list[PaymentRun]:
    """By the clock: a run for each rail on which payments wait for a moment that has come. Safe to repeat."""
    query = (
        select(Payout.rail, func.max(Payout.held_until))
        .where(_waits(council_id), Payout.held_until <= now)
        .group_by(Payout.rail)
        .order_by(Payout.rail)
    )
    filling = run_queries.filling(session, council_id=council_id)
    due = [(rail, due_at) for rail, due_at in session.execute(query) if rail not in filling]
    return [_open(session, council_id, rail, due_at or now, Hand(RULE), now) for rail, due_at in due]


def start_now(session: Session, *, council_id: str, rail: str, hand: Hand, now: datetime) -> PaymentRun:
    """A run of everything that waits on a rail, before its time. Raises `Invalid`, `NothingWaits`."""
    if rail not in IN_RUNS:
        raise one_fault("/rail", f"Choose one of {', '.join(IN_RUNS)}.")
    waiting_there = select(Payout.id).where(_waits(council_id), Payout.rail == rail).limit(1)
    if session.scalars(waiting_there).first() is None:
        raise NothingWaits("Nothing waits for a run there. Payments that wait for something else stay.")
    return _open(session, council_id, rail, now, hand, now)


def _open(
    session: Session, council_id: str, rail: str, due_at: datetime, hand: Hand, now: datetime
) -> PaymentRun:
    run = PaymentRun(
        council_id=council_id,
        id=ids.new("run"),
        rail=rail,
        due_at=due_at,
        opened_by=str(hand.actor),
        opened_for=hand.by.strip(),
        opened_at=now,
        filled_at=None,
        second_above_pence=None,
        released_by=None,
        released_for=None,
        released_at=None,
    )
    session.add(run)
    session.flush()
    tell(session, run, name="run.opened", actor=hand.actor, now=now)
    return run


def fill(session: Session, *, council_id: str, run_id: str, now: datetime, limit: int = PAGE) -> bool:
    """Put the next page of what is due into a run. Answers whether more may wait. Safe to repeat."""
    run = _locked(session, council_id, run_id)
    if run.filled_at is not None:
        return False
    by_hand = run.opened_by != str(RULE)
    due = Payout.changed_at <= run.opened_at if by_hand else Payout.held_until <= run.due_at
    page = _page(session, council_id, _waits(council_id) & (Payout.rail == run.rail) & due, limit)
    session.execute(
        update(PaymentRunLine)
        .where(
            PaymentRunLine.council_id == council_id,
            among(PaymentRunLine.payout_id, [payout.id for payout, _ in page]),
            PaymentRunLine.taken_over_at.is_(None),
        )
        .values(taken_over_at=now)
    )
    for payout, owed in page:
        line = PaymentRunLine(
            council_id=council_id,
            run_id=run.id,
            payout_id=payout.id,
            amount_pence=payout.amount_pence,
            cost_centre=owed.cost_centre,
            taken_over_at=None,
        )
        session.add(line)
        payout.held_because, payout.changed_at = "in_run", now
    session.flush()
    if len(page) == limit:
        return True
    _filled(session, run, now=now)
    return False


def _filled(session: Session, run: PaymentRun, *, now: datetime) -> None:
    run.filled_at = now
    total = run_queries.total(session, council_id=run.council_id, run_id=run.id)
    limit = waiting.how(session, council_id=run.council_id, now=now).run_above_pence
    if limit is not None and total > limit:
        run.second_above_pence = limit
        tell(session, run, name="run.waiting", actor=RULE, now=now, pence=total)
    else:
        _release(session, run, Hand(RULE), now=now)


def release(
    session: Session, *, council_id: str, run_id: str, seen: str, hand: Hand, now: datetime
) -> PaymentRun:
    """A second person lets a run go. Raises `Moved`, `RunHasMoved`, `SecondPersonNeeded`."""
    run = _locked(session, council_id, run_id)
    if run.tag != seen:
        raise Moved("This run changed while you were looking. Read it again, then decide.")
    if run.filled_at is None or run.released_at is not None:
        words = "is still being put together" if run.filled_at is None else "was let go already"
        raise RunHasMoved(f"This run {words}. Look at it again.")
    second.require_another(
        session,
        council_id=council_id,
        claim_ids=run_queries.claim_ids(session, council_id=council_id, run_id=run.id),
        opened=opener(run),
        hand=hand,
    )
    _release(session, run, hand, now=now)
    return run


def _release(session: Session, run: PaymentRun, hand: Hand, *, now: datetime) -> None:
    run.released_by, run.released_for, run.released_at = str(hand.actor), hand.by.strip(), now
    session.flush()
    tell(session, run, name="run.released", actor=hand.actor, now=now)


def opener(run: PaymentRun) -> Hand:
    """Whose hand opened it."""
    kind, _, who = run.opened_by.partition(":")
    return Hand(Actor(kind, who), run.opened_for)


def let_go(
    session: Session,
    *,
    council_id: str,
    run_id: str,
    purse: funds.Purse | None,
    now: datetime,
    limit: int = PAGE,
) -> bool:
    """Let the next page of a released run leave, oldest promise first. Answers whether more may wait.

    What the funds do not reach waits for money; what a hold covers waits for its end. Safe to repeat.
    """
    run = _locked(session, council_id, run_id)
    if run.released_at is None:
        return False
    mine = select(PaymentRunLine.payout_id).where(
        PaymentRunLine.council_id == council_id,
        PaymentRunLine.run_id == run_id,
        PaymentRunLine.taken_over_at.is_(None),
    )
    held = (Payout.state == "held") & (Payout.held_because == "in_run")
    page = [payout for payout, _ in _page(session, council_id, held & Payout.id.in_(mine), limit)]
    closed = gates.closed_many(session, council_id=council_id, payout_ids=[payout.id for payout in page])
    free = [payout for payout in page if payout.id not in closed]
    short = funds.short_of(session, council_id=council_id, rail=run.rail, payouts=free, purse=purse)
    for payout in page:
        if payout.id in closed:
            payout.held_because, payout.held_until = HELD_BY[closed[payout.id]], None
            payout.changed_at = now
        elif payout.id not in short:
            covering.let_go(session, payout=payout, now=now)
    funds.hold_back(session, payouts=[payout for payout in free if payout.id in short], now=now)
    return len(page) == limit


def _locked(session: Session, council_id: str, run_id: str) -> PaymentRun:
    run = run_queries.get(session, council_id=council_id, run_id=run_id)
    session.refresh(run, with_for_update=True)
    return run


def _waits(council_id: str) -> ColumnElement[bool]:
    return (Payout.council_id == council_id) & (Payout.state == "held") & (Payout.held_because == "next_run")


def _page(
    session: Session, council_id: str, which: ColumnElement[bool], limit: int
) -> list[tuple[Payout, Obligation]]:
    """Payments with what they are owed for, locked, oldest promise first."""
    query = (
        select(Payout, Obligation)
        .join(
            Obligation,
            (Obligation.council_id == Payout.council_id) & (Obligation.id == Payout.obligation_id),
        )
        .where(Payout.council_id == council_id, which)
        .order_by(Obligation.pay_by.asc().nulls_last(), Payout.made_at, Payout.id)
        .limit(limit)
        .with_for_update(of=Payout)
        .execution_options(populate_existing=True)
    )
    return [(payout, owed) for payout, owed in session.execute(query)]


def tell(
    session: Session, run: PaymentRun, *, name: str, actor: Actor, now: datetime, pence: int | None = None
) -> None:
    """An event of a run."""
    events.record(
        session,
        council_id=run.council_id,
        name=name,
        subject_id=run.id,
        amount_pence=pence,
        actor=actor,
        at=now,
        refs={"rail": run.rail},
    )
