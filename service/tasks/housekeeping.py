"""What happens by the clock? Each job goes round the councils; trouble in one leaves the others in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from celery import shared_task
from sqlalchemy import text

from service import events, log, once
from service.claims import advancing
from service.reports import books
from service.tasks import corrections, payouts
from service.tasks.hands import hands


def _go_round(council_ids: Iterable[str], work: Callable[[str], None]) -> None:
    for council_id in council_ids:
        try:
            work(council_id)
        except Exception:  # noqa: BLE001 - whatever it is, the next council's money and chain do not wait for it
            log.get().error("housekeeping.failed", council_id=council_id, exc_info=True)


@shared_task(name="housekeeping.sweep_payouts", ignore_result=True)
def sweep_payouts() -> None:
    """Ask after payments that hang, and let the pretend bank's time pass. Says that work is being done."""
    given = hands()
    given.pulse.beat()

    def sweep(council_id: str) -> None:
        given.sandbox.pass_time(council_id=council_id, now=given.clock())
        payouts.sweep(given, council_id=council_id, now=given.clock())

    _go_round(given.db.council_ids(), sweep)


@shared_task(name="housekeeping.apply_corrections", ignore_result=True)
def apply_corrections() -> None:
    """Work out corrections that waited until the money of their claim stood still."""
    given = hands()

    def apply(council_id: str) -> None:
        corrections.sweep(given, council_id=council_id)

    _go_round(given.db.council_ids(), apply)


@shared_task(name="housekeeping.ask_about_advances", ignore_result=True)
def ask_about_advances() -> None:
    """Ask people, once and kindly, what they spent of money that was handed over before the day."""
    given = hands()

    def ask(council_id: str) -> None:
        with given.db.council(council_id) as session:
            advancing.ask_what_was_spent(session, council_id=council_id, now=given.clock())

    _go_round(given.db.council_ids(), ask)


@shared_task(name="housekeeping.seal_events", ignore_result=True)
def seal_events() -> None:
    """Join new events to each council's chain."""
    given = hands()
    with given.db.crossing() as session:
        waiting = list(session.scalars(text("SELECT council_id FROM councils_to_seal()")))

    def seal(council_id: str) -> None:
        with given.db.council(council_id) as session:
            events.seal(session, council_id=council_id)

    _go_round(waiting, seal)


@shared_task(name="housekeeping.check_books", ignore_result=True)
def check_books() -> None:
    """Look for the first sign that money and records disagree, and say so loudly."""
    given = hands()

    def check(council_id: str) -> None:
        with given.db.council(council_id) as session:
            for breach in books.breaches(session, council_id=council_id):
                log.get().error("books.breach", council_id=council_id, breach=breach)

    _go_round(given.db.council_ids(), check)


@shared_task(name="housekeeping.forget_answers", ignore_result=True)
def forget_answers() -> None:
    """Drop kept answers that are older than thirty days."""
    given = hands()

    def forget(council_id: str) -> None:
        with given.db.council(council_id) as session:
            once.forget_old(session, council_id=council_id, now=given.clock())

    _go_round(given.db.council_ids(), forget)
