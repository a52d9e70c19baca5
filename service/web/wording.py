"""How are days, times, lengths and sums put into words? Pure functions; the templates use them as filters.

Days and clock times are London's. The style is GOV.UK's: "Tuesday 3 March 2026", "2pm", "1 hour 30 minutes".
"""

from __future__ import annotations

from datetime import date, datetime

from service import days
from service.money import pounds

# As messages say them too.
day = days.day_in_words
short_day = days.date_in_words
clock = days.clock_in_words
span = days.span_in_words
length = days.minutes_in_words


def month(period: str) -> str:
    """`2026-03` → `March 2026`. What is no month is said as it came."""
    year, _, number = period.partition("-")
    if not (year.isdecimal() and number.isdecimal() and 1 <= int(number) <= 12):
        return period
    return f"{date(int(year), int(number), 1):%B %Y}"


def day_and_time(moment: datetime) -> str:
    """`3 March 2026 at 2:05pm`."""
    return f"{short_day(moment)} at {clock(moment)}"


def age(seconds: int) -> str:
    """How long something has waited, in its largest whole unit: `3 minutes`, `2 hours`, `5 days`."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return _count(seconds // size, unit)
    return _count(seconds, "second")


def minutes_left(seconds: int) -> str:
    """How long to wait, in whole minutes and never too few: `1 minute`, `10 minutes`."""
    return _count(-(-seconds // 60), "minute")


def people(count: int) -> str:
    """`1 person`, `3 people`."""
    return "1 person" if count == 1 else f"{count} people"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


FILTERS = {
    "age": age,
    "clock": clock,
    "day": day,
    "day_and_time": day_and_time,
    "in_hours": length,
    "month": month,
    "people": people,
    "pounds": pounds,
    "short_day": short_day,
    "span": span,
}
