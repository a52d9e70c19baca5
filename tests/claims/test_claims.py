"""What may be asked for, by whom, and what becomes of it before anybody has decided?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from service.days import add_working_days, london_day, utc_now
from tests.stage import Council, Stage, refused, told

BUS = {"category": "bus", "amount_pence": 410, "receipt": True}
TAXI = {"category": "taxi", "amount_pence": 900, "receipt": True, "agreed_before": True}


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def network(**more: Any) -> dict[str, Any]:
    """The facts of two hours in the advisory network yesterday: £36.00."""
    day = london_day(utc_now()) - timedelta(days=1)
    return {"activity": "advisory_network", "role": "member", "on": day.isoformat(), "minutes": 120, **more}


def test_a_claim_by_facts_is_worked_out_at_once(council: Council) -> None:
    person_id = council.person()
    answer = council.lead.post("claims", {"person": person_id, "facts": network(), "expenses": [BUS]})
    claim = told(answer, 201)
    assert (claim["kind"], claim["status"], claim["session"]) == ("other", "submitted", None)
    assert (claim["fee_pence"], claim["expenses_pence"], claim["total_pence"]) == (3600, 410, 4010)
    day = london_day(utc_now()) - timedelta(days=1)
    assert claim["facts"] == network()
    assert claim["assessment"]["facts"]["claimed_on"] == london_day(utc_now()).isoformat()
    promised = [add_working_days(start, 10) for start in (day, london_day(utc_now()))]
    assert claim["pay_by"] in [one.isoformat() for one in promised]
    assert answer.headers["ETag"]
    council.stage.drain()
    assert told(council.lead.get(f"claims/{claim['id']}"))["status"] == "paid"
    assert council.balance() == {"fees": 3600, "expenses": 410, "bank:sandbox": -4010}


def test_costs_of_a_session_come_in_a_claim_of_their_own(council: Council) -> None:
    session_id = council.ticked("advisory_network", role="member", minutes=120, online=False)
    council.stage.drain()
    fee = council.claim(session=session_id)
    costs = told(
        council.lead.post("claims", {"person": fee["person"], "session": session_id, "expenses": [BUS]}), 201
    )
    assert (costs["kind"], costs["fee_pence"], costs["expenses_pence"]) == ("expenses", 0, 410)
    assert costs["facts"]["on"] == fee["facts"]["on"]
    council.stage.drain()
    assert council.balance() == {"fees": 3600, "expenses": 410, "bank:sandbox": -4010}


def test_refuses_a_second_fee_for_one_session(council: Council) -> None:
    session_id = council.ticked()
    council.stage.drain()
    person_id = council.claim(session=session_id)["person"]
    before = council.stage.picture()
    body = {"person": person_id, "session": session_id, "fee": True}
    assert (
        refused(council.lead.post("claims", body), 409)["title"]
        == "This clashes with something already there"
    )
    refused(council.lead.post("claims", {"person": person_id, "session": session_id}), 422, "/expenses")
    assert council.stage.picture() == before


def test_two_fees_at_once_are_one(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    body = {"person": person_id, "session": session_id, "facts": {"role": "participant"}, "fee": True}
    with ThreadPoolExecutor(6) as several:
        answers = list(several.map(lambda _: council.lead.post("claims", body), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]


def test_a_claim_for_the_fee_and_the_register_are_one_fee(council: Council) -> None:
    """Somebody claims for a session at which they are ticked later."""
    session_id, person_id = council.session(), council.person()
    body = {"person": person_id, "session": session_id, "facts": {"role": "participant"}, "fee": True}
    claim = told(council.lead.post("claims", body), 201)
    council.stage.drain()
    assert told(council.lead.get(f"claims/{claim['id']}"))["status"] == "waiting"
    told(council.tick(session_id, person_id, role="participant"))
    council.stage.drain()
    assert [row["id"] for row in told(council.lead.get("claims"))["data"]] == [claim["id"]]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/person"]),
        ({"person": 1}, ["/person"]),
        ({"person": "{me}", "facts": {"role": "member"}}, ["/facts/on"]),
        ({"person": "{me}", "facts": {"on": "yesterday"}}, ["/facts/on"]),
        ({"person": "{me}", "facts": {"on": "2026-10-01", "activity": "chess"}}, ["/activity"]),
        ({"person": "{me}", "facts": {"on": "2026-10-01", "shoes": 43}}, ["/shoes", "/activity"]),
        ({"person": "{me}", "facts": {"expenses": [BUS]}}, ["/facts/expenses"]),
        ({"person": "{me}", "facts": {"claimed_on": "2026-10-01"}}, ["/facts/claimed_on"]),
        ({"person": "{me}", "session": "{there}"}, ["/expenses"]),
        ({"person": "{me}", "session": "{there}", "facts": {"on": "2026-10-01"}}, ["/facts/on"]),
    ],
)
def test_refuses_what_cannot_be_worked_out(
    council: Council, body: dict[str, Any], pointers: list[str]
) -> None:
    session_id, person_id = council.session(), council.person()
    council.invited(session_id, person_id)
    ids = {"{me}": person_id, "{there}": session_id}
    sent = {key: ids.get(value, value) if isinstance(value, str) else value for key, value in body.items()}
    before = council.stage.picture()
    assert sorted(f["pointer"] for f in told(council.lead.post("claims", sent), 422)["errors"]) == sorted(
        pointers
    )
    assert council.stage.picture() == before


def test_each_fault_in_a_cost_says_where_it_is(council: Council) -> None:
    expenses = [BUS, {"category": "car", "miles": -1}, {"category": "bus", "amount_pence": "4.10"}]
    body = {"person": council.person(), "facts": network(), "expenses": expenses}
    problem = refused(council.lead.post("claims", body), 422, "/expenses/1/miles", "/expenses/2/amount_pence")
    assert all(fault["detail"] for fault in problem["errors"])


def test_an_edit_is_worked_out_anew_and_the_first_answer_stays_on_record(council: Council) -> None:
    body = {"person": council.person(), "facts": network(), "expenses": [TAXI] * 6}
    answer = council.lead.post("claims", body)
    claim = told(answer, 201)
    council.stage.drain()
    path = f"claims/{claim['id']}"
    assert told(council.lead.get(path))["status"] == "waiting"
    seen = council.lead.get(path).headers["ETag"]
    edited = told(council.lead.patch(path, {"expenses": [TAXI]}, seen=seen))
    assert (edited["status"], edited["total_pence"]) == ("submitted", 4500)
    council.stage.drain()
    assert told(council.lead.get(path))["status"] == "paid"
    assert len(council.stage.picture()["claim_assessments"]) == 2


@pytest.mark.parametrize("state", ["approved", "paid"])
def test_what_was_agreed_is_neither_edited_nor_taken_back(council: Council, state: str) -> None:
    session_id = council.ticked()
    council.stage.drain(leaving=("payouts.open",) if state == "approved" else ())
    claim = council.claim(session=session_id)
    assert claim["status"] == state
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    before = council.stage.picture()
    refused(council.lead.patch(f"claims/{claim['id']}", {"expenses": [BUS]}, seen=seen), 409)
    refused(council.lead.post(f"claims/{claim['id']}/withdraw", {}), 409)
    assert council.stage.picture() == before


def test_taking_a_claim_back_twice_is_taking_it_back_once(council: Council) -> None:
    session_id = council.ticked("practice_review", role="team_member", minutes=300)
    council.stage.drain()
    claim = council.claim(session=session_id)
    assert told(council.lead.post(f"claims/{claim['id']}/withdraw", {}))["status"] == "withdrawn"
    before = council.stage.picture("kept_answers")
    assert told(council.lead.post(f"claims/{claim['id']}/withdraw"))["status"] == "withdrawn"
    assert council.stage.picture("kept_answers") == before


def test_what_the_policy_pays_nothing_for_is_refused_by_the_rule_with_its_clause(council: Council) -> None:
    body = {"person": council.person(), "facts": network(role="observer")}
    claim_id = told(council.lead.post("claims", body), 201)["id"]
    council.stage.drain()
    claim = told(council.lead.get(f"claims/{claim_id}"))
    assert (claim["status"], claim["assessment"]["outcome"]) == ("refused", "not_payable")
    assert [(d["kind"], d["by"], d["clause"]) for d in claim["decisions"]] == [
        ("refused", "rule:policy", "3.10")
    ]
    assert council.payments() == []


def test_an_assessment_is_the_one_that_a_claim_would_get_and_stores_nothing(council: Council) -> None:
    person_id = council.person()
    before = council.stage.picture()
    today = london_day(utc_now()).isoformat()
    facts = network(claimed_on=today)
    asked = told(council.lead.send("POST", "assessments", facts | {"expenses": [BUS]}))
    assert council.stage.picture() == before
    claim = told(
        council.lead.post("claims", {"person": person_id, "facts": network(), "expenses": [BUS]}), 201
    )
    same = {key: value for key, value in claim["assessment"].items() if key not in ("facts", "pay_by")}
    assert {key: asked[key] for key in same} == same


def test_less_than_was_offered_is_paid_to_the_penny(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    offer_id = council.offer(session_id, person_id)
    told(council.lead.post(f"offers/{offer_id}/accept", {"accept_pence": 1000}))
    told(council.tick(session_id, person_id))
    council.stage.drain()
    assert council.balance() == {"fees": 1000, "bank:sandbox": -1000}


def test_a_policy_that_comes_later_pays_no_less_than_was_promised(council: Council) -> None:
    """The offer names the version it was made under; the claim carries the version that judged it."""
    session_id = council.ticked()
    council.stage.drain()
    claim = council.claim(session=session_id)
    with council.stage.admin() as line:
        rows = line.execute(
            "SELECT o.policy_id, a.policy_id, a.policy_hash = p.hash FROM claim_assessments a"
            " JOIN claims c ON c.id = a.claim_id JOIN offers o ON o.id = c.offer_id"
            " JOIN policies p ON p.id = a.policy_id WHERE c.id = %s",
            (claim["id"],),
        ).fetchall()
    ((offered, judged, same),) = rows
    assert offered == judged == claim["assessment"]["policy"]["id"]
    assert same is True
