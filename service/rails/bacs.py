"""What does a Bacs Standard 18 file look like, byte for byte? Credits in, text out; nothing is stored here.

Labels are 80 letters; a data record is 100, or 106 in a file with several processing days. Positions in the
names below count from 1. The fields on which published sources disagree are a bureau's `Profile`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta

from service.errors import Refused, one_fault
from service.rails import bacs_words

# Eleven digits of pence: the largest credit, and the largest contra.
MOST_PENCE = 99_999_999_999
CREDIT, DEBIT_CONTRA = "99", "17"


class CannotBeWritten(Refused):
    """Something does not fit into the fields of a Bacs file."""

    title = "This cannot be put into a Bacs file"


@dataclass(frozen=True)
class Profile:
    """How one bureau or bank wants the fields on which sources disagree. Every value is text.

    `form`: standard18 or csv · `line_end`: crlf or lf · `block_count`: positions 55 to 60 of HDR1 ·
    `record_length`: as_written, or 00100 always · `offset`: positions 51 and 52 of HDR2 · `receiver`:
    positions 11 to 16 of UHL1, or service_user · `print_id`: 48 to 54 of UHL1 · `system_code`: 61 to 73 of
    HDR1 · `kept_days`: from the last processing day to the expiry day · `narrative`: 47 to 64 of a contra,
    empty for the service user's name · `csv_day`: processing or entry.
    """

    form: str = "standard18"
    line_end: str = "crlf"
    block_count: str = "000000"
    record_length: str = "as_written"
    offset: str = "00"
    receiver: str = "999999"
    print_id: str = ""
    system_code: str = ""
    kept_days: str = "1"
    narrative: str = ""
    csv_day: str = "processing"

    @property
    def ends(self) -> str:
        """What ends a line."""
        return "\r\n" if self.line_end == "crlf" else "\n"


_ALLOWED: dict[str, tuple[str, ...]] = {
    "form": ("standard18", "csv"),
    "line_end": ("crlf", "lf"),
    "block_count": ("000000", ""),
    "record_length": ("as_written", "00100"),
    "offset": ("00", ""),
    "csv_day": ("processing", "entry"),
}


def read_profile(settings: str) -> Profile:
    """A bureau's profile from JSON that holds what differs from the usual. Raises `Invalid`."""
    try:
        given = json.loads(settings or "{}")
    except ValueError:
        given = None
    known = {one.name for one in fields(Profile)}
    if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
        raise one_fault("/settings", 'Give the profile as JSON with texts, like {"receiver": "service_user"}')
    for name, value in given.items():
        if name not in known:
            raise one_fault(f"/settings/{name}", f"Choose among {', '.join(sorted(known))}.")
        if name in _ALLOWED and value not in _ALLOWED[name]:
            raise one_fault(f"/settings/{name}", f"Choose one of {', '.join(_ALLOWED[name])}.")
    if not str(given.get("kept_days", "1")).isdigit():
        raise one_fault("/settings/kept_days", "Give a number of days.")
    return Profile(**given)


@dataclass(frozen=True)
class Account:
    """An account that Bacs knows: six and eight digits, and whose it is."""

    sort_code: str = field(repr=False)
    number: str = field(repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True)
class Credit:
    """One payment to a person, from an account of the council's, on a processing day."""

    to: Account
    origin: Account
    amount_pence: int
    reference: str
    processing_day: date


@dataclass(frozen=True)
class Contra:
    """What leaves one of the council's accounts on one processing day."""

    origin: Account
    processing_day: date
    amount_pence: int
    count: int


@dataclass(frozen=True)
class Submission:
    """All that a file holds. `serial`: six digits, not all zero, new for each file of a day."""

    serial: str
    user_number: str
    user_name: str
    made_on: date
    credits: tuple[Credit, ...]
    profile: Profile = Profile()

    @property
    def several_days(self) -> bool:
        """Whether it needs the longer records, which carry their own day."""
        return len({one.processing_day for one in self.credits}) > 1


def contras(credits_: Iterable[Credit]) -> list[Contra]:
    """One balancing debit for each processing day and originating account, in the order they come."""
    found: dict[tuple[date, str, str], list[Credit]] = {}
    for one in credits_:
        found.setdefault((one.processing_day, one.origin.sort_code, one.origin.number), []).append(one)
    return [
        Contra(group[0].origin, day, sum(one.amount_pence for one in group), len(group))
        for (day, _, _), group in found.items()
    ]


def reference_field(*, reference: str, roll_number: str) -> str:
    """What stands in the reference field: a building society finds its saver by the roll number there."""
    return bacs_words.written(roll_number.strip() or reference)[:18].strip()


def build(given: Submission) -> bytes:
    """The whole file. Raises `CannotBeWritten`."""
    require(given)
    balancing = contras(given.credits)
    _require_amounts([one.amount_pence for one in balancing])
    several = given.several_days
    lines = [_vol1(given), *_headers("HDR", given), _uhl1(given)]
    lines += [_credit(given, one, dated=several) for one in given.credits]
    lines += [_contra(given, one, dated=several) for one in balancing]
    lines += [*_headers("EOF", given), _utl1(given, balancing)]
    ends = given.profile.ends
    return "".join(line + ends for line in lines).encode("ascii")


def require(given: Submission) -> None:
    """Raise `CannotBeWritten` for what no Bacs file can hold."""
    if not given.credits:
        raise CannotBeWritten("There is nothing to pay in this file.")
    if not _digits(given.serial, 6) or given.serial == "000000":
        raise CannotBeWritten("The serial number must be six digits, not all of them nought.")
    if not _digits(given.user_number, 6):
        raise CannotBeWritten("The service user number must be six digits.")
    for one in given.credits:
        for account in (one.to, one.origin):
            if not (_digits(account.sort_code, 6) and _digits(account.number, 8)):
                raise CannotBeWritten("A sort code must be six digits, and an account number eight.")
    _require_amounts([one.amount_pence for one in given.credits])


def _require_amounts(amounts: Sequence[int]) -> None:
    if not all(0 < amount <= MOST_PENCE for amount in amounts):
        raise CannotBeWritten("Each amount, and each day's total, must be a penny to £999,999,999.99.")


def _digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()


def _day(day: date) -> str:
    """` YYDDD`: a space, two digits of the year, three of the day in it."""
    return f" {day:%y%j}"


def _vol1(given: Submission) -> str:
    return f"VOL1{given.serial}{'':31}{given.user_number}{'':32}1"


def _headers(label: str, given: Submission) -> tuple[str, str]:
    """HDR1 and HDR2, or EOF1 and EOF2, which say the same again."""
    profile, user = given.profile, given.user_number
    last = max(one.processing_day for one in given.credits)
    expires = last + timedelta(days=int(profile.kept_days))
    first = (
        f"{label}1A{user}S  1{user}{given.serial}00010001{'':6}{_day(given.made_on)}{_day(expires)} "
        f"{profile.block_count:6}{bacs_words.field(profile.system_code, 13)}{'':7}"
    )
    longer = given.several_days and profile.record_length == "as_written"
    second = f"{label}2F02000{'00106' if longer else '00100'}{'':35}{profile.offset:2}{'':28}"
    return first, second


def _uhl1(given: Submission) -> str:
    profile = given.profile
    day = "" if given.several_days else _day(given.credits[0].processing_day)
    receiver = given.user_number if profile.receiver == "service_user" else profile.receiver
    work = "4 MULTI" if given.several_days else "1 DAILY"
    print_id = bacs_words.field(profile.print_id, 7)
    return f"UHL1{day:6}{bacs_words.field(receiver, 6)}    00000000{work:9}001{'':7}{print_id}{'':26}"


def _credit(given: Submission, one: Credit, *, dated: bool) -> str:
    texts = (given.user_name, one.reference, one.to.name)
    return _data(one.to, CREDIT, one.origin, one.amount_pence, texts, one.processing_day if dated else None)


def _contra(given: Submission, one: Contra, *, dated: bool) -> str:
    texts = (given.profile.narrative or given.user_name, "CONTRA", one.origin.name)
    day = one.processing_day if dated else None
    return _data(one.origin, DEBIT_CONTRA, one.origin, one.amount_pence, texts, day)


def _data(
    to: Account, code: str, origin: Account, pence: int, texts: tuple[str, str, str], day: date | None
) -> str:
    accounts = f"{to.sort_code}{to.number}0{code}{origin.sort_code}{origin.number}"
    words = "".join(bacs_words.field(text, 18) for text in texts)
    return f"{accounts}    {pence:011}{words}{_day(day) if day else ''}"


def _utl1(given: Submission, balancing: Sequence[Contra]) -> str:
    debit = sum(one.amount_pence for one in balancing)
    credit = sum(one.amount_pence for one in given.credits)
    return f"UTL1{debit:013}{credit:013}{len(balancing):07}{len(given.credits):07}{'':36}"
