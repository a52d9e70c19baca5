"""Which days are counted together, and what do holdings come to?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.allowances.model import UNITS, WEEK_DAYS, payee, period_of, worth
from service.policy.language.counting import COUNTS, PERIODS
from service.policy.language.tree import WEEK_DAYS as LANGUAGE_WEEK_DAYS


@dataclass
class Held:
    counts: str
    occasion: str
    state: str
    amount: int


@pytest.mark.parametrize(
    ("each", "on", "week_starts", "first", "after"),
    [
        ("week", "2026-05-14", "monday", "2026-05-11", "2026-05-18"),
        ("week", "2026-05-11", "monday", "2026-05-11", "2026-05-18"),
        ("week", "2026-05-10", "monday", "2026-05-04", "2026-05-11"),
        ("week", "2026-05-10", "sunday", "2026-05-10", "2026-05-17"),
        ("week", "2026-05-12", "wednesday", "2026-05-06", "2026-05-13"),
        ("week", "2026-01-01", "thursday", "2026-01-01", "2026-01-08"),
        ("month", "2026-12-31", "monday", "2026-12-01", "2027-01-01"),
        ("month", "2028-02-29", "monday", "2028-02-01", "2028-03-01"),
        ("quarter", "2026-06-30", "monday", "2026-04-01", "2026-07-01"),
        ("quarter", "2026-10-01", "monday", "2026-10-01", "2027-01-01"),
        ("tax year", "2026-04-05", "monday", "2025-04-06", "2026-04-06"),
        ("tax year", "2026-04-06", "monday", "2026-04-06", "2027-04-06"),
        ("tax year", "2026-01-31", "monday", "2025-04-06", "2026-04-06"),
        ("year", "2026-01-01", "monday", "2026-01-01", "2027-01-01"),
        ("year", "2026-12-31", "monday", "2026-01-01", "2027-01-01"),
    ],
)
def test_periods(each: str, on: str, week_starts: str, first: str, after: str) -> None:
    found = period_of(each, on=date.fromisoformat(on), week_starts=week_starts)
    assert (found.starts_on.isoformat(), str(found.ends_on)) == (first, after)
    assert found.label == f"{each} {first}"


@given(
    each=st.sampled_from([one for one in PERIODS if one != "ever"]),
    on=st.dates(date(1990, 1, 1), date(2190, 1, 1)),
    week_starts=st.sampled_from(WEEK_DAYS),
)
def test_periods_follow_each_other_without_gap_or_overlap(each: str, on: date, week_starts: str) -> None:
    found = period_of(each, on=on, week_starts=week_starts)
    assert found.ends_on is not None
    assert found.starts_on <= on < found.ends_on
    assert period_of(each, on=found.starts_on, week_starts=week_starts) == found
    assert period_of(each, on=found.ends_on - timedelta(days=1), week_starts=week_starts) == found
    assert period_of(each, on=found.ends_on, week_starts=week_starts).starts_on == found.ends_on


def test_all_time_is_one_period() -> None:
    found = period_of("ever", on=date(2026, 5, 12), week_starts="monday")
    assert (found.label, found.ends_on) == ("ever", None)
    assert found == period_of("ever", on=date(1990, 1, 1), week_starts="sunday")


def test_knows_all_that_the_language_can_say() -> None:
    assert UNITS == COUNTS
    assert set(WEEK_DAYS) == set(LANGUAGE_WEEK_DAYS)
    for each in PERIODS:
        period_of(each, on=date(2026, 5, 12), week_starts="monday")


def test_who_comes_for_no_organisation_counts_for_themselves() -> None:
    assert payee(per="person", person_id="per_1", organisation="Voices") == "per_1"
    assert payee(per="organisation", person_id="per_1", organisation=None) == "per_1"
    assert payee(per="organisation", person_id="per_1", organisation="  ") == "per_1"
    assert payee(per="organisation", person_id="per_1", organisation=" Many  VOICES ") == (
        payee(per="organisation", person_id="per_2", organisation="many voices")
    )


def test_what_counts_once_an_occasion_counts_once() -> None:
    fee, costs = Held("times", "one", "used", 1), Held("times", "one", "used", 1)
    assert worth([fee, costs, Held("times", "two", "reserved", 1)]) == (1, 1)
    assert worth([Held("times", "one", "reserved", 1), costs]) == (0, 1)
    assert worth([Held("times", "one", "freed", 1), Held("times", "two", "used", 0)]) == (0, 0)
    assert worth([Held("fee", "one", "used", 5), Held("fee", "one", "reserved", 7)]) == (7, 5)
