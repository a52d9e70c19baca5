"""Does a late payment say so first, and only when it is we who are late?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import time_machine

from service.errors import Refused
from service.rails.protocol import Answer, Order
from tests.web.world import World

LATE = "We are late in paying you. We are sorry."


class _Closed:
    """A bank that takes nothing."""

    name = "sandbox"

    def pay(self, order: Order) -> Answer:
        """No."""
        raise Refused("This bank has closed.")

    def find(self, *, council_id: str, key: str) -> Answer:
        """It has nothing."""
        return Answer("absent")


def test_a_late_payment_is_the_first_thing_on_the_page(world: World) -> None:
    world.hands = replace(world.hands, rails={"sandbox": _Closed()})
    world.tick("jo")
    claim = world.claims_of("jo")[0]
    assert claim.pay_by is not None
    path = f"/{world.slug}/me"
    assert LATE not in world.client("person", "jo").get(path).text
    with time_machine.travel(world.now + timedelta(days=30), tick=True):
        client = world.client("person", "jo")
        page = client.get(path).text
        detail = client.get(f"{path}/claims/{claim.id}").text
        payments = world.client("staff", "kim").get(f"/{world.slug}/staff/payments").text
    assert 0 < page.index(LATE) < page.index("Your money so far") < page.index("/me/payments")
    assert "Who has it now: us." in page
    assert "This payment is late. We are sorry." in detail
    assert '<strong class="rcp-alarm">Late:</strong> promised by' in payments


def test_money_that_waits_for_the_persons_own_word_is_not_called_late(world: World) -> None:
    world.tick("wei")
    with time_machine.travel(world.now + timedelta(days=30), tick=True):
        page = world.client("person", "wei").get(f"/{world.slug}/me").text
    assert LATE not in page
    assert "Tell us how you would like to be paid" in page
