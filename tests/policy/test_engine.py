"""Does the engine answer payable, not payable or needs a person, with the clause and the figures?"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from service.policy.engine import ENGINE_VERSION
from service.policy.faults import FactFaults
from tests.policy import texts

FACTS: dict[str, Any] = {"activity": "meeting", "role": "member", "on": "2026-02-02", "minutes": 90}


def assess(more: dict[str, Any] | None = None, /, **parts: str) -> dict[str, Any]:
    return texts.policy(**parts).assess({**FACTS, **(more or {})})


def test_an_hourly_fee_with_its_reason() -> None:
    assert assess()["lines"] == [
        {
            "kind": "fee",
            "category": "meeting",
            "name": "Meeting",
            "role": "member",
            "role_name": "Member",
            "nature": "fee",
            "field": "social care",
            "outcome": "payable",
            "amount_pence": 2250,
            "reasons": [
                {
                    "clause": "4",
                    "rule": "fees.by_hour",
                    "text": "We pay £15.00 an hour. 1 hour 30 minutes at £15.00 an hour is £22.50.",
                    "figures": {"minutes": 90, "rate_pence": 1500, "amount_pence": 2250},
                }
            ],
        }
    ]


def test_the_whole_answer_carries_what_replays_it() -> None:
    policy = texts.policy()
    answer = policy.assess({**FACTS, "on": date(2026, 2, 2)})
    assert answer["policy"] == {
        "version": "1.0",
        "hash": policy.hash,
        "slug": "small",
        "name": "A small policy",
    }
    assert answer["engine_version"] == ENGINE_VERSION
    assert answer["facts"] == FACTS
    assert policy.assess(answer["facts"]) == answer
    assert json.loads(json.dumps(answer)) == answer
    assert (answer["outcome"], answer["approval_route"], answer["payment_route"], answer["pay_by"]) == (
        "payable",
        "automatic",
        "direct",
        "2026-02-16",
    )


def test_the_day_of_the_activity_governs() -> None:
    assert assess({"on": "2026-06-30"})["total_pence"] == 2250
    assert assess({"on": "2026-07-01"})["total_pence"] == 2400


@pytest.mark.parametrize(("minutes", "pence"), [(0, 7500), (239, 7500), (240, 15000), (600, 15000)])
def test_bands_have_stated_ends(minutes: int, pence: int) -> None:
    assert assess({"role": "chair", "minutes": minutes})["fee_pence"] == pence


def test_an_unpaid_role_says_why_and_what_would_change_it() -> None:
    policy = texts.policy()
    answer = policy.assess({**FACTS, "role": "guest"})
    line = answer["lines"][0]
    assert (answer["outcome"], line["outcome"], answer["total_pence"]) == ("not_payable", "not_payable", 0)
    assert [reason["clause"] for reason in line["reasons"]] == ["6"]
    assert line["would_change"] == [
        {
            "pointer": "/role",
            "value": "member",
            "text": "There is a fee for another role in this activity: Member.",
        }
    ]


def test_a_cost_without_its_conditions_names_every_change_at_once() -> None:
    hotel = {"category": "hotel", "amount_pence": 20000, "nights": 2}
    line = assess({"expenses": [hotel]})["lines"][1]
    assert line["outcome"] == "not_payable"
    assert [change["pointer"] for change in line["would_change"]] == [
        "/expenses/0/agreed_before",
        "/expenses/0/receipt",
    ]
    paid = assess({"expenses": [{**hotel, "agreed_before": True, "receipt": True}]})["lines"][1]
    assert (paid["outcome"], paid["amount_pence"], paid["claimed_pence"]) == ("payable", 18000, 20000)
    assert paid["reasons"][0]["figures"] == {
        "claimed_pence": 20000,
        "cap_pence": 18000,
        "amount_pence": 18000,
    }


def test_a_claim_for_costs_alone_has_no_fee_line() -> None:
    answer = assess({"fee": False, "expenses": [{"category": "car", "miles": 18}]})
    assert [(line["kind"], line["nature"], line["amount_pence"]) for line in answer["lines"]] == [
        ("expense", "cost_repaid", 810)
    ]


def test_miles_may_have_tenths_and_never_leak_a_float() -> None:
    for miles in (18.4, Decimal("18.4")):
        answer = assess({"expenses": [{"category": "car", "miles": miles}]})
        assert answer["expenses_pence"] == 828
        assert type(answer["total_pence"]) is int


def test_mileage_never_pays_more_than_was_asked_for() -> None:
    answer = assess({"expenses": [{"category": "car", "miles": 18, "amount_pence": 500}]})
    assert answer["expenses_pence"] == 500


@pytest.mark.parametrize(("accept", "pence"), [(0, 0), (1000, 1000), (2250, 2250), (9999, 2250)])
def test_a_person_may_take_less_and_never_more(accept: int, pence: int) -> None:
    answer = assess({"accept_pence": accept})
    line = answer["lines"][0]
    assert (answer["fee_pence"], line["outcome"]) == (pence, "payable")
    assert [reason["rule"] for reason in line["reasons"]] == (
        ["fees.by_hour", "choice"] if accept < 2250 else ["fees.by_hour"]
    )


def test_taking_nothing_leaves_costs_alone() -> None:
    answer = assess(
        {"accept_pence": 0, "expenses": [{"category": "bus", "amount_pence": 410, "receipt": True}]}
    )
    assert (answer["outcome"], answer["fee_pence"], answer["expenses_pence"]) == ("payable", 0, 410)
    assert assess({"accept_pence": 0})["outcome"] == "not_payable"


def test_an_undecided_value_needs_a_person_and_keeps_the_rest() -> None:
    costs = texts.COSTS.replace("rate: 45p", 'rate: {undecided: "the rate is being looked at."}')
    answer = assess({"expenses": [{"category": "car", "miles": 10}]}, costs=costs)
    assert (answer["outcome"], answer["total_pence"]) == ("needs_person", 2250)
    assert answer["lines"][1]["reasons"][0]["text"].endswith("leaves this open: the rate is being looked at.")
    assert answer["approval_route"] == ["approver"]


def test_a_value_that_ended_without_successor_needs_a_person() -> None:
    amounts = texts.AMOUNTS.replace(
        "      2026-07-01: £16.00\n", "    until: 2026-06-30\n    no_successor: The pilot ended.\n"
    )
    assert assess({"on": "2026-06-30"}, amounts=amounts)["outcome"] == "payable"
    after = assess({"on": "2026-07-01"}, amounts=amounts)
    assert after["outcome"] == "needs_person"
    assert "The pilot ended." in after["lines"][0]["reasons"][0]["text"]


def test_a_part_of_a_penny_without_rounding_needs_a_person() -> None:
    rounding = 'rounding: {clause: "1", undecided: the page does not say.}\n'
    amounts = texts.AMOUNTS.replace("£15.00", "£11.31")
    whole = assess({"minutes": 60}, rounding=rounding, amounts=amounts)
    assert (whole["outcome"], whole["total_pence"]) == ("payable", 1131)
    left = assess({"minutes": 90}, rounding=rounding, amounts=amounts)
    assert (left["outcome"], left["lines"][0]["reasons"][0]["rule"]) == ("needs_person", "rounding")


@pytest.mark.parametrize(("direction", "pence"), [("half up", 1697), ("half even", 1696), ("down", 1696)])
def test_rounding_is_the_policys_own(direction: str, pence: int) -> None:
    amounts = texts.AMOUNTS.replace("£15.00", "£11.31")
    rounding = texts.ROUNDING.replace("half up", direction)
    assert assess({"minutes": 90}, rounding=rounding, amounts=amounts)["total_pence"] == pence


def test_time_that_no_rule_speaks_of_needs_a_person() -> None:
    answer = assess({"preparation_minutes": 30})
    assert answer["outcome"] == "needs_person"
    assert "does not say whether preparation time is paid" in answer["lines"][0]["reasons"][0]["text"]


@pytest.mark.parametrize(
    ("pay", "minutes", "pence"),
    [
        ("in full", 90, 4500),
        ("included", 90, 2250),
        ('"no"', 90, 2250),
        ("at most 1h", 90, 3750),
        ("the part over 1h", 90, 3000),
        ("the part over 1h", 60, 2250),
        ("in full once over 1h", 61, 3775),
        ("in full once over 1h", 60, 2250),
    ],
)
def test_time_beside_the_meeting_counts_as_stated(pay: str, minutes: int, pence: int) -> None:
    rule = f'clause: "20", sentence: Reading., time: preparation, pay: {pay}, activities: [talk]'
    more = f"paid_time:\n  reading: {{{rule}}}\n"
    who = texts.WHO + '  talk: {name: Talk, clause: "3", field: health, pays: {member: by_hour}}\n'
    answer = assess({"activity": "talk", "preparation_minutes": minutes}, who=who, more=more)
    assert answer["fee_pence"] == pence
    assert "paid_time.reading" in {reason["rule"] for reason in answer["lines"][0]["reasons"]}


def test_cancellation_pays_a_share_by_notice() -> None:
    more = (
        "cancellation:\n"
        '  late: {clause: "21", sentence: "Under {notice_under}: {share}.", notice_under: 24h, share: 50%}\n'
        '  early: {clause: "22", sentence: "Earlier: nothing.", share: 0%}\n'
    )
    assert assess({"notice_hours": 23}, more=more)["fee_pence"] == 1125
    assert assess({"notice_hours": 24}, more=more)["outcome"] == "not_payable"
    assert assess({"notice_hours": 24})["outcome"] == "needs_person"


def test_several_contributions_pay_the_highest_or_all_or_ask() -> None:
    facts = {
        "activity": "meeting",
        "on": "2026-02-02",
        "contributions": [{"role": "member", "minutes": 60}, {"role": "chair", "minutes": 60}],
    }
    highest = 'several: {clause: "23", sentence: The highest., pay: highest}\n'
    assert texts.policy().assess(facts)["outcome"] == "needs_person"
    first = texts.policy(more=highest).assess(facts)
    assert [line["amount_pence"] for line in first["lines"]] == [0, 7500]
    both = texts.policy(more=highest.replace("pay: highest", "pay: sum")).assess(facts)
    assert [line["amount_pence"] for line in both["lines"]] == [1500, 7500]
    with pytest.raises(FactFaults) as caught:
        texts.policy().assess({**facts, "minutes": 60})
    assert [fault.pointer for fault in caught.value.errors] == ["/minutes"]


@pytest.mark.parametrize(
    ("claimed", "outcome"), [("2026-05-02", "payable"), ("2026-05-03", "not_payable"), (None, "payable")]
)
def test_a_deadline_is_calendar_months(claimed: str | None, outcome: str) -> None:
    more = 'deadlines:\n  usual: {clause: "24", sentence: "Claim within {within}.", within: 3 months}\n'
    answer = assess({"claimed_on": claimed}, more=more)
    assert answer["outcome"] == outcome
    if outcome == "not_payable":
        assert answer["lines"][0]["would_change"][0]["value"] == "2026-05-02"


def test_what_the_register_raised_is_never_late() -> None:
    more = 'deadlines:\n  usual: {clause: "24", sentence: "Claim within {within}.", within: 3 months}\n'
    late = {"claimed_on": "2026-12-31"}
    assert assess(late, more=more)["outcome"] == "not_payable"
    assert assess({**late, "by_register": True}, more=more)["outcome"] == "payable"


@pytest.mark.parametrize(
    ("trained", "outcome"), [(True, "payable"), (False, "not_payable"), (None, "needs_person")]
)
def test_a_condition_is_met_or_not_or_asked(trained: bool | None, outcome: str) -> None:
    more = (
        'eligibility:\n  training: {clause: "25", sentence: Training comes first., applies_to: fee, '
        "fact: trained, is: true}\n"
    )
    assert assess({"trained": trained}, more=more)["outcome"] == outcome


@pytest.mark.parametrize("day", ["2025-12-31", "2026-09-01"])
def test_outside_its_days_a_policy_leaves_all_to_a_person(day: str) -> None:
    header = texts.HEADER + "  effective_to: 2026-09-01\n"
    answer = assess({"on": day, "expenses": [{"category": "car", "miles": 1}]}, header=header)
    assert (answer["outcome"], answer["total_pence"]) == ("needs_person", 0)
    assert {line["outcome"] for line in answer["lines"]} == {"needs_person"}


def test_a_review_day_long_past_warns_and_does_not_stop() -> None:
    answer = assess({"on": "2027-01-02"})
    assert answer["outcome"] == "payable"
    assert [warning["code"] for warning in answer["warnings"]] == ["review_by_passed"]


def test_approval_goes_by_the_total() -> None:
    assert assess({"minutes": 200})["approval_route"] == "automatic"
    assert assess({"minutes": 201})["approval_route"] == ["approver"]


def test_a_promise_in_working_days_knows_the_nation() -> None:
    way = texts.WAY.replace("within: 14 days", "within: 2 working days")
    assert assess({"on": "2026-11-27"}, way=way)["pay_by"] == "2026-12-01"
    assert assess({"on": "2026-11-27", "nation": "scotland"}, way=way)["pay_by"] == "2026-12-02"


@pytest.mark.parametrize(
    ("facts", "pointers"),
    [
        ({"minutes": None}, ["/minutes"]),
        ({"minutes": -1}, ["/minutes"]),
        ({"minutes": 1.5}, ["/minutes"]),
        ({"minutes": True}, ["/minutes"]),
        ({"minutes": "60"}, ["/minutes"]),
        ({"minutes": 10**12}, ["/minutes"]),
        ({"on": "2026-02-30"}, ["/on"]),
        ({"on": "2026-2-3"}, ["/on"]),
        ({"on": None}, ["/on"]),
        ({"activity": "dance"}, ["/activity"]),
        ({"activity": 7}, ["/activity"]),
        ({"role": "king"}, ["/role"]),
        ({"role": None}, ["/role"]),
        ({"online": "yes"}, ["/online"]),
        ({"nation": "wales"}, ["/nation"]),
        ({"give_to": "a\x00b"}, ["/give_to"]),
        ({"a/b~c": 1}, ["/a~1b~0c"]),
        ({"expenses": {}}, ["/expenses"]),
        ({"expenses": ["bus"]}, ["/expenses/0"]),
        ({"expenses": [{}]}, ["/expenses/0/category"]),
        ({"expenses": [{"category": "rocket"}]}, ["/expenses/0/category"]),
        ({"expenses": [{"category": "car"}]}, ["/expenses/0/miles"]),
        ({"expenses": [{"category": "bus", "receipt": True}]}, ["/expenses/0/amount_pence"]),
        ({"expenses": [{"category": "car", "miles": float("nan")}]}, ["/expenses/0/miles"]),
        ({"expenses": [{"category": "car", "miles": 1, "wheels": 4}]}, ["/expenses/0/wheels"]),
        ({"expenses": [{"category": "car", "miles": 1}] * 201}, ["/expenses"]),
    ],
)
def test_bad_facts_are_named_with_a_pointer(facts: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(FactFaults) as caught:
        assess(facts)
    assert [fault.pointer for fault in caught.value.errors] == pointers
    assert all(fault.detail for fault in caught.value.errors)


def test_an_only_role_needs_no_saying() -> None:
    who = texts.WHO + '  talk: {name: Talk, clause: "3", field: health, pays: {member: by_hour}}\n'
    answer = texts.policy(who=who).assess({"activity": "talk", "on": "2026-02-02", "minutes": 60})
    assert answer["lines"][0]["role"] == "member"


def test_a_role_that_the_activity_does_not_speak_of_needs_a_person() -> None:
    who = texts.WHO + '  talk: {name: Talk, clause: "3", field: health, pays: {member: by_hour}}\n'
    assert assess({"activity": "talk", "role": "chair"}, who=who)["outcome"] == "needs_person"
