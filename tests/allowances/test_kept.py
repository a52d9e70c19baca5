"""Is what somebody has used kept, told to the policy, and given back when it was not used after all?"""

from __future__ import annotations

from typing import Any

import pytest

from service.claims import queries as claims
from service.policy import queries as policies
from tests.allowances.counting import (
    BY_HOURS,
    assert_totals_are_what_is_held,
    at,
    came,
    counting,
    offered,
    stands,
)
from tests.stage import Council, Stage, refused, told

WEEK = """
counters: {week_talks: {name: Talks in a week, counts: activities, each: week}}
limits:
  week: {clause: "W", sentence: Two a week., counter: week_talks, at_most: 2 times, beyond: BEYOND}
"""
STRICT = WEEK.replace("BEYOND", "not payable")
ASKS = WEEK.replace("BEYOND", "needs a person")
MONEY = """
counters: {year_fee: {name: Fees in a tax year, counts: fee, each: tax year}}
limits:
  year: {clause: "Y", sentence: £50., counter: year_fee, at_most: £50.00, beyond: the part within}
"""
HOURS = "counters: {year_hours: {name: Hours in a tax year, counts: hours, each: tax year}}"
EVERYTHING = """
counters:
  fee: {name: Fees, counts: fee, each: month}
  costs: {name: Costs, counts: expenses, each: quarter}
  total: {name: All, counts: total, each: year}
  hours: {name: Hours, counts: hours, each: week}
  miles: {name: Miles, counts: miles, each: tax year}
  days: {name: Days, counts: days, each: ever}
  activities: {name: Activities, counts: activities, each: week, activities: [course]}
  times: {name: Times, counts: times, each: tax year}
"""


def accepted(council: Council, session_id: str, person_id: str) -> str:
    offer_id: str = offered(council, session_id, person_id)["id"]
    told(council.lead.post(f"offers/{offer_id}/accept", {}))
    return offer_id


def decide(council: Council, claim_id: str, verb: str, **body: Any) -> None:
    seen = council.lead.get(f"claims/{claim_id}").headers["ETag"]
    door = council.lead if verb == "withdraw" else council.approver
    told(door.post(f"claims/{claim_id}/{verb}", body, seen=seen))


def test_a_yes_reserves_and_the_claim_takes_its_place(stage: Stage) -> None:
    council = counting(stage, STRICT)
    ada, session_id = council.person(), at(council, "2026-05-12")
    offered(council, at(council, "2026-05-13"), ada)
    assert stands(council, ada, "2026-05-12") == {}
    accepted(council, session_id, ada)
    assert stands(council, ada, "2026-05-12") == {"week_talks": (1, 0)}
    assert came(council, session_id, ada)["status"] == "paid"
    assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 1)}
    assert_totals_are_what_is_held(council)


def test_what_is_reserved_and_used_is_told_to_the_policy_and_stays_with_the_answer(stage: Stage) -> None:
    council = counting(stage, STRICT)
    ada = council.person()
    assert came(council, at(council, "2026-05-11"), ada)["assessment"]["facts"].get("used") is None
    accepted(council, at(council, "2026-05-12"), ada)
    third = offered(council, at(council, "2026-05-13"), ada)
    assert third["assessment"]["facts"]["used"] == {"week_talks": 2}
    assert (third["assessment"]["outcome"], third["fee_pence"]) == ("not_payable", 0)
    assert third["assessment"]["lines"][0]["reasons"][-1]["clause"] == "W"
    # It is replayed to the penny.
    with stage.hands.db.council(council.id) as session:
        for stored in claims.assessments(session, council_id=council.id):
            judge = policies.by_id(session, council_id=council.id, policy_id=stored.policy_id)
            assert judge.assess(stored.facts) == stored.answer


@pytest.mark.parametrize("week_starts", ["monday", "wednesday"])
def test_a_week_begins_on_the_day_that_the_policy_says(stage: Stage, week_starts: str) -> None:
    council = counting(stage, STRICT, week_starts=week_starts)
    ada = council.person()
    # Monday and Tuesday, then Wednesday of the same week.
    paid = [came(council, at(council, day), ada)["total_pence"] for day in ("2026-05-11", "2026-05-12")]
    third = came(council, at(council, "2026-05-13"), ada)
    assert paid == [2000, 2000]
    assert third["total_pence"] == (0 if week_starts == "monday" else 2000)
    assert third["status"] == ("refused" if week_starts == "monday" else "paid")


def test_a_tax_year_ends_on_5_april(stage: Stage) -> None:
    council = counting(stage, MONEY)
    ada = council.person()
    sums = [
        came(council, at(council, day, hours=hours), ada)["total_pence"]
        for day, hours in (("2026-04-04", 2), ("2026-04-05", 1), ("2026-04-06", 2), ("2027-04-05", 1))
    ]
    # £40.00 and the £10.00 that are left of £50.00; then a new year.
    assert sums == [4000, 1000, 4000, 1000]
    assert stands(council, ada, "2026-04-05") == {"year_fee": (0, 5000)}
    assert stands(council, ada, "2026-04-06") == {"year_fee": (0, 5000)}


def test_the_day_is_londons(stage: Stage) -> None:
    """Half past midnight on 6 April in London is still 5 April in UTC."""
    council = counting(stage, MONEY)
    ada = council.person()
    session_id = council.session(
        "talk", minutes=60, starts_at="2026-04-05T23:30:00+00:00", ends_at="2026-04-06T00:30:00+00:00"
    )
    came(council, session_id, ada)
    assert stands(council, ada, "2026-04-05") == {}
    assert stands(council, ada, "2026-04-06") == {"year_fee": (0, 2000)}


def test_one_claim_is_split_across_a_step(stage: Stage) -> None:
    council = counting(stage, HOURS, stepped=BY_HOURS)
    ada = council.person()
    first = came(council, at(council, "2026-05-12", hours=38, activity="course"), ada)
    assert first["total_pence"] == 38 * 2000
    # 100 minutes more: 20 in which no number of hours comes out even.
    short = came(council, at(council, "2026-05-14", hours=100 / 60, activity="course"), ada)
    assert short["total_pence"] == round(100 / 60 * 2000)
    assert stands(council, ada, "2026-05-14") == {"year_hours": (0, 2380)}
    last = came(council, at(council, "2026-05-15", hours=1, activity="course"), ada)
    # 20 minutes at £20.00 and 40 minutes at £16.00 are 666.7p and 1066.7p.
    assert last["total_pence"] == 1733
    assert last["assessment"]["uses"] == {"year_hours": 60}
    assert stands(council, ada, "2026-05-15") == {"year_hours": (0, 2440)}


def test_what_was_accepted_first_is_not_paid_less_because_others_came_later(stage: Stage) -> None:
    council = counting(stage, HOURS, stepped=BY_HOURS)
    ada = council.person()
    first, later = (at(council, day, hours=30, activity="course") for day in ("2026-05-12", "2026-05-20"))
    accepted(council, first, ada)
    offer = offered(council, later, ada)
    assert offer["fee_pence"] == 10 * 2000 + 20 * 1600
    told(council.lead.post(f"offers/{offer['id']}/accept", {}))
    assert came(council, first, ada)["fee_pence"] == 30 * 2000
    assert came(council, later, ada)["fee_pence"] == 10 * 2000 + 20 * 1600
    assert stands(council, ada, "2026-05-20") == {"year_hours": (0, 3600)}


def test_who_takes_more_than_was_kept_for_them_takes_it_from_nobody(stage: Stage) -> None:
    council = counting(stage, MONEY)
    ada = council.person()
    longer, later = at(council, "2026-05-12"), at(council, "2026-05-20")
    for place in (longer, later):
        accepted(council, place, ada)
    # Two and a half hours instead of one: £30.00 of the £50.00 are left, since £20.00 are kept for later.
    assert came(council, longer, ada, minutes=150)["total_pence"] == 3000
    assert came(council, later, ada)["total_pence"] == 2000
    assert stands(council, ada, "2026-05-12") == {"year_fee": (0, 5000)}


def test_an_offer_that_came_to_less_meanwhile_is_not_accepted_and_says_so(stage: Stage) -> None:
    council = counting(stage, STRICT)
    ada = council.person()
    offers = [offered(council, at(council, f"2026-05-{day}"), ada) for day in (12, 13, 14)]
    assert [offer["fee_pence"] for offer in offers] == [2000, 2000, 2000]
    for offer in offers[:2]:
        told(council.lead.post(f"offers/{offer['id']}/accept", {}))
    path = f"offers/{offers[2]['id']}"
    before = stage.picture("offers")
    problem = refused(council.lead.post(f"{path}/accept", {}), 409)
    assert problem["title"] == "What you would be paid has changed"
    assert problem["clause"] == "W"
    assert problem["detail"] == (
        "This offer was £20.00, and would now be paid nothing. Since it was made, other sessions have taken"
        " up some of what can be paid. You have not said yes yet. Look at the offer again, then answer."
    )
    assert stage.picture("offers") == before
    again = told(council.lead.get(path))
    assert (again["status"], again["fee_pence"], again["answered_at"]) == ("made", 0, None)
    assert again["assessment"]["facts"]["used"] == {"week_talks": 2}
    # They have seen it now, and may come all the same.
    assert told(council.lead.post(f"{path}/accept", {}))["status"] == "accepted"
    assert stands(council, ada, "2026-05-12") == {"week_talks": (2, 0)}


def test_who_came_though_nothing_was_left_is_paid_if_something_came_free(stage: Stage) -> None:
    council = counting(stage, STRICT)
    ada = council.person()
    full = [accepted(council, at(council, f"2026-05-{day}"), ada) for day in (11, 12)]
    places = [at(council, "2026-05-13"), at(council, "2026-05-14")]
    for place in places:
        accepted(council, place, ada)
    told(council.tick(places[0], ada))
    stage.drain()
    assert told(council.lead.get("claims"))["data"] == []
    told(council.lead.post(f"offers/{full[0]}/decline"))
    assert came(council, places[1], ada)["total_pence"] == 2000
    assert stands(council, ada, "2026-05-12") == {"week_talks": (1, 1)}


def test_trying_to_accept_changes_nothing_at_all(stage: Stage) -> None:
    council = counting(stage, STRICT)
    ada = council.person()
    last = offered(council, at(council, "2026-05-14"), ada)["id"]
    for day in (12, 13):
        accepted(council, at(council, f"2026-05-{day}"), ada)
    before = stage.picture()
    refused(council.lead.post(f"offers/{last}/accept", {}, dry_run="true"), 409)
    assert stage.picture() == before


def test_no_and_cancelled_and_not_there_give_back(stage: Stage) -> None:
    council = counting(stage, STRICT)
    ada = council.person()
    one, other = at(council, "2026-05-12"), at(council, "2026-05-13")
    first = accepted(council, one, ada)
    told(council.lead.post(f"offers/{first}/decline"))
    assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 0)}
    told(council.lead.post(f"offers/{first}/accept", {}))
    assert stands(council, ada, "2026-05-12") == {"week_talks": (1, 0)}
    accepted(council, other, ada)
    told(council.lead.post(f"sessions/{other}/cancel"))
    stage.drain()
    assert stands(council, ada, "2026-05-12") == {"week_talks": (1, 0)}
    # It is over, and the register says that they did not come.
    told(council.tick(one, ada, attended=False))
    assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 0)}
    assert came(council, one, ada)["status"] == "paid"
    assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 1)}
    assert_totals_are_what_is_held(council)


def test_an_untick_gives_back_and_a_tick_takes_again(stage: Stage) -> None:
    council = counting(stage, STRICT, rate="£600.00")
    ada, session_id = council.person(), at(council, "2026-05-12")
    assert came(council, session_id, ada)["status"] == "waiting"
    for _ in range(2):
        told(council.tick(session_id, ada, attended=False))
        stage.drain()
        assert council.claim(session=session_id)["status"] == "withdrawn"
        assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 0)}
    assert came(council, session_id, ada)["status"] == "waiting"
    assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 1)}


def test_a_refusal_and_a_withdrawal_give_back(stage: Stage) -> None:
    council = counting(stage, MONEY.replace("£50.00", "£900.00"), rate="£600.00")
    ada = council.person()
    first = came(council, at(council, "2026-05-12"), ada)
    second = came(council, at(council, "2026-05-13"), ada)
    assert (first["total_pence"], second["total_pence"]) == (60000, 30000)
    decide(council, first["id"], "refuse", clause="3", reason="Not this one.")
    assert stands(council, ada, "2026-05-12") == {"year_fee": (0, 30000)}
    assert came(council, at(council, "2026-05-14"), ada)["total_pence"] == 60000
    assert stands(council, ada, "2026-05-12") == {"year_fee": (0, 90000)}
    body = {"person": ada, "facts": {"activity": "talk", "role": "member", "on": "2026-05-15", "minutes": 60}}
    claim = told(council.lead.post("claims", body), 201)
    assert claim["total_pence"] == 0
    assert_totals_are_what_is_held(council)


def test_what_is_paid_after_all_is_used_after_all(stage: Stage) -> None:
    council = counting(stage, STRICT)
    with stage.hands.db.council(council.id) as session:
        session.connection().exec_driver_sql(
            "UPDATE councils SET bank_rail = 'finance_system' WHERE council_id = %s", (council.id,)
        )
    ada, session_id = council.person(), at(council, "2026-05-12")
    assert came(council, session_id, ada)["status"] == "approved"
    told(council.tick(session_id, ada, attended=False))
    stage.drain()
    assert council.claim(session=session_id)["status"] == "withdrawn"
    assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 0)}
    (payment,) = council.payments()
    body = {"bank_reference": "BACS 1", "paid_on": "2026-05-20"}
    told(council.finance.post(f"payments/{payment['id']}/paid", body))
    assert council.claim(session=session_id)["status"] == "paid"
    assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 1)}


def test_what_a_person_decides_is_used(stage: Stage) -> None:
    council = counting(stage, ASKS)
    ada = council.person()
    for day in (11, 12):
        came(council, at(council, f"2026-05-{day}"), ada)
    third = came(council, at(council, "2026-05-13"), ada)
    assert (third["status"], third["total_pence"]) == ("needs_person", 0)
    assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 2)}
    decide(
        council, third["id"], "approve", sums=[{"line": 0, "amount_pence": 2000, "reason": "A busy week."}]
    )
    stage.drain()
    assert council.claim(session=third["session"])["status"] == "paid"
    assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 3)}
    assert_totals_are_what_is_held(council)


def test_a_change_of_costs_uses_what_it_takes_now(stage: Stage) -> None:
    council = counting(stage, EVERYTHING)
    ada, session_id = council.person(), at(council, "2026-05-12")
    accepted(council, session_id, ada)
    trip = {"category": "car", "miles": 12.3}
    body = {"person": ada, "session": session_id, "expenses": [trip]}
    claim = told(council.lead.post("claims", body), 201)
    assert claim["total_pence"] == 677
    costs = {"costs": (0, 677), "miles": (0, 123), "total": (2000, 677), "times": (0, 1)}
    fee = {"fee": (2000, 0), "hours": (60, 0), "days": (1, 0), "activities": (0, 0)}
    assert stands(council, ada, "2026-05-12") == fee | costs
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    new = {"expenses": [{**trip, "miles": 2}, {"category": "bus", "amount_pence": 300}]}
    told(council.lead.patch(f"claims/{claim['id']}", new, seen=seen))
    costs = {"costs": (0, 410), "miles": (0, 20), "total": (2000, 410), "times": (0, 1)}
    assert stands(council, ada, "2026-05-12") == fee | costs
    told(council.tick(session_id, ada))
    stage.drain()
    assert stands(council, ada, "2026-05-12") == {
        "fee": (0, 2000),
        "costs": (0, 410),
        "total": (0, 2410),
        "hours": (0, 60),
        "miles": (0, 20),
        "days": (0, 1),
        "activities": (0, 0),
        "times": (0, 1),
    }
    assert_totals_are_what_is_held(council)


def test_costs_of_an_occasion_that_was_counted_are_not_another_time(stage: Stage) -> None:
    once = """
counters: {times: {name: Times in a tax year, counts: times, each: tax year}}
limits: {once: {clause: "O", sentence: Once., counter: times, at_most: 1 time, beyond: not payable}}
"""
    council = counting(stage, once)
    ada, session_id = council.person(), at(council, "2026-05-12")
    assert came(council, session_id, ada)["total_pence"] == 2000
    bus = {"expenses": [{"category": "bus", "amount_pence": 300}]}
    mine = told(council.lead.post("claims", {"person": ada, "session": session_id, **bus}), 201)
    assert mine["total_pence"] == 300
    assert stands(council, ada, "2026-05-12") == {"times": (0, 1)}
    assert came(council, at(council, "2026-05-13"), ada)["total_pence"] == 0


def test_those_of_one_organisation_share_and_others_do_not(stage: Stage) -> None:
    council = counting(stage, STRICT.replace("each: week", "each: week, per: organisation"))
    ada = council.person("Ada", organisation="Many Voices")
    bo = council.person("Bo", organisation=" many  voices")
    cy = council.person("Cy")
    assert told(council.lead.get(f"people/{ada}"))["organisation"] == "Many Voices"
    for who in (ada, bo, cy):
        came(council, at(council, "2026-05-12"), who)
    assert stands(council, ada, "2026-05-12") == stands(council, bo, "2026-05-12") == {"week_talks": (0, 2)}
    assert stands(council, cy, "2026-05-12") == {"week_talks": (0, 1)}
    assert came(council, at(council, "2026-05-13"), bo)["total_pence"] == 0
    assert came(council, at(council, "2026-05-13"), cy)["total_pence"] == 2000
    rows = told(council.lead.get(f"people/{ada}/allowances", on="2026-05-12"))["data"]
    assert rows == [
        {
            "counter": "week_talks",
            "name": "Talks in a week",
            "counted_for": "organisation",
            "period": "week",
            "starts_on": "2026-05-11",
            "ends_on": "2026-05-18",
            "used": 2,
            "reserved": 0,
            "unit": "count",
        }
    ]
