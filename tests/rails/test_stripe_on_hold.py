"""Does nothing that Stripe does for us begin after a hold? Also where Stripe is slow to look at a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from service.events import Actor
from service.people import stopping
from tests.payouts.holding import BECAUSE, let_go, place, switch
from tests.rails.paid_by_stripe import Paying, own_account
from tests.stage import Council, told

FEE = 1550

pytestmark = pytest.mark.usefixtures("in_the_environment")


def _meanwhile(at: Paying, act: Callable[[], object]) -> None:
    """The name takes 8 seconds to check for a payment, and this happens meanwhile."""
    done: list[object] = []

    def ticks() -> float:
        if at.name_checked() and not done:
            done.append(None)
            act()
        return 8.0 if done else 0.0

    at.stage.hands = replace(at.stage.hands, ticks=ticks)


def _state(at: Paying, council: Council) -> tuple[str, str | None]:
    row = at.payment(council)
    return row["status"], row["held_because"]


@pytest.mark.parametrize("scope", BECAUSE)
def test_a_hold_while_the_name_is_checked_stops_the_payment(at: Paying, council: Council, scope: str) -> None:
    row = at.ready(council)
    subject = {"payment": row["id"], "person": row["person"], "rail": "stripe"}.get(scope, "")
    holds: list[str] = []

    def press() -> None:
        if scope == "everything":
            switch("stop", "We look into it", "--by", "Bo")
        else:
            holds.append(place(council, scope, subject))

    _meanwhile(at, press)
    at.stage.hand_again()
    assert at.name_checked()
    assert (at.moved(), _state(at, council)) == ([], ("held", BECAUSE[scope]))
    for _ in range(3):
        at.stage.sweep()
    assert (at.moved(), _state(at, council)) == ([], ("held", BECAUSE[scope]))
    if scope == "everything":
        switch("go", "--by", "Bo")
    else:
        let_go(council, holds[0])
    for _ in range(2):
        at.stage.sweep()
    assert (at.moved(), _state(at, council)) == ([(FEE, "processing")], ("sent", None))


def test_this_was_not_me_while_the_name_is_checked_stops_the_payment(at: Paying, council: Council) -> None:
    row = at.ready(council)

    def says() -> None:
        with at.stage.hands.db.council(council.id) as session:
            stopping.stop(
                session,
                council_id=council.id,
                person_id=row["person"],
                actor=Actor("person", row["person"]),
                now=at.stage.clock(),
            )

    _meanwhile(at, says)
    at.stage.hand_again()
    assert at.name_checked()
    assert (at.moved(), _state(at, council)) == ([], ("held", "stopped"))


def test_a_fast_check_is_not_looked_at_twice(at: Paying, council: Council) -> None:
    """What was read at the gate counts for half a second: no further reading, no further call."""
    at.ready(council)
    at.stage.hands = replace(at.stage.hands, ticks=lambda: 0.0)
    at.stage.hand_again()
    assert (at.moved(), _state(at, council)) == ([(FEE, "processing")], ("sent", None))


@pytest.mark.parametrize("scope", ["everything", "council", "rail", "person"])
def test_stripe_is_told_of_nobody_under_a_hold(at: Paying, council: Council, scope: str) -> None:
    person_id = at.person(council)
    if scope == "everything":
        switch("stop", "We look into it", "--by", "Bo")
    else:
        hold_id = place(council, scope, {"person": person_id, "rail": "stripe"}.get(scope, ""))
    at.stage.drain()
    _rounds(at)
    assert at.fake.world.objects == {}
    if scope == "everything":
        switch("go", "--by", "Bo")
    else:
        let_go(council, hold_id)
    _rounds(at)
    assert told(council.lead.get(f"people/{person_id}"))["payment_method"]["name_check"] == "match"


def test_a_hold_between_two_steps_stops_the_next_one(at: Paying, council: Council) -> None:
    """Stripe knows the person, and the answer to the next step is lost. Then the hold comes."""
    at.fake.dice.once("error_500", path="outbound_setup_intents")
    person_id = at.person(council)
    at.stage.drain()
    hold_id = place(council, "council")
    before = set(at.fake.world.objects)
    assert len(before) == 1
    _rounds(at)
    assert set(at.fake.world.objects) == before
    let_go(council, hold_id)
    _rounds(at)
    assert told(council.lead.get(f"people/{person_id}"))["payment_method"]["name_check"] == "match"


def test_another_account_tells_of_the_others_where_one_person_is_on_hold(
    at: Paying, council: Council
) -> None:
    held, other = at.person(council), at.person(council, "Bea Fenn")
    at.stage.drain()
    place(council, "person", held)
    own_account(council, at.fake, "new")
    at.stage.drain()
    name_checks = {
        person_id: told(council.lead.get(f"people/{person_id}"))["payment_method"]["name_check"]
        for person_id in (held, other)
    }
    assert name_checks == {held: None, other: "match"}


def test_stripe_s_form_is_not_opened_under_a_hold(at: Paying, council: Council) -> None:
    person_id = council.person("Ada Fenn", account=None, email="ada@example.org")
    given = told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "stripe"}))
    hold_id = place(council, "council")
    ours = given["onboarding_url"].removeprefix(at.stage.settings.base_url.rstrip("/"))
    client = at.stage.app.test_client()
    page = client.get(ours)
    assert (page.status_code, "Please come back later" in page.get_data(as_text=True)) == (200, True)
    assert at.fake.world.objects == {}
    let_go(council, hold_id)
    assert client.get(ours).headers["Location"].startswith(f"{at.fake.url}/onboard/")


def _rounds(at: Paying) -> None:
    """A quarter of an hour passes, by the clock and by the queue."""
    for _ in range(2):
        at.stage.clock.forward(timedelta(minutes=8))
        at.stage.drain()
        at.looks_at_people()
