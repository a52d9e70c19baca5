"""Under which subjective and VAT code is a line posted? The council's own code, else the common list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import events
from service.errors import Fault, Invalid
from service.events import Actor
from service.ledger.model import Posting
from service.ledger.tables import LedgerCode

COMMON = Path(__file__).with_name("codes.yaml")
LONGEST = 30
KEPT = "ledger_codes"
ASKED = {"line": "what the line is for", "subjective": "the subjective code", "vat_code": "the VAT code"}


@dataclass(frozen=True)
class Code:
    """What a line is posted under."""

    subjective: str
    vat_code: str


@dataclass(frozen=True)
class Shown:
    """One line of the list as it counts on a day. `own`: the council set it itself, from `starts_on`."""

    line: str
    subjective: str
    vat_code: str
    starts_on: date
    own: bool


@cache
def _common() -> tuple[tuple[date, dict[str, Code]], ...]:
    """The common lists with the day each begins, oldest first."""
    found = YAML(typ="safe").load(COMMON.read_text())
    return tuple((one["from"], {name: Code(**code) for name, code in one["lines"].items()}) for one in found)


def _common_on(on: date) -> tuple[date, dict[str, Code]]:
    lists = _common()
    return next(((day, lines) for day, lines in reversed(lists) if day <= on), lists[0])


@dataclass(frozen=True)
class Codes:
    """A council's codes on one day."""

    own: dict[str, Code]
    common: dict[str, Code]

    def coded(self, side: Posting) -> Posting:
        """The side with its codes; one that has a code already keeps it.

        The council's code for a category comes first, then its code for all fees or all costs, then the
        common list in the same order.
        """
        if side.subjective:
            return side
        general = {"fees": "fee", "expenses": "expense", "commitments": "fee", "commitments_contra": "fee"}
        kind = general.get(side.account, side.account.partition(":")[0])
        # The category of a fee is its activity, which the common list does not know.
        common = self.common.get(side.category) if kind == "expense" else None
        codes = (self.own.get(side.category), self.own.get(kind), common, self.common.get(kind))
        code = next((code for code in codes if code is not None), None)
        return replace(side, subjective=code.subjective, vat_code=code.vat_code) if code else side


def codes_on(session: Session, *, council_id: str, on: date) -> Codes:
    """The codes of a day. Asked once in a transaction."""
    kept: dict[tuple[str, date], Codes] = session.info.setdefault(KEPT, {})
    if (council_id, on) not in kept:
        own = {row.line: Code(row.subjective, row.vat_code) for row in _own(session, council_id, on)}
        kept[council_id, on] = Codes(own, _common_on(on)[1])
    return kept[council_id, on]


def _own(session: Session, council_id: str, on: date) -> list[LedgerCode]:
    query = select(LedgerCode).where(LedgerCode.council_id == council_id, LedgerCode.starts_on <= on)
    return list(session.scalars(query.order_by(LedgerCode.line, LedgerCode.starts_on)))


def listed(session: Session, *, council_id: str, on: date) -> list[Shown]:
    """Every line with the code that counts on a day, by name."""
    since, common = _common_on(on)
    found = {n: Shown(n, code.subjective, code.vat_code, since, own=False) for n, code in common.items()}
    for row in _own(session, council_id, on):
        found[row.line] = Shown(row.line, row.subjective, row.vat_code, row.starts_on, own=True)
    return [found[name] for name in sorted(found)]


def set_code(
    session: Session,
    *,
    council_id: str,
    line: str,
    subjective: str,
    vat_code: str,
    starts_on: date,
    actor: Actor,
    now: datetime,
) -> Shown:
    """Post a line under these codes from a day on. What was posted stays as it is. Safe to repeat.

    Raises `Invalid` for a line or code that is empty or too long.
    """
    given = {"line": line.strip(), "subjective": subjective.strip(), "vat_code": vat_code.strip()}
    faults = [
        Fault(f"/{name}", f"Enter {ASKED[name]} in 1 to {LONGEST} letters or figures")
        for name, value in given.items()
        if not 1 <= len(value) <= LONGEST
    ]
    if faults:
        raise Invalid("The code needs another look.", errors=tuple(faults))
    row = session.get(LedgerCode, (council_id, given["line"], starts_on))
    if row is None:
        row = LedgerCode(council_id=council_id, starts_on=starts_on, made_by="", made_at=now, **given)
        session.add(row)
    elif (row.subjective, row.vat_code) == (given["subjective"], given["vat_code"]):
        return Shown(**given, starts_on=starts_on, own=True)
    row.subjective, row.vat_code = given["subjective"], given["vat_code"]
    row.made_by, row.made_at = str(actor), now
    session.flush()
    session.info.pop(KEPT, None)
    refs = {**given, "starts_on": starts_on.isoformat()}
    events.record(
        session,
        council_id=council_id,
        name="ledger.code_set",
        subject_id=given["line"],
        actor=actor,
        at=now,
        refs=refs,
    )
    return Shown(**given, starts_on=starts_on, own=True)
