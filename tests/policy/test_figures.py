"""Do figures of allowances come to a policy and back without losing a minute or a tenth of a mile?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policy.facts import MAX_COUNT, inner, read_facts
from service.policy.faults import FactFaults
from service.policy.figures import of_this_policy, used_facts, uses_of
from tests.policy.test_beyond import EVERYTHING

FACTS: dict[str, Any] = {
    "activity": "survey",
    "role": "member",
    "on": "2026-05-12",
    "minutes": 90,
    "items": 0,
}


def told(figures: dict[str, int]) -> dict[str, Any]:
    """The figures as the policy reads them, in whole inner units."""
    facts = {**FACTS, "used": used_facts(figures, EVERYTHING)}
    read = read_facts(facts, vocabulary=EVERYTHING.vocabulary).claim
    kinds = EVERYTHING.vocabulary.counters
    return {key: inner(kinds[key], read[f"used.{key}"]) for key in figures}


@given(minutes=st.integers(0, MAX_COUNT), tenths=st.integers(0, MAX_COUNT), pence=st.integers(0, MAX_COUNT))
def test_nothing_is_lost_on_the_way(minutes: int, tenths: int, pence: int) -> None:
    figures = {"year_hours": minutes, "year_miles": tenths, "week_fee": pence, "week_times": pence}
    assert told(figures) == figures


def test_what_no_fact_may_say_is_the_largest_that_one_may() -> None:
    assert told({"week_fee": MAX_COUNT * 7}) == {"week_fee": MAX_COUNT}


@pytest.mark.parametrize("hours", [0.3333, 1.001, 2.5001])
def test_a_part_of_a_minute_is_still_refused(hours: float) -> None:
    with pytest.raises(FactFaults):
        read_facts({**FACTS, "used": {"year_hours": hours}}, vocabulary=EVERYTHING.vocabulary)


def test_a_policy_is_asked_about_its_own_counters_only() -> None:
    other = {**FACTS, "used": {"week_fee": 100, "unheard_of": 3}}
    assert of_this_policy(other, EVERYTHING) == {**FACTS, "used": {"week_fee": 100}}
    assert of_this_policy({**FACTS, "used": {"unheard_of": 3}}, EVERYTHING) == FACTS
    assert of_this_policy(FACTS, EVERYTHING) == FACTS


def test_what_lines_take_is_what_the_answer_says_it_takes() -> None:
    for facts in (FACTS, {**FACTS, "expenses": [{"category": "van", "miles": 20.3}]}):
        answer = EVERYTHING.assess(facts)
        assert uses_of(answer["lines"], answer["facts"], EVERYTHING) == answer["uses"]
        assert answer["uses"]["year_hours"] == 90
