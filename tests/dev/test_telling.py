"""Are stories told by the day, whatever story it is, and never ahead of time?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from service.dev.clock import Calendar, Clock, at
from service.dev.telling import AheadOfTime, tell
from service.errors import Conflict
from service.settings import Settings
from service.tasks.hands import Hands, hands_for

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def hands(settings: Settings, clock: Clock) -> Iterator[Hands]:
    found = hands_for(settings, clock=clock)
    yield found
    found.db.close()


def test_tells_two_stories_hour_by_hour(hands: Hands, clock: Clock) -> None:
    heard: list[tuple[str, datetime]] = []

    def story(name: str, *hours: int) -> Iterator[datetime]:
        for hour in hours:
            yield NOON - hour * HOUR
            heard.append((name, clock()))

    tell([story("slow", 9, 3), story("quick", 5, 4)], hands=hands, clock=clock, until=NOON)
    assert heard == [
        ("slow", NOON - 9 * HOUR),
        ("quick", NOON - 5 * HOUR),
        ("quick", NOON - 4 * HOUR),
        ("slow", NOON - 3 * HOUR),
    ]


def test_does_not_tell_what_is_still_to_come(hands: Hands, clock: Clock) -> None:
    def story() -> Iterator[datetime]:
        yield NOON + HOUR

    with pytest.raises(AheadOfTime, match="story reaches"):
        tell([story()], hands=hands, clock=clock, until=NOON)


def test_leaves_a_resumed_story_that_no_longer_fits_and_tells_the_others(hands: Hands, clock: Clock) -> None:
    heard: list[str] = []

    def stuck() -> Iterator[datetime]:
        yield NOON - 2 * HOUR
        raise Conflict("Somebody else has decided this since.")

    def sound() -> Iterator[datetime]:
        yield NOON - HOUR
        heard.append("told")

    tell([stuck(), sound()], hands=hands, clock=clock, until=NOON, resumed=True)
    assert heard == ["told"]
    with pytest.raises(Conflict):
        tell([stuck()], hands=hands, clock=clock, until=NOON)


@pytest.mark.parametrize("today", [date(2026, 11, 16) + timedelta(days=n) for n in range(7)])
def test_knows_past_days_from_days_to_come(today: date) -> None:
    days = Calendar(at(today, "00:30"))
    assert days.today == today
    for weekday in ("monday", "wednesday", "sunday"):
        assert days.day(weekday, weeks=-1) < today < days.day(weekday, weeks=1)
    assert days.day("tuesday", weeks=-2) == date(2026, 11, 3)
    recent = days.recent(days_ago=2)
    assert recent.weekday() < 5
    assert 2 <= (today - recent).days <= 4


def test_asks_for_a_week_that_is_not_this_one() -> None:
    with pytest.raises(ValueError, match="behind us or before us"):
        Calendar(NOON).day("monday", weeks=0)


def test_speaks_of_time_as_london_does() -> None:
    assert at(date(2026, 7, 1), "10:30") == datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
    assert at(date(2026, 12, 1), "10:30") == datetime(2026, 12, 1, 10, 30, tzinfo=UTC)
