"""Do limits and the other rules that look past one line keep their promises, whatever the claim?"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.policy.engine import Policy, read_policy
from service.policy.sources import Sources
from service.policy.walking import walk_plan
from tests.policy import texts
from tests.policy.test_property import check_shape

POLICIES = Path(__file__).parents[2] / "policies"
BLOCKS = re.findall(r"```yaml\n(.*?)```", (POLICIES / "README.md").read_text(), re.S)
TABLES = {f"reference/{path.name}": path.read_text() for path in (POLICIES / "reference").glob("*.yaml")}
EVERYTHING = read_policy(
    Sources("kinds.yaml", {"kinds.yaml": BLOCKS[3], "region/readme.yaml": BLOCKS[0], **TABLES})
)
SLOW = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
PENCE, COUNT, YES = st.integers(0, 20_000), st.integers(0, 600), st.booleans()
CLOCK = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda pair: f"{pair[0]}:{pair[1]:02d}")
COST = st.fixed_dictionaries(
    {
        "category": st.sampled_from(sorted(EVERYTHING.tree.expenses)),
        "amount_pence": PENCE, "miles": st.integers(0, 99_999).map(lambda tenths: tenths / 10),
        "engine_cc": st.integers(0, 3000), "nights": st.integers(0, 5), "meetings": st.integers(0, 5),
        "hours": st.integers(0, 20), "left_at": CLOCK, "back_at": CLOCK, "passengers": st.integers(0, 4),
    },
    optional={
        "receipt": YES, "receipt_date": YES, "evidence_held": YES, "no_other_way": YES,
        "travel_class": st.sampled_from(["standard", "first"]),
        "place": st.sampled_from(["london", "friends", "airport", "town"]),
        "provider": st.sampled_from(["registered", "neighbour"]),
    },
)  # fmt: skip
CLAIM = st.fixed_dictionaries(
    {
        "activity": st.sampled_from(["surgery", "reading", "group", "project", "course", "gift", "survey"]),
        "on": st.dates(date(2026, 4, 1), date(2027, 6, 1)).map(date.isoformat),
        "minutes": COUNT, "items": st.integers(0, 20), "expenses": st.lists(COST, max_size=4),
    },
    optional={
        "set_pence": PENCE, "scheduled_minutes": COUNT, "preparation_minutes": COUNT, "accept_pence": PENCE,
        "correspondence_minutes": COUNT, "in_london": YES,
        "joined_on": st.sampled_from(["2024-12-31", "2025-01-01"]),
        "age": st.integers(10, 20), "paid_by_employer": YES, "trained": YES, "hardship": st.just("a fire"),
        "status": st.sampled_from(["worker", "casual"]), "train_fare_pence": PENCE, "advance_pence": PENCE,
        "claimed_on": st.dates(date(2026, 4, 1), date(2027, 9, 1)).map(date.isoformat),
        "used": st.fixed_dictionaries({}, optional={
            "week_fee": PENCE, "week_times": st.integers(0, 3), "year_hours": st.integers(0, 600),
            "year_miles": st.integers(0, 20_000), "gifts": st.integers(0, 2),
        }),
    },
)  # fmt: skip


def with_role(facts: dict[str, Any], host: bool) -> dict[str, Any]:
    pays = EVERYTHING.tree.activities[facts["activity"]].pays
    return {**facts, "role": "host" if host and "host" in pays else "member"}


@SLOW
@given(CLAIM, YES)
def test_every_kind_is_printed_as_it_is_walked(facts: dict[str, Any], host: bool) -> None:
    told = with_role(facts, host)
    answer = EVERYTHING.assess(told)
    plan = EVERYTHING.frame(date.fromisoformat(told["on"])).plan
    assert EVERYTHING.assess_by(told, judges=walk_plan(plan)) == answer
    check_shape({**answer, "approval_route": ["approver"]})
    assert set(answer["uses"]) == set(EVERYTHING.tree.counters)


@SLOW
@given(CLAIM, YES, PENCE)
def test_a_cost_of_access_takes_nothing_from_anything_else(
    facts: dict[str, Any], host: bool, pence: int
) -> None:
    told = with_role(facts, host)
    before = EVERYTHING.assess(told)
    minder = {"category": "minder", "amount_pence": pence, "evidence_held": True, "provider": "registered"}
    after = EVERYTHING.assess({**told, "expenses": [*told["expenses"], minder]})
    assert after["lines"][: len(before["lines"])] == before["lines"]
    assert after["uses"] == before["uses"]


@SLOW
@given(CLAIM, YES, st.randoms(use_true_random=False))
def test_the_order_of_costs_does_not_change_the_total(
    facts: dict[str, Any], host: bool, shuffle: Any
) -> None:
    """The van's rate changes as its miles mount up, so it is left out: a rule says that its order counts."""
    told = with_role(facts, host)
    told["expenses"] = [cost for cost in told["expenses"] if cost["category"] != "van"]
    turned = list(told["expenses"])
    shuffle.shuffle(turned)
    sums = ("fee_pence", "expenses_pence", "total_pence", "outcome")
    one, other = EVERYTHING.assess(told), EVERYTHING.assess({**told, "expenses": turned})
    assert [one[key] for key in sums] == [other[key] for key in sums]


LIMITS = """\
counters:
  used: {name: Fees in a week, counts: fee, each: week}
limits:
  week: {clause: "30", sentence: "At most {at_most} a week.", counter: used, at_most: £40.00, beyond: BEYOND}
"""
FACTS = {"activity": "meeting", "role": "member", "on": "2026-05-12", "minutes": 120}


def limited(beyond: str) -> Policy:
    return texts.policy(more=LIMITS.replace("BEYOND", beyond))


def answers(beyond: str, used: int) -> tuple[str, int, str]:
    answer = limited(beyond).assess({**FACTS, "used": {"used": used}})
    return answer["outcome"], answer["total_pence"], answer["payment_route"]


def test_a_limit_holds_to_the_penny() -> None:
    for beyond, past in {
        "the part within": ("payable", 2999, "direct"),
        "not payable": ("not_payable", 0, "direct"),
        "needs a person": ("needs_person", 0, "direct"),
        "payroll": ("payable", 3000, "payroll"),
        "warn": ("payable", 3000, "direct"),
    }.items():
        assert answers(beyond, 1000) == ("payable", 3000, "direct")
        assert answers(beyond, 1001) == past
    assert answers("the part within", 4000) == ("not_payable", 0, "direct")


def test_a_policy_without_counters_answers_with_no_new_keys() -> None:
    answer = texts.policy().assess(FACTS)
    assert not set(answer) & {"uses", "advance", "payer"}
    assert "uses" in limited("warn").assess(FACTS)


def test_one_claim_is_split_over_a_step_across_its_lines() -> None:
    steps = "steps: [{up_to: 10 miles, rate: 45p}, {rate: 25p}], counter: claim,"
    costs = texts.COSTS.replace("rate: 45p,", steps).replace("We pay {rate} a mile.", "We pay by the mile.")
    policy = texts.policy(costs=costs)
    lines = [{"category": "car", "miles": miles} for miles in (6, 6)]
    answer = policy.assess({**FACTS, "fee": False, "expenses": lines})
    assert [line["amount_pence"] for line in answer["lines"]] == [270, 4 * 45 + 2 * 25]
