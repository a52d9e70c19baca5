"""The verbs of the ledger. Everything is written by `post_all`. Never commits, never calls a task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.orm import Session

from service import ids
from service.days import london_day
from service.ledger import codes, queries
from service.ledger.model import Entry, Owed, commitment, difference
from service.ledger.tables import LedgerEntry, LedgerPosting

ENTRIES = cast(Table, LedgerEntry.__table__)
POSTINGS = cast(Table, LedgerPosting.__table__)


def post(session: Session, *, council_id: str, entry: Entry, at: datetime) -> bool:
    """Write an entry. Answers False, and writes nothing, when this one was posted before."""
    return post_all(session, council_id=council_id, entries=[entry], at=at) == 1


def post_all(session: Session, *, council_id: str, entries: Sequence[Entry], at: datetime) -> int:
    """Write many entries at the cost of a few statements. Answers how many were new.

    What was posted before, by its kind and source, is left out; two at once take turns. Sides that carry no
    code of their own get the council's.
    """
    if not entries:
        return 0
    code = codes.codes_on(session, council_id=council_id, on=london_day(at))
    known = {ids.new("ent"): entry for entry in entries}
    rows = [_row(council_id, entry_id, entry, at) for entry_id, entry in known.items()]
    once = insert_once(ENTRIES).on_conflict_do_nothing().returning(ENTRIES.c.id)
    written = [row.id for row in session.execute(once, rows)]
    sides = [
        {"council_id": council_id, "entry_id": entry_id, "number": number, **asdict(code.coded(side))}
        for entry_id in written
        for number, side in enumerate(known[entry_id].postings)
    ]
    if sides:
        session.execute(insert(POSTINGS), sides)
    return len(written)


def _row(council_id: str, entry_id: str, entry: Entry, at: datetime) -> dict[str, Any]:
    return {
        "council_id": council_id,
        "id": entry_id,
        "kind": entry.kind,
        "source_id": entry.source_id,
        "claim_id": entry.claim_id,
        "person_id": entry.person_id,
        "offer_id": entry.offer_id,
        "at": at,
    }


def accrue(
    session: Session,
    *,
    council_id: str,
    claim_id: str,
    person_id: str,
    cost_centre: str,
    owed: Owed,
    at: datetime,
) -> bool:
    """Make the books say what a claim is owed: posts the difference to what they say. Safe to repeat.

    The claim's row is locked by the caller. Answers False when the books say it already.
    """
    standing = queries.accrued(session, council_id=council_id, claim_id=claim_id)
    sides = difference(owed, standing, cost_centre=cost_centre)
    if not sides:
        return False
    kind = "accrual" if not standing else "correction" if any(owed.values()) else "accrual_reversal"
    number = queries.count_of_accruals(session, council_id=council_id, claim_id=claim_id) + 1
    entry = Entry(kind, f"{claim_id}.{number}", sides, claim_id, person_id)
    return post(session, council_id=council_id, entry=entry, at=at)


def set_aside(
    session: Session,
    *,
    council_id: str,
    offer_id: str,
    person_id: str,
    cost_centre: str,
    pence: int,
    at: datetime,
) -> None:
    """Somebody said yes to an offer: its fee is set aside. The offer's row is locked by the caller."""
    if pence <= 0:
        return
    before = queries.commitments(session, council_id=council_id, offer_ids=[offer_id])
    entry = commitment(
        offer_id=offer_id,
        time=len(before) + 1,
        person_id=person_id,
        cost_centre=cost_centre,
        pence=pence,
    )
    post(session, council_id=council_id, entry=entry, at=at)


def release(session: Session, *, council_id: str, offer_ids: Sequence[str], at: datetime) -> None:
    """What was set aside for these offers is so no longer: over, or owed by now. Safe to repeat."""
    if not offer_ids:
        return
    made = queries.commitments(session, council_id=council_id, offer_ids=offer_ids)
    undone = [entry.reversed(kind="commitment_release", source_id=entry.source_id) for entry in made]
    post_all(session, council_id=council_id, entries=undone, at=at)
