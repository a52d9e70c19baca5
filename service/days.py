"""Which day is it, and which days count? Days are London days; bank holidays go by nation.

Dates to the end of the published list come from GOV.UK's list; later ones from the `holidays` package.
`BANK_HOLIDAYS_FILE` (GOV.UK's JSON) loads newer ones without a release.
"""

from __future__ import annotations

import functools
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
from govuk_bank_holidays.bank_holidays import BankHolidays

LONDON = ZoneInfo("Europe/London")
NATIONS = ("england-and-wales", "scotland", "northern-ireland")
_SUBDIVISION = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}


def utc_now() -> datetime:
    """This moment, in UTC. Doors call it once and hand the moment down."""
    return datetime.now(UTC)


def london_day(moment: datetime) -> date:
    """The day it is in London at that moment."""
    return moment.astimezone(LONDON).date()


_newer: list[str] = []


def date_in_words(moment: date | datetime) -> str:
    """`2026-03-03` → `3 March 2026`."""
    at = moment.astimezone(LONDON).date() if isinstance(moment, datetime) else moment
    return f"{at.day} {at:%B} {at.year}"


def day_in_words(moment: date | datetime) -> str:
    """`2026-03-03` → `Tuesday 3 March 2026`."""
    at = moment.astimezone(LONDON) if isinstance(moment, datetime) else moment
    return f"{at:%A} {date_in_words(moment)}"


def clock_in_words(moment: datetime) -> str:
    """`14:00` → `2pm`, `14:05` → `2:05pm`, noon → `midday`, midnight → `midnight`."""
    at = moment.astimezone(LONDON)
    if at.minute == 0 and at.hour in (0, 12):
        return "midday" if at.hour else "midnight"
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def span_in_words(starts_at: datetime, ends_at: datetime) -> str:
    """`Tuesday 3 March 2026, 2pm to 3:30pm`; over several days both days are named."""
    first, last = starts_at.astimezone(LONDON), ends_at.astimezone(LONDON)
    start = f"{day_in_words(first)}, {clock_in_words(first)}"
    if first.date() == last.date():
        return f"{start} to {clock_in_words(last)}"
    return f"{start}, to {day_in_words(last)}, {clock_in_words(last)}"


def minutes_in_words(minutes: int) -> str:
    """`90` → `1 hour 30 minutes`; `45` → `45 minutes`."""
    hours, rest = divmod(minutes, 60)
    parts = [_count(hours, "hour")] if hours else []
    if rest or not hours:
        parts.append(_count(rest, "minute"))
    return " ".join(parts)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


def use_newer(file: str) -> None:
    """Read bank holidays from this file of GOV.UK's from now on; an empty text means the ones shipped."""
    _newer[:] = [file] if file else []
    _published.cache_clear()


def newer_file() -> str:
    """The file that `use_newer` was told of, or nothing."""
    return _newer[0] if _newer else ""


@functools.cache
def _published(nation: str) -> tuple[frozenset[date], date]:
    """The published bank holidays of a nation, and the last day that the list covers."""
    if _newer:
        rows = json.loads(Path(_newer[0]).read_text())[nation]["events"]
        days = frozenset(date.fromisoformat(row["date"]) for row in rows)
    else:
        source = BankHolidays(use_cached_holidays=True)
        days = frozenset(row["date"] for row in source.get_holidays(division=nation))
    return days, date(max(days).year, 12, 31)


@functools.cache
def _later(nation: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv=_SUBDIVISION[nation], years=year))


def is_working_day(day: date, *, nation: str = "england-and-wales") -> bool:
    """Whether banks and offices are open that day in that nation."""
    if day.weekday() >= 5:
        return False
    published, until = _published(nation)
    return day not in (published if day <= until else _later(nation, day.year))


def add_working_days(day: date, n: int, *, nation: str = "england-and-wales") -> date:
    """The nth working day after `day`; with n = 0, `day` itself or the next working day."""
    if n == 0:
        while not is_working_day(day, nation=nation):
            day += timedelta(days=1)
        return day
    while n > 0:
        day += timedelta(days=1)
        n -= is_working_day(day, nation=nation)
    return day
