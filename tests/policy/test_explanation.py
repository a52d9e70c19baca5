"""Is an assessment said shortly, kindly and plainly, with figures that add up?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from service.policy.engine import compile_policy
from service.policy.explanation import explain, line_answer, line_sentences
from service.policy.forms import Voice
from service.policy.proving import every_rule
from service.policy.reading import clauses
from service.policy.sources import Sources
from tests.policy import texts
from tests.reading_age import pools, reading_age

POLICIES = Path(__file__).parents[2] / "policies"
MAIN_FILES = sorted(path for path in POLICIES.glob("*/*.yaml") if path.parent.name != "reference")
FACTS: dict[str, Any] = {"activity": "meeting", "role": "member", "on": "2026-02-02", "minutes": 90}


def said(**facts: Any) -> list[str]:
    return explain(texts.policy().assess({**FACTS, **facts}))


def test_a_fee_and_two_costs() -> None:
    costs = [{"category": "bus", "amount_pence": 410, "receipt": True}, {"category": "car", "miles": 10}]
    assert said(expenses=costs) == [
        "This comes to £31.10: £22.50 for your time and £8.60 for your costs.",
        (
            "Meeting (member): £22.50. We pay £15.00 an hour. "
            "1 hour 30 minutes at £15.00 an hour is £22.50. (Rule 4.)"
        ),
        "Bus: £4.10. We pay the bus. The cost was £4.10. (Rule 9.)",
        "Car: £4.50. We pay 45p a mile. 10 miles at 45p a mile is £4.50. (Rule 10.)",
        "£22.50 + £4.10 + £4.50 = £31.10.",
        "Up to £50.00 no one is asked. We pay within 14 days. That is by 16 February 2026.",
    ]


def test_a_refusal_says_what_would_help() -> None:
    paragraphs = said(expenses=[{"category": "bus", "amount_pence": 410}])
    assert paragraphs[2] == (
        "Bus: not paid. Please send a receipt. (Rule 7.) "
        "What would help: it can be paid if you send a receipt or ticket."
    )


def test_nothing_due_and_a_person_needed() -> None:
    assert said(role="guest")[0] == "Nothing is due for this. The reasons are below."
    assert said(preparation_minutes=5)[0] == "A person needs to look at this before we can say what is paid."
    assert said(preparation_minutes=5, expenses=[{"category": "car", "miles": 10}])[0] == (
        "A person needs to look at part of this. The part we are sure of is £4.50 for your costs."
    )


def test_a_part_of_what_was_asked_for_is_said_as_a_part() -> None:
    hotel = {"category": "hotel", "amount_pence": 10000, "nights": 1, "receipt": True, "agreed_before": True}
    line = texts.policy().assess({**FACTS, "expenses": [hotel]})["lines"][1]
    assert line_answer(line, Voice()) == "£90.00 of the £100.00 asked for"
    assert line_sentences(line, Voice())[1] == (
        "We pay up to £90.00 a night. For 1 night that is up to £90.00. "
        "The cost was £100.00, and the most we can pay is £90.00. (Rule 11.)"
    )


@pytest.mark.parametrize("path", MAIN_FILES, ids=lambda path: path.stem)
def test_everything_that_is_said_can_be_read_at_eleven(path: Path) -> None:
    policy = compile_policy(Sources.from_path(path))
    explained = [" ".join(explain(policy.assess(one.facts))) for one in policy.tree.examples]
    rules = [text for _, text in clauses(policy, on=policy.effective_from)]
    for pooled in (*pools(explained), *pools(rules)):
        assert reading_age(pooled) <= 11, pooled


def test_easy_read_is_easier_than_plain() -> None:
    region = compile_policy(Sources.from_path(POLICIES / "region" / "middleshire.yaml"))
    rules = [one for one in every_rule(region.tree) if "easy" in one.forms]
    assert len(rules) > 20
    assert reading_age(" ".join(one.forms["easy"] for one in rules)) < reading_age(
        " ".join(one.sentence for one in rules)
    )


def test_every_sum_that_is_said_adds_up() -> None:
    added = 0
    for path in MAIN_FILES:
        policy = compile_policy(Sources.from_path(path))
        for example in policy.tree.examples:
            answer = policy.assess(example.facts)
            for paragraph in explain(answer):
                if re.fullmatch(r"£[\d.,]+( \+ £[\d.,]+)+ = £[\d.,]+\.", paragraph):
                    *parts, total = (
                        int(one.replace(",", "").replace(".", ""))
                        for one in re.findall(r"£([\d,]+\.\d\d)", paragraph)
                    )
                    assert sum(parts) == total == answer["total_pence"], (path.stem, paragraph)
                    added += 1
    assert added > 5
