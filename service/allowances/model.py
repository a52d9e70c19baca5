"""What is an allowance, over which days does it run, and what does one holding add to it? No storage.

The policy says what is counted, how much at most and what happens beyond; this room only keeps the figures.
Amounts are whole numbers in the unit that `counts` stands for: pence, minutes, tenths of a mile, days, times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

# (state, verb) → next state. An accepted offer reserves, a claim uses; what is freed may be taken again.
TRANSITIONS: dict[tuple[str, str], str] = {
    ("", "reserve"): "reserved",
    ("", "use"): "used",
    ("reserved", "free"): "freed",
    ("used", "free"): "freed",
    ("freed", "reserve"): "reserved",
    ("freed", "use"): "used",
    ("freed", "free"): "freed",
}
LIVE = ("reserved", "used")

# What a counter counts → the unit of its amounts.
UNITS = {
    "fee": "pence",
    "expenses": "pence",
    "total": "pence",
    "hours": "minutes",
    "miles": "tenths of a mile",
    "days": "days",
    "activities": "count",
    "times": "count",
}

# Counted by the occasion, however many claims there are for it: a fee, and costs asked for later.
ONCE_AN_OCCASION = frozenset({"times"})

WEEK_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, order=True)
class Key:
    """Which allowance: whose, of which counter, counting what, over which period. The order of locking."""

    payee: str
    counter: str
    counts: str
    period: str


@dataclass(frozen=True)
class Period:
    """Days that are counted together. `ends_on` is the first that no longer counts; None never comes."""

    label: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Allowance:
    """One allowance as a policy describes it on one day."""

    key: Key
    name: str
    each: str
    period: Period


@dataclass(frozen=True)
class Take:
    """What an answer takes of an allowance, and the figure that the policy was handed for it."""

    amount: int
    handed_in: int


@dataclass(frozen=True)
class Occasion:
    """Who is at what: `holder` is the offer or claim, `takes_over` those whose place it takes.

    `id` is one for all claims of one person about one session.
    """

    id: str
    holder: str
    takes_over: tuple[str, ...] = ()

    @property
    def holders(self) -> tuple[str, ...]:
        """Everybody whose holdings are this one's own."""
        return (self.holder, *self.takes_over)


class Held(Protocol):
    """What is known of a holding."""

    counts: str
    occasion: str
    state: str
    amount: int


def allowance(
    *, payee: str, counter: str, name: str, counts: str, each: str, week_starts: str, on: date
) -> Allowance:
    """The allowance that a counter of a policy speaks of, for an activity on that day."""
    period = period_of(each, on=on, week_starts=week_starts)
    return Allowance(Key(payee, counter, counts, period.label), name, each, period)


def payee(*, per: str, person_id: str, organisation: str | None) -> str:
    """Whose allowance it is: the person's, or their organisation's. Who comes for none counts for themselves.

    A person's record belongs to one council, so an allowance for each person is one for each person and
    council: no council learns what somebody did for another. Organisations are told apart by their names, in
    large or small letters.
    """
    known = " ".join((organisation or "").split()).casefold()
    return f"organisation {known}" if per == "organisation" and known else person_id


def period_of(each: str, *, on: date, week_starts: str) -> Period:
    """The week, month, quarter, tax year (from 6 April), year (from 1 January) or all time around a day."""
    starts, ends = _bounds(each, on, week_starts)
    return Period(each if ends is None else f"{each} {starts.isoformat()}", starts, ends)


def _bounds(each: str, on: date, week_starts: str) -> tuple[date, date | None]:
    if each == "week":
        first = on - timedelta(days=(on.weekday() - WEEK_DAYS.index(week_starts)) % 7)
        return first, first + timedelta(days=7)
    if each in ("month", "quarter"):
        long = 1 if each == "month" else 3
        first = date(on.year, on.month - (on.month - 1) % long, 1)
        return first, _months_on(first, long)
    if each in ("tax year", "year"):
        month, day = (4, 6) if each == "tax year" else (1, 1)
        year = on.year if (on.month, on.day) >= (month, day) else on.year - 1
        return date(year, month, day), date(year + 1, month, day)
    if each == "ever":
        return date.min, None
    raise ValueError(f"There is no period '{each}'.")


def _months_on(first: date, months: int) -> date:
    return date(first.year + (first.month + months > 12), (first.month + months - 1) % 12 + 1, 1)


def worth(held: Iterable[Held]) -> tuple[int, int]:
    """What holdings of one allowance come to: (reserved, used)."""
    found = {"reserved": 0, "used": 0}
    once: dict[str, str] = {}
    for one in held:
        if one.state not in LIVE or not one.amount:
            continue
        if one.counts in ONCE_AN_OCCASION:
            already = once.get(one.occasion)
            once[one.occasion] = "used" if "used" in (already, one.state) else "reserved"
        else:
            found[one.state] += one.amount
    for state in once.values():
        found[state] += 1
    return found["reserved"], found["used"]
