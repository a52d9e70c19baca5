"""What do staff see of holds and payment runs, and what does the person whose money waits?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from service.events import SYSTEM
from service.payouts import queries, run_queries
from service.payouts.tables import Payout
from service.policy import actions as policies
from service.web import wording
from tests.payouts import leaving
from tests.web.world import World

REASON = "We wait for the bank"


@pytest.fixture(autouse=True)
def _every_form_arrives_as_if_its_page_had_been_open(world: World) -> None:
    world.app.config["WTF_CSRF_METHODS"] = set()


@pytest.fixture
def kim(world: World) -> FlaskClient:
    return world.client("staff", "kim")


def with_policy(world: World, **said: str) -> None:
    """Another version of the council's policy counts from now on."""
    sources = leaving.sources(version="9.0", **said)
    with world.db.council(world.council_id) as session:
        policies.adopt(
            session, council_id=world.council_id, sources=sources, actor=SYSTEM, now=datetime.now(UTC)
        )
    world.drain()


def payment(world: World) -> Payout:
    with world.db.council(world.council_id) as session:
        return queries.newest(session, council_id=world.council_id)[0]


def test_finance_holds_the_council_and_lets_it_go(world: World, kim: FlaskClient) -> None:
    at = f"/{world.slug}/staff/payments"
    empty = kim.post(f"{at}/holds/new", data={})
    assert empty.status_code == 422
    assert "Choose what to hold" in empty.text
    assert "Say why, for those who come after you" in empty.text
    kept = kim.post(f"{at}/holds/new", data={"reason": REASON})
    assert REASON in kept.text
    assert kim.post(f"{at}/holds/new", data={"what": "council", "reason": REASON}).status_code == 303
    twice = kim.post(f"{at}/holds/new", data={"what": "council", "reason": REASON})
    assert (twice.status_code, "A hold stands on this already." in twice.text) == (422, True)
    world.tick("jo")
    assert payment(world).state == "held"
    page = kim.get(at).text
    assert "All payments of this council: on hold since " in page
    assert f"Kim Doyle: {REASON}" in page
    assert "All payments of this council are on hold." in page
    assert "Let it go" not in page
    mine = world.client("person", "jo").get(f"/{world.slug}/me").text
    assert "We have paused payments for now. It is nothing that you did, and your money is safe." in mine
    assert REASON not in mine
    (hold_id,) = [
        part.split("/release")[0] for part in page.split("payments/holds/")[1:] if "/release" in part
    ]
    assert "everything that waited for it goes on by itself" in kim.get(f"{at}/holds/{hold_id}/release").text
    assert kim.post(f"{at}/holds/{hold_id}/release").status_code == 303
    world.drain()
    assert payment(world).state == "paid"
    ended = kim.get(f"{at}/holds").text
    assert "Nothing is on hold." in ended
    assert "Holds that have ended" in ended
    again = kim.post(f"{at}/holds/{hold_id}/release")
    assert (again.status_code, "This hold has ended already." in again.text) == (409, True)


def test_one_person_is_held_from_the_row_of_a_payment(world: World, kim: FlaskClient) -> None:
    world.tick("wei")
    at = f"/{world.slug}/staff/payments"
    wei = world.people["wei"]
    path = f"{at}/holds/new?scope=person&subject={wei}"
    assert path.replace("&", "&amp;") in kim.get(at).text
    assert "Hold all payments to Wei Chen" in kim.get(path).text
    assert kim.post(path, data={"reason": REASON}).status_code == 303
    assert "All payments to Wei Chen" in kim.get(f"{at}/holds").text


@pytest.mark.parametrize("who", ["ada", "fay", "oli", "pat"])
def test_other_roles_hold_nothing(world: World, who: str) -> None:
    client, at = world.client("staff", who), f"/{world.slug}/staff/payments"
    for leaf in ("/holds", "/runs", "/holds/new", "/runs/new/sandbox"):
        assert client.get(at + leaf).status_code == 403
    assert client.post(f"{at}/holds/new", data={"what": "council", "reason": "x"}).status_code == 403


def test_a_persons_page_says_with_which_day_the_money_goes(world: World, kim: FlaskClient) -> None:
    with_policy(world, runs=leaving.EVERY_DAY)
    world.tick("jo")
    until = payment(world).held_until
    assert until is not None
    said = f"It goes with the payments of {wording.day(until)}."
    claim = world.claims_of("jo")[0].id
    client = world.client("person", "jo")
    assert said in client.get(f"/{world.slug}/me").text
    assert said in client.get(f"/{world.slug}/me/claims/{claim}").text
    assert said in kim.get(f"/{world.slug}/staff/payments").text


def test_a_run_is_started_by_one_and_released_by_another(world: World, kim: FlaskClient) -> None:
    with_policy(world, runs=leaving.EVERY_DAY, second="{run_above: £1.00}")
    world.tick("jo")
    at = f"/{world.slug}/staff/payments/runs"
    assert "Waiting for the next run, Pretend bank: 1 payment, £15.50 in all." in kim.get(at).text
    assert "1 payment, £15.50 in all" in kim.get(f"{at}/new/sandbox").text
    assert "Nothing waits for a run here." in kim.get(f"{at}/new/bacs").text
    assert kim.post(f"{at}/new/bacs").status_code == 409
    there = kim.post(f"{at}/new/sandbox").headers["Location"]
    world.drain()
    page = kim.get(there).text
    assert "This run is above the limit of £1.00." in page
    assert "Opened by Kim Doyle." in page
    assert "You opened this, so somebody else has to release it. Ask Sam Field." in page
    assert "Release this run" not in page
    for seen, status, words in (
        ("opening", 412, "This run changed while you were looking."),
        ("waiting", 409, "You opened this, so somebody else has to release it. Ask Sam Field."),
    ):
        answer = kim.post(f"{there}/release", data={"seen": seen})
        assert answer.status_code == status
        assert words in answer.text
    assert payment(world).held_because == "in_run"
    sam = world.client("staff", "sam")
    assert "Release this run" in sam.get(there).text
    assert sam.post(f"{there}/release", data={"seen": "waiting"}).status_code == 303
    world.drain()
    assert payment(world).state == "paid"
    done = kim.get(there).text
    assert "Released by Sam Field" in done
    assert "1 paid." in done
    with world.db.council(world.council_id) as session:
        (run,) = run_queries.page(session, council_id=world.council_id)
        assert run_queries.summary(session, run=run).standing == run_queries.PAID


def test_finance_and_lead_are_told_when_there_is_no_money(world: World, kim: FlaskClient) -> None:
    world.hands.sandbox.set_funds(council_id=world.council_id, pence=1549)
    world.tick("jo")
    assert payment(world).held_because == "no_funds"
    page = kim.get(f"/{world.slug}/staff/payments").text
    assert "Pretend bank: 1 payment of £15.50 in all waits for money." in page
    mine = world.client("person", "jo").get(f"/{world.slug}/me").text
    assert "It waits for us, not for you. Your money is safe, and it goes by itself." in mine
