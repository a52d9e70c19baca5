"""Which day is it in London, and which days count where?"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from service import days
from service.days import NATIONS, add_working_days, is_working_day, london_day
from tests.stage import Stage, refused, told


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 6, 1, 22, 59, tzinfo=UTC), date(2026, 6, 1)),
        (datetime(2026, 6, 1, 23, 0, tzinfo=UTC), date(2026, 6, 2)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_a_day_is_a_london_day(moment: datetime, day: date) -> None:
    assert london_day(moment) == day


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (date(2026, 11, 6), "6 November 2026"),
        (datetime(2026, 6, 1, 22, 59, tzinfo=UTC), "1 June 2026"),
        (datetime(2026, 6, 1, 23, 0, tzinfo=UTC), "2 June 2026"),
    ],
)
def test_a_date_is_said_as_in_london_and_with_no_nought(moment: date, said: str) -> None:
    assert days.date_in_words(moment) == said


@pytest.mark.parametrize(
    ("day", "where"),
    [
        (date(2026, 12, 25), NATIONS),
        (date(2026, 12, 28), NATIONS),
        (date(2026, 5, 25), NATIONS),
        (date(2026, 4, 6), ("england-and-wales", "northern-ireland")),
        (date(2026, 8, 3), ("scotland",)),
        (date(2026, 8, 31), ("england-and-wales", "northern-ireland")),
        (date(2026, 11, 30), ("scotland",)),
        (date(2026, 1, 2), ("scotland",)),
        (date(2026, 3, 17), ("northern-ireland",)),
        (date(2026, 7, 13), ("northern-ireland",)),
        (date(2026, 6, 10), ()),
    ],
)
def test_each_nation_has_its_own_holidays(day: date, where: tuple[str, ...]) -> None:
    assert tuple(nation for nation in NATIONS if not is_working_day(day, nation=nation)) == where


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 5, 12), 20, date(2026, 6, 10)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2026, 6, 5), 0, date(2026, 6, 5)),
        (date(2026, 6, 6), 0, date(2026, 6, 8)),
        (date(2026, 6, 6), 1, date(2026, 6, 8)),
        (date(2026, 4, 2), 1, date(2026, 4, 7)),
    ],
)
def test_counts_working_days(start: date, count: int, end: date) -> None:
    assert add_working_days(start, count) == end


@settings(deadline=None)
@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.integers(0, 60), st.sampled_from(NATIONS))
def test_the_nth_working_day_has_so_many_before_it(start: date, count: int, nation: str) -> None:
    end = add_working_days(start, count, nation=nation)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert is_working_day(end, nation=nation)
    assert sum(is_working_day(day, nation=nation) for day in between) == (count or int(end > start))


def test_knows_holidays_beyond_the_published_list() -> None:
    assert not is_working_day(date(2040, 12, 25))
    assert not is_working_day(date(2040, 8, 27))
    assert is_working_day(date(2040, 8, 27), nation="scotland")
    assert is_working_day(date(2040, 6, 13))


def test_newer_holidays_load_without_a_release(tmp_path: Path) -> None:
    newer = tmp_path / "holidays.json"
    listed = {nation: {"events": [{"title": "New", "date": "2026-06-10"}]} for nation in NATIONS}
    newer.write_text(json.dumps(listed))
    assert is_working_day(date(2026, 6, 10))
    days.use_newer(str(newer))
    try:
        assert not is_working_day(date(2026, 6, 10))
        assert is_working_day(date(2026, 5, 25))
    finally:
        days.use_newer("")
    assert is_working_day(date(2026, 6, 10))


def test_a_payment_reported_after_midnight_in_summer_was_made_today(stage: Stage) -> None:
    """At half past midnight in London it is still the day before in UTC."""
    with time_machine.travel(datetime(2026, 6, 1, 23, 30, tzinfo=UTC), tick=True):
        council = stage.council(rail="finance_system")
        council.ticked()
        stage.drain()
        (payment,) = council.payments()
        path = f"payments/{payment['id']}/paid"
        tomorrow = {"bank_reference": "B1", "paid_on": "2026-06-03"}
        refused(council.finance.post(path, tomorrow), 422, "/paid_on")
        today = {"bank_reference": "B1", "paid_on": "2026-06-02"}
        assert told(council.finance.post(path, today))["paid_on"] == "2026-06-02"


def test_a_session_late_on_a_summer_evening_is_judged_by_its_london_day(stage: Stage) -> None:
    """The hourly rate went up on 1 April 2026. 23:30 UTC on the day before is 00:30 in London."""
    with time_machine.travel(datetime(2026, 4, 2, 9, tzinfo=UTC), tick=True):
        council = stage.council()
        before = council.session(ends=datetime(2026, 3, 31, 23, 0, tzinfo=UTC), minutes=60)
        after = council.session(ends=datetime(2026, 4, 1, 0, 30, tzinfo=UTC), minutes=60)
        fees = []
        for session_id in (before, after):
            offer = {"person": council.person(), "role": "participant"}
            fees.append(told(council.lead.post(f"sessions/{session_id}/offers", offer), 201)["fee_pence"])
    assert fees == [1500, 1550]
