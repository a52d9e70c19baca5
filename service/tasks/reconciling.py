"""When is our record compared with each rail's own? Once a day, for each council, by the clock."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task
from sqlalchemy.orm import Session

from service import log
from service.councils import queries as councils
from service.days import london_day
from service.events import SYSTEM
from service.payouts import queries as payouts
from service.rails.protocol import KeepsBook, NoAnswer
from service.reconciling import actions, queries
from service.reconciling.model import WINDOW
from service.tasks.hands import Hands, hands
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
            lines = rail.lines(council_id=council_id, since=since)
        except NoAnswer:
            log.get().warning("reconciling.no_answer", rail=name, council_id=council_id)
            continue
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
