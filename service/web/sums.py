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
    """A whole assessment: what is owed, line by line, and by when it will be paid."""

    outcome: str
    fee_pence: int
    expenses_pence: int
    total_pence: int
    lines: tuple[Line, ...]
    warnings: tuple[Reason, ...]
    pay_by: date | None


def from_assessment(assessment: Mapping[str, Any], *, names: Mapping[str, str]) -> Sum:
    """The sum a page shows. `names` gives each expense category its plain name."""
    pay_by = assessment.get("pay_by")
    return Sum(
        outcome=assessment["outcome"],
        fee_pence=assessment["fee_pence"],
        expenses_pence=assessment["expenses_pence"],
        total_pence=assessment["total_pence"],
        lines=tuple(_line(line, names) for line in assessment["lines"]),
        warnings=tuple(Reason(w["text"], w.get("clause") or "") for w in assessment.get("warnings", ())),
        pay_by=date.fromisoformat(pay_by) if pay_by else None,
    )


def _line(line: Mapping[str, Any], names: Mapping[str, str]) -> Line:
    category = line.get("category") or ""
    return Line(
        what="Your time" if line["kind"] == "fee" else names.get(category, category),
        outcome=line["outcome"],
        amount_pence=line["amount_pence"],
        claimed_pence=line.get("claimed_pence"),
        reasons=tuple(Reason(r["text"], r.get("clause") or "") for r in line["reasons"]),
        would_change=tuple(_sentence(change) for change in line.get("would_change") or ()),
    )


def _sentence(change: Any) -> str:
    return str(change["text"]) if isinstance(change, Mapping) else str(change)
