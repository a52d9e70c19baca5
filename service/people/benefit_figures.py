"""Which dated figures and facts about benefits and tax count on a day, and may they be shown?

Everything, with where it was read, stands in `benefit_figures.yaml`; no page or message has a figure of its
own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from service.money import pounds

FILE = Path(__file__).with_name("benefit_figures.yaml")

STATED = "stated"
MARKS = (STATED, "inferred", "remembered")


@dataclass(frozen=True)
class Figure:
    """One limit or allowance. `per`: week or month. `mark`: stated, inferred or remembered."""

    key: str
    name: str
    amount_pence: int
    per: str
    from_day: date
    until_day: date
    source: str
    mark: str

    @property
    def may_be_shown(self) -> bool:
        """Whether somebody read it in its source; any other stays hidden until it is confirmed."""
        return self.mark == STATED and bool(self.source)


def figures(on: date) -> list[Figure]:
    """Every figure that counts on a day, in the order of the file, also those that may not be shown."""
    return [one for one in _all() if one.from_day <= on <= one.until_day]


@dataclass(frozen=True)
class Fact:
    """One sentence that may be shown, and where it was read."""

    key: str
    text: str
    source: str


def facts(*, on: date, field: str) -> list[Fact]:
    """What may be said beside an offer for work in `field`: read in a source, with that day's figures.

    What holds for service users alone is left out where the law has no such rule for the field.
    """
    sums = {one.key: pounds(one.amount_pence) for one in figures(on) if one.may_be_shown}
    known = {**sums, "field": field}
    found = []
    for one in _file()["facts"]:
        if one["mark"] != STATED or (one.get("only") == "statutory" and not is_statutory(field)):
            continue
        asked = set(re.findall(r"{(\w+)}", one["text"]))
        text = one["text"] if asked <= known.keys() else one.get("without", "")
        if text:
            found.append(Fact(one["key"], text.format_map(known), one["source"]))
    return found


def is_statutory(field: str) -> bool:
    """Whether the law has a rule for people who are asked because they use services in this field."""
    return field in _file()["fields"]


def as_of() -> date:
    """The day on which the figures and facts were last looked up."""
    found: date = _file()["as_of"]
    return found


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
    return found


@cache
def _all() -> tuple[Figure, ...]:
    return tuple(
        Figure(
            key=each["key"],
            name=each["name"],
            amount_pence=one["pence"],
            per=each["per"],
            from_day=one["from"],
            until_day=one["until"],
            source=one["source"],
            mark=one["mark"],
        )
        for each in _file()["figures"]
        for one in each["amounts"]
    )
