"""The one verb of the ledger: post. Never commits, never calls a task."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service import ids
from service.ledger import queries
from service.ledger.model import Entry
from service.ledger.tables import LedgerEntry, LedgerPosting


def post(session: Session, *, council_id: str, entry: Entry, at: datetime) -> bool:
    """Write an entry. Answers False, and writes nothing, when this one was posted before."""
    if queries.entry(session, council_id=council_id, kind=entry.kind, source_id=entry.source_id) is not None:
        return False
    row = LedgerEntry(
        council_id=council_id,
        id=ids.new("ent"),
        kind=entry.kind,
        source_id=entry.source_id,
        claim_id=entry.claim_id,
        person_id=entry.person_id,
        at=at,
    )
    session.add(row)
    session.flush()
    session.add_all(
        LedgerPosting(
            council_id=council_id,
            entry_id=row.id,
            number=number,
            account=side.account,
            amount_pence=side.amount_pence,
            cost_centre=side.cost_centre,
            subjective=side.subjective,
        )
        for number, side in enumerate(entry.postings)
    )
    session.flush()
    return True
