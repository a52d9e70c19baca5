"""What do the books say of one person: which money left for them, what it was for, what is still owed?

One statement reads every entry of the person; everything else is worked out from it. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.ledger.model import ACCRUALS
from service.ledger.tables import LedgerEntry, LedgerPosting

# (account, category) → pence: what money was for.
Parts = dict[tuple[str, str], int]


@dataclass(frozen=True)
class Side:
    """One posting with what its entry says of it."""

    kind: str
    source_id: str
    claim_id: str
    at: datetime
    account: str
    category: str
    amount_pence: int


@dataclass(frozen=True)
class Moved:
    """Money that left for a person, or came back (then `amount_pence` and all parts are below nothing).

    `parts`: what it was for, as the books said at that moment. `taken_pence`: what came off it, with the
    person's yes. `amount_pence` is the parts less what was taken, where the books agree with themselves.
    """

    payment_id: str
    claim_id: str
    at: datetime
    came_back: bool
    amount_pence: int
    parts: Parts
    taken_pence: int


def sides(session: Session, *, council_id: str, person_id: str) -> list[Side]:
    """Every posting of a person's entries, in the order in which they were posted."""
    query = (
        select(
            LedgerEntry.kind,
            LedgerEntry.source_id,
            func.coalesce(LedgerEntry.claim_id, ""),
            LedgerEntry.at,
            LedgerPosting.account,
            LedgerPosting.category,
            LedgerPosting.amount_pence,
        )
        .join(
            LedgerPosting,
            (LedgerEntry.council_id == LedgerPosting.council_id) & (LedgerEntry.id == LedgerPosting.entry_id),
        )
        .where(LedgerEntry.council_id == council_id, LedgerEntry.person_id == person_id)
        .order_by(LedgerEntry.posted_at, LedgerEntry.id, LedgerPosting.number)
    )
    return [Side(*row) for row in session.execute(query)]


def moved(found: Iterable[Side]) -> list[Moved]:
    """What left and what came back, in order, each with what it was for."""
    rows = list(found)
    taken = {s.source_id: s.amount_pence for s in rows if s.kind == "offset" and s.account == "creditors"}
    standing: dict[str, Parts] = {}
    known: dict[str, Moved] = {}
    out: list[Moved] = []
    for side in rows:
        if side.kind in ACCRUALS and side.account != "creditors":
            parts = standing.setdefault(side.claim_id, {})
            key = (side.account, side.category)
            parts[key] = parts.get(key, 0) + side.amount_pence
        elif side.account.startswith("bank:") and side.kind == "settlement":
            known[side.source_id] = _left(side, standing.get(side.claim_id, {}), taken.get(side.source_id, 0))
            out.append(known[side.source_id])
        elif side.account.startswith("bank:") and side.kind == "return" and side.source_id in known:
            out.append(_came_back(known[side.source_id], side))
    return out


def _left(side: Side, standing: Parts, taken: int) -> Moved:
    parts = {key: pence for key, pence in standing.items() if pence}
    return Moved(side.source_id, side.claim_id, side.at, False, -side.amount_pence, parts, taken)


def _came_back(before: Moved, side: Side) -> Moved:
    parts = {key: -pence for key, pence in before.parts.items()}
    return Moved(side.source_id, side.claim_id, side.at, True, -side.amount_pence, parts, -before.taken_pence)


def owed(found: Iterable[Side]) -> dict[str, int]:
    """Claim id → pence that were agreed and have not been paid."""
    sums: dict[str, int] = {}
    for side in found:
        if side.account == "creditors":
            sums[side.claim_id] = sums.get(side.claim_id, 0) - side.amount_pence
    return {claim_id: pence for claim_id, pence in sums.items() if pence > 0}
