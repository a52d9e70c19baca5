"""How are figures said in a sentence? Money, time, distance and days in plain words."""

from __future__ import annotations

import calendar
import functools
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from service.days import date_in_words, minutes_in_words
from service.money import pounds

# As everything else says them; kept, since a claim is explained again and again with the same few.
day = functools.lru_cache(4096)(date_in_words)
time = functools.lru_cache(4096)(minutes_in_words)


def money(pence: int) -> str:
    """`2250` → `£22.50`; under a pound `45p`."""
    if 100 <= pence < 100_000:
        return f"£{pence // 100}.{pence % 100:02d}"
    return f"{pence}p" if 0 < pence < 100 else pounds(pence)


def miles(tenths: int) -> str:
    """`184` → `18.4 miles`."""
    whole, rest = divmod(tenths, 10)
    if rest:
        return f"{whole}.{rest} miles"
    return "1 mile" if whole == 1 else f"{whole} miles"


def percent(hundredths: int) -> str:
    """`1250` → `12.5%`."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"


def nights(count: int) -> str:
    """`1 night`, `2 nights`."""
    return "1 night" if count == 1 else f"{count} nights"


def days(count: int) -> str:
    """`1 day`, `2 days`."""
    return "1 day" if count == 1 else f"{count} days"


def people(count: int) -> str:
    """`1 person`, `2 people`."""
    return "1 person" if count == 1 else f"{count} people"


def words(count: int, unit: str) -> str:
    """A literal's number and unit as people say it, for the holes in a rule's sentence."""
    if unit == "pence":
        return money(count)
    if unit == "minutes":
        return time(count)
    if unit == "tenths of a mile":
        return miles(count)
    if unit == "hundredths of a percent":
        return percent(count)
    if unit == "time of day":
        return clock(count)
    if unit == "count":
        return str(count)
    if count == 1:
        return {"people": "1 person"}.get(unit, f"1 {unit.removesuffix('s')}")
    return f"{count} {unit}"


def later(when: date, count: int, unit: str) -> date:
    """The day `count` days or months after `when`; a month's last day stands in for a missing one."""
    if unit == "days":
        return when + timedelta(days=count)
    month = when.month - 1 + count
    year, month = when.year + month // 12, month % 12 + 1
    return date(year, month, min(when.day, calendar.monthrange(year, month)[1]))


def last_day(when: date, count: int, unit: str, ends: tuple[int, int, int, int]) -> date:
    """`later`, but no later than a day (third and fourth figure) after the year's end (the first two)."""
    end = _next(when, ends[0], ends[1])
    return min(later(when, count, unit), _next(end, ends[2], ends[3]))


def _next(when: date, month: int, number: int) -> date:
    """The first such day of a year that is not before `when`."""
    found = date(when.year, month, min(number, calendar.monthrange(when.year, month)[1]))
    if found >= when:
        return found
    return date(when.year + 1, month, min(number, calendar.monthrange(when.year + 1, month)[1]))


def quarter_end(when: date) -> date:
    """`2026-05-12` → `2026-06-30`."""
    month = when.month + (-when.month) % 3
    return date(when.year, month, calendar.monthrange(when.year, month)[1])


def clock(minutes: int) -> str:
    """`1230` → `20:30`."""
    return f"{minutes // 60}:{minutes % 60:02d}"


SHOW: dict[str, Callable[[Any], str]] = {
    "money": money,
    "time": time,
    "miles": miles,
    "percent": percent,
    "day": day,
    "count": str,
    "nights": nights,
    "days": days,
    "people": people,
    "text": str,
    "clock": clock,
}
