"""Does the page on which a claim is decided say why it waits, and promise only what helps?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from service.claims import advancing
from service.claims.advancing import Before
from service.days import london_day
from service.web import wording
from tests.web.test_entered import HELP, answers
from tests.web.test_sign_in import send
from tests.web.world import World


def page_of(world: World, claim_id: str, who: str = "ada") -> str:
    """The words of the page of a claim."""
    found = world.client("staff", who).get(f"/{world.slug}/staff/claims/{claim_id}")
    assert found.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.text))


def handed_over(world: World, *, starts_in: timedelta) -> tuple[str, str]:
    """Money for Jo before the day of a session that starts then. Answers the claim's id and state."""
    session_id, now = world.sessions["board"], world.now.replace(hour=9)
    with world.db.council(world.council_id) as session:
        move = sql("UPDATE sessions SET starts_at = :a, ends_at = :b WHERE id = :id")
        starts = now + starts_in
        session.execute(move, {"a": starts, "b": starts + timedelta(hours=2), "id": session_id})
    given = Before(world.people["jo"], session_id, "bus", 400, "They cannot lay it out.")
    with world.db.council(world.council_id) as session:
        claim = advancing.hand_over(
            session, council_id=world.council_id, given=given, actor=world.lead, now=now
        )
        claim_id = claim.id
    world.drain()
    (state,) = [one.state for one in world.claims_of("jo") if one.id == claim_id]
    return claim_id, state


def test_money_for_before_the_day_is_promised_before_the_day(world: World) -> None:
    claim_id, state = handed_over(world, starts_in=timedelta(days=7))
    assert state == "waiting"
    last = london_day(world.now.replace(hour=9) + timedelta(days=7)) - timedelta(days=1)
    (claim,) = world.claims_of("jo")
    assert claim.pay_by == last
    page = page_of(world, claim_id)
    assert f"Promised by {wording.day(last)}." in page
    assert f"We promise to pay this before the day. That is by {wording.short_day(last)}." in page
    assert "A person has to agree to this one. This is money for before the day." in page
    assert "The cost will be about £4.00." in page
    assert "About what it will cost: £4.00" in page
    for untrue in (
        "needs no one to approve",
        "The cost was",
        "What it cost",
        "not ticked",
        "There is a receipt",
        "working days",
    ):
        assert untrue not in page.partition("Your decision")[0], untrue


def test_a_far_day_leaves_the_promise_of_the_policy(world: World) -> None:
    claim_id, _ = handed_over(world, starts_in=timedelta(days=60))
    (claim,) = world.claims_of("jo")
    assert claim.pay_by is not None
    assert claim.pay_by < london_day(world.now.replace(hour=9) + timedelta(days=30))
    assert f"That is by {wording.short_day(claim.pay_by)}." in page_of(world, claim_id)


def test_no_day_is_promised_that_would_not_help(world: World) -> None:
    claim_id, state = handed_over(world, starts_in=timedelta(hours=6))
    (claim,) = world.claims_of("jo")
    assert (state, claim.pay_by) == ("waiting", None)
    page = page_of(world, claim_id)
    assert "The day is too near for us to promise this. It may not come in time." in page
    assert "Promised by" not in page


def test_a_claim_that_waits_says_why_and_not_that_it_needs_nobody(world: World) -> None:
    world.tick("jo")
    client = world.client("staff", "sam")
    answers(world, client, kind="bus", **(HELP | {"amount_pence": "4.10"}))
    status, where = send(client, f"/{world.slug}/staff/people/{world.people['jo']}/claim/check")
    assert status == 303
    claim_id = where.rpartition("/")[2]
    (claim,) = [one for one in world.claims_of("jo") if one.id == claim_id]
    assert claim.state == "submitted"
    page = page_of(world, claim_id, "sam")
    assert "needs no one to approve it" in page
    assert "Nobody has to decide this. The rules decide it in a moment." in page
    assert "Somebody else must decide" not in page


def test_only_what_was_typed_is_said_to_be_kept(world: World) -> None:
    claim_id, _ = handed_over(world, starts_in=timedelta(days=7))
    at = f"/{world.slug}/staff/claims/{claim_id}"
    ada = world.client("staff", "ada")
    status, page = send(ada, f"{at}/approve", at, seen="of before")
    assert (status, "Nothing was decided." in page, "What you typed" in page) == (412, True, False)
    status, page = send(ada, f"{at}/ask", at, seen="of before", question="Which bus?")
    assert (status, "What you typed is still here." in page, "Which bus?" in page) == (412, True, True)


@pytest.mark.parametrize("clause", ["", "none such"])
def test_a_no_asks_for_a_rule_as_the_list_does(world: World, clause: str) -> None:
    claim_id, _ = handed_over(world, starts_in=timedelta(days=7))
    at = f"/{world.slug}/staff/claims/{claim_id}"
    page = send(world.client("staff", "ada"), f"{at}/refuse", at, clause=clause, reason="No.")[1]
    assert "Choose" in page
    assert "Enter the clause" not in page
    (claim,) = world.claims_of("jo")
    assert claim.state == "waiting"


def test_a_session_that_somebody_came_to_is_not_offered_to_be_cancelled(world: World) -> None:
    at = f"/{world.slug}/staff/sessions/{world.sessions['brew']}"
    sam = world.client("staff", "sam")
    assert "Cancel this session" in sam.get(at).text
    world.tick("jo")
    assert "Cancel this session" not in sam.get(at).text


def test_the_history_says_who_told_us_of_a_payment_in_plain_words(world: World) -> None:
    world.tick("jo")
    (claim,) = world.claims_of("jo")
    page = page_of(world, claim.id)
    assert "The payment was accepted, and is on its way: £15.50" in page
    assert "as the bank or provider told us" in page
