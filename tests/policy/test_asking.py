"""What is the author asked, and what is said of a policy whose review is overdue?"""

from __future__ import annotations

from datetime import date

import pytest

from service.policy.engine import ask_policy, check_policy
from tests.policy import texts
from tests.policy.texts import COSTS, FEES, HEADER, SMALL

ITEMS = FEES.replace("kind: hourly, rate: hourly}", "kind: items, pay: £10.00}").replace(
    "We pay {rate} an hour.", "We pay {pay} an item."
)
PUBLISHED = HEADER.replace("illustrative", "published by its owner")
COPIED = COSTS.replace('"We pay the bus."', '"We pay {rate} a mile."').replace(
    "kind: actual,", "kind: mileage, rate: 45p,", 1
)
CASES = {
    "a copied row": ({"costs": COPIED}, "expenses.car", "just what"),
    "per item or per request": ({"fees": ITEMS, "amounts": ""}, "fees.by_hour", "each item, or once"),
    "a figure from outside": (
        {"fees": FEES.replace("We pay by length.", "We pay the current rate.")},
        "fees.by_length",
        '"current rate"',
    ),
    "a page that may change": ({"header": PUBLISHED}, "source", "may change behind its address"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_author_is_asked_until_there_is_an_answer(name: str) -> None:
    parts, key, words = CASES[name]
    asked = ask_policy(texts.sources(texts.text(**parts)))
    assert [words in one.what for one in asked] == [True]
    assert asked[0].remedy
    answered = texts.text(**parts, more=f"sure: {{{key}: It is right as it stands.}}\n")
    assert ask_policy(texts.sources(answered)) == []


def test_nothing_is_asked_of_a_plain_policy() -> None:
    assert ask_policy(texts.sources("".join(SMALL.values()))) == []


def test_items_without_a_word_on_what_they_are_for_need_a_person() -> None:
    policy = texts.policy(fees=ITEMS, amounts="")
    facts = {"activity": "meeting", "role": "member", "on": "2026-05-12"}
    assert policy.assess({**facts, "items": 1})["total_pence"] == 1000
    assert policy.assess({**facts, "items": 2})["outcome"] == "needs_person"


def overdue(main: str, today: date) -> list[str]:
    found = check_policy(texts.sources(main), today=today)
    return [fault.what for fault in found if "looked at again" in fault.what]


def test_a_policy_still_published_after_its_review_is_a_mistake_unless_it_says_why() -> None:
    late, main = date(2027, 1, 2), texts.text(header=PUBLISHED)
    assert overdue(main, date(2027, 1, 1)) == []
    assert len(overdue(main, late)) == 1
    excused = main.replace("  review_by:", "  past_review: It is kept as a record.\n  review_by:")
    assert overdue(excused, late) == []
    assert overdue(texts.text(), late) == []
