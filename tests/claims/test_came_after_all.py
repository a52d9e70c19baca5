"""Whose place was cancelled, and who came after all: do they get what they were promised?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.days import utc_now
from service.events import SYSTEM, Actor
from service.policy import actions as policies
from service.policy.sources import Sources
from service.sessions import cancelling
from tests.stage import Council, Stage, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def cancelled(council: Council, *, leaving: tuple[str, ...] = (), **yes: Any) -> tuple[str, str]:
    """Somebody said yes to £36.00, and their place was cancelled 47 hours before: £18.00 is due for that."""
    starts = utc_now().replace(microsecond=0) + timedelta(hours=47, minutes=1)
    session_id = council.session("advisory_network", minutes=120, ends=starts + timedelta(hours=2))
    person_id = council.person()
    offer_id = council.offer(session_id, person_id, "member")
    told(council.lead.post(f"offers/{offer_id}/accept", yes))
    with council.stage.hands.db.council(council.id) as session:
        given = {"council_id": council.id, "offer_id": offer_id, "now": council.stage.clock()}
        cancelling.cancel_place(session, **given, actor=Actor("staff", "stf_1"))
    council.stage.drain(leaving=leaving)
    return session_id, person_id


def claims(council: Council, session_id: str) -> list[tuple[str, str, int, int]]:
    """Kind, status, sum and what of it was too much, of each claim for this session, oldest first."""
    rows = told(council.lead.get("claims", session=session_id))["data"]
    whole = sorted((told(council.lead.get(f"claims/{row['id']}")) for row in rows), key=lambda one: one["id"])
    return [(one["kind"], one["status"], one["total_pence"], one["overpaid_pence"]) for one in whole]


PAID = [("attendance", "paid", 1800, 0), ("difference", "paid", 1800, 0)]


def test_a_new_yes_after_the_money_for_the_cancelled_place_makes_up_what_was_promised(
    council: Council,
) -> None:
    session_id, person_id = cancelled(council)
    council.invited(session_id, person_id, "member")
    council.stage.settle()
    # Nobody is told that it was too much: they are about to come.
    assert claims(council, session_id) == [("cancellation", "paid", 1800, 0)]
    assert "claim.overpaid" not in council.history(council.claim(session=session_id)["id"])
    told(council.tick(session_id, person_id))
    council.stage.settle()
    assert claims(council, session_id) == PAID
    assert council.balance() == {"fees": 3600, "bank:sandbox": -3600}
    assert not [subject for subject in council.messages(person_id) if "more than we should" in subject]


def test_who_drops_in_without_a_new_yes_is_paid_for_coming(council: Council) -> None:
    session_id, person_id = cancelled(council)
    told(council.tick(session_id, person_id, role="member"))
    council.stage.settle()
    assert claims(council, session_id) == PAID
    assert council.balance() == {"fees": 3600, "bank:sandbox": -3600}


@pytest.mark.parametrize("again", [True, False])
def test_what_was_agreed_and_has_not_left_becomes_the_whole_fee(council: Council, again: bool) -> None:
    session_id, person_id = cancelled(council, leaving=("payouts.send",))
    assert claims(council, session_id) == [("cancellation", "approved", 1800, 0)]
    if again:
        # On the day: nothing of the yes was followed when the register came.
        council.invited(session_id, person_id, "member")
        told(council.tick(session_id, person_id))
    else:
        told(council.tick(session_id, person_id, role="member"))
    council.stage.drain(leaving=("payouts.send",))
    assert claims(council, session_id) == [("attendance", "approved", 3600, 0)]
    council.stage.settle()
    assert council.balance() == {"fees": 3600, "bank:sandbox": -3600}


def test_what_they_say_with_the_new_yes_counts_and_not_what_they_said_before(council: Council) -> None:
    session_id, person_id = cancelled(council, accept_pence=1000)
    assert [row[2] for row in claims(council, session_id)] == [1000]
    council.invited(session_id, person_id, "member")
    told(council.tick(session_id, person_id))
    council.stage.settle()
    assert [row[2] for row in claims(council, session_id)] == [1000, 2600]
    assert council.balance() == {"fees": 3600, "bank:sandbox": -3600}


def test_the_version_of_the_new_offer_counts_where_it_pays_more(council: Council) -> None:
    session_id, person_id = cancelled(council)
    better = Sources.from_path("policies/councils/exampleshire.yaml")
    region = "region/middleshire.yaml"
    (name,) = [name for name in better.files if name.endswith(region)]
    files = {
        **better.files,
        name: better.files[name].replace("£18.00", "£20.00"),
        better.main: better.files[better.main]
        .replace("£36.00", "£40.00")
        .replace('version: "1.0"', 'version: "1.1"', 1)
        .replace("effective_from: 2025-04-01", "effective_from: 2025-05-01"),
    }
    with council.stage.hands.db.council(council.id) as session:
        given = {"council_id": council.id, "now": council.stage.clock()}
        policies.adopt(session, sources=replace(better, files=files), actor=SYSTEM, **given)
    offer_id = council.invited(session_id, person_id, "member")
    assert told(council.lead.get(f"offers/{offer_id}"))["fee_pence"] == 4000
    told(council.tick(session_id, person_id))
    council.stage.settle()
    assert council.balance() == {"fees": 4000, "bank:sandbox": -4000}


def test_a_tick_that_was_a_slip_leaves_them_what_the_cancelled_place_pays(council: Council) -> None:
    session_id, person_id = cancelled(council)
    told(council.tick(session_id, person_id, role="member"))
    council.stage.settle()
    told(council.tick(session_id, person_id, attended=False))
    council.stage.settle()
    assert claims(council, session_id) == [
        ("attendance", "paid", 1800, 0),
        ("difference", "paid", 1800, 1800),
    ]


def test_one_that_was_not_agreed_is_no_answer_to_their_coming(council: Council) -> None:
    session_id, person_id = cancelled(council, leaving=("approvals.route",))
    claim = council.claim(session=session_id)
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    no = {"clause": "5.2", "reason": "They had told us."}
    told(council.approver.post(f"claims/{claim['id']}/refuse", no, seen=seen))
    council.invited(session_id, person_id, "member")
    told(council.tick(session_id, person_id))
    council.stage.settle()
    assert claims(council, session_id) == [("attendance", "paid", 3600, 0)]
