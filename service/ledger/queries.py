"""Questions about what was paid. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from service.ledger.model import Entry, Posting
from service.ledger.tables import LedgerEntry, LedgerPosting


@dataclass(frozen=True)
class Balance:
    """What stands on one account: the one of the two that is above nothing."""

    account: str
    debit_pence: int
    credit_pence: int


def trial_balance(session: Session, *, council_id: str, as_of: datetime | None = None) -> list[Balance]:
    """Every account with its balance, up to and with a moment."""
    query = (
        select(LedgerPosting.account, func.sum(LedgerPosting.amount_pence))
        .join(
            LedgerEntry,
            (LedgerEntry.council_id == LedgerPosting.council_id) & (LedgerEntry.id == LedgerPosting.entry_id),
        )
        .where(LedgerPosting.council_id == council_id)
        .group_by(LedgerPosting.account)
        .order_by(LedgerPosting.account)
    )
    if as_of is not None:
        query = query.where(LedgerEntry.at <= as_of)
    return [
        Balance(account, max(int(total), 0), max(-int(total), 0)) for account, total in session.execute(query)
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
    return Entry(row.kind, row.source_id, tuple(sides), row.claim_id, row.person_id)


def page(
    session: Session,
    *,
    council_id: str,
    after: tuple[datetime, str] | None,
    limit: int,
    as_of: datetime | None = None,
) -> list[LedgerEntry]:
    """Entries in the order of their moments, after an `(at, id)`."""
    query = select(LedgerEntry).where(LedgerEntry.council_id == council_id)
    if as_of is not None:
        query = query.where(LedgerEntry.at <= as_of)
    if after:
        query = query.where(tuple_(LedgerEntry.at, LedgerEntry.id) > after)
    return list(session.scalars(query.order_by(LedgerEntry.at, LedgerEntry.id).limit(limit)))


def postings(session: Session, *, council_id: str, entry_ids: list[str]) -> dict[str, list[Posting]]:
    """Entry id → its sides, in order."""
    query = select(LedgerPosting).where(
        LedgerPosting.council_id == council_id, LedgerPosting.entry_id.in_(entry_ids)
    )
    sides: dict[str, list[Posting]] = {entry_id: [] for entry_id in entry_ids}
    for row in session.scalars(query.order_by(LedgerPosting.entry_id, LedgerPosting.number)):
        sides[row.entry_id].append(Posting(row.account, row.amount_pence, row.cost_centre, row.subjective))
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


def paid_pence(session: Session, *, council_id: str, claim_ids: list[str]) -> dict[str, int]:
    """Claim id → pence that have left for it, returns taken off: the only place that knows what was paid."""
    query = (
        select(LedgerEntry.claim_id, -func.sum(LedgerPosting.amount_pence))
        .join(
            LedgerPosting,
            (LedgerEntry.council_id == LedgerPosting.council_id) & (LedgerEntry.id == LedgerPosting.entry_id),
        )
        .where(
            LedgerEntry.council_id == council_id,
            LedgerEntry.claim_id.in_(claim_ids),
            LedgerPosting.account.like("bank:%"),
        )
        .group_by(LedgerEntry.claim_id)
    )
    return {claim_id: int(total) for claim_id, total in session.execute(query) if claim_id}
