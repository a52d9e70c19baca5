"""Can a worker that slept through a decision still send? It finds another fence, and calls nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from service.events import Actor
from service.payouts import putting_off
from service.payouts.orders import Call
from service.payouts.sending import prepare
from service.rails import sandbox
from service.rails.protocol import Answer, Asked, Order, Rail
from service.tasks import payouts as tasks
from service.tasks.hands import Hands
from tests.stage import A_WHILE, Council, Stage, told

OTHER = "00733445"


class Watched:
    """A rail that notes which keys it was called with, and to which accounts."""

    name = "sandbox"

    def __init__(self, rail: Rail) -> None:
        self._rail = rail
        self.calls: list[tuple[str, str]] = []

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        self.calls += [(order.key, order.account_number) for order in orders]
        return self._rail.pay(orders)

    def find(self, asked: Asked) -> Answer:
        return self._rail.find(asked)


@pytest.fixture
def rail(stage: Stage) -> Watched:
    watched = Watched(stage.hands.rails["sandbox"])
    stage.hands.rails["sandbox"] = watched
    return watched


@pytest.fixture
def council(stage: Stage, rail: Watched) -> Council:
    made = stage.council()
    made.ticked()
    stage.drain(leaving=("payouts.send",))
    return made


def asleep(council: Council) -> list[Call]:
    """What a worker holds that fixed the keys of all payments and then fell asleep."""
    hands = council.stage.hands
    payout_ids = [payment["id"] for payment in council.payments()]
    with hands.db.council(council.id) as session:
        calls = prepare(
            session,
            council_id=council.id,
            rail="sandbox",
            requests=dict.fromkeys(payout_ids, "req_asleep_1"),
            vault=hands.vault,
            now=hands.clock(),
        )
    assert [p["status"] for p in council.payments()] == ["sending"] * len(calls)
    return calls


def decided(council: Council, verb: str) -> None:
    (payment,) = council.payments()
    seen = council.lead.get(f"payments/{payment['id']}").headers["ETag"]
    told(council.finance.post(f"payments/{payment['id']}/{verb}", {}, seen=seen))


def attempts(council: Council) -> list[tuple[object, ...]]:
    query = "SELECT number, fence, called_fence, sends, outcome FROM attempts ORDER BY made_at, number"
    with council.stage.admin() as line:
        return line.execute(query).fetchall()


def test_who_slept_through_a_call_off_calls_nobody(council: Council, rail: Watched) -> None:
    calls = asleep(council)
    decided(council, "cancel")
    before = council.stage.picture()
    tasks.place(council.stage.hands, council_id=council.id, calls=calls)
    assert rail.calls == []
    assert council.stage.picture() == before
    assert [p["status"] for p in council.payments()] == ["cancelled"]
    assert attempts(council) == [(1, 2, 0, 1, "withdrawn")]


def test_who_slept_through_a_hold_calls_nobody_and_the_release_pays_once(
    council: Council, rail: Watched
) -> None:
    calls = asleep(council)
    decided(council, "hold")
    tasks.place(council.stage.hands, council_id=council.id, calls=calls)
    assert rail.calls == []
    decided(council, "release")
    council.stage.drain()
    tasks.place(council.stage.hands, council_id=council.id, calls=calls)
    assert [p["status"] for p in council.payments()] == ["paid"]
    ((key, _),) = rail.calls
    assert key != calls[0].order.key
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}


def test_who_slept_through_new_details_calls_nobody_and_the_new_account_is_paid(
    council: Council, rail: Watched
) -> None:
    calls = asleep(council)
    council.confirmed(calls[0].person_id, OTHER)
    tasks.place(council.stage.hands, council_id=council.id, calls=calls)
    assert rail.calls == []
    council.stage.drain()
    assert [p["status"] for p in council.payments()] == ["cancelled", "paid"]
    assert [account for _, account in rail.calls] == [OTHER]
    assert attempts(council)[0] == (1, 2, 0, 1, "withdrawn")


def test_who_slept_while_the_person_said_as_usual_calls_nobody_and_it_goes_by_itself(
    council: Council, rail: Watched
) -> None:
    calls = asleep(council)
    (payment,) = council.payments()
    with council.stage.hands.db.council(council.id) as session:
        putting_off.for_claim(
            session,
            council_id=council.id,
            claim_id=payment["claim"],
            answer="now",
            actor=Actor("person", calls[0].person_id),
            now=council.stage.clock(),
        )
    tasks.place(council.stage.hands, council_id=council.id, calls=calls)
    assert (rail.calls, [p["status"] for p in council.payments()]) == ([], ["ready"])
    council.stage.sweep()
    assert [p["status"] for p in council.payments()] == ["paid"]
    assert [(number, outcome) for number, _, _, _, outcome in attempts(council)] == [
        (1, "withdrawn"),
        (2, "paid"),
    ]
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}


def test_who_slept_until_the_sweeper_sent_it_calls_nobody(council: Council, rail: Watched) -> None:
    calls = asleep(council)
    council.stage.sweep()
    assert [p["status"] for p in council.payments()] == ["paid"]
    tasks.place(council.stage.hands, council_id=council.id, calls=calls)
    # It had never been called for, so the same key went once, under the next fence.
    assert rail.calls == [(calls[0].order.key, sandbox.PAID)]
    assert attempts(council) == [(1, 2, 2, 1, "paid")]
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}


def test_who_sleeps_between_the_last_look_and_the_call_looks_again(council: Council, rail: Watched) -> None:
    """The look was good, then ten seconds pass before the call; meanwhile the sweeper sends it."""
    calls, stage = asleep(council), council.stage

    def ticks() -> Iterator[float]:
        yield 0.0
        stage.clock.forward(timedelta(seconds=10))
        tasks.sweep(stage.hands, council_id=council.id, now=stage.clock())
        assert len(rail.calls) == 1
        yield 10.0
        yield 20.0
        yield 20.0

    passing = ticks()
    sleepy: Hands = replace(stage.hands, ticks=lambda: next(passing))
    tasks.place(sleepy, council_id=council.id, calls=calls)
    assert rail.calls == [(calls[0].order.key, sandbox.PAID)]
    stage.drain()
    assert [p["status"] for p in council.payments()] == ["paid"]


def test_a_machine_too_slow_to_call_leaves_it_to_the_sweeper(council: Council, rail: Watched) -> None:
    calls, stage = asleep(council), council.stage
    passing = iter(range(1000))
    slow: Hands = replace(stage.hands, ticks=lambda: float(next(passing)))
    tasks.place(slow, council_id=council.id, calls=calls)
    assert rail.calls == []
    assert [p["status"] for p in council.payments()] == ["sending"]
    stage.clock.forward(A_WHILE)
    stage.settle()
    assert [p["status"] for p in council.payments()] == ["paid"]
    assert len(rail.calls) == 1


def test_details_that_come_while_the_old_ones_are_tried_are_used_when_those_fail(
    stage: Stage, rail: Watched
) -> None:
    council = stage.council()
    council.ticked(account=sandbox.LOST_PAYMENT)
    stage.drain()
    (payment,) = council.payments()
    assert payment["status"] == "unknown"
    council.confirmed(payment["person"], OTHER)
    stage.drain()
    assert [p["status"] for p in council.payments()] == ["unknown"]
    stage.sweep()
    # It is not sent to the old account again.
    assert [p["status"] for p in council.payments()] == ["failed", "paid"]
    assert [account for _, account in rail.calls] == [sandbox.LOST_PAYMENT, OTHER]
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}
