"""Do literals with units become the whole numbers they mean?"""

from __future__ import annotations

import pytest

from service.policy.language.literals import BadLiteral, Quantity, quantity
from service.policy.rounding import round_share


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("£25.00", 2500, "pence"),
        ("£25", 2500, "pence"),
        ("£1,234.50", 123450, "pence"),
        ("45p", 45, "pence"),
        ("3h", 180, "minutes"),
        ("1h 15min", 75, "minutes"),
        ("30min", 30, "minutes"),
        ("2.5 hours", 150, "minutes"),
        ("10%", 1000, "hundredths of a percent"),
        ("12.5%", 1250, "hundredths of a percent"),
        ("2 weeks", 14, "days"),
        ("3 months", 3, "months"),
        ("10 working days", 10, "working days"),
        ("18.4 miles", 184, "tenths of a mile"),
    ],
)
def test_a_literal_is_a_whole_number_with_a_unit(text: str, number: int, unit: str) -> None:
    assert quantity(text) == Quantity(number, unit)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.45 p", "Write 45p if that is what you mean."),
        ("0.45p", "Write 45p if that is what you mean."),
        ("£12.345", "not a sum of whole pence"),
        ("£1.5", "not a sum of whole pence"),
        ("15", "has no unit"),
        ("1.25 miles", "not a whole number of tenths of a mile"),
        ("half a day", "not a value this language knows"),
        ("£99999999999", "not a value this language knows"),
    ],
)
def test_a_wrong_literal_says_what_to_write(text: str, words: str) -> None:
    with pytest.raises(BadLiteral) as caught:
        quantity(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("top", "bottom", "step", "direction", "answer"),
    [
        (33930, 20, 1, "half up", 1697),
        (33930, 20, 1, "half even", 1696),
        (33930, 20, 1, "half down", 1696),
        (33930, 20, 1, "down", 1696),
        (33930, 20, 1, "up", 1697),
        (1234, 1, 50, "up", 1250),
        (1234, 1, 50, "down", 1200),
        (1225, 1, 50, "half up", 1250),
        (1225, 1, 50, "half even", 1200),
        (0, 60, 1, "up", 0),
    ],
)
def test_rounding_goes_by_step_and_direction(
    top: int, bottom: int, step: int, direction: str, answer: int
) -> None:
    assert round_share(top, bottom, step, direction) == answer
