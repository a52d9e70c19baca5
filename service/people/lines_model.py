"""When does somebody's own week or month begin, and which fee would take them past their line? Rules only.

"Tell me before I would pass this sum in a week or a month." The line is theirs; nobody else sees it.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from service.errors import one_fault

WEEK, MONTH = "week", "month"
PER = (WEEK, MONTH)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# The first and the last start that there is: Monday to Sunday, or a day of the month.
STARTS = {WEEK: (0, 6), MONTH: (1, 31)}


@dataclass(frozen=True)
class Window:
    """One week or month of somebody's own. `end` is the first day that no longer counts."""

    first: date
    end: date

    @property
    def last(self) -> date:
        """The last day that counts."""
        return self.end - timedelta(days=1)

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day < self.end


@dataclass(frozen=True)
class Line:
    """A sum for a week or a month. `starts`: 0 for Monday to 6 for Sunday, or the day of the month.

    A month that starts on a day that some months do not have starts there on their last day.
    """

    per: str
    amount_pence: int
    starts: int

    def window(self, day: date) -> Window:
        """The week or month in which a day lies."""
        if self.per == WEEK:
            first = day - timedelta(days=(day.weekday() - self.starts) % 7)
            return Window(first, first + timedelta(days=7))
        this = self._start_in(day.year, day.month)
        if day >= this:
            return Window(this, self._start_in(*_next_month(day.year, day.month)))
        return Window(self._start_in(*_month_before(day.year, day.month)), this)

    def _start_in(self, year: int, month: int) -> date:
        return date(year, month, min(self.starts, calendar.monthrange(year, month)[1]))


def _next_month(year: int, month: int) -> tuple[int, int]:
    return (year, month + 1) if month < 12 else (year + 1, 1)


def _month_before(year: int, month: int) -> tuple[int, int]:
    return (year, month - 1) if month > 1 else (year - 1, 12)


def read_line(*, per: str, amount_pence: int, starts: int) -> Line:
    """A line as somebody set it. Raises `Invalid`."""
    if per not in PER:
        raise one_fault("/per", "Choose a week or a month")
    first, last = STARTS[per]
    if not first <= starts <= last:
        raise one_fault("/starts", "Choose a day of the week" if per == WEEK else "Enter a day from 1 to 31")
    if amount_pence < 0:
        raise one_fault("/amount", "Enter a sum of nothing or more")
    return Line(per, amount_pence, starts)


@dataclass(frozen=True)
class Counted:
    """A fee as a line counts it: on the day that it was paid, or else on the day when it would come.

    `left`: the money has left, or is there, so that its day can no longer be chosen.
    """

    key: str
    day: date
    pence: int
    left: bool = False

    @property
    def order(self) -> tuple[bool, date, str]:
        """What has left comes first, then day by day."""
        return not self.left, self.day, self.key


@dataclass(frozen=True)
class Passing:
    """One fee would take somebody past a line of theirs: what is there before it, and with it.

    `after_pence`: what is known to come after it in the same week or month.
    """

    line: Line
    window: Window
    before_pence: int
    pence: int
    after_pence: int = 0

    @property
    def total_pence(self) -> int:
        """What it would come to."""
        return self.before_pence + self.pence


def passing(lines: Iterable[Line], others: Sequence[Counted], one: Counted) -> tuple[Passing, ...]:
    """The lines that a fee would take somebody past, on top of all these others. A line itself may be met."""
    found = []
    for line in lines:
        window = line.window(one.day)
        before = sum(o.pence for o in others if o.key != one.key and window.holds(o.day))
        if one.pence > 0 and before + one.pence > line.amount_pence:
            found.append(Passing(line, window, before, one.pence))
    return tuple(found)


def passing_in_order(lines: Iterable[Line], counted: Sequence[Counted], one: Counted) -> tuple[Passing, ...]:
    """The lines that a fee takes somebody past when those before it, in their order, have come."""
    found = passing(lines, [other for other in counted if other.order < one.order], one)
    later = [other for other in counted if other.order > one.order]
    return tuple(
        replace(each, after_pence=sum(o.pence for o in later if each.window.holds(o.day))) for each in found
    )


def room_within(lines: Iterable[Line], others: Sequence[Counted], one: Counted) -> int | None:
    """How much of a fee passes no line on its day, on top of all these others. None without a line."""
    rooms = []
    for line in lines:
        window = line.window(one.day)
        before = sum(o.pence for o in others if o.key != one.key and window.holds(o.day))
        rooms.append(max(0, line.amount_pence - before))
    return min(rooms, default=None)


def first_day_within(
    lines: Sequence[Line], others: Sequence[Counted], one: Counted, *, after: date, until: date
) -> date | None:
    """The first day later than `after` on which a fee would pass no line, or None up to `until`."""
    day = after + timedelta(days=1)
    while day <= until:
        found = passing(lines, others, replace(one, day=day))
        if not found:
            return day
        day = min(each.window.end for each in found)
    return None
