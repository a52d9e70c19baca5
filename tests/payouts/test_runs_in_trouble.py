"""Does one payment, run or rail in trouble leave everything beside it to be done?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from service.rails import sandbox
from service.rails.protocol import Answer, Asked, NoAnswer, Order
from service.tasks import controls, payouts
from tests.payouts import holding, leaving
from tests.payouts.test_putting_off import chosen, in_days, on_the_day
from tests.stage import Council, Stage, told

A_WEEK = timedelta(days=7)


class Silent:
    """A rail that does not even say what it holds."""

    name = "stripe"

    def funds(self, *, council_id: str) -> int | None:
        raise NoAnswer("Nobody is there.")

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        raise NoAnswer("Nobody is there.")

    def find(self, asked: Asked) -> Answer:
        raise NoAnswer("Nobody is there.")


class Rich(Silent):
    """A rail that has money enough."""

    def funds(self, *, council_id: str) -> int | None:
        return 1_000_000


@pytest.fixture
def council(stage: Stage) -> Council:
    return leaving.council(stage, rail="finance_system")


def waiting(council: Council, **more: Any) -> dict[str, Any]:
    session_id = council.ticked(**more)
    council.stage.drain(leaving=("payouts.send",))
    (payment,) = council.claim(session=session_id)["payments"]
    found: dict[str, Any] = told(council.lead.get(f"payments/{payment['id']}"))
    return found


def by_rail(council: Council, payment: dict[str, Any], rail: str, **more: Any) -> None:
    """As if it went by another rail."""
    with council.stage.admin() as line:
        line.execute("UPDATE payouts SET rail = %s WHERE id = %s", (rail, payment["id"]))
        for column, value in more.items():
            line.execute(f"UPDATE payouts SET {column} = %s WHERE id = %s", (value, payment["id"]))


def runs_of(council: Council) -> list[tuple[str, int]]:
    """How each run stands and how many payments it holds, the oldest first."""
    found = told(council.finance.get("runs"))["data"]
    return [(run["status"], run["count"]) for run in reversed(found)]


def test_a_payment_that_was_let_go_and_put_off_goes_with_a_later_run(stage: Stage) -> None:
    council = leaving.council(stage)
    payment = waiting(council)
    stage.hands.sandbox.set_funds(council_id=council.id, pence=0)
    told(council.finance.post("runs", {"rail": "sandbox"}), 201)
    stage.drain()
    assert holding.now(council, payment) == ("held", "no_funds")
    day = in_days(council, 9)
    while day.weekday() > 4:
        day += timedelta(days=1)
    chosen(council, payment, day)
    assert holding.now(council, payment) == ("held", "ones_own_choice")
    stage.hands.sandbox.set_funds(council_id=council.id, pence=None)
    on_the_day(council, day)
    assert holding.now(council, payment) == ("held", "next_run")
    other = waiting(council)
    stage.sweep(after=A_WEEK)
    stage.settle()
    assert [holding.now(council, one) for one in (payment, other)] == [("paid", None)] * 2
    assert runs_of(council) == [("paid", 1), ("paid", 2)]


def test_a_run_that_was_let_go_lets_nothing_go_that_a_later_one_holds(stage: Stage) -> None:
    council = leaving.council(stage, second="{run_above: £1.00}")
    payment = waiting(council)
    stage.hands.sandbox.set_funds(council_id=council.id, pence=0)
    first = told(council.finance.post("runs", {"rail": "sandbox", "by": "Ada"}), 201)
    stage.drain()
    seen = council.lead.get(f"runs/{first['id']}").headers["ETag"]
    told(council.lead.post(f"runs/{first['id']}/release", {"by": "Bo"}, seen=seen))
    stage.drain()
    assert holding.now(council, payment) == ("held", "no_funds")
    day = in_days(council, 9)
    while day.weekday() > 4:
        day += timedelta(days=1)
    chosen(council, payment, day)
    stage.hands.sandbox.set_funds(council_id=council.id, pence=None)
    on_the_day(council, day)
    stage.sweep(after=A_WEEK)
    stage.settle()
    assert holding.now(council, payment) == ("held", "in_run")
    assert runs_of(council) == [("going", 1), ("waiting", 1)]


def test_a_run_that_cannot_be_filled_leaves_the_others_to_be_opened(council: Council) -> None:
    stage = council.stage
    stuck, free = waiting(council), waiting(council)
    by_rail(council, stuck, "sandbox")
    run = told(council.finance.post("runs", {"rail": "sandbox"}), 201)
    stage.drain(leaving=("payouts.fill_run", "payouts.send"))
    with stage.admin() as line:
        line.execute(
            "INSERT INTO payment_run_lines SELECT council_id, %s, id, amount_pence, 'x', now() FROM payouts"
            " WHERE id = %s",
            (run["id"], stuck["id"]),
        )
    stage.clock.forward(A_WEEK)
    controls.look_after(stage.hands, council_id=council.id, now=stage.clock())
    assert [status for status, _ in runs_of(council)] == ["opening", "opening"]
    controls.look_after(stage.hands, council_id=council.id, now=stage.clock())
    assert holding.now(council, stuck) == ("held", "next_run")
    assert holding.now(council, free) == ("ready", None)


def test_a_rail_that_does_not_say_what_it_holds_leaves_the_others_to_be_tried(council: Council) -> None:
    stage = council.stage
    first, second = waiting(council), waiting(council)
    by_rail(council, first, "sandbox", held_because="no_funds")
    by_rail(council, second, "stripe", held_because="no_funds")
    stage.hands.rails.update(sandbox=Silent(), stripe=Rich())
    controls.try_funds(stage.hands, council_id=council.id, now=stage.clock())
    assert holding.now(council, first) == ("held", "no_funds")
    assert holding.now(council, second) == ("ready", None)


def test_a_rail_that_is_out_of_reach_leaves_payments_of_others_to_be_asked_after(stage: Stage) -> None:
    council = stage.council()
    council.ticked(account=sandbox.LOST_ANSWER)
    stage.drain()
    (unknown,) = council.payments()
    assert unknown["status"] == "unknown"
    stuck = holding.ready(council)
    now = stage.clock() + timedelta(minutes=1)
    by_rail(council, stuck, "stripe", look_at=now)
    stage.hands.rails["stripe"] = Silent()
    payouts.sweep(stage.hands, council_id=council.id, now=now)
    assert holding.now(council, unknown)[0] == "paid"
    assert holding.now(council, stuck) == ("ready", None)
