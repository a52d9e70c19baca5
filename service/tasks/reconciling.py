"""When is our record compared with each rail's own? Once a day, for each council, by the clock.

A return whose notice was lost is heard here: nobody asks after a payment any more that was paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from celery import shared_task
from sqlalchemy.orm import Session

from service import log
from service.councils import queries as councils
from service.days import london_day
from service.events import SYSTEM
from service.payouts import queries as payouts
from service.rails.protocol import BookLine, KeepsBook, NoAnswer
from service.reconciling import actions, queries
from service.reconciling.model import RETURNS_WITHIN, WINDOW
from service.tasks.hands import Hands, hands
from service.tasks.payouts import ask_after
from service.tasks.turns import go_round


@shared_task(name="reconciling.daily", ignore_result=True)
def daily() -> None:
    """Compare what has not been compared today. Safe to repeat; a rail out of reach is asked next time."""
    given = hands()
    go_round(given.db.council_ids(), lambda council_id: compare_rails(given, council_id=council_id))


def _used(session: Session, *, council_id: str, rail: str, since: datetime) -> bool:
    """Whether a council pays by this rail at all: where it does, a clean day says so."""
    own = councils.get(session, council_id=council_id).bank_rail == rail
    return own or bool(payouts.on_rail(session, council_id=council_id, rail=rail, since=since))


def _hear_returns(given: Hands, council_id: str, lines: Sequence[BookLine]) -> None:
    """What the rail's record says came back, and ours says was paid, is asked after like any other news."""
    back = {line.payment_id for line in lines if line.stands == "returned"}
    if not back:
        return
    with given.db.council(council_id) as session:
        keys = payouts.keys_of_paid(session, council_id=council_id, payout_ids=back)
    ask_after(given, council_id=council_id, keys=keys)


def compare_rails(given: Hands, *, council_id: str) -> list[str]:
    """Compare each rail that keeps a book of its own. Answers those that were compared now."""
    now, done = given.clock(), []
    with given.db.council(council_id) as session:
        before = queries.done_on(session, council_id=council_id, day=london_day(now))
    for name, rail in given.rails.items():
        if name in before or not isinstance(rail, KeepsBook):
            continue
        since = now - WINDOW
        try:
            lines = rail.lines(council_id=council_id, since=now - RETURNS_WITHIN)
        except NoAnswer:
            log.get().warning("reconciling.no_answer", rail=name, council_id=council_id)
            continue
        _hear_returns(given, council_id, lines)
        lines = [line for line in lines if line.at is None or line.at >= since]
        with given.db.council(council_id) as session:
            if not lines and not _used(session, council_id=council_id, rail=name, since=since):
                continue
            actions.reconcile(
                session,
                council_id=council_id,
                rail=name,
                lines=lines,
                since=since,
                actor=SYSTEM,
                now=now,
            )
        done.append(name)
    return done
