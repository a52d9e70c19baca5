"""The one verb of the ledger: post, one entry or many. Never commits, never calls a task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import ids
from service.db import insert_all
from service.ledger import queries
from service.ledger.model import Entry
from service.ledger.tables import LedgerEntry, LedgerPosting


def post(session: Session, *, council_id: str, entry: Entry, at: datetime) -> bool:
    """Write an entry. Answers False, and writes nothing, when this one was posted before."""
    return bool(post_all(session, council_id=council_id, entries=[entry], at=at))


def post_all(session: Session, *, council_id: str, entries: Sequence[Entry], at: datetime) -> int:
    """Write entries, each once. Answers how many were new."""
    posted = queries.posted(session, council_id=council_id, sources=[(e.kind, e.source_id) for e in entries])
    fresh = {ids.new("ent"): entry for entry in entries if (entry.kind, entry.source_id) not in posted}
    insert_all(session, LedgerEntry, [_row(council_id, key, entry, at) for key, entry in fresh.items()])
    sides = [side for key, entry in fresh.items() for side in _sides(council_id, key, entry)]
    insert_all(session, LedgerPosting, sides)
    return len(fresh)


def _row(council_id: str, entry_id: str, entry: Entry, at: datetime) -> dict[str, Any]:
    return {
        "council_id": council_id,
        "id": entry_id,
        "kind": entry.kind,
        "source_id": entry.source_id,
        "claim_id": entry.claim_id,
        "person_id": entry.person_id,
        "at": at,
    }


def _sides(council_id: str, entry_id: str, entry: Entry) -> list[dict[str, Any]]:
    return [
        {
            "council_id": council_id,
            "entry_id": entry_id,
            "number": number,
            "account": side.account,
            "amount_pence": side.amount_pence,
            "cost_centre": side.cost_centre,
            "subjective": side.subjective,
        }
        for number, side in enumerate(entry.postings)
    ]
