"""Questions about comparisons. Writes nothing."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.reconciling.tables import Reconciliation, ReconciliationFinding


def get(session: Session, *, council_id: str, reconciliation_id: str) -> Reconciliation:
    """One comparison. Raises `NotFound`."""
    found = session.get(Reconciliation, (council_id, reconciliation_id))
    if found is None:
        raise NotFound("We cannot find that comparison. Look at the list of them.")
    return found


def finding(session: Session, *, council_id: str, finding_id: str) -> ReconciliationFinding:
    """One thing that did not agree. Raises `NotFound`."""
    found = session.get(ReconciliationFinding, (council_id, finding_id))
    if found is None:
        raise NotFound("We cannot find that mismatch. Look at the list of them.")
    return found


def page(session: Session, *, council_id: str, before: str | None, limit: int) -> list[Reconciliation]:
    """Comparisons, the newest first; before an id."""
    query = select(Reconciliation).where(Reconciliation.council_id == council_id)
    if before:
        query = query.where(Reconciliation.id < before)
    return list(session.scalars(query.order_by(Reconciliation.id.desc()).limit(limit)))


def findings(
    session: Session, *, council_id: str, open_only: bool = False, limit: int = 500
) -> list[ReconciliationFinding]:
    """What did not agree, the newest first."""
    query = select(ReconciliationFinding).where(ReconciliationFinding.council_id == council_id)
    if open_only:
        query = query.where(ReconciliationFinding.closed_at.is_(None))
    return list(session.scalars(query.order_by(ReconciliationFinding.id.desc()).limit(limit)))


def done_on(session: Session, *, council_id: str, day: date) -> set[str]:
    """Rails that were compared by the clock on this day already."""
    query = select(Reconciliation.rail).where(
        Reconciliation.council_id == council_id,
        Reconciliation.day == day,
        Reconciliation.made_by == "system:reciprocal",
    )
    return set(session.scalars(query))


def known(
    session: Session, *, council_id: str, rail: str
) -> dict[tuple[str, str, str, str, int | None, int | None], ReconciliationFinding]:
    """What was found on a rail before, by what was found: still open, or closed by a person with a note."""
    query = select(ReconciliationFinding).where(
        ReconciliationFinding.council_id == council_id, ReconciliationFinding.rail == rail
    )
    return {
        (row.kind, row.payment_id, row.ours, row.theirs, row.ours_pence, row.theirs_pence): row
        for row in session.scalars(query.order_by(ReconciliationFinding.id))
        if row.closed_at is None or row.note
    }
