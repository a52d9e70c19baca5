"""What will be paid and why, in the shape a page shows it? Reads the assessment's JSON and adds nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Reason:
    """One sentence of the policy at work, and the clause it comes from."""

    text: str
    clause: str


@dataclass(frozen=True)
class Line:
    """One thing asked for. `outcome` is `payable`, `not_payable` or `needs_person`."""

    number: int
    what: str
    outcome: str
    amount_pence: int
    claimed_pence: int | None
    reasons: tuple[Reason, ...]
    would_change: tuple[str, ...]

    @property
    def cut(self) -> bool:
        """Whether less is paid than was asked for."""
        return self.claimed_pence is not None and self.amount_pence < self.claimed_pence


@dataclass(frozen=True)
class Sum:
    """A whole assessment: what is owed, line by line, by when it will be paid, and why all that."""

    outcome: str
    fee_pence: int
    expenses_pence: int
    total_pence: int
    lines: tuple[Line, ...]
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    pay_by: date | None
    field: str

    @property
    def open_lines(self) -> tuple[Line, ...]:
        """The lines that the policy leaves to a person."""
        return tuple(line for line in self.lines if line.outcome == "needs_person")


def sum_of(answer: Mapping[str, Any], *, whose: str = "Your") -> Sum:
    """The sum a page shows. `whose`: "Your" for the person, "Their" for those who read about them."""
    several = sum(line["kind"] == "fee" for line in answer["lines"]) > 1
    lines = [_line(number, line, several, whose) for number, line in enumerate(answer["lines"])]
    pay_by = answer.get("pay_by")
    return Sum(
        outcome=answer["outcome"],
        fee_pence=answer["fee_pence"],
        expenses_pence=answer["expenses_pence"],
        total_pence=answer["total_pence"],
        lines=tuple(lines),
        reasons=_reasons(answer.get("reasons", ())),
        warnings=_reasons(answer.get("warnings", ())),
        pay_by=date.fromisoformat(pay_by) if pay_by else None,
        field=answer.get("field") or "none",
    )


def _line(number: int, line: Mapping[str, Any], several: bool, whose: str) -> Line:
    name = line.get("name") or line.get("category") or ""
    return Line(
        number=number,
        what=_what(line["kind"], name, several, whose),
        outcome=line["outcome"],
        amount_pence=line["amount_pence"],
        claimed_pence=line.get("claimed_pence"),
        reasons=_reasons(line["reasons"]),
        would_change=tuple(change["text"] for change in line.get("would_change") or ()),
    )


def _what(kind: str, name: str, several: bool, whose: str) -> str:
    if kind != "fee":
        return name
    return f"{whose} time: {name}" if several else f"{whose} time"


def _reasons(rows: Any) -> tuple[Reason, ...]:
    return tuple(Reason(row["text"], _shown(row.get("clause"))) for row in rows)


def _shown(clause: str | None) -> str:
    """A clause is shown where it is a number that can be looked up."""
    return clause if clause and any(letter.isdigit() for letter in clause) else ""
