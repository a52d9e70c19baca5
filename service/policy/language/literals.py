"""What does a literal such as `£25.00`, `45p`, `3h` or `10 working days` mean, in whole numbers?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

MAX_NUMBER = 10**9
_WORDS = {
    "h": ("minutes", 60),
    "hour": ("minutes", 60),
    "hours": ("minutes", 60),
    "min": ("minutes", 1),
    "mins": ("minutes", 1),
    "minute": ("minutes", 1),
    "minutes": ("minutes", 1),
    "day": ("days", 1),
    "days": ("days", 1),
    "week": ("days", 7),
    "weeks": ("days", 7),
    "month": ("months", 1),
    "months": ("months", 1),
    "working day": ("working days", 1),
    "working days": ("working days", 1),
    "mile": ("tenths of a mile", 10),
    "miles": ("tenths of a mile", 10),
    "night": ("nights", 1),
    "nights": ("nights", 1),
    "year": ("years", 1),
    "years": ("years", 1),
    "time": ("count", 1),
    "times": ("count", 1),
    "item": ("count", 1),
    "items": ("count", 1),
    "task": ("count", 1),
    "tasks": ("count", 1),
    "cc": ("count", 1),
    "person": ("people", 1),
    "people": ("people", 1),
}
_COUNT = re.compile(r"^(\d{1,9})(?:\.(\d{1,2}))? ?([a-z][a-z ]*)$")
_POUNDS = re.compile(r"^£(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{2}))?$")
_PENCE = re.compile(r"^(\d{1,6})p$")
_PERCENT = re.compile(r"^(\d{1,4})(?:\.(\d{1,2}))?%$")
_MIXED = re.compile(r"^(\d{1,4})h ?(\d{1,2})(?:min)?$")
UNIT_EXAMPLES = {
    "pence": "£25.00 or 45p",
    "minutes": "3h or 30min",
    "hundredths of a percent": "10%",
    "days": "14 days",
    "months": "3 months",
    "working days": "10 working days",
    "tenths of a mile": "18 miles",
    "nights": "2 nights",
    "people": "2 people",
    "years": "16 years",
    "count": "3 times, 5 items or 1000 cc",
    "time of day": "20:30",
}
_CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$")


@dataclass(frozen=True)
class Quantity:
    """A whole number and its unit: `pence`, `minutes`, `days`, `months`, `hundredths of a percent`, …"""

    number: int
    unit: str


class BadLiteral(ValueError):
    """Not a literal of the language. Carries what is wrong and what to write."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")
        self.what = what
        self.remedy = remedy


def quantity(text: str) -> Quantity:
    """The literal as a whole number with its unit. Raises `BadLiteral`."""
    tidy = text.strip()
    if match := _POUNDS.match(tidy):
        return _sized(int(match[1].replace(",", "")) * 100 + int(match[2] or 0), "pence", tidy)
    if match := _PENCE.match(tidy):
        return Quantity(int(match[1]), "pence")
    if match := _PERCENT.match(tidy):
        return Quantity(int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")), "hundredths of a percent")
    if (match := _MIXED.match(tidy)) and int(match[2]) < 60:
        return Quantity(int(match[1]) * 60 + int(match[2]), "minutes")
    if match := _CLOCK.match(tidy):
        return Quantity(int(match[1]) * 60 + int(match[2]), "time of day")
    if match := _COUNT.match(tidy):
        return _counted(match, tidy)
    raise _explain(tidy)


def _counted(match: re.Match[str], tidy: str) -> Quantity:
    if match[3].strip() not in _WORDS:
        raise _explain(tidy)
    unit, size = _WORDS[match[3].strip()]
    hundredths = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))
    number, rest = divmod(hundredths * size, 100)
    if rest:
        raise BadLiteral(
            f"'{tidy}' is not a whole number of {unit}.", f"Write it like {UNIT_EXAMPLES[unit]}."
        )
    return _sized(number, unit, tidy)


def _sized(number: int, unit: str, tidy: str) -> Quantity:
    if number > MAX_NUMBER:
        raise BadLiteral(f"'{tidy}' is too large.", "Check the number of noughts.")
    return Quantity(number, unit)


def _explain(tidy: str) -> BadLiteral:
    if re.match(r"^£?0?\.\d+ ?p$", tidy):
        digits = re.sub(r"\D", "", tidy.split(".")[1])
        likely = f"{int(digits)}p" if digits.isdigit() else "45p"
        return BadLiteral(f"'{tidy}' is a part of one penny.", f"Write {likely} if that is what you mean.")
    if re.match(r"^£?[\d,.]+ ?p$", tidy) or re.match(r"^£[\d,]*\.", tidy):
        return BadLiteral(f"'{tidy}' is not a sum of whole pence.", "Write it like £25.00 or 45p.")
    if re.match(r"^[\d.,]+$", tidy):
        return BadLiteral(
            f"'{tidy}' has no unit.", "Write the unit beside it, like £25.00, 45p, 3h or 14 days."
        )
    return BadLiteral(
        f"'{tidy}' is not a value this language knows.", "Write a sum (£25.00), a time (3h) or a name."
    )


def day(text: str) -> date:
    """`2026-04-06` as a date. Raises `BadLiteral`."""
    try:
        if not re.match(r"^\d{4}-\d{2}-\d{2}$", text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise BadLiteral(f"'{text}' is not a date.", "Write the year first, like 2026-04-06.") from None
