"""Does a call that was prepared before a hold begin after it? And is what is unknown only asked after?"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from service.payouts import looking
from service.payouts.orders import Call
from service.tasks import payouts
from tests.payouts.holding import let_go, now, place, ready, sent, switch
from tests.stage import A_WHILE, Council, Stage

pytestmark = pytest.mark.usefixtures("in_the_environment")


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def prepared(council: Council, payment: dict[str, Any]) -> list[Call]:
    """The key of a payment is fixed and committed, and its call not made yet."""
    hands = council.stage.hands
    with hands.db.council(council.id) as session:
        calls = payouts.sending.prepare(
            session,
            council_id=council.id,
            rail="sandbox",
            requests={payment["id"]: ""},
            vault=hands.vault,
            now=hands.clock(),
        )
    assert len(calls) == 1
    return calls


def called(council: Council, calls: list[Call], **other: Any) -> None:
    """The rail is called for these, unless something came between."""
    payouts.place(replace(council.stage.hands, **other), council_id=council.id, calls=calls)


def test_a_hold_between_the_key_and_the_call_stops_the_call(council: Council) -> None:
    payment = ready(council)
    call = prepared(council, payment)
    hold_id = place(council, "council")
    called(council, call)
    assert sent(council) == set()
    council.stage.sweep()
    assert now(council, payment) == ("held", "hold_council")
    # The call that was not made is dead: made late, it finds another fence.
    let_go(council, hold_id)
    called(council, call)
    assert sent(council) == set()
    council.stage.drain()
    assert now(council, payment) == ("paid", None)
    assert sent(council) == {payment["id"]}


def test_who_slept_at_the_gate_reads_it_again(council: Council) -> None:
    """Each reading takes a second by the worker's own clock: the first is never acted upon."""
    payment = ready(council)
    call = prepared(council, payment)
    ticks = itertools.count()
    slept: list[int] = []

    def pace() -> float:
        """After the first reading the worker sleeps, and a hold is placed meanwhile."""
        tick = next(ticks)
        if tick == 1:
            place(council, "council")
            slept.append(tick)
        return 0.0 if tick == 0 else 60.0

    called(council, call, ticks=pace)
    assert slept == [1]
    assert sent(council) == set()
    # It was let go once and never called for: no money can have left, so nobody has to ask the bank.
    assert now(council, payment) == ("held", "hold_council")
    assert attempts(council) == [(2, 0, 1, "withdrawn")]
    # Late all the same, with the call as it was first made out.
    called(council, call)
    assert sent(council) == set()


def test_who_slept_at_the_gate_with_a_call_that_was_made_before_leaves_it_unknown(council: Council) -> None:
    """Its answer was lost and it never arrived. It is sent again, and a hold comes between the two looks."""
    hands = council.stage.hands
    session_id = council.ticked(account="00000005")
    council.stage.drain()
    (payment,) = council.claim(session=session_id)["payments"]
    assert (now(council, payment), attempts(council)) == (("unknown", None), [(1, 1, 1, None)])
    council.stage.clock.forward(A_WHILE)
    with hands.db.council(council.id) as session:
        calls, over = looking.send_again(
            session,
            council_id=council.id,
            payout_ids=[payment["id"]],
            vault=hands.vault,
            requests={payment["id"]: ""},
            now=hands.clock(),
        )
    assert (len(calls), over) == (1, [])
    ticks = itertools.count()

    def pace() -> float:
        tick = next(ticks)
        if tick == 1:
            place(council, "council")
        return 0.0 if tick == 0 else 60.0

    called(council, calls, ticks=pace)
    assert next(ticks) == 3
    assert (now(council, payment), attempts(council)) == (("unknown", None), [(3, 1, 1, None)])
    assert sent(council) == set()


def test_a_worker_that_never_gets_a_fresh_reading_sends_nothing(council: Council) -> None:
    payment = ready(council)
    call = prepared(council, payment)
    seconds = itertools.count()
    called(council, call, ticks=lambda: float(next(seconds)))
    assert sent(council) == set()
    council.stage.settle()
    assert now(council, payment) == ("paid", None)


def test_an_unknown_payment_is_only_asked_after_while_it_is_held(council: Council) -> None:
    """Its answer is lost and it never arrived. Without a hold it would be sent again at the next round."""
    session_id = council.ticked(account="00000005")
    council.stage.drain()
    (payment,) = council.claim(session=session_id)["payments"]
    assert now(council, payment)[0] == "unknown"
    hold_id = place(council, "payment", payment["id"])
    for _ in range(3):
        council.stage.sweep()
    assert now(council, payment) == ("unknown", None)
    assert sends(council) == [1]
    let_go(council, hold_id)
    council.stage.sweep()
    assert sends(council) == [2]


def test_an_unknown_payment_that_was_paid_is_found_while_all_is_held(council: Council) -> None:
    session_id = council.ticked(account="00000004")
    council.stage.drain()
    (payment,) = council.claim(session=session_id)["payments"]
    place(council, "council")
    council.stage.settle()
    assert now(council, payment) == ("paid", None)


def attempts(council: Council) -> list[tuple[object, ...]]:
    """Fence, fence of the last call, number of sends and outcome of each."""
    query = "SELECT fence, called_fence, sends, outcome FROM attempts WHERE council_id = %s ORDER BY number"
    with council.stage.admin() as line:
        return line.execute(query, (council.id,)).fetchall()


def sends(council: Council) -> list[object]:
    return [sends for _, _, sends, _ in attempts(council)]


def test_the_switch_is_thrown_while_payments_are_going(stage: Stage, council: Council) -> None:
    """It is thrown as the second of three is on its way to the bank: the call in flight is recorded."""
    three = [ready(council) for _ in range(3)]
    sandbox = stage.hands.sandbox
    calls: list[str] = []

    class Watched:
        name = sandbox.name
        find = sandbox.find

        def pay(self, orders: Any) -> Any:
            calls.extend(order.payment_id for order in orders)
            if len(calls) == 2:
                switch("stop", "Something is wrong")
            return sandbox.pay(orders)

    rails: dict[str, Any] = {"sandbox": Watched()}
    for payment in three:
        if not calls[1:]:
            called(council, prepared(council, payment), rails=rails)
    stage.settle()
    assert sent(council) == set(calls) == {one["id"] for one in three[:2]}
    assert [now(council, one)[0] for one in three] == ["paid", "paid", "held"]
    switch("go")
    stage.settle()
    assert sent(council) == {one["id"] for one in three}
    assert [now(council, one) for one in three] == [("paid", None)] * 3
