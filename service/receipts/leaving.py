"""Which pictures of receipts are kept no longer? Long after payment, or when nothing came of the claim.

The record stays, with its keyed hash, so that the same picture is noticed years later. Never commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.claims.tables import Claim
from service.events import SYSTEM
from service.receipts import actions, queries
from service.receipts.model import KEPT_AFTER_NO, KEPT_AFTER_PAYMENT, KEPT_UNSENT
from service.receipts.tables import Receipt

AFTER = {"paid": KEPT_AFTER_PAYMENT, "refused": KEPT_AFTER_NO, "withdrawn": KEPT_AFTER_NO}
CHUNK = 200


def forget_page(session: Session, *, council_id: str, after: str, now: datetime) -> str:
    """Look at the next pictures and let go of those whose time is over. Answers where to go on."""
    rows = queries.with_a_picture(session, council_id=council_id, after=after, limit=CHUNK)
    known = claims.by_ids(session, council_id=council_id, claim_ids={row.claim_id or "" for row in rows})
    for row in rows:
        if _is_over(row, known, now):
            actions.remove(session, council_id=council_id, receipt_id=row.id, actor=SYSTEM, now=now)
    return rows[-1].id if len(rows) == CHUNK else ""


def _is_over(row: Receipt, known: Mapping[str, Claim], now: datetime) -> bool:
    if row.claim_id is None:
        return row.changed_at < now - KEPT_UNSENT
    claim = known[row.claim_id]
    return claim.state in AFTER and claim.changed_at < now - AFTER[claim.state]


def files_without_a_key(session: Session, *, council_id: str, names: list[str]) -> list[str]:
    """Which of these files nothing opens any more: their key is gone, or was never written down."""
    known = queries.by_ids(session, council_id=council_id, receipt_ids=names)
    return [name for name in names if name not in known or known[name].key_sealed is None]
