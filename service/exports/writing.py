"""How does an export become bytes? The same batch and mapping always make the same ones."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Mapping as Names
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from service.errors import Conflict
from service.exports.mapping import Column, File, Mapping
from service.exports.model import FIELDS, NUMBER, PENCE, TEXT, Batch, Row, Value, rows, totals

EXTENSIONS = {"delimited": "csv", "fixed": "txt", "json": "json"}
MEDIA = {"csv": "text/csv", "txt": "text/plain", "json": "application/json", "zip": "application/zip"}
# A cell that begins so is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# The earliest moment that a zip can hold: a file's own date says nothing, and would change its bytes.
NO_MOMENT = (1980, 1, 1, 0, 0, 0)


class DoesNotFit(Conflict):
    """A number or a code is wider than its column."""

    title = "Something does not fit into its column"


@dataclass(frozen=True)
class Written:
    """A finished file."""

    name: str
    media_type: str
    content: bytes


def write(batch: Batch, mapping: Mapping) -> Written:
    """The file of a batch. Raises `DoesNotFit` where money, a number or a day would be cut."""
    stem = f"{batch.number}"
    if mapping.format == "json":
        given = _Template(batch).filled(mapping.template)
        content = json.dumps(given, ensure_ascii=False, indent=2).encode("utf-8")
        return Written(f"{stem}.json", MEDIA["json"], content)
    made = [
        (_name(file, mapping, stem), _bytes(_text(batch, file, mapping), mapping)) for file in mapping.files
    ]
    if len(made) == 1:
        [(name, content)] = made
        return Written(name, MEDIA[EXTENSIONS[mapping.format]], content)
    return Written(f"{stem}.zip", MEDIA["zip"], _zipped(made))


def first_lines(batch: Batch, mapping: Mapping, *, most: int) -> list[tuple[str, list[str]]]:
    """The first lines of each file, for somebody to look at before it is built."""
    if mapping.format == "json":
        text = write(batch, mapping).content.decode("utf-8")
        return [("JSON", text.split("\n")[:most])]
    return [
        (
            _name(file, mapping, "export"),
            _text(batch, file, mapping).removesuffix(mapping.line_end).split(mapping.line_end)[:most],
        )
        for file in mapping.files
    ]


def _name(file: File, mapping: Mapping, stem: str) -> str:
    return file.name or f"{stem}.{EXTENSIONS[mapping.format]}"


def _text(batch: Batch, file: File, mapping: Mapping) -> str:
    found = rows(batch, each=file.each, group_by=file.group_by)
    whole = totals(batch, found)
    lines = [[column.heading or column.field for column in file.columns]] if file.headings else []
    if file.header:
        lines.insert(0, _cells(file.header, whole, mapping))
    lines += [_cells(file.columns, row, mapping) for row in found]
    if file.trailer:
        lines.append(_cells(file.trailer, whole, mapping))
    if mapping.format == "fixed":
        return "".join("".join(cells) + mapping.line_end for cells in lines)
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=mapping.separator,
        lineterminator=mapping.line_end,
        quoting=csv.QUOTE_ALL if mapping.quote_all else csv.QUOTE_MINIMAL,
    )
    writer.writerows(lines)
    return out.getvalue()


def _cells(columns: Sequence[Column], row: Row, mapping: Mapping) -> list[str]:
    fixed = mapping.format == "fixed"
    return [_cell(column, row.get(column.field), fixed=fixed) for column in columns]


def _cell(column: Column, value: Value, *, fixed: bool) -> str:
    said = column.constant if not column.field else _said(column, value)
    kind = FIELDS[column.field][1] if column.field else TEXT
    most = column.width if fixed else column.longest
    if most and len(said) > most:
        if kind != TEXT:
            raise DoesNotFit(
                f"{said} does not fit into {column.heading or column.field}, which takes {most} letters. "
                "Make the column wider."
            )
        said = said[:most]
    if not fixed:
        return "'" + said if kind == TEXT and column.field and said.startswith(FORMULA) else said
    if column.right and said.startswith("-") and column.pad == "0":
        return "-" + said[1:].rjust(column.width - 1, "0")
    return said.rjust(column.width, column.pad) if column.right else said.ljust(column.width, column.pad)


def _said(column: Column, value: Value) -> str:
    """A value in the words of the file."""
    if value is None:
        return column.values.get("", "")
    kind = FIELDS[column.field][1]
    if isinstance(value, date):
        return _day(column.dates, value)
    if kind == PENCE and isinstance(value, int):
        return _money(column, value)
    if kind == NUMBER:
        return str(value)
    plain = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return column.values.get(plain, plain)


def _day(pattern: str, day: date) -> str:
    parts = (("YYYY", f"{day:%Y}"), ("YY", f"{day:%y}"), ("MM", f"{day:%m}"), ("DD", f"{day:%d}"))
    for letters, part in parts:
        pattern = pattern.replace(letters, part)
    return pattern


def _money(column: Column, pence: int) -> str:
    pence = -pence if column.sign == "reversed" else abs(pence) if column.sign == "absolute" else pence
    if column.pence:
        return str(pence)
    whole, rest = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}{whole}.{rest:02d}"


def _bytes(text: str, mapping: Mapping) -> bytes:
    if mapping.encoding != "cp1252":
        return text.encode(mapping.encoding)
    return "".join(letter if _in_cp1252(letter) else _plain(letter) for letter in text).encode("cp1252")


def _in_cp1252(letter: str) -> bool:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _plain(letter: str) -> str:
    """The nearest letter that an old system knows: `ŵ` → `w`; else a question mark."""
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()[:1] or "?"


def _zipped(made: Sequence[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made:
            info = zipfile.ZipInfo(name, date_time=NO_MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()


class _Template:
    """A JSON template with what it asks for."""

    def __init__(self, batch: Batch) -> None:
        self._payments = rows(batch, each="payment")
        self._all_lines = rows(batch, each="line")
        self._whole = totals(batch, self._all_lines)
        self._lines: dict[Value, list[Row]] = {row["payment_number"]: [] for row in self._payments}
        for row in self._all_lines:
            self._lines[row["payment_number"]].append(row)

    def filled(self, node: Any, row: Row | None = None) -> Any:
        """One part of the template; `row` is the payment or line that it stands in."""
        if isinstance(node, Column):
            return _json_value(node, {**self._whole, **(row or {})}.get(node.field))
        if isinstance(node, dict) and set(node) == {"each", "give"}:
            found = self._payments
            if node["each"] == "line":
                found = self._lines[row["payment_number"]] if row else self._all_lines
            return [self.filled(node["give"], one) for one in found]
        if isinstance(node, Names):
            return {name: self.filled(inner, row) for name, inner in node.items()}
        return node


def _json_value(column: Column, value: Value) -> Any:
    """Money as a number with two places, or whole pence; numbers as numbers; everything else as text."""
    if value is None:
        return None
    kind = FIELDS[column.field][1]
    if kind == NUMBER:
        return value
    if kind == PENCE and isinstance(value, int):
        said = _money(column, value)
        return int(said) if column.pence else float(said)
    said = _said(column, value)
    return said[: column.longest] if column.longest else said
