"""On which days does Bacs work? Input on day one, processing on day two, money in accounts on day three.

Weekends and the bank holidays of England do not count, wherever the council is. The day that stands in a
file is the processing day, one working day before the person is paid.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from service.days import LONDON, add_working_days, is_working_day, london_day
from service.errors import one_fault

# Bacs takes files until half past ten at night. Some bureaux close earlier and say so.
INPUT_ENDS = time(22, 30)
# A file may go in up to this many days ahead of its processing day.
AHEAD = timedelta(days=30)


def input_day(now: datetime) -> date:
    """The day on which a file that is sent now counts as put in."""
    today = london_day(now)
    open_still = is_working_day(today) and now.astimezone(LONDON).time() < INPUT_ENDS
    return today if open_still else add_working_days(today, 1)


def earliest_processing_day(now: datetime) -> date:
    """The first processing day that a file sent now can have."""
    return add_working_days(input_day(now), 1)


def entry_day(processing_day: date) -> date:
    """When both accounts move: the working day after."""
    return add_working_days(processing_day, 1)


def input_ends(processing_day: date) -> datetime:
    """The last moment to put in a file with this processing day: on the working day before it."""
    return datetime.combine(working_day_before(processing_day), INPUT_ENDS, tzinfo=LONDON)


def require_processing_day(day: date, *, now: datetime, pointer: str = "/processing_day") -> None:
    """Raise `Invalid` for a day on which a file that is sent now cannot be processed."""
    first, last = earliest_processing_day(now), input_day(now) + AHEAD
    if not first <= day <= last or not is_working_day(day):
        raise one_fault(
            pointer,
            f"Choose a working day from {first.isoformat()} to {last.isoformat()}. "
            "Money arrives one working day later.",
        )


def working_day_before(later: date) -> date:
    """The working day before a day: the processing day of a file that pays people on that day."""
    day = later - timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day
