"""On which day does Bacs take a file, work it, and pay? England's days, whatever the clock says elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from service.errors import Invalid
from service.rails import bacs_calendar as calendar


@pytest.mark.parametrize(
    ("now", "processing", "entry"),
    [
        # Thursday 26 November 2026, in the afternoon: worked on Friday, paid on Monday.
        (datetime(2026, 11, 26, 15, 0, tzinfo=UTC), date(2026, 11, 27), date(2026, 11, 30)),
        # The last minute, and the first one that is too late.
        (datetime(2026, 11, 26, 22, 29, tzinfo=UTC), date(2026, 11, 27), date(2026, 11, 30)),
        (datetime(2026, 11, 26, 22, 30, tzinfo=UTC), date(2026, 11, 30), date(2026, 12, 1)),
        # In summer half past ten in London is half past nine in UTC.
        (datetime(2026, 7, 14, 21, 30, tzinfo=UTC), date(2026, 7, 16), date(2026, 7, 17)),
        # On a Saturday nothing goes in.
        (datetime(2026, 11, 28, 9, 0, tzinfo=UTC), date(2026, 12, 1), date(2026, 12, 2)),
        # Christmas: 25 December is a Friday, and Monday the 28th stands in for Boxing Day.
        (datetime(2026, 12, 23, 9, 0, tzinfo=UTC), date(2026, 12, 24), date(2026, 12, 29)),
        (datetime(2026, 12, 24, 9, 0, tzinfo=UTC), date(2026, 12, 29), date(2026, 12, 30)),
    ],
)
def test_the_three_days(now: datetime, processing: date, entry: date) -> None:
    found = calendar.earliest_processing_day(now)
    assert (found, calendar.entry_day(found)) == (processing, entry)
    assert now < calendar.input_ends(found)


def test_a_scottish_holiday_is_a_working_day() -> None:
    """30 November 2026 is St Andrew's Day."""
    assert calendar.entry_day(date(2026, 11, 27)) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("day", "fits"),
    [
        (date(2026, 11, 26), False),
        (date(2026, 11, 27), True),
        (date(2026, 11, 28), False),
        (date(2026, 12, 24), True),
        (date(2026, 12, 25), False),
        (date(2026, 12, 29), False),
    ],
)
def test_up_to_thirty_days_ahead(day: date, fits: bool) -> None:
    now = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
    if fits:
        calendar.require_processing_day(day, now=now)
        return
    with pytest.raises(Invalid, match="from 2026-11-27 to 2026-12-26"):
        calendar.require_processing_day(day, now=now)


def test_the_window_closes_on_the_working_day_before() -> None:
    assert calendar.input_ends(date(2026, 11, 30)) == datetime(2026, 11, 27, 22, 30, tzinfo=UTC)
    assert calendar.input_ends(date(2026, 7, 16)) == datetime(2026, 7, 15, 21, 30, tzinfo=UTC)
