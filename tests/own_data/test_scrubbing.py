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
