"""Which facts may a policy ask about, and do these ones fit?

A fact belongs to the claim as a whole, to one contribution in it, or to one expense. Facts stay as they were
sent; a rule turns those that it asks about into figures (`inner`): there times are minutes, distances tenths
of a mile and days dates, so that every figure is a whole number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from service.days import NATIONS
from service.policy.faults import FactFault, FactFaults

MAX_COUNT = 10_000_000
MAX_LINES = 200
MAX_TEXT = 2000
USED = "used."
_CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$", re.ASCII)
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class Unfit(Exception):
    """A rule met a fact that does not fit. `read_facts` says which, and what to do."""


@dataclass(frozen=True)
class FactKind:
    """A fact's key, plain name and unit. `ask` is the sentence shown when it is needed and missing.

    `python` is the type that a plain value has as it is sent, and `scale` what one unit of it counts inside.
    """

    key: str
    name: str
    unit: str
    ask: str = ""
    choices: tuple[str, ...] = ()
    python: type = field(init=False, repr=False)
    scale: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "python", PYTHON.get(self.unit, int))
        object.__setattr__(self, "scale", DISTANCE_AND_TIME.get(self.unit, 1))


PYTHON = {"yes or no": bool, "text": str, "date": str, "time of day": str}
DISTANCE_AND_TIME = {"hours": 60, "miles": 10}


STATUSES = ("volunteer", "casual", "office_holder", "worker", "employee", "self_employed")
WORKERS = ("worker", "employee")
CLAIM = (
    FactKind("activity", "What the person did", "text", "Say which activity this is for."),
    FactKind("role", "The part the person played", "text", "Say which role the person had."),
    FactKind("on", "The day of the activity", "date", "Say which day the activity was on."),
    FactKind("minutes", "Time taking part", "minutes", "Say how many minutes it took."),
    FactKind("preparation_minutes", "Time reading and getting ready", "minutes"),
    FactKind("travel_minutes", "Time travelling", "minutes"),
    FactKind("training_minutes", "Time in training for it", "minutes"),
    FactKind("correspondence_minutes", "Time writing letters and emails", "minutes"),
    FactKind("administration_minutes", "Time on minutes, agendas and forms", "minutes"),
    FactKind("scheduled_minutes", "Time it was planned to take", "minutes"),
    FactKind("items", "Things done, such as reviews or ratings", "count", "Say how many were done."),
    FactKind("set_pence", "The sum that the project set beforehand", "pence"),
    FactKind("online", "Joined online", "yes or no"),
    FactKind("nights", "Nights away", "nights", "Say how many nights."),
    FactKind("days", "Days taking part", "days", "Say how many days it took."),
    FactKind("length", "Half day or full day", "text", "Say whether it was a half_day or a full_day."),
    FactKind("fee", "Wants to be paid the fee", "yes or no"),
    FactKind("claimed_on", "The day the claim was made", "date"),
    FactKind("by_register", "Raised by the register, so nobody had to claim", "yes or no"),
    FactKind("paid_by_employer", "Paid by their own employer for this time", "yes or no"),
    FactKind("trained", "Has done the training", "yes or no"),
    FactKind("notice_hours", "Hours of notice when it was cancelled", "hours"),
    FactKind("accept_pence", "The lower fee the person asked for", "pence"),
    FactKind("give_to", "Who the person gives the fee to", "text"),
    FactKind("status", "Standing for tax", "text", "", STATUSES),
    FactKind("method", "How the person asks to be paid", "text"),
    FactKind("hardship", "Why a limit should be lifted", "text"),
    FactKind("advance_pence", "Handed over beforehand", "pence"),
    FactKind("payer", "The body that pays", "text"),
    FactKind("nation", "Nation whose working days count", "text", "", NATIONS),
)
CONTRIBUTION_KEYS = (
    "activity",
    "role",
    "minutes",
    "preparation_minutes",
    "travel_minutes",
    "training_minutes",
    "correspondence_minutes",
    "administration_minutes",
    "scheduled_minutes",
    "items",
    "set_pence",
    "nights",
    "days",
    "length",
    "trained",
)
SHARED_KEYS = ("activity", "role", "trained")
MEASURE_KEYS = tuple(key for key in CONTRIBUTION_KEYS if key not in SHARED_KEYS)
EXPENSE = (
    FactKind("category", "What the cost was for", "text", "Say what the cost was for."),
    FactKind("amount_pence", "What it cost", "pence", "Say how much it cost."),
    FactKind("miles", "Miles travelled", "miles", "Say how many miles you travelled."),
    FactKind("passengers", "People taking part who shared the car", "people"),
    FactKind("hours", "Hours of care or support", "hours", "Say how many hours it was for."),
    FactKind("nights", "Nights away", "nights", "Say how many nights it was for."),
    FactKind("days", "Days it was for", "days", "Say how many days it was for."),
    FactKind("receipt", "There is a receipt or ticket", "yes or no"),
    FactKind("agreed_before", "It was agreed before it was spent", "yes or no"),
    FactKind("hours_away", "Hours away from home", "hours", "Say how many hours you were away from home."),
    FactKind("in_care_package", "Already paid for by a care package", "yes or no"),
    FactKind("booked_by_us", "Booked and paid for by the organisation", "yes or no"),
    FactKind("engine_cc", "Size of the engine", "count", "Say the size of the engine in cc."),
    FactKind("meetings", "Meetings it was for", "count", "Say how many meetings it was for."),
    FactKind("left_at", "Time of leaving home", "time of day", "Say when you left home, like 6:30."),
    FactKind("back_at", "Time of coming home", "time of day", "Say when you came home, like 20:30."),
    FactKind("travel_class", "Class of travel", "text"),
    FactKind("no_other_way", "No cheaper way was possible", "yes or no"),
    FactKind("evidence_held", "We hold the evidence already, and nothing has changed", "yes or no"),
    FactKind("receipt_original", "The receipt is the original", "yes or no"),
    FactKind("receipt_date", "The receipt shows the date", "yes or no"),
    FactKind("receipt_cost", "The receipt shows the cost", "yes or no"),
    FactKind("receipt_journey", "The receipt shows the journey", "yes or no"),
    FactKind("receipt_registration", "The receipt shows the vehicle's registration", "yes or no"),
    FactKind("note", "A note about the cost", "text"),
)
UNITS = (
    "yes or no",
    "text",
    "date",
    "pence",
    "minutes",
    "hours",
    "miles",
    "nights",
    "days",
    "people",
    "count",
    "years",
    "time of day",
)


@dataclass(frozen=True)
class Vocabulary:
    """Every fact that one policy knows, by where it belongs."""

    claim: Mapping[str, FactKind]
    contribution: Mapping[str, FactKind]
    expense: Mapping[str, FactKind]
    counters: Mapping[str, FactKind] = field(default_factory=dict)

    @classmethod
    def of(cls, own: Iterable[tuple[FactKind, str]] = (), counters: Iterable[FactKind] = ()) -> Vocabulary:
        """The common facts with a policy's own; each own fact says `claim` or `expense`."""
        claim = {kind.key: kind for kind in CLAIM}
        expense = {kind.key: kind for kind in EXPENSE}
        for kind, about in own:
            (claim if about == "claim" else expense)[kind.key] = kind
        return cls(
            claim,
            {key: claim[key] for key in CONTRIBUTION_KEYS},
            expense,
            {kind.key: kind for kind in counters},
        )


@dataclass
class Facts:
    """Facts that fit: the claim's, one mapping for each contribution, and one for each expense.

    What was used of each counter stands with the claim's, as `used.NAME`. Nothing is None.
    """

    claim: dict[str, Any]
    contributions: list[dict[str, Any]] = field(default_factory=list)
    expenses: list[dict[str, Any]] = field(default_factory=list)
    several: bool = False

    @property
    def on(self) -> date:
        """The day of the activity."""
        return DAY[self.claim["on"]]


class _Days(dict[Any, date]):
    """`2026-04-06` → the date. Raises `Unfit`."""

    def __missing__(self, text: Any) -> date:
        if isinstance(text, str) and len(text) == 10:
            try:
                found = date.fromisoformat(text)
            except ValueError as error:
                raise Unfit from error
            if 1990 <= found.year <= 2190:
                self[text] = found
                return found
        raise Unfit


class _Clock(dict[Any, int]):
    """`20:30` → minutes since midnight. Raises `Unfit`."""

    def __missing__(self, text: Any) -> int:
        if isinstance(text, str) and (found := _CLOCK.match(text)):
            self[text] = int(found[1]) * 60 + int(found[2])
            return self[text]
        raise Unfit


DAY, CLOCK = _Days(), _Clock()


def whole(value: Any, scale: int) -> int:
    """A count as sent, such as 2.5 miles, in whole parts: 25. Raises `Unfit` for anything else."""
    if type(value) is int:
        if 0 <= value <= MAX_COUNT:
            return value * scale
    elif scale > 1 and isinstance(value, (float, Decimal)):
        try:
            if value.__class__ is float:
                parts = round(value * scale)
                if 0 <= parts <= MAX_COUNT and parts / scale == value:
                    return parts
            # A third of an hour has no end: what is a whole minute to a millionth is one.
            scaled = (Decimal(str(value)) * scale).quantize(Decimal("0.000001"))
            if scaled == scaled.to_integral_value() and 0 <= scaled <= MAX_COUNT:
                return int(scaled)
        except (InvalidOperation, ValueError, OverflowError):
            pass
    raise Unfit


def inner(kind: FactKind | None, value: Any) -> Any:
    """A fact as rules work with it. None, and what the engine put beside the facts, stay as they are."""
    if kind is None or value is None or kind.unit == "text" or kind.unit == "yes or no":
        return value
    if kind.unit == "date":
        return DAY[value]
    return CLOCK[value] if kind.unit == "time of day" else whole(value, kind.scale)


def read_facts(given: Mapping[str, Any], *, vocabulary: Vocabulary) -> Facts:
    """Checks facts, and sorts them. Raises `FactFaults` with every pointer that does not fit."""
    if not isinstance(given, Mapping):
        raise FactFaults([FactFault("", "Send an object with named facts.")])
    faults: list[FactFault] = []
    apart = {key: given[key] for key in ("expenses", "contributions") if given.get(key) is not None}
    if vocabulary.counters and given.get("used") is not None:
        apart["used"] = given["used"]
    kinds = vocabulary.claim
    # A copy, since the claim's facts are added to; rows stay as they are.
    claim = _row({k: v for k, v in given.items() if k not in apart}, kinds, "", faults)
    if "used" in apart:
        used = _row(apart["used"], vocabulary.counters, "/used", faults)
        claim |= {f"{USED}{name}": count for name, count in used.items()}
    facts = Facts(claim)
    shared = {key: claim[key] for key in SHARED_KEYS if key in claim}
    for index, row in enumerate(_rows(apart.get("contributions", ()), "/contributions", faults)):
        own = _row(row, vocabulary.contribution, f"/contributions/{index}", faults)
        facts.contributions.append({**shared, **own})
        facts.several = True
    facts.expenses.extend(
        _row(row, vocabulary.expense, f"/expenses/{index}", faults)
        for index, row in enumerate(_rows(apart.get("expenses", ()), "/expenses", faults))
    )
    if not facts.several:
        facts.contributions.append(claim)
    shared_out = MEASURE_KEYS if facts.several else ()
    needed = ("on",) if facts.several else ("activity", "on")
    once = "Say this for each of the contributions instead."
    faults.extend(FactFault(f"/{key}", once) for key in shared_out if key in claim)
    faults.extend(FactFault(f"/{key}", kinds[key].ask) for key in needed if key not in claim)
    if faults:
        raise FactFaults(faults)
    return facts


def _rows(value: Any, pointer: str, faults: list[FactFault]) -> Iterable[Any]:
    if not isinstance(value, (list, tuple)):
        faults.append(FactFault(pointer, "Send a list here."))
        return ()
    if len(value) > MAX_LINES:
        faults.append(FactFault(pointer, f"Send at most {MAX_LINES} in one claim."))
        return ()
    return value


def _row(row: Any, kinds: Mapping[str, FactKind], pointer: str, faults: list[FactFault]) -> dict[str, Any]:
    """The row itself where all of it fits at first sight, as nearly every one does."""
    if type(row) is not dict and not isinstance(row, Mapping):
        faults.append(FactFault(pointer, "Send an object with named values here."))
        return {}
    for key, value in row.items():
        kind = kinds.get(key)
        if kind is None or not (
            value.__class__ is kind.python
            and (
                value.__class__ is bool
                or (value.__class__ is int and 0 <= value <= MAX_COUNT)
                or (value.__class__ is str and _is_plain(kind, value))
            )
        ):
            return _row_with_care(row, kinds, pointer, faults)
    return row if type(row) is dict else dict(row)


def _row_with_care(
    row: Mapping[str, Any], kinds: Mapping[str, FactKind], pointer: str, faults: list[FactFault]
) -> dict[str, Any]:
    """As `_row`, for one with something in it that does not fit at first sight, or at all."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if value is None:
            continue
        kind = kinds.get(key)
        if kind is None:
            faults.append(_unknown(pointer, key, kinds))
        else:
            found[key] = _value(kind, value, f"{pointer}/{key}", faults)
    return found


def _is_plain(kind: FactKind, value: str) -> bool:
    """Whether a text fits at first sight: a day that was read before, or a short text of plain letters."""
    if kind.unit == "date":
        return value in DAY
    return (
        kind.unit == "text"
        and not kind.choices
        and len(value) <= MAX_TEXT
        and value.isascii()
        and "\0" not in value
    )


def _unknown(pointer: str, key: Any, kinds: Mapping[str, FactKind]) -> FactFault:
    known = ", ".join(sorted(kinds))
    name = _UNFIT.sub("?", str(key))[:60]
    escaped = name.replace("~", "~0").replace("/", "~1")
    return FactFault(
        f"{pointer}/{escaped}", f"There is no fact called '{name}'. The known ones are: {known}."
    )


def _value(kind: FactKind, value: Any, pointer: str, faults: list[FactFault]) -> Any:
    """The value as it is kept: as it was sent, a date as its text."""
    unit = kind.unit
    words = _text(kind, value) if unit == "text" else None
    if unit == "date" and isinstance(value, date) and not isinstance(value, datetime):
        value = value.isoformat()
    if unit == "yes or no":
        words = None if value is True or value is False else "answer true or false."
    elif unit != "text":
        try:
            inner(kind, value)
        except (Unfit, TypeError):
            words = _COUNTED.get(unit)
            words = words or f"send a whole number of {unit}, 0 or more{_PART.get(unit, '')}."
    if words is None:
        return value
    faults.append(FactFault(pointer, f"{kind.name}: {words}"))
    return None


_COUNTED = {"time of day": "write the time like 20:30.", "date": "write the date like 2026-04-06."}
_PART = {"hours": " (whole minutes, so 1.5 is fine)", "miles": " (tenths are fine)"}


def _text(kind: FactKind, value: Any) -> str | None:
    """What is wrong with a text; None when it fits."""
    if not isinstance(value, str) or len(value) > MAX_TEXT or _UNFIT.search(value):
        return "send a short text."
    if kind.choices and value not in kind.choices:
        return f"use one of {', '.join(kind.choices)}."
    return None
