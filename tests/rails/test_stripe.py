"""Is somebody who is paid by Stripe paid exactly once, whatever goes wrong? The pretend Stripe's book judges."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rails.paid_by_stripe import MONEY, Paying, paying
from tests.stage import Council, Stage

FEE = 1550


@pytest.fixture
def at(stage: Stage) -> Iterator[Paying]:
    """Stripe, where nothing happens by itself."""
    with paying(stage) as running:
        yield running


@pytest.fixture
def council(at: Paying) -> Council:
    """A council that pays from the demonstration's account."""
    return at.stage.council()


def test_a_payment_goes_to_stripe_is_posted_and_settles(at: Paying, council: Council) -> None:
    person_id = at.person(council)
    at.stage.drain()
    at.came(council, person_id)
    at.stage.drain()
    sent = at.payment(council)
    assert (sent["rail"], sent["status"], sent["held_because"]) == ("stripe", "sent", None)
    assert at.moved() == [(FEE, "processing")]
    (one,) = at.fake.money()[sent["id"]]
    made = at.fake.world.objects[one.id]
    assert made["metadata"] == {"payment_id": sent["id"], "key": one.key}
    assert made["to"]["payout_method_options"] == {"bank_account": {"preferred_networks": ["fps"]}}
    assert (made["statement_descriptor"], made["from"]["financial_account"]) == (sent["reference"], MONEY)
    at.fake.pass_time()
    at.stage.sweep()
    paid = at.payment(council)
    assert (paid["status"], paid["bank_reference"]) == ("paid", one.id)
    assert council.claim()["status"] == "paid"
    assert sum(council.balance().values()) == 0
