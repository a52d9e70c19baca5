"""On which moment do payments go next? Worked by hand on the calendar of 2026 and 2027."""

from __future__ import annotations

from datetime import datetime

import pytest

from service.days import LONDON
from service.payouts.timetable import next_run
from service.policy.model import Runs

TWICE = Runs(("tuesday", "thursday"), 14 * 60)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("after", "goes"),
    [
        ("2026-12-01T13:59", "2026-12-01T14:00"),  # a Tuesday, a minute before
        ("2026-12-01T14:00", "2026-12-03T14:00"),  # on the minute: what comes now goes next time
        ("2026-12-03T15:00", "2026-12-08T14:00"),  # over the weekend
        ("2026-03-27T09:00", "2026-03-31T14:00"),  # the clocks go forward on 29 March
        ("2026-10-23T09:00", "2026-10-27T14:00"),  # and back on 25 October
        ("2026-12-29T15:00", "2026-12-31T14:00"),
    ],
)
def test_the_next_of_the_days(after: str, goes: str) -> None:
    assert next_run(TWICE, after=london(after), nation="england-and-wales") == london(goes)


@pytest.mark.parametrize(
    ("days", "after", "nation", "goes"),
    [
        # Good Friday is 3 April 2026 and Easter Monday 6 April: Friday's run goes on Tuesday.
        (("friday",), "2026-04-02T15:00", "england-and-wales", "2026-04-07T14:00"),
        (("monday",), "2026-04-03T09:00", "england-and-wales", "2026-04-07T14:00"),
        # Two that move to the same moment are one.
        (("monday", "friday"), "2026-04-07T14:00", "england-and-wales", "2026-04-10T14:00"),
        # In Scotland 2 January is a holiday too, in 2026 a Friday: it goes on Monday.
        (("friday",), "2026-01-01T09:00", "scotland", "2026-01-05T14:00"),
        (("friday",), "2026-01-01T09:00", "england-and-wales", "2026-01-02T14:00"),
        # Banks are shut on England's August holiday, Monday 31 August 2026. The Scottish council is not.
        (("monday",), "2026-08-31T09:00", "scotland", "2026-09-01T14:00"),
    ],
)
def test_a_holiday_moves_it_to_the_next_working_day(
    days: tuple[str, ...], after: str, nation: str, goes: str
) -> None:
    assert next_run(Runs(days, 14 * 60), after=london(after), nation=nation) == london(goes)


def test_whatever_the_moment_the_next_one_is_later_and_none_is_left_out() -> None:
    """52 Tuesdays a year, 53 Thursdays in 2026 and 52 in 2027, and the first run of 2028."""
    moment, seen = london("2026-01-01T00:00"), []
    while moment < london("2028-01-01T00:00"):
        following = next_run(TWICE, after=moment, nation="england-and-wales")
        assert following > moment
        seen.append(following)
        moment = following
    assert len(seen) == 52 + 52 + 53 + 52 + 1
