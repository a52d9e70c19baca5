"""What happens by the clock? Each job goes round the councils; trouble in one leaves the others in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from celery import shared_task
from sqlalchemy import text

from service import events, log, once
from service.claims import advancing
from service.days import london_day
from service.own_data import actions as own_data
from service.own_data import queries as own_data_queries
from service.payouts import file_queries, filing
from service.reports import books
from service.tasks import controls, corrections, payouts, recipients
from service.tasks.hands import hands


def go_round(council_ids: Iterable[str], work: Callable[[str], object]) -> None:
    """Do this for each council; trouble with one is logged, and the next has its turn."""
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

    go_round(given.db.council_ids(), sweep)


@shared_task(name="housekeeping.mind_held", ignore_result=True)
def mind_held() -> None:
    """Open runs that are due; let what waited for a hold go on, and say so of payments when one stands."""
    given = hands()
    go_round(
        given.db.council_ids(),
        lambda council_id: controls.look_after(given, council_id=council_id, now=given.clock()),
    )


@shared_task(name="housekeeping.try_funds", ignore_result=True)
def try_funds() -> None:
    """Let payments that wait for money go when there is some."""
    given = hands()
    go_round(
        given.db.council_ids(),
        lambda council_id: controls.try_funds(given, council_id=council_id, now=given.clock()),
    )


@shared_task(name="housekeeping.look_at_recipients", ignore_result=True)
def look_at_recipients() -> None:
    """Ask Stripe after people whom it still waits for: its message may have been lost."""
    given = hands()
    go_round(
        given.db.council_ids(),
        lambda council_id: recipients.look_again(given, council_id=council_id, now=given.clock()),
    )


@shared_task(name="housekeeping.settle_files", ignore_result=True)
def settle_files() -> None:
    """The day has come on which a Bacs file puts money into accounts: it is paid, until a return comes."""
    given = hands()

    def settle(council_id: str) -> None:
        now = given.clock()
        with given.db.council(council_id) as session:
            due = file_queries.to_settle(session, council_id=council_id, today=london_day(now))
        for line in due:
            try:
                with given.db.council(council_id) as session:
                    filing.settle_line(session, council_id=council_id, payout_id=line.payout_id, now=now)
            except Exception:  # noqa: BLE001 - one that cannot be settled leaves the others to be settled
                log.get().error("file.not_settled", payout_id=line.payout_id, exc_info=True)

    go_round(given.db.council_ids(), settle)


@shared_task(name="housekeeping.apply_corrections", ignore_result=True)
def apply_corrections() -> None:
    """Work out corrections that waited until the money of their claim stood still."""
    given = hands()

    def apply(council_id: str) -> None:
        corrections.sweep(given, council_id=council_id)

    go_round(given.db.council_ids(), apply)


@shared_task(name="housekeeping.ask_about_advances", ignore_result=True)
def ask_about_advances() -> None:
    """Ask people, once and kindly, what they spent of money that was handed over before the day."""
    given = hands()

    def ask(council_id: str) -> None:
        with given.db.council(council_id) as session:
            advancing.ask_what_was_spent(session, council_id=council_id, now=given.clock())

    go_round(given.db.council_ids(), ask)


@shared_task(name="housekeeping.seal_events", ignore_result=True)
def seal_events() -> None:
    """Join new events to each council's chain."""
    given = hands()
    with given.db.crossing() as session:
        waiting = list(session.scalars(text("SELECT council_id FROM councils_to_seal()")))

    def seal(council_id: str) -> None:
        with given.db.council(council_id) as session:
            events.seal(session, council_id=council_id)

    go_round(waiting, seal)


@shared_task(name="housekeeping.check_books", ignore_result=True)
def check_books() -> None:
    """Look for the first sign that money and records disagree, and say so loudly."""
    given = hands()

    def check(council_id: str) -> None:
        with given.db.council(council_id) as session:
            for breach in books.check(session, council_id=council_id, now=given.clock()):
                log.get().error("books.breach", council_id=council_id, breach=breach)

    go_round(given.db.council_ids(), check)


@shared_task(name="housekeeping.forget_answers", ignore_result=True)
def forget_answers() -> None:
    """Drop kept answers that are older than thirty days."""
    given = hands()

    def forget(council_id: str) -> None:
        with given.db.council(council_id) as session:
            once.forget_old(session, council_id=council_id, now=given.clock())

    go_round(given.db.council_ids(), forget)


@shared_task(name="housekeeping.erase", ignore_result=True)
def erase() -> None:
    """Erase whoever asked for it a week ago and with whom nothing is open any more, each on their own."""
    given = hands()

    def erase_one(council_id: str, person_id: str) -> None:
        key = {"council_id": council_id, "person_id": person_id}
        with given.db.council(council_id) as session:
            own_data.carry_out(session, **key, vault=given.vault, now=given.clock())

    def erase_due(council_id: str) -> None:
        with given.db.council(council_id) as session:
            waiting = own_data_queries.due(session, council_id=council_id, now=given.clock())
        for person_id in waiting:
            go_round([council_id], partial(erase_one, person_id=person_id))

    go_round(given.db.council_ids(), erase_due)
