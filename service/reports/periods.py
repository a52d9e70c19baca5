"""Which days does a statement cover? A tax year, a month, a week, or from any day to any day.

The tax year begins on 6 April. Both days of a period count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from service.errors import Fault, Invalid

# A tax year begins on this day of April.
TAX_YEAR_BEGINS = 6
DATES = "dates"
NAMES = {
    "this_tax_year": "This tax year",
    "last_tax_year": "Last tax year",
    "this_month": "This month",
    "last_month": "Last month",
    "this_week": "This week",
    "last_week": "Last week",
    DATES: "From one day to another",
}
# Nothing was paid here before, and no statement needs to reach further.
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True)
class Period:
    """From one day to another; both count."""

    since: date
    until: date


def tax_year(day: date) -> Period:
    """The tax year that a day lies in."""
    began = date(day.year, 4, TAX_YEAR_BEGINS)
    since = began if day >= began else date(day.year - 1, 4, TAX_YEAR_BEGINS)
    return Period(since, date(since.year + 1, 4, TAX_YEAR_BEGINS) - timedelta(days=1))


def month(day: date) -> Period:
    """The month that a day lies in."""
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return Period(day.replace(day=1), following - timedelta(days=1))


def week(day: date) -> Period:
    """The week that a day lies in, from Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def named(name: str, *, today: date) -> Period:
    """The period that goes by this name today. Raises `Invalid`; days of one's own need `between`."""
    of_this = {"tax_year": tax_year, "month": month, "week": week}
    which, _, what = name.partition("_")
    if which not in ("this", "last") or what not in of_this:
        raise Invalid("Choose which days you want.", errors=(Fault("/period", "Choose which days you want"),))
    this = of_this[what](today)
    if which == "last":
        return of_this[what](this.since - timedelta(days=1))
    # Nobody can say what will be paid: what still runs ends today.
    return Period(this.since, min(this.until, today))


def between(since: date, until: date) -> Period:
    """Days of one's own. Raises `Invalid` where the last comes before the first, or both lie far away."""
    faults = [
        Fault(pointer, f"Enter a day from {EARLIEST.year} to {LATEST.year}")
        for pointer, day in (("/since", since), ("/until", until))
        if not EARLIEST <= day < LATEST
    ]
    if not faults and until < since:
        faults = [Fault("/until", "The last day must be the same as the first, or come after it")]
    if faults:
        raise Invalid("The days need another look.", errors=tuple(faults))
    return Period(since, until)
