"""How does one council's feeder want it? A mapping is data: read here, with a kind sentence for each slip.

A mapping is YAML (so JSON as well). `service/exports/presets/` has one of each format; finance copies one and
changes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Names
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from service.errors import Fault, Invalid, NotFound, one_fault
from service.exports.model import DAY, FIELDS, KINDS, LEVELS, NUMBER, PENCE

PRESETS = Path(__file__).parent / "presets"
FORMATS = ("delimited", "fixed", "json")
ENCODINGS = {"utf-8": "utf-8", "utf-8-bom": "utf-8-sig", "cp1252": "cp1252"}
LINE_ENDS = {"crlf": "\r\n", "lf": "\n"}
EACH = ("line", "payment", "group")
SIGNS = ("as_is", "reversed", "absolute")
AMOUNTS = ("pounds", "pence")
DATES = re.compile(r"(YYYY|YY|MM|DD|[ /.:T-])+")
LONGEST_TEXT = 64 * 1024
# A short text can name one part many times over; so the parts are counted as they are met.
MOST_NODES = 2000
# What a group of lines still has, besides what it is grouped by.
OF_A_GROUP = (
    "batch", "batch_date", "label", "currency", "period", "row_number", "amount", "debit", "credit",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One cell: a field or a constant, and how it is written."""

    heading: str = ""
    field: str = ""
    constant: str = ""
    width: int = 0
    right: bool = False
    pad: str = " "
    dates: str = "YYYY-MM-DD"
    pence: bool = False
    sign: str = "as_is"
    longest: int = 0
    values: Names[str, str] = attribute(default_factory=dict)


@dataclass(frozen=True)
class File:
    """One file of an export: what a line of it is, its columns, and what stands before and after."""

    name: str
    each: str
    group_by: tuple[str, ...]
    headings: bool
    columns: tuple[Column, ...]
    header: tuple[Column, ...]
    trailer: tuple[Column, ...]


@dataclass(frozen=True)
class Mapping:
    """A whole mapping, checked. `template` is for JSON only."""

    name: str
    kinds: tuple[str, ...]
    format: str
    encoding: str
    line_end: str
    separator: str
    quote_all: bool
    files: tuple[File, ...]
    template: Any = None
    dates: str = "YYYY-MM-DD"
    pence: bool = False


def read(text: str) -> Mapping:
    """A mapping from its text. Raises `Invalid` with everything that is wrong, each at its place."""
    if len(text) > LONGEST_TEXT:
        raise one_fault("/text", "This is too long for a mapping.")
    try:
        given = YAML(typ="safe", pure=True).load(StringIO(text))
    except (YAMLError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" Look at line {mark.line + 1}." if mark else ""
        raise one_fault("/text", f"This is not YAML that can be read.{where}") from error
    reader = _Reader()
    mapping = reader.mapping(given)
    if reader.faults:
        raise Invalid("Some parts of the mapping need another look.", errors=tuple(reader.faults))
    return mapping


@cache
def presets() -> dict[str, str]:
    """Name → text of each mapping that comes with the service."""
    return {path.stem: path.read_text() for path in sorted(PRESETS.glob("*.yaml"))}


def preset(name: str) -> str:
    """The text of a preset. Raises `NotFound`."""
    if name not in presets():
        raise NotFound(f"There is no preset of that name. Choose one of {', '.join(presets())}.")
    return presets()[name]


class _Reader:
    """Reads what was loaded, and gathers a sentence for each slip instead of stopping at the first."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.nodes = 0
        self.dates = "YYYY-MM-DD"
        self.pence = False

    def fault(self, at: str, sentence: str) -> None:
        self.faults.append(Fault(at or "/text", sentence))

    def mapping(self, given: Any) -> Mapping:
        top = self.names(given, "", {
            "name", "kinds", "format", "encoding", "line_end", "separator", "quote", "dates", "amounts",
            "files", "file", "each", "group_by", "headings", "columns", "header", "trailer", "template",
        })  # fmt: skip
        self.dates = self.pattern(top.get("dates", self.dates), "/dates")
        self.pence = self.one_of(top.get("amounts", "pounds"), AMOUNTS, "/amounts") == "pence"
        kind_of = self.one_of(top.get("format", "delimited"), FORMATS, "/format")
        encoding = self.one_of(top.get("encoding", "utf-8"), ENCODINGS, "/encoding")
        line_end = self.one_of(top.get("line_end", "crlf"), LINE_ENDS, "/line_end")
        return Mapping(
            name=self.text(top.get("name"), "/name", most=60),
            kinds=self.kinds(top.get("kinds")),
            format=kind_of,
            encoding=ENCODINGS.get(encoding, "utf-8"),
            line_end=LINE_ENDS.get(line_end, "\n"),
            separator=self.separator(top.get("separator", ",")),
            quote_all=self.one_of(top.get("quote", "needed"), ("needed", "always"), "/quote") == "always",
            files=() if kind_of == "json" else self.files(top, fixed=kind_of == "fixed"),
            template=self.node(top.get("template"), "/template", 0, 0) if kind_of == "json" else None,
            dates=self.dates,
            pence=self.pence,
        )

    def kinds(self, given: Any) -> tuple[str, ...]:
        found = given if isinstance(given, list) else [given]
        if not found or not all(isinstance(one, str) and one in KINDS for one in found):
            self.fault("/kinds", f"Say what it is for: one or more of {', '.join(KINDS)}.")
            return ()
        return tuple(found)

    def files(self, top: Names[str, Any], *, fixed: bool) -> tuple[File, ...]:
        if "files" not in top:
            return (self.file({**top, "name": top.get("file", "")}, "", fixed=fixed),)
        given = top["files"]
        if not isinstance(given, list) or not 1 <= len(given) <= 10:
            self.fault("/files", "Give a list of one to ten files.")
            return ()
        allowed = {"name", "each", "group_by", "headings", "columns", "header", "trailer"}
        return tuple(
            self.file(self.names(one, f"/files/{n}", allowed), f"/files/{n}", fixed=fixed)
            for n, one in enumerate(given)
        )

    def file(self, given: Names[str, Any], at: str, *, fixed: bool) -> File:
        each = self.one_of(given.get("each", "line"), EACH, f"{at}/each")
        group_by = given.get("group_by", [])
        if not isinstance(group_by, list) or not all(isinstance(n, str) and n in FIELDS for n in group_by):
            self.fault(f"{at}/group_by", "Give a list of fields that lines must be alike in.")
            group_by = []
        if (each == "group") != bool(group_by):
            self.fault(f"{at}/group_by", "Say `each: group` and `group_by` together, or neither.")
        known = set(FIELDS)
        if each == "payment":
            known = {n for n, (level, *_) in FIELDS.items() if LEVELS[level] < 2} | {"row_number"}
        elif each == "group":
            known = {*OF_A_GROUP, *group_by}
        whole = {n for n, (level, *_) in FIELDS.items() if level == "export"}
        headings = given.get("headings", False)
        if not isinstance(headings, bool):
            self.fault(f"{at}/headings", "Say true or false.")
        rest = {"batch", "batch_date", "label"}
        return File(
            name=self.file_name(given.get("name", ""), f"{at}/name"),
            each=each,
            group_by=tuple(group_by),
            headings=headings is True,
            columns=self.columns(given.get("columns"), f"{at}/columns", known - whole | rest, fixed=fixed),
            header=self.columns(given.get("header", []), f"{at}/header", whole, fixed=fixed, needed=False),
            trailer=self.columns(given.get("trailer", []), f"{at}/trailer", whole, fixed=fixed, needed=False),
        )

    def columns(
        self, given: Any, at: str, known: set[str], *, fixed: bool, needed: bool = True
    ) -> tuple[Column, ...]:
        if not isinstance(given, list) or (needed and not given) or len(given) > 200:
            self.fault(at, "Give a list of columns, in their order.")
            return ()
        return tuple(self.column(one, f"{at}/{n}", known, fixed=fixed) for n, one in enumerate(given))

    def column(self, given: Any, at: str, known: set[str], *, fixed: bool) -> Column:
        found = self.names(given, at, {
            "heading", "field", "constant", "width", "align", "pad", "dates", "amounts", "sign", "longest",
            "values",
        })  # fmt: skip
        name, constant = found.get("field"), found.get("constant")
        if (name is None) == (constant is None):
            self.fault(at, "Give a `field` or a `constant`, and not both.")
        elif constant is None and not (isinstance(name, str) and name in known):
            choices = ", ".join(sorted(known))
            self.fault(f"{at}/field", f"There is no field {name} here. Choose one of {choices}.")
        width = self.whole(found.get("width", 0), f"{at}/width")
        if fixed and not width:
            self.fault(f"{at}/width", "Each column of a fixed-width file needs a `width`.")
        kind = FIELDS[name][1] if isinstance(name, str) and name in FIELDS else ""
        usual = "right" if kind in (PENCE, NUMBER) else "left"
        align = self.one_of(found.get("align", usual), ("left", "right"), f"{at}/align")
        if "dates" in found and kind != DAY:
            self.fault(f"{at}/dates", "Only a field that is a day has `dates`.")
        if ("amounts" in found or "sign" in found) and kind != PENCE:
            self.fault(at, "Only a field that is money has `amounts` and `sign`.")
        amounts = found.get("amounts", "pence" if self.pence else "pounds")
        return Column(
            heading=self.text(found.get("heading", ""), f"{at}/heading", empty=True),
            field=name if isinstance(name, str) else "",
            constant="" if constant is None else self.text(constant, f"{at}/constant", empty=True),
            width=width,
            right=align == "right",
            pad=self.one_letter(found.get("pad", " "), f"{at}/pad"),
            dates=self.pattern(found.get("dates", self.dates), f"{at}/dates"),
            pence=self.one_of(amounts, AMOUNTS, f"{at}/amounts") == "pence",
            sign=self.one_of(found.get("sign", "as_is"), SIGNS, f"{at}/sign"),
            longest=self.whole(found.get("longest", 0), f"{at}/longest"),
            values=self.translated(found.get("values", {}), f"{at}/values"),
        )

    def node(self, given: Any, at: str, level: int, depth: int) -> Any:
        """One part of a JSON template: a column, `each` with `give`, names, a list, or a plain value."""
        self.nodes += 1
        if depth > 10 or self.nodes > MOST_NODES:
            self.fault(at, "This is nested too deeply, or too large.")
            return None
        if isinstance(given, dict) and "field" in given:
            known = {n for n, (where, *_) in FIELDS.items() if LEVELS[where] <= level}
            return self.column(given, at, known, fixed=False)
        if isinstance(given, dict) and set(given) == {"each", "give"}:
            each = self.one_of(given["each"], ("payment", "line"), f"{at}/each")
            if LEVELS.get(each, 0) <= level:
                self.fault(f"{at}/each", "Lines stand within payments, and payments within the whole.")
            inner = self.node(given["give"], f"{at}/give", LEVELS.get(each, 2), depth + 1)
            return {"each": each, "give": inner}
        if isinstance(given, dict) and self.nodes <= MOST_NODES:
            return {str(k): self.node(v, f"{at}/{k}", level, depth + 1) for k, v in given.items()}
        if given is None and not depth:
            self.fault(at, "A JSON mapping needs a `template`.")
        elif not isinstance(given, str | int | bool | None):
            self.fault(at, "Give names, a field, text, or a whole number.")
        return given

    def names(self, given: Any, at: str, known: set[str]) -> dict[str, Any]:
        if not isinstance(given, dict):
            self.fault(at, "Give names and values, like `name: Our feeder`.")
            return {}
        for name in given:
            if name not in known:
                self.fault(f"{at}/{name}", f"We do not know this. Choose from {', '.join(sorted(known))}.")
        return {str(name): value for name, value in given.items()}

    def one_of(self, given: Any, known: Any, at: str) -> str:
        if not isinstance(given, str) or given not in known:
            self.fault(at, f"Choose one of {', '.join(known)}.")
            return ""
        return given

    def text(self, given: Any, at: str, *, most: int = 200, empty: bool = False) -> str:
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        if not isinstance(given, str) or len(given) > most or not (empty or given.strip()):
            self.fault(at, f"Give a text of up to {most} letters.")
            return ""
        if any(ord(letter) < 32 for letter in given):
            self.fault(at, "Leave out line breaks and tabs.")
        return given

    def file_name(self, given: Any, at: str) -> str:
        if not isinstance(given, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{0,60}", given):
            self.fault(at, "A file's name has letters, numbers, dots, dashes and underscores.")
            return ""
        return given

    def whole(self, given: Any, at: str) -> int:
        if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= 1000:
            self.fault(at, "Give a whole number from 0 to 1000.")
            return 0
        return given

    def one_letter(self, given: Any, at: str) -> str:
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        if not isinstance(given, str) or len(given) != 1 or ord(given) < 32:
            self.fault(at, "Give one letter, such as a space or a 0.")
            return " "
        return given

    def separator(self, given: Any) -> str:
        if given == "tab":
            return "\t"
        if not isinstance(given, str) or given not in (",", ";", "|", "~", "^"):
            self.fault("/separator", "Choose one of , ; | ~ ^ or tab.")
            return ","
        return given

    def pattern(self, given: Any, at: str) -> str:
        if not isinstance(given, str) or not DATES.fullmatch(given):
            self.fault(at, "Write a date like DD/MM/YYYY or YYYYMMDD.")
            return "YYYY-MM-DD"
        return given

    def translated(self, given: Any, at: str) -> dict[str, str]:
        plain = (str, int)
        if not isinstance(given, dict) or not all(
            isinstance(k, plain) and isinstance(v, plain) for k, v in given.items()
        ):
            self.fault(at, "Give what we call it and what you call it, like `fees: '3102'`.")
            return {}
        return {str(k): str(v) for k, v in given.items()}
