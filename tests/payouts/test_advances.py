"""Money handed over before the day, and what the council booked itself: how do they settle?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.days import utc_now
from service.tasks import hands as in_use
from service.tasks import housekeeping
from tests.claims.top_ups import in_order, now_is, policy, small, sources
from tests.payouts.corrected import overpayments, paid_in_all
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return small(stage)


def to_come(council: Council) -> tuple[str, str]:
    """Somebody said yes to a meeting next week. Session and person."""
    session_id = council.session("meeting", ends=utc_now().replace(microsecond=0) + timedelta(days=7))
    person_id = council.person()
    council.invited(session_id, person_id, "member")
    return session_id, person_id


def before(session_id: str, person_id: str, pence: int = 400, **more: Any) -> dict[str, Any]:
    return {
        "person": person_id,
        "session": session_id,
        "category": "bus",
        "amount_pence": pence,
        "reason": "They cannot lay it out.",
        **more,
    }


def handed_over(council: Council, pence: int = 400) -> tuple[dict[str, Any], str, str]:
    """An advance that somebody agreed and that was paid. Claim, session and person."""
    session_id, person_id = to_come(council)
    claim = told(council.lead.post("advances", before(session_id, person_id, pence)), 201)
    council.stage.drain()
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    told(council.approver.post(f"claims/{claim['id']}/approve", {}, seen=seen))
    council.stage.drain()
    return now_is(council, claim), session_id, person_id


def spent(council: Council, claim: dict[str, Any], pence: int) -> None:
    body = {"expenses": [{"category": "bus", "amount_pence": pence}], "reason": "The ticket."}
    told(council.lead.post(f"claims/{claim['id']}/corrections", body), 202)
    council.stage.drain()


def test_an_advance_needs_a_yes_and_is_paid_before_the_day(council: Council) -> None:
    session_id, person_id = to_come(council)
    claim = told(council.lead.post("advances", before(session_id, person_id)), 201)
    council.stage.drain()
    assert (now_is(council, claim)["status"], claim["kind"]) == ("waiting", "advance")
    assert paid_in_all(council, person_id) == 0
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    refused(council.lead.post(f"claims/{claim['id']}/approve", {}, seen=seen), 403)
    told(council.approver.post(f"claims/{claim['id']}/approve", {}, seen=seen))
    council.stage.drain()
    assert (now_is(council, claim)["status"], paid_in_all(council, person_id)) == ("paid", 400)
    in_order(council)


def test_more_was_spent_and_the_rest_is_paid(council: Council) -> None:
    claim, session_id, person_id = handed_over(council)
    spent(council, claim, 450)
    rows = told(council.lead.get("claims", session=session_id))["data"]
    (more,) = [row for row in rows if row["kind"] == "difference"]
    if more["status"] == "waiting":
        seen = council.lead.get(f"claims/{more['id']}").headers["ETag"]
        told(council.approver.post(f"claims/{more['id']}/approve", {}, seen=seen))
        council.stage.drain()
    assert (more["total_pence"], paid_in_all(council, person_id)) == (50, 450)
    in_order(council)


def test_less_was_spent_and_nothing_is_taken(council: Council) -> None:
    claim, _, person_id = handed_over(council)
    spent(council, claim, 150)
    (found,) = overpayments(council)
    assert (found["part"], found["over_pence"], found["because"]) == ("expense", 250, "spent")
    assert paid_in_all(council, person_id) == 400
    in_order(council)


def test_nobody_said_what_was_spent_so_it_is_asked_once_and_is_no_debt(council: Council) -> None:
    claim, _, person_id = handed_over(council)
    in_use.use(council.stage.hands)
    for days, asked in ((8, 0), (30, 1), (30, 1)):
        council.stage.clock.forward(timedelta(days=days))
        housekeeping.ask_about_advances()
        council.stage.drain()
        assert council.messages(person_id).count("What did it cost in the end? Over a Brew") == asked
    assert overpayments(council) == []
    assert now_is(council, claim)["status"] == "paid"


def test_a_cost_that_was_booked_is_in_the_books_and_pays_nobody(council: Council) -> None:
    session_id, person_id = to_come(council)
    made = told(council.lead.post("booked_costs", before(session_id, person_id, 4250)), 201)
    assert (made["amount_pence"], made["reason"]) == (4250, "They cannot lay it out.")
    council.stage.settle()
    assert council.balance() == {"expenses": 4250, "booked": -4250}
    assert council.payments() == []


def test_a_cost_that_was_met_before_the_day_is_looked_at_when_it_is_asked_for(council: Council) -> None:
    _, session_id, person_id = handed_over(council)
    body = {"person": person_id, "session": session_id, "expenses": [{"category": "bus", "amount_pence": 90}]}
    asked = told(council.lead.post("claims", body), 201)
    council.stage.drain()
    assert now_is(council, asked)["status"] == "waiting"
    assert paid_in_all(council, person_id) == 400


@pytest.mark.parametrize("call", ["advances", "booked_costs"])
@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"category": "rocket"}, "/category"),
        ({"amount_pence": 0}, "/amount_pence"),
        ({"reason": " "}, "/reason"),
    ],
)
def test_refuses_what_cannot_be(council: Council, call: str, more: dict[str, Any], pointer: str) -> None:
    session_id, person_id = to_come(council)
    before_it = council.stage.picture()
    refused(council.lead.post(call, before(session_id, person_id, **more)), 422, pointer)
    assert council.stage.picture() == before_it


def test_refuses_an_advance_for_a_day_that_is_over(council: Council) -> None:
    session_id, person_id = council.session("meeting"), council.person()
    refused(council.lead.post("advances", before(session_id, person_id)), 422, "/session")


def test_no_more_is_handed_over_first_than_the_policy_says(stage: Stage) -> None:
    rule = 'advance: {clause: "10", sentence: "We hand over up to {at_most} first.", at_most: £5.00}\n'
    given = """\
  - name: Five pounds are given first
    facts:
      activity: meeting
      on: 2026-05-12
      fee: false
      advance_pence: £5.00
      expenses: [{category: bus, amount_pence: £5.00}]
    expect: {expenses: £5.00}
    worked: The ticket took it all.
"""
    text = policy().replace("examples:\n", f"{rule}examples:\n") + given
    council = stage.council(sources=sources(text))
    session_id, person_id = to_come(council)
    was = council.stage.picture()
    problem = refused(council.lead.post("advances", before(session_id, person_id, 501)), 422, "/amount_pence")
    words = "Enter £5.00 or less. We hand over up to £5.00 first. (Rule 10.)"
    assert [fault["detail"] for fault in problem["errors"]] == [words]
    assert council.stage.picture() == was
    told(council.lead.post("advances", before(session_id, person_id, 500)), 201)
