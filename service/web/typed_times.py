"""Which day and which time did somebody type? London days and clock times, in the ways people write them."""

from __future__ import annotations

import re
from datetime import MAXYEAR, UTC, date, datetime, time

from service.days import LONDON
from service.web.answers import Answers

_CLOCK = re.compile(r"^([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(am|pm)?$")
WORDS = {"midday": time(12), "noon": time(12)}


def read_day(answers: Answers, name: str, *, what: str = "day", like: str = "27 3 2026") -> date | None:
    """The day in three boxes `name-day`, `name-month`, `name-year`; `None` with a sentence if it is none.

    The sentence calls it `what`, with a day `like` the one asked for. Which boxes are wrong is kept too.
    """
    parts = {part: answers[f"{name}-{part}"] for part in ("year", "month", "day")}
    wrong = [part for part, typed in parts.items() if not (typed.isascii() and typed.isdigit())]
    if not wrong:
        year, month, day = (int(typed) for typed in parts.values())
        try:
            return date(year + 2000 if year < 100 else year, month, day)
        except ValueError:
            wrong = [_wrong_part(year, month)]
    answers.fault(name, f"Enter a real {what}, like {like}")
    answers.parts[name] = wrong
    return None


def _wrong_part(year: int, month: int) -> str:
    """Which of three numbers makes no day together."""
    if not 1 <= month <= 12:
        return "month"
    return "day" if 0 <= year <= MAXYEAR else "year"


def example_to_come(today: date) -> str:
    """The next 27 March as three numbers, for a question about a day that is still to come."""
    this = date(today.year, 3, 27)
    return f"27 3 {today.year if today < this else today.year + 1}"


def read_clock(answers: Answers, name: str, sentence: str) -> time | None:
    """`2pm`, `2:30 pm`, `14:00`, `midday` → a time; `None` with `sentence` where it is none of these."""
    typed = answers[name].lower()
    found = WORDS.get(typed) or _clock(typed)
    if found is None:
        answers.fault(name, sentence)
    return found


def _clock(typed: str) -> time | None:
    match = _CLOCK.match(typed)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if minute > 59 or hour > (12 if half else 23) or (half and hour == 0) or not (half or match[2]):
        return None
    return time(hour % 12 + (12 if half == "pm" else 0) if half else hour, minute)


def moment(day: date, clock: time) -> datetime:
    """A London day and time as a moment, in UTC."""
    return datetime.combine(day, clock, tzinfo=LONDON).astimezone(UTC)
