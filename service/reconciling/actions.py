"""Verbs of comparing our payments with a rail's own record. Never commit, never call a rail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from service import events, ids
from service.days import london_day
from service.errors import Conflict, one_fault
from service.events import SYSTEM, Actor
from service.payouts import queries as payouts
from service.payouts.tables import Payout
from service.rails.protocol import BookLine
from service.reconciling import queries
from service.reconciling.model import Finding, Ours, compare
from service.reconciling.tables import Reconciliation, ReconciliationFinding


def reconcile(
    session: Session,
    *,
    council_id: str,
    rail: str,
    lines: Sequence[BookLine],
    since: datetime,
    actor: Actor,
    now: datetime,
) -> Reconciliation:
    """Compare, and write down what differs. What was found before and is still open is not found again.

    What a person has closed with a note stays closed while both records stand as they did then.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"reconcile{council_id}{rail}"},
    )
    ours = [_own(row) for row in payouts.on_rail(session, council_id=council_id, rail=rail, since=since)]
    named = {line.payment_id for line in lines}
    others = payouts.by_ids(session, council_id=council_id, payout_ids=named)
    found = compare(ours, lines, others={key: _own(row) for key, row in others.items()}, now=now)
    looked_at = {one.payment_id for one in ours} | named
    row = Reconciliation(
        council_id=council_id,
        id=ids.new("rec"),
        rail=rail,
        day=london_day(now),
        since=since,
        made_by=str(actor),
        made_at=now,
        ours=len(ours),
        theirs=len(lines),
        agreed=len(looked_at - {one.payment_id for one in found}),
        mismatches=len(found),
    )
    session.add(row)
    session.flush()
    fresh = _write(session, row, found, looked_at, now=now)
    name = "reconciliation.found" if fresh else "reconciliation.done"
    events.record(
        session,
        council_id=council_id,
        name=name,
        subject_id=row.id,
        actor=actor,
        at=now,
        refs={"rail": rail, "mismatches": len(found), "new": fresh},
    )
    return row


def _write(
    session: Session, row: Reconciliation, found: list[Finding], looked_at: set[str], *, now: datetime
) -> int:
    """Keep what is new, and close what agrees again. Answers how many are new."""
    before = queries.known(session, council_id=row.council_id, rail=row.rail)
    now_found = {(f.kind, f.payment_id, f.ours, f.theirs, f.ours_pence, f.theirs_pence) for f in found}
    for key, old in before.items():
        if old.closed_at is None and key not in now_found and old.payment_id in looked_at:
            old.closed_at, old.closed_by = now, str(SYSTEM)
    fresh = sorted(now_found - set(before), key=str)
    for kind, payment_id, ours, theirs, ours_pence, theirs_pence in fresh:
        session.add(
            ReconciliationFinding(
                council_id=row.council_id,
                id=ids.new("fnd"),
                reconciliation_id=row.id,
                rail=row.rail,
                kind=kind,
                payment_id=payment_id,
                ours=ours,
                theirs=theirs,
                ours_pence=ours_pence,
                theirs_pence=theirs_pence,
                found_at=now,
                closed_at=None,
                closed_by=None,
                note=None,
            )
        )
    session.flush()
    return len(fresh)


def close(
    session: Session, *, council_id: str, finding_id: str, note: str, actor: Actor, now: datetime
) -> ReconciliationFinding:
    """Somebody has looked into it, and says what it was. Raises `NotFound`, `Invalid`, `Conflict`."""
    row = queries.finding(session, council_id=council_id, finding_id=finding_id)
    session.refresh(row, with_for_update=True)
    if not note.strip():
        raise one_fault("/note", "Say what you found out, and what was done")
    if row.closed_at is not None:
        raise Conflict("This is closed already. Read the note that stands there.")
    row.closed_at, row.closed_by, row.note = now, str(actor), note.strip()
    events.record(
        session,
        council_id=council_id,
        name="reconciliation.closed",
        subject_id=row.id,
        actor=actor,
        at=now,
        refs={"payment": row.payment_id, "kind": row.kind},
        words=note.strip(),
    )
    return row


def _own(row: Payout) -> Ours:
    return Ours(row.id, row.amount_pence, row.state, row.changed_at)
