"""Do those who touch one payment at the same moment take turns, without a ring of waiting, and to one end?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from service.events import Actor
from service.payouts import actions, hearing, looking, queries, sending, settling
from service.payouts import stopping as payout_stopping
from service.payouts.orders import Call
from service.rails import sandbox
from service.rails.protocol import Answer, Asked, NoAnswer, Order
from service.tasks import payouts as tasks
from tests.stage import Council, Stage, told

FINANCE = Actor("key", "key_finance")


class Silent:
    """A rail that never answers a call. `says`: what it answers when it is asked, by payment."""

    name = "sandbox"

    def __init__(self) -> None:
        self.payments: dict[str, str] = {}
        self.says: dict[str, Answer | Exception] = {}

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        self.payments |= {order.key: order.payment_id for order in orders}
        raise NoAnswer("Nobody is there.")

    def find(self, asked: Asked) -> Answer:
        found = self.says.get(self.payments.get(asked.key, ""), Answer("absent"))
        if isinstance(found, Exception):
            raise found
        return found


@contextmanager
def first(council: Council, act: Callable[[Session], object]) -> Iterator[Callable[..., Future[object]]]:
    """`act` is done, and committed only at the end; what is started meanwhile has to wait for a lock."""
    db = council.stage.hands.db
    with ThreadPoolExecutor(1) as other:

        def start(then: Callable[[Session], object]) -> Future[object]:
            def alone() -> object:
                with db.council(council.id) as session:
                    return then(session)

            waiting = other.submit(alone)
            wait_for_a_lock(council.stage)
            return waiting

        with db.council(council.id) as session:
            act(session)
            yield start


def wait_for_a_lock(stage: Stage) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with stage.admin() as line:
        for _ in range(2000):
            if line.execute(query).fetchone() != (0,):
                return
            line.execute("SELECT pg_sleep(0.005)")
    raise AssertionError("Nobody waits.")


def statuses(council: Council) -> list[str]:
    return [payment["status"] for payment in council.payments()]


def prepared(session: Session, council: Council, *payout_ids: str) -> list[Call]:
    """The keys of these payments are fixed, and their calls laid out."""
    hands = council.stage.hands
    return sending.prepare(
        session,
        council_id=council.id,
        rail="sandbox",
        requests=dict.fromkeys(payout_ids, "req_test"),
        vault=hands.vault,
        now=hands.clock(),
    )


def test_a_stop_and_a_report_of_payment_do_not_wait_for_each_other_in_a_ring(stage: Stage) -> None:
    council = stage.council(rail="finance_system")
    session_id = council.ticked()
    stage.drain()
    (payment,) = council.payments()
    told(council.tick(session_id, payment["person"], attended=False))
    now = stage.clock()

    def stop(session: Session) -> None:
        payout_stopping.stop(session, council_id=council.id, claim_id=payment["claim"], now=now)

    def report(session: Session) -> None:
        settling.report_paid(
            session,
            council_id=council.id,
            payout_id=payment["id"],
            bank_reference="BACS 1",
            paid_on=date(2026, 1, 1),
            actor=FINANCE,
            now=now,
        )

    def lock_the_claim(session: Session) -> None:
        actions.claims.locked(session, council_id=council.id, claim_id=payment["claim"])

    db = stage.hands.db
    with ThreadPoolExecutor(1) as other:
        with db.council(council.id) as session:
            lock_the_claim(session)

            def reporting() -> None:
                with db.council(council.id) as theirs:
                    report(theirs)

            waiting = other.submit(reporting)
            wait_for_a_lock(stage)
            stop(session)
        waiting.result(timeout=20)
    # It was called off, and the finance system had paid it all the same: both are told.
    assert statuses(council) == ["paid"]
    assert (council.claim()["status"], council.claim()["overpaid_pence"]) == ("paid", 1550)
    assert council.balance() == {"fees": 1550, "bank:finance_system": -1550}


def test_new_details_leave_alone_what_is_being_sent_at_that_moment(stage: Stage) -> None:
    council = stage.council()
    council.ticked()
    stage.drain(leaving=("payouts.send",))
    (payment,) = council.payments()
    now = stage.clock()

    def send(session: Session) -> None:
        (call,) = prepared(session, council, payment["id"])
        assert sending.take_leave(session, council_id=council.id, calls=[call], now=now) != []

    def follow(session: Session) -> None:
        actions.follow_method(session, council_id=council.id, person_id=payment["person"], now=now)

    with first(council, send) as start:
        following = start(follow)
    following.result(timeout=20)
    assert statuses(council) == ["sending"]


def test_new_details_do_not_pay_what_is_being_stopped_at_that_moment(stage: Stage) -> None:
    council = stage.council()
    session_id = council.ticked(account=sandbox.NO_ACCOUNT)
    stage.drain()
    (payment,) = council.payments()
    assert payment["status"] == "failed"
    told(council.tick(session_id, payment["person"], attended=False))
    now = stage.clock()

    def stop(session: Session) -> None:
        payout_stopping.stop(session, council_id=council.id, claim_id=payment["claim"], now=now)

    def follow(session: Session) -> None:
        actions.follow_method(session, council_id=council.id, person_id=payment["person"], now=now)

    with first(council, stop) as start:
        following = start(follow)
    following.result(timeout=20)
    assert statuses(council) == ["failed"]
    assert council.claim()["status"] == "withdrawn"


def test_a_call_that_somebody_is_making_is_neither_lost_nor_given_up(stage: Stage) -> None:
    """Two sweepers saw the same payment. The slower one must not decide it while the other one calls."""
    council = stage.council()
    council.ticked()
    stage.hands.rails["sandbox"] = Silent()
    stage.drain()
    (payment,) = council.payments()
    assert payment["status"] == "unknown"
    key = {"council_id": council.id, "payout_id": payment["id"]}
    again = {
        "council_id": council.id,
        "payout_ids": [payment["id"]],
        "vault": stage.hands.vault,
        "requests": {},
    }
    began = stage.clock() + timedelta(minutes=1)
    db = stage.hands.db
    with db.council(council.id) as session:
        (call,), over = looking.send_again(session, **again, now=began)
        assert over == []
    with db.council(council.id) as session:
        going = sending.take_leave(session, council_id=council.id, calls=[call], now=began)
        # It was called for once before, under the first fence.
        assert going == [replace(call, called_before=1)]
    # The slower one comes with what it learned before that call began, and then the next round begins.
    with db.council(council.id) as session:
        assert looking.send_again(session, **again, now=began) == ([], [])
        assert looking.take_page(session, council_id=council.id, limit=10, now=began).asked == {}
        assert queries.get(session, **key).state == "sending"
    later = began + timedelta(minutes=1)
    with db.council(council.id) as session:
        assert list(looking.take_page(session, council_id=council.id, limit=10, now=later).asked) == [
            "sandbox"
        ]
        assert queries.get(session, **key).state == "unknown"
        looking.give_up(session, **key, now=began)
        assert queries.get(session, **key).state == "unknown"
    with db.council(council.id) as session:
        paid = Answer("paid", rail_reference="R1")
        hearing.write_answer(
            session, council_id=council.id, key=call.order.key, answer=paid, now=began, fence=call.fence
        )
    assert statuses(council) == ["paid"]
    assert council.balance() == {"bank:sandbox": -1550, "fees": 1550}


def test_one_payment_that_cannot_be_decided_leaves_the_others_to_be_decided(stage: Stage) -> None:
    council = stage.council()
    council.ticked()
    council.ticked()
    rail = Silent()
    stage.hands.rails["sandbox"] = rail
    stage.drain()
    one, other = (payment["id"] for payment in council.payments())
    for odd, fine in ((one, other), (other, one)):
        rail.says = {odd: RuntimeError("odd"), fine: Answer("accepted", rail_reference="R")}
        stage.clock.forward(timedelta(seconds=10))
        tasks.sweep(stage.hands, council_id=council.id, now=stage.clock())
        if odd == one:
            assert {p["id"]: p["status"] for p in council.payments()} == {one: "unknown", other: "sent"}
    assert {p["id"]: p["status"] for p in council.payments()} == {one: "sent", other: "sent"}


def test_the_day_of_a_payment_is_a_london_day(stage: Stage) -> None:
    """Half past midnight in London, in summer: the day has begun there, and not yet in UTC."""
    council = stage.council(rail="finance_system")
    council.ticked()
    stage.drain()
    (payment,) = council.payments()
    with stage.hands.db.council(council.id) as session:
        settling.report_paid(
            session,
            council_id=council.id,
            payout_id=payment["id"],
            bank_reference="BACS 1",
            paid_on=date(2027, 7, 1),
            actor=FINANCE,
            now=datetime(2027, 6, 30, 23, 30, tzinfo=UTC),
        )
    assert statuses(council) == ["paid"]
