"""What follows a hold or a payment run, and what the clock does for payments that wait? In pages, each a
transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from service import events, log
from service.events import SYSTEM, Event
from service.payouts import covering, funds, run_queries, runs
from service.tasks import purses
from service.tasks.delivery import follows
from service.tasks.hands import Hands


@follows("payouts.follow_hold", queue="payouts")
def follow_hold(*, session: Session, event: Event, now: datetime) -> None:
    """A hold was placed or released: the next page of payments says so, and the page after that follows."""
    if covering.follow(session, council_id=event.council_id, now=now):
        _on(session, event, "hold.follow_on", now)


@follows("payouts.fill_run", queue="payouts")
def fill_run(*, session: Session, event: Event, now: datetime) -> None:
    """A run was opened: the next page of what is due goes into it."""
    if runs.fill(session, council_id=event.council_id, run_id=event.subject_id, now=now):
        _on(session, event, "run.fill_on", now)


@follows("payouts.pay_run", queue="payouts", staged=True)
def pay_run(*, event: Event, hands: Hands, now: datetime) -> None:
    """A run was released: its payments go, page by page, as far as the money reaches."""
    purse = purses.purse_of(hands, council_id=event.council_id, rail=event.refs["rail"])
    with hands.db.council(event.council_id) as session:
        if runs.let_go(session, council_id=event.council_id, run_id=event.subject_id, purse=purse, now=now):
            _on(session, event, "run.pay_on", now)


def _on(session: Session, event: Event, name: str, now: datetime) -> None:
    events.record(
        session,
        council_id=event.council_id,
        name=name,
        subject_id=event.subject_id,
        actor=SYSTEM,
        at=now,
        refs=event.refs,
    )


def look_after(hands: Hands, *, council_id: str, now: datetime) -> None:
    """By the clock: runs whose moment has come are opened, and payments say what holds mean for them.

    What an event should have carried on and did not is carried on here. Trouble with one run leaves the
    others, and those that are due, to be done.
    """

    def within(verb: Callable[..., object], **which: str) -> None:
        with hands.db.council(council_id) as session:
            verb(session, council_id=council_id, now=now, **which)

    def pay(run_id: str, rail: str) -> None:
        purse = purses.purse_of(hands, council_id=council_id, rail=rail)
        with hands.db.council(council_id) as session:
            runs.let_go(session, council_id=council_id, run_id=run_id, purse=purse, now=now)

    apart("holds", partial(within, covering.follow))
    with hands.db.council(council_id) as session:
        filling = run_queries.filling(session, council_id=council_id)
    for run_id in filling.values():
        apart(run_id, partial(within, runs.fill, run_id=run_id))
    apart("runs that are due", partial(within, runs.open_due))
    with hands.db.council(council_id) as session:
        left = [(run.id, run.rail) for run in run_queries.unfinished(session, council_id=council_id)]
    for run_id, rail in left:
        apart(run_id, partial(pay, run_id, rail))


def try_funds(hands: Hands, *, council_id: str, now: datetime) -> None:
    """By the clock: payments that wait for money go when there is some, whatever other rails do."""

    def try_again(rail: str) -> None:
        purse = purses.purse_of(hands, council_id=council_id, rail=rail)
        with hands.db.council(council_id) as session:
            funds.try_again(session, council_id=council_id, rail=rail, purse=purse, now=now)

    with hands.db.council(council_id) as session:
        short = list(funds.rails_short(session, council_id=council_id))
    for rail in short:
        apart(rail, partial(try_again, rail))


def apart(what: str, work: Callable[[], object]) -> None:
    """Do this; trouble with it is logged, and what comes after it has its turn."""
    try:
        work()
    except Exception:  # noqa: BLE001 - whatever it is, the next run's or rail's money does not wait for it
        log.get().error("controls.failed", what=what, exc_info=True)
