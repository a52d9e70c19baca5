"""What happens by the clock? Each job goes round the councils; trouble in one leaves the others in order."""

from __future__ import annotations

from datetime import timedelta
from itertools import takewhile

from celery import shared_task
from sqlalchemy import text

from service import events, log, once
from service.claims import advancing, unsent
from service.days import london_day
from service.errors import Unavailable
from service.events import SYSTEM
from service.own_data import actions as own_data
from service.own_data import queries as own_data_queries
from service.payouts import file_queries, filing, lateness
from service.receipts import actions as receipt_actions
from service.receipts import leaving
from service.receipts import queries as receipts
from service.receipts.storage import Store
from service.reports import books
from service.tasks import controls, corrections, payouts, recipients
from service.tasks.hands import Hands, hands
from service.tasks.turns import each, go_round, in_pages

# One council's chain is joined for so many seconds in one round, then the next has its turn.
SEAL_FOR = 2.0
# A scanner that is out of reach may take ten seconds to say nothing about each receipt.
CHECK_FOR = 60.0


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

        def settle_line(payout_id: str) -> None:
            with given.db.council(council_id) as session:
                filing.settle_line(session, council_id=council_id, payout_id=payout_id, now=now)

        each((line.payout_id for line in due), settle_line, failed="file.not_settled", called="payout_id")

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


@shared_task(name="housekeeping.own_up_to_late", ignore_result=True)
def own_up_to_late() -> None:
    """Tell people, once, of money that did not come by the day that was promised."""
    given = hands()

    def own_up(council_id: str) -> None:
        def page(after: str) -> str:
            with given.db.council(council_id) as session:
                return lateness.own_up(session, council_id=council_id, after=after, now=given.clock())

        in_pages(page)

    go_round(given.db.council_ids(), own_up)


@shared_task(name="housekeeping.seal_events", ignore_result=True)
def seal_events() -> None:
    """Join new events to each council's chain."""
    given = hands()
    with given.db.crossing() as session:
        waiting = list(session.scalars(text("SELECT council_id FROM councils_to_seal()")))

    def seal(council_id: str) -> None:
        began = given.ticks()
        while given.ticks() - began < SEAL_FOR:
            with given.db.council(council_id) as session:
                if events.seal(session, council_id=council_id) < events.SEALED_AT_ONCE:
                    break

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
    """Drop kept answers that are older than thirty days, and claims that nobody went on with for ninety."""
    given = hands()

    def forget(council_id: str) -> None:
        with given.db.council(council_id) as session:
            once.forget_old(session, council_id=council_id, now=given.clock())
            unsent.forget_old(session, council_id=council_id, now=given.clock())

    go_round(given.db.council_ids(), forget)


@shared_task(name="housekeeping.check_receipts", ignore_result=True)
def check_receipts() -> None:
    """Ask again about receipts that came while the check for harmful files did not answer."""
    given = hands()

    def check(council_id: str) -> None:
        with given.db.council(council_id) as session:
            waiting = receipts.being_checked(session, council_id=council_id, limit=100)
        until, unheard = given.ticks() + CHECK_FOR, []

        def ask(receipt_id: str) -> None:
            try:
                _check(given, council_id, receipt_id)
            except Unavailable:
                unheard.append(receipt_id)

        in_time = takewhile(lambda _: given.ticks() < until, waiting)
        each(in_time, ask, failed="receipt.not_checked", called="receipt_id", council_id=council_id)
        if unheard:
            log.get().warning("receipts.scanner_silent", council_id=council_id, count=len(unheard))

    go_round(given.db.council_ids(), check)


def _check(given: Hands, council_id: str, receipt_id: str) -> None:
    """Ask the scanner about one receipt. No transaction is open while it thinks."""
    with given.db.council(council_id) as session:
        key_sealed = receipts.get(session, council_id=council_id, receipt_id=receipt_id).key_sealed
    if key_sealed is None:
        return
    found = given.receipts.scan_again(council_id=council_id, receipt_id=receipt_id, key_sealed=key_sealed)
    with given.db.council(council_id) as session:
        receipt_actions.check_again(
            session,
            council_id=council_id,
            receipt_id=receipt_id,
            found=found,
            actor=SYSTEM,
            now=given.clock(),
        )


@shared_task(name="housekeeping.forget_receipts", ignore_result=True)
def forget_receipts() -> None:
    """Let go of pictures whose time is over: first the key, then the file that nothing opens any more."""
    given = hands()

    def forget(council_id: str) -> None:
        def page(after: str) -> str:
            with given.db.council(council_id) as session:
                return leaving.forget_page(session, council_id=council_id, after=after, now=given.clock())

        in_pages(page)
        if given.receipts.store is not None:
            _drop_files(given, given.receipts.store, council_id)

    go_round(given.db.council_ids(), forget)


def _drop_files(given: Hands, store: Store, council_id: str) -> None:
    # What came just now may not be written down yet.
    names = store.names(council_id=council_id, before=given.clock() - timedelta(days=1))
    with given.db.council(council_id) as session:
        useless = leaving.files_without_a_key(session, council_id=council_id, names=names)
    for name in useless:
        store.drop(council_id=council_id, name=name)


@shared_task(name="housekeeping.erase", ignore_result=True)
def erase() -> None:
    """Erase whoever asked for it a week ago and with whom nothing is open any more, each on their own."""
    given = hands()

    def erase_due(council_id: str) -> None:
        with given.db.council(council_id) as session:
            waiting = own_data_queries.due(session, council_id=council_id, now=given.clock())

        def erase_one(person_id: str) -> None:
            key = {"council_id": council_id, "person_id": person_id}
            with given.db.council(council_id) as session:
                own_data.carry_out(session, **key, vault=given.vault, now=given.clock())

        each(waiting, erase_one, failed="person.not_erased", called="person_id", council_id=council_id)

    go_round(given.db.council_ids(), erase_due)
