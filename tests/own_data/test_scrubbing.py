"""Do a person's words go from facts of any shape, and every figure and everybody else's word stay?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.own_data import actions
from tests.own_data.life import ACCOUNT, EMAIL, NAME, PHONE

WORDS = st.sampled_from([NAME, NAME.upper(), EMAIL, PHONE, ACCOUNT, f"<{NAME}>", f"x{ACCOUNT}x", "a bus", ""])
LEAVES = st.one_of(WORDS, st.integers(-9, 9), st.booleans(), st.none())
KEYS = st.sampled_from(["note", "give_to", "hardship", "amount_pence", "lines", "text"])
FACTS_OF_ANY_SHAPE = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4))
)


@given(FACTS_OF_ANY_SHAPE)
def test_whatever_the_facts_look_like_words_go_and_figures_stay(facts: Any) -> None:
    own = [NAME, EMAIL, PHONE, ACCOUNT]
    after = actions.scrubbed(facts, own_words=own)
    said = json.dumps(after).lower()
    assert not [word for word in own if word.lower() in said]
    assert actions.scrubbed(after, own_words=own) == after
    assert figures(after) == figures(facts)


def figures(value: Any) -> list[Any]:
    """Every number, yes and no in it, in order."""
    if isinstance(value, dict):
        return [one for inner in value.values() for one in figures(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in figures(inner)]
    return [] if isinstance(value, str) else [value]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Ann came. ANN left, ann!", "(erased) came. (erased) left, (erased)!"),
        ("Annual planning with Joanne", "Annual planning with Joanne"),
        ("ann@example.org, x07700900982x", "(erased), x(erased)x"),
    ],
)
def test_a_name_goes_where_it_stands_by_itself_and_a_number_wherever_it_is(said: str, left: str) -> None:
    own = ["ann@example.org", "07700900982", "Ann"]
    assert actions.scrubbed({"text": said}, own_words=own) == {"text": left}


@pytest.mark.parametrize(
    ("own", "facts"),
    [
        ("2026", {"on": "2026-11-26", "text": "£100.00 for 26 November 2026, from 12026 to 20261"}),
        ("100", {"text": "£100.00 for 100 miles", "pay_by": "2026-11-26T10:00:00+00:00"}),
        ("2026-11", {"claimed_on": "2026-11-26", "at": "2026-11-26T10:00:00Z"}),
        ("may", {"text": "On 1 May 2026, and in May 2027, you may ask. You will be told."}),
        ("Will", {"text": "You will be paid."}),
        ("01234567", {"id": "clm_01234567890123456789012345", "text": "9012345678"}),
        ("ann@example.org", {"text": "joann@example.org"}),
    ],
)
def test_a_short_or_common_word_damages_no_day_sum_sentence_or_id(own: str, facts: Any) -> None:
    assert actions.scrubbed(facts, own_words=[own]) == facts


@pytest.mark.parametrize(
    ("own", "said", "left"),
    [
        ("2026", "2026", "(erased)"),
        ("100", " 100 ", "(erased)"),
        ("ZQ-1966", "number ZQ-1966.", "number (erased)."),
        ("May", "Bus with May, for MAY. You may ask.", "Bus with (erased), for (erased). You may ask."),
    ],
)
def test_it_goes_where_it_is_somebodys(own: str, said: str, left: str) -> None:
    assert actions.scrubbed([said], own_words=[own]) == [left]
