"""Is money written and read without losing a penny?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Invalid
from service.money import parse_pounds, pounds


@pytest.mark.parametrize(
    ("pence", "text"),
    [
        (0, "£0.00"),
        (1, "£0.01"),
        (99, "£0.99"),
        (2500, "£25.00"),
        (123450, "£1,234.50"),
        (-1, "-£0.01"),
        (-250000, "-£2,500.00"),
    ],
)
def test_writes_pounds_and_pence(pence: int, text: str) -> None:
    assert pounds(pence) == text


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("12", 1200),
        ("£12", 1200),
        ("£ 12.00", 1200),
        (" 4.10 ", 410),
        ("4.5", 450),
        ("£1,234.5", 123450),
        ("1,234.50", 123450),
        ("£1,234,567.89", 123456789),
        ("80p", 80),
        ("80 p", 80),
        ("0", 0),
        ("999999999.99", 99999999999),
    ],
)
def test_reads_what_people_type(text: str, pence: int) -> None:
    assert parse_pounds(text) == pence


UNCLEAR = "|p|£|4.|.5|4.100|4,10|1,23|12,34.00|-1|1e3|4.10p|٤|½|10000000000|4. 10|one|4\n10"


@pytest.mark.parametrize("text", UNCLEAR.split("|"))
def test_refuses_what_could_mean_two_things(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_pounds(text, pointer="/amount")
    assert [fault.pointer for fault in refusal.value.errors] == ["/amount"]


@given(st.integers(0, 99_999_999_999))
def test_reads_back_what_it_wrote(pence: int) -> None:
    assert parse_pounds(pounds(pence)) == pence


@given(st.integers(0, 9_999_999_999))
def test_one_decimal_is_tens_of_pence(tens: int) -> None:
    assert parse_pounds(f"{tens // 10}.{tens % 10}") == tens * 10
