"""Is each rail given up by its own rules: how often a key is sent, how long it lives, what a no means?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from service.payouts.model import look_after
from service.rails.protocol import Answer, Asked, NoAnswer, Order
from tests.stage import Council, Stage

DAY = timedelta(days=1)


class Said:
    """A rail with Stripe's manner that answers what it is told to; it notes each key it is sent."""

    name = "stripe"

    def __init__(self, *, pays: Answer | None = None, finds: Answer | None = None) -> None:
        self.pays, self.finds = pays, finds
        self.keys: list[str] = []
        self.questions = 0

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        self.keys += [order.key for order in orders]
        if self.pays is None:
            raise NoAnswer("Nobody is there.")
        return [self.pays for _ in orders]

    def find(self, asked: Asked) -> Answer:
        self.questions += 1
        if self.finds is None:
            raise NoAnswer("Nobody is there.")
        return self.finds


@pytest.fixture
def council(stage: Stage) -> Council:
    made = stage.council()
    with stage.admin() as line:
        line.execute("UPDATE councils SET bank_rail = 'stripe'")
    made.ticked()
    return made


def sent_by(council: Council, rail: Said) -> dict[str, str]:
    council.stage.hands.rails["stripe"] = rail
    council.stage.drain()
    return status(council)


def status(council: Council) -> dict[str, str]:
    (payment,) = council.payments()
    return {"status": payment["status"], "failure": payment["failure"]}


NO_MONEY = Answer("refused", reason="There is not enough money in the account.")


def test_a_refusal_counts_once_the_rails_own_list_shows_that_nothing_was_paid(council: Council) -> None:
    rail = Said(pays=NO_MONEY)
    assert sent_by(council, rail)["status"] == "unknown"
    council.stage.sweep()
    assert status(council)["status"] == "unknown"
    rail.finds = Answer("absent")
    council.stage.sweep(after=DAY)
    assert status(council) == {"status": "failed", "failure": NO_MONEY.reason}
    assert len(rail.keys) == 1


def test_a_refused_request_that_was_worked_again_is_found_to_have_paid(council: Council) -> None:
    rail = Said(pays=NO_MONEY, finds=Answer("paid", rail_reference="obp_1"))
    assert sent_by(council, rail)["status"] == "unknown"
    council.stage.sweep()
    assert status(council)["status"] == "paid"
    assert council.balance() == {"fees": 1550, "bank:stripe": -1550}
    assert len(rail.keys) == 1


def test_the_same_key_is_sent_while_it_lives_and_absence_proves_nothing_before_its_time(
    council: Council,
) -> None:
    rail = Said(finds=Answer("absent"))
    assert sent_by(council, rail)["status"] == "unknown"
    for _ in range(4):
        council.stage.sweep(after=7 * DAY)
        assert status(council)["status"] == "unknown"
    assert len(rail.keys) == 5
    assert len(set(rail.keys)) == 1
    # The key is too old to be sent again, and the last call was not thirty days ago.
    for _ in range(4):
        council.stage.sweep(after=7 * DAY)
        assert status(council)["status"] == "unknown"
    council.stage.sweep(after=7 * DAY)
    assert status(council)["status"] == "failed"
    assert len(rail.keys) == 5


def test_a_rail_that_is_silent_is_asked_ever_more_rarely(council: Council) -> None:
    rail = Said()
    assert sent_by(council, rail)["status"] == "unknown"
    for _ in range(4):
        council.stage.sweep(after=timedelta(hours=2))
        council.stage.sweep(after=timedelta(seconds=1))
    # Once in each two hours, and not again a second later.
    assert rail.questions == 4
    with council.stage.admin() as line:
        assert line.execute("SELECT looks FROM payouts").fetchall() == [(4,)]
    waits = [look_after(rail="stripe", looks=looks).total_seconds() for looks in range(13)]
    assert waits[:6] == [5, 10, 20, 40, 80, 160]
    assert waits[6:] == [320, *[600] * 6]
    assert status(council)["status"] == "unknown"
