"""Questions about what was paid. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, text, tuple_
from sqlalchemy.orm import Session

from service.ledger.model import ACCRUALS, MEMORANDUM, Entry, Posting
from service.ledger.tables import LedgerEntry, LedgerPosting


@dataclass(frozen=True)
class Balance:
    """What stands on one account: the one of the two that is above nothing."""

    account: str
    debit_pence: int
    credit_pence: int


def moment(session: Session, *, council_id: str, as_of: datetime | None) -> datetime:
    """A moment as of which the books will never say anything else: `as_of`, or now where that is to come.

    Whoever has begun to post holds a lock until their transaction ends, and entries are dated by the database
    after it is taken. So to have held it alone for an instant means that nothing older is still to come.
    """
    with session.begin_nested() as instant:
        session.execute(text("SELECT pg_advisory_xact_lock(books_lock(:council))"), {"council": council_id})
        now = session.scalar(text("SELECT clock_timestamp()"))
        instant.rollback()
    if not isinstance(now, datetime):
        raise TypeError("The database has no clock.")
    return now if as_of is None else min(as_of, now)


def trial_balance(
    session: Session, *, council_id: str, as_of: datetime | None = None, memorandum: bool = False
) -> list[Balance]:
    """Every account on which something stands, up to and with a moment of posting (see `moment`).

    `memorandum` adds what is only promised, which is no account proper.
    """
    total = func.sum(LedgerPosting.amount_pence)
    query = (
        select(LedgerPosting.account, total)
        .where(LedgerPosting.council_id == council_id)
        .group_by(LedgerPosting.account)
        .having(total != 0)
        .order_by(LedgerPosting.account)
    )
    if not memorandum:
        query = query.where(LedgerPosting.account.not_in(MEMORANDUM))
    if as_of is not None:
        query = query.join(
            LedgerEntry,
            (LedgerEntry.council_id == LedgerPosting.council_id) & (LedgerEntry.id == LedgerPosting.entry_id),
        ).where(LedgerEntry.posted_at <= as_of)
    return [
        Balance(account, max(int(pence), 0), max(-int(pence), 0)) for account, pence in session.execute(query)
    ]


def entry(session: Session, *, council_id: str, kind: str, source_id: str) -> Entry | None:
    """One entry by where it came from."""
    query = select(LedgerEntry).where(
        LedgerEntry.council_id == council_id, LedgerEntry.kind == kind, LedgerEntry.source_id == source_id
    )
    row = session.scalars(query).first()
    if row is None:
        return None
    sides = postings(session, council_id=council_id, entry_ids=[row.id])[row.id]
    return _entry(row, sides)


def _entry(row: LedgerEntry, sides: Sequence[Posting]) -> Entry:
    return Entry(row.kind, row.source_id, tuple(sides), row.claim_id, row.person_id, row.offer_id)


def commitments(session: Session, *, council_id: str, offer_ids: Sequence[str]) -> list[Entry]:
    """Every time that the fee of one of these offers was set aside, oldest first."""
    query = select(LedgerEntry).where(
        LedgerEntry.council_id == council_id,
        LedgerEntry.offer_id.in_(offer_ids),
        LedgerEntry.kind == "commitment",
    )
    rows = list(session.scalars(query.order_by(LedgerEntry.posted_at, LedgerEntry.id)))
    sides = postings(session, council_id=council_id, entry_ids=[row.id for row in rows]) if rows else {}
    return [_entry(row, sides[row.id]) for row in rows]


def accrued(session: Session, *, council_id: str, claim_id: str) -> list[Posting]:
    """What stands as owed, or paid, for a claim: each line with its codes."""
    line = (
        LedgerPosting.account,
        LedgerPosting.cost_centre,
        LedgerPosting.subjective,
        LedgerPosting.category,
        LedgerPosting.vat_code,
    )
    total = func.sum(LedgerPosting.amount_pence)
    query = (
        select(*line, total)
        .join(
            LedgerEntry,
            (LedgerEntry.council_id == LedgerPosting.council_id) & (LedgerEntry.id == LedgerPosting.entry_id),
        )
        .where(
            LedgerEntry.council_id == council_id,
            LedgerEntry.claim_id == claim_id,
            LedgerEntry.kind.in_(ACCRUALS),
            LedgerPosting.account != "creditors",
        )
        .group_by(*line)
        .having(total != 0)
        .order_by(*line)
    )
    return [Posting(a, int(pence), *codes) for a, *codes, pence in session.execute(query)]


def count_of_accruals(session: Session, *, council_id: str, claim_id: str) -> int:
    """How many entries have made a claim owed, or not owed, so far."""
    query = select(func.count()).where(
        LedgerEntry.council_id == council_id,
        LedgerEntry.claim_id == claim_id,
        LedgerEntry.kind.in_(ACCRUALS),
    )
    return session.scalar(query) or 0


def page(
    session: Session,
    *,
    council_id: str,
    after: tuple[datetime, str] | None,
    limit: int,
    as_of: datetime | None = None,
) -> list[LedgerEntry]:
    """Entries in the order in which they were posted, after a `(posted_at, id)`."""
    query = select(LedgerEntry).where(LedgerEntry.council_id == council_id)
    if as_of is not None:
        query = query.where(LedgerEntry.posted_at <= as_of)
    if after:
        query = query.where(tuple_(LedgerEntry.posted_at, LedgerEntry.id) > after)
    return list(session.scalars(query.order_by(LedgerEntry.posted_at, LedgerEntry.id).limit(limit)))


def postings(session: Session, *, council_id: str, entry_ids: list[str]) -> dict[str, list[Posting]]:
    """Entry id → its sides, in order."""
    query = select(LedgerPosting).where(
        LedgerPosting.council_id == council_id, LedgerPosting.entry_id.in_(entry_ids)
    )
    sides: dict[str, list[Posting]] = {entry_id: [] for entry_id in entry_ids}
    for row in session.scalars(query.order_by(LedgerPosting.entry_id, LedgerPosting.number)):
        sides[row.entry_id].append(
            Posting(
                row.account, row.amount_pence, row.cost_centre, row.subjective, row.category, row.vat_code
            )
        )
    return sides


def bank_entries(
    session: Session,
    *,
    council_id: str,
    rails: tuple[str, ...],
    since: datetime | None,
    until: datetime,
    leaving_out: Select[str],
    limit: int,
) -> list[LedgerEntry]:
    """Entries that moved money on the bank accounts of these rails, the oldest first.

    `leaving_out`: a query of the ids that are not wanted.
    """
    banks = [f"bank:{rail}" for rail in rails]
    moved = select(LedgerPosting.entry_id).where(
        LedgerPosting.council_id == council_id, LedgerPosting.account.in_(banks)
    )
    query = select(LedgerEntry).where(
        LedgerEntry.council_id == council_id,
        LedgerEntry.id.in_(moved),
        LedgerEntry.id.not_in(leaving_out),
        LedgerEntry.at < until,
    )
    if since is not None:
        query = query.where(LedgerEntry.at >= since)
    return list(session.scalars(query.order_by(LedgerEntry.id).limit(limit)))


def coding(session: Session, *, council_id: str, claim_ids: list[str]) -> dict[str, list[Posting]]:
    """Claim id → what it was agreed to be for, as it stands, apart from what was paid or came back."""
    query = select(LedgerEntry).where(
        LedgerEntry.council_id == council_id,
        LedgerEntry.claim_id.in_(claim_ids),
        LedgerEntry.kind.not_in(("settlement", "return")),
    )
    entries = {entry.id: entry.claim_id or "" for entry in session.scalars(query)}
    found: dict[str, list[Posting]] = {claim_id: [] for claim_id in claim_ids}
    for entry_id, sides in postings(session, council_id=council_id, entry_ids=list(entries)).items():
        found[entries[entry_id]] += [side for side in sides if side.account in ("fees", "expenses")]
    return found


def moved_pence(session: Session, *, council_id: str, source_ids: list[str]) -> dict[str, int]:
    """Payment id → pence that have left for it and not come back."""
    query = (
        select(LedgerEntry.source_id, -func.sum(LedgerPosting.amount_pence))
        .join(
            LedgerPosting,
            (LedgerEntry.council_id == LedgerPosting.council_id) & (LedgerEntry.id == LedgerPosting.entry_id),
        )
        .where(
            LedgerEntry.council_id == council_id,
            LedgerEntry.source_id.in_(source_ids),
            LedgerPosting.account.like("bank:%"),
        )
        .group_by(LedgerEntry.source_id)
    )
    return {source_id: int(total) for source_id, total in session.execute(query)}
