"""What stands in a list of people that was pasted or uploaded? It is only read: nothing is stored.

Files come from spreadsheets and mail programs, so separators, headings and encodings are found out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass

from service.errors import one_fault

MOST_LINES = 1000
LONGEST_CELL = 300

# A cell that begins so is a formula to a spreadsheet: somebody may open what we write down in one.
FORMULA = ("=", "+", "-", "@")
_PHONE = re.compile(r"^\+?[0-9][0-9 ().-]{7,}$")
_MAIL = re.compile(r"^(?P<name>[^<>]*)<(?P<email>[^<>\s]+@[^<>\s]+)>$")

HEADINGS = {
    "name": ("name", "full name", "person", "co-producer"),
    "first": ("first name", "forename", "given name"),
    "last": ("last name", "surname", "family name"),
    "email": ("email", "e-mail", "email address", "e-mail address", "mail"),
    "phone": ("phone", "mobile", "telephone", "phone number", "mobile number", "tel"),
    "role": ("role", "part"),
    "reference": ("reference", "ref", "id", "person reference", "our reference"),
}
_FIELD_OF = {word: name for name, words in HEADINGS.items() for word in words}


@dataclass(frozen=True)
class Line:
    """One line as it was typed. `number`: where it stands in the list. `wrong`: what cannot be read in it."""

    number: int
    typed: str
    name: str = ""
    email: str = ""
    phone: str = ""
    role: str = ""
    reference: str = ""
    wrong: str = ""


def decoded(content: bytes) -> str:
    """The text of an uploaded file, whatever program wrote it. Raises `Invalid` for what is no text."""
    if content[:4] == b"PK\x03\x04" or content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise one_fault(
            "/list", "This is a workbook. In your spreadsheet, save it as CSV, then choose that file"
        )
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise one_fault("/list", "We cannot read this file as text. Save it as CSV, then choose it again")


def read(text: str, *, roles: Collection[str]) -> list[Line]:
    """The lines of a list, empty ones left out. `roles`: words that may stand for a role, in small letters.

    Raises `Invalid` for no lines, or for too many.
    """
    rows = [(number, row) for number, row in _rows(text) if any(row)]
    fields = _headings(rows[0][1]) if rows else None
    if fields:
        rows = rows[1:]
    if not rows:
        raise one_fault("/list", "Write one person on each line, or choose a file")
    if len(rows) > MOST_LINES:
        raise one_fault("/list", f"Ask {MOST_LINES:,} people at most at once. This list has {len(rows):,}")
    known = frozenset(role.casefold() for role in roles)
    return [_line(number, row, fields, known) for number, row in rows]


def kept(text: str, *, numbers: Collection[int]) -> str:
    """The same list with these lines only, and its headings: what is still to be mended."""
    rows = [(number, row) for number, row in _rows(text) if any(row)]
    headed = bool(rows) and _headings(rows[0][1]) is not None
    out = io.StringIO()
    writer = csv.writer(out, delimiter=_separator(text), lineterminator="\n")
    first = rows[0][0] if headed else 0
    writer.writerows(row for number, row in rows if number in numbers or number == first)
    return out.getvalue().rstrip("\n")


def _rows(text: str) -> list[tuple[int, list[str]]]:
    plain = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    reader = csv.reader(io.StringIO(plain), delimiter=_separator(plain))
    try:
        found = [(reader.line_num, [_tidy(cell) for cell in row]) for row in reader]
    except csv.Error:
        raise one_fault(
            "/list", f"Line {reader.line_num} cannot be read. Look for a quotation mark too many"
        ) from None
    return found


def _separator(text: str) -> str:
    """What stands most often between cells in the first lines; a comma where nothing does."""
    head = "\n".join(text.splitlines()[:5])
    return max((",", ";", "\t"), key=lambda sign: (head.count(sign), sign == ","))


def _tidy(cell: str) -> str:
    """Without what no screen shows, and without the mark by which a spreadsheet says that a cell is text."""
    shown = "".join(sign if sign.isprintable() else " " for sign in cell)
    tidy = " ".join(shown.split())
    return tidy[1:].strip() if tidy.startswith("'") else tidy


def _headings(row: list[str]) -> list[str] | None:
    """The field of each column, where the first line names them; None where it is somebody."""
    names = [_FIELD_OF.get(cell.casefold().strip(" :*"), "") for cell in row]
    return names if sum(bool(name) for name in names) >= max(1, len([c for c in row if c]) / 2) else None


def _line(number: int, row: list[str], fields: list[str] | None, roles: frozenset[str]) -> Line:
    typed = ", ".join(cell for cell in row if cell)
    cells = _by_heading(row, fields) if fields else _by_looks(row, roles)
    first_last = f"{cells.pop('first', '')} {cells.pop('last', '')}".strip()
    cells.setdefault("name", first_last)
    return Line(number, typed, **cells, wrong=_wrong(cells))


def _wrong(cells: dict[str, str]) -> str:
    for name, cell in cells.items():
        if len(cell) > LONGEST_CELL:
            return f"The {name} is too long. Look for a missing line end"
        if cell.startswith(FORMULA) and not (name == "phone" and _PHONE.match(cell)):
            return f"The {name} begins with {cell[0]}, as a formula does. Take that sign away"
    return ""


def _by_heading(row: list[str], fields: list[str]) -> dict[str, str]:
    return {name: cell for name, cell in zip(fields, row, strict=False) if name and cell}


def _by_looks(row: list[str], roles: frozenset[str]) -> dict[str, str]:
    """What each cell is, by what it looks like: address, number, role; then name, then reference."""
    found: dict[str, str] = {}
    for cell in row:
        if mail := _MAIL.match(cell):
            found.setdefault("email", mail["email"])
            if name := mail["name"].strip(' "'):
                found.setdefault("name", name)
        elif "@" in cell and not cell.startswith("@"):
            found.setdefault("email", cell)
        elif _PHONE.match(cell):
            found.setdefault("phone", cell)
        elif cell.casefold() in roles:
            found.setdefault("role", cell)
        elif cell:
            found.setdefault("reference" if "name" in found else "name", cell)
    return found
