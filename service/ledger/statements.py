"""What moved on an account or a cost centre between two moments: opening, movements, closing? Writes nothing.

Moments are those of posting, as the database counts them, so a statement for the past never changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from service.ledger.model import MEMORANDUM
from service.ledger.tables import LedgerEntry, LedgerPosting

# When it was posted, and `entry.number`.
Place = tuple[datetime, str]


@dataclass(frozen=True)
class Wanted:
    """Which postings. Empty: every account but those of what is only promised, every cost centre.

    Both moments count.
    """

    account: str = ""
    cost_centre: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Movement:
    """One posting, and what stands on the whole after it."""

    entry_id: str
    number: int
    kind: str
    claim_id: str | None
    person_id: str | None
    at: datetime
    posted_at: datetime
    period: str
    account: str
    category: str
    cost_centre: str
    subjective: str
    vat_code: str
    amount_pence: int
    balance_pence: int

    @property
    def place(self) -> Place:
        """Where a page ends that ends with this one."""
        return self.posted_at, f"{self.entry_id}.{self.number}"


@dataclass(frozen=True)
class Statement:
    """Pence: debits above nothing, credits below. `movements`: one page of them, oldest first."""

    opening_pence: int
    debit_pence: int
    credit_pence: int
    closing_pence: int
    movements: list[Movement]


def statement(
    session: Session, *, council_id: str, wanted: Wanted, after: Place | None = None, limit: int = 50
) -> Statement:
    """A statement with the movements after a `(posted_at, entry.number)`."""
    total = func.coalesce(func.sum(LedgerPosting.amount_pence), 0)
    opening = 0
    if wanted.since is not None:
        earlier = (*_picked(council_id, wanted), LedgerEntry.posted_at < wanted.since)
        opening = int(session.scalar(select(total).where(*earlier)) or 0)
    sides = (func.greatest(LedgerPosting.amount_pence, 0), func.least(LedgerPosting.amount_pence, 0))
    debit, credit = (func.coalesce(func.sum(side), 0) for side in sides)
    sums = session.execute(select(debit, credit).where(*_within(council_id, wanted))).one()
    debits, credits_ = int(sums[0]), -int(sums[1])
    return Statement(
        opening_pence=opening,
        debit_pence=debits,
        credit_pence=credits_,
        closing_pence=opening + debits - credits_,
        movements=_movements(session, council_id, wanted, opening, after, limit),
    )


def accounts(session: Session, *, council_id: str) -> list[str]:
    """Every account that was ever posted to."""
    query = select(LedgerPosting.account).where(LedgerPosting.council_id == council_id).distinct()
    return list(session.scalars(query.order_by(LedgerPosting.account)))


def cost_centres(session: Session, *, council_id: str) -> list[str]:
    """Every cost centre that was ever posted to."""
    query = select(LedgerPosting.cost_centre).where(LedgerPosting.council_id == council_id).distinct()
    return list(session.scalars(query.order_by(LedgerPosting.cost_centre)))


def _movements(
    session: Session, council_id: str, wanted: Wanted, opening: int, after: Place | None, limit: int
) -> list[Movement]:
    place = (LedgerEntry.posted_at, LedgerPosting.entry_id, LedgerPosting.number)
    running = func.sum(LedgerPosting.amount_pence).over(order_by=place)
    rows = (
        select(
            LedgerPosting.entry_id,
            LedgerPosting.number,
            LedgerEntry.kind,
            LedgerEntry.claim_id,
            LedgerEntry.person_id,
            LedgerEntry.at,
            LedgerEntry.posted_at,
            LedgerEntry.period,
            LedgerPosting.account,
            LedgerPosting.category,
            LedgerPosting.cost_centre,
            LedgerPosting.subjective,
            LedgerPosting.vat_code,
            LedgerPosting.amount_pence,
            running.label("running"),
        )
        .where(*_within(council_id, wanted))
        .subquery()
    )
    query = select(rows).order_by(rows.c.posted_at, rows.c.entry_id, rows.c.number).limit(limit)
    if after is not None:
        entry_id, _, number = after[1].rpartition(".")
        query = query.where(
            tuple_(rows.c.posted_at, rows.c.entry_id, rows.c.number)
            > (after[0], entry_id, int(number) if number.isdigit() else 0)
        )
    found = [dict(row._mapping) for row in session.execute(query)]
    balances = [opening + int(row.pop("running")) for row in found]
    return [Movement(**row, balance_pence=stands) for row, stands in zip(found, balances, strict=True)]


def _within(council_id: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is wanted, of the two moments too."""
    conditions = _picked(council_id, wanted)
    if wanted.since is not None:
        conditions.append(LedgerEntry.posted_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(LedgerEntry.posted_at <= wanted.until)
    return conditions


def _picked(council_id: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    picked = [
        LedgerPosting.council_id == council_id,
        LedgerEntry.council_id == LedgerPosting.council_id,
        LedgerEntry.id == LedgerPosting.entry_id,
    ]
    if wanted.account:
        picked.append(LedgerPosting.account == wanted.account)
    else:
        picked.append(LedgerPosting.account.not_in(MEMORANDUM))
    if wanted.cost_centre:
        picked.append(LedgerPosting.cost_centre == wanted.cost_centre)
    return picked
