"""What time is it in the demonstration? A clock that stories move, and a calendar around the telling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from service.days import LONDON, london_day

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass
class Clock:
    """The clock on the wall of every task and verb. It shows the moment that a story has come to."""

    shows: datetime

    def __call__(self) -> datetime:
        return self.shows


@dataclass(frozen=True)
class Calendar:
    """Days as seen from the moment of telling. What is past stays past, however often the tale is resumed."""

    told_at: datetime

    @property
    def today(self) -> date:
        """The London day of the telling."""
        return london_day(self.told_at)

    @property
    def yesterday(self) -> date:
        """The day before."""
        return self.today - DAY

    def day(self, weekday: str, *, weeks: int) -> date:
        """`day("tuesday", weeks=-2)`: the Tuesday of the week before last. `weeks` is never 0, because a
        weekday of this week may lie behind us or before us.
        """
        if weeks == 0:
            raise ValueError("Say a week behind us or before us.")
        monday = self.today - self.today.weekday() * DAY
        return monday + weeks * 7 * DAY + WEEKDAYS.index(weekday) * DAY

    def recent(self, *, days_ago: int) -> date:
        """The latest day from Monday to Friday that is at least so many days ago."""
        day = self.today - days_ago * DAY
        return day - max(day.weekday() - 4, 0) * DAY

    def ago(self, minutes: int) -> datetime:
        """So many minutes before the telling."""
        return self.told_at - minutes * MINUTE


def at(day: date, clock: str) -> datetime:
    """`at(day, "10:30")`: that time in London, as the UTC moment."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=LONDON).astimezone(UTC)
