"""When do payments go next, where the policy lets them go together? Plain rules, no storage."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from service.days import LONDON, is_working_day, london_day
from service.policy.model import RUN_DAYS, Runs

# Long enough for the longest row of holidays: a day that moved past them is still found.
LOOK_BACK, LOOK_AHEAD = timedelta(days=14), timedelta(days=21)


def next_run(runs: Runs, *, after: datetime, nation: str) -> datetime:
    """The first moment later than `after` at which payments go."""
    day, found = london_day(after) - LOOK_BACK, []
    while day <= london_day(after) + LOOK_AHEAD:
        if day.weekday() < len(RUN_DAYS) and RUN_DAYS[day.weekday()] in runs.days:
            found.append(_moment(working_day(day, nation=nation), runs.minute))
        day += timedelta(days=1)
    return min(moment for moment in found if moment > after)


def working_day(day: date, *, nation: str) -> date:
    """That day, or the next on which both the council and the banks (by England's calendar) are at work."""
    while not (is_working_day(day, nation=nation) and is_working_day(day)):
        day += timedelta(days=1)
    return day


def _moment(day: date, minute: int) -> datetime:
    at = datetime.combine(day, time(minute // 60, minute % 60), LONDON)
    return at.astimezone(UTC)
