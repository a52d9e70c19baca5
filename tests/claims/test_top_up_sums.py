"""Random versions, random claims: is what comes on top what the best version gives, part by part?"""

from __future__ import annotations

import functools
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.claims.comparing import more_pence, rises, shown
from service.policy.engine import Policy, read_policy
from tests.claims.top_ups import DAY, asked, now_is, policy, publish, small, sources, top_ups, yes
from tests.stage import Stage, told

RATES = st.tuples(
    st.sampled_from([1400, 1500, 1501, 1650]),
    st.sampled_from([25, 45, 46, 55]),
    st.sampled_from([300, 500, 501, 900]),
)
COSTS = st.lists(
    st.one_of(
        st.builds(lambda miles: {"category": "car", "miles": miles}, st.integers(1, 60)),
        st.builds(lambda pence: {"category": "bus", "amount_pence": pence}, st.integers(1, 1200)),
    ),
    max_size=4,
)
FACTS = st.fixed_dictionaries(
    {"minutes": st.integers(1, 300)},
    optional={"accept_pence": st.integers(0, 5000), "give_to": st.just("Shelter Box")},
)


@functools.cache
def version(hour: int, mile: int, cap: int) -> Policy:
    return read_policy(sources(policy(hour=hour, mile=mile, cap=cap)))


@settings(max_examples=150, deadline=None)
@given(st.lists(RATES, min_size=2, max_size=4), FACTS, COSTS)
def test_on_top_comes_what_the_best_version_gives_and_not_a_penny_more(
    rates: list[tuple[int, int, int]], facts: dict[str, Any], costs: list[dict[str, Any]]
) -> None:
    claim = {"activity": "meeting", "on": DAY, **facts, "expenses": costs}
    old, *later = [version(*one).assess(claim) for one in rates]
    offered: list[dict[str, Any]] = []
    given_so_far = {"fee": old["fee_pence"], "expense": old["expenses_pence"]}
    for new in later:
        found = rises(old, new, offered=offered)
        for part, total in (("fee", "fee_pence"), ("expense", "expenses_pence")):
            more = more_pence(new, found, part)
            assert more == max(0, new[total] - given_so_far[part])
            given_so_far[part] += more
        if found:
            offered.append({"lines": [rise.to_json() for rise in found]})
            difference = shown(new, offered[-1])
            assert difference["total_pence"] == sum(line["amount_pence"] for line in difference["lines"]) > 0
    assert given_so_far["fee"] == max(one["fee_pence"] for one in (old, *later))
    assert given_so_far["expense"] == max(one["expenses_pence"] for one in (old, *later))


def test_random_claims_are_paid_up_to_the_best_version_and_no_further(stage: Stage) -> None:
    chance = random.Random(55)
    council = small(stage)
    made = []
    for number in range(8):
        costs: list[dict[str, Any]] = [
            {"category": "car", "miles": chance.randint(1, 60)},
            {"category": "bus", "amount_pence": chance.randint(1, 1200)},
        ]
        person_id = council.person(f"Person {number}")
        minutes = chance.randint(10, 240)
        made.append(asked(council, person_id, *costs[: chance.randint(0, 2)], minutes=minutes))
    stage.drain()
    later = [{"hour": 1600, "mile": 40, "cap": 700}, {"hour": 1450, "mile": 56, "cap": 650}]
    for number, rates in enumerate(later, start=1):
        publish(council, policy(version=f"1.{number}", **rates))  # type: ignore[arg-type]
        stage.drain()
        for more in top_ups(council, status="draft"):
            assert yes(council, more)["status"] == "paid"
    policies = [read_policy(sources(policy(**rates))) for rates in ({}, *later)]  # type: ignore[arg-type]
    fees = costs_paid = 0
    for claim in made:
        answers = [one.assess(claim["assessment"]["facts"]) for one in policies]
        on_top = [row for row in top_ups(council) if row["tops_up"] == claim["id"]]
        first = now_is(council, claim)
        fee, expenses = (max(one[part] for one in answers) for part in ("fee_pence", "expenses_pence"))
        assert first["fee_pence"] + sum(row["fee_pence"] for row in on_top) == fee
        assert first["expenses_pence"] + sum(row["expenses_pence"] for row in on_top) == expenses
        fees, costs_paid = fees + fee, costs_paid + expenses
    assert council.balance() == {"fees": fees, "expenses": costs_paid, "bank:sandbox": -fees - costs_paid}
    assert len(told(council.lead.get("claims", limit=100))["data"]) > len(made)
