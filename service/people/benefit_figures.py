"""Which dated figures about benefits count on a day, where were they read, and may they be shown as facts?

Everything stands in `benefit_figures.yaml`; no page or message holds a figure of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

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
