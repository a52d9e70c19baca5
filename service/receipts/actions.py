"""Verbs about receipts. Never commit, never call a task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service import events
from service.errors import Conflict, NotFound, Unavailable
from service.events import Actor
from service.receipts import queries
from service.receipts.keeping import Keeping, Taken
from service.receipts.model import AFTER_SCAN, TRANSITIONS, WAITING
from service.receipts.tables import Receipt


class ReceiptHasGone(Conflict):
    """The receipt is no longer in a state where that can be done."""

    title = "This receipt has changed"


@dataclass(frozen=True)
class Picture:
    """What is sent to whoever may look at a receipt."""

    kind: str
    data: bytes


def add(
    session: Session, *, council_id: str, person_id: str, taken: Taken, actor: Actor, now: datetime
) -> Receipt:
    """Write down a receipt that lies in the store. It belongs to no claim yet."""
    row = Receipt(
        council_id=council_id,
        id=taken.id,
        person_id=person_id,
        claim_id=None,
        cost_number=None,
        state="new",
        kind=taken.kind,
        pages=taken.pages,
        bytes=taken.bytes,
        scan=taken.scan,
        mark=taken.mark,
        key_sealed=taken.key_sealed,
        made_at=now,
        changed_at=now,
    )
    session.add(row)
    _move(session, row, verb="wait" if taken.scan == WAITING else "keep", actor=actor, now=now)
    return row


def attach(
    session: Session,
    *,
    council_id: str,
    person_id: str,
    claim_id: str,
    numbers: Mapping[str, int],
    actor: Actor,
    now: datetime,
) -> None:
    """Make these the receipts of a claim: receipt id → the number of its cost, from 0.

    Others that the claim had are taken away. Raises `NotFound` for receipts of somebody else, or of another
    claim.
    """
    for row in queries.of_claim(session, council_id=council_id, claim_id=claim_id):
        if row.id not in numbers:
            _move(session, row, verb="remove", actor=actor, now=now)
    for receipt_id, number in numbers.items():
        row = _locked(session, council_id, receipt_id)
        if row.person_id != person_id or row.claim_id not in (None, claim_id):
            raise NotFound("We cannot find that receipt. Add it again.")
        if row.state == "removed":
            continue
        is_new = row.claim_id is None
        row.claim_id, row.cost_number, row.changed_at = claim_id, number, now
        session.flush()
        if is_new:
            _tell(session, row, name="receipt.attached", actor=actor, now=now)


def remove(session: Session, *, council_id: str, receipt_id: str, actor: Actor, now: datetime) -> Receipt:
    """Take a receipt away: its key goes, so its file says nothing any more. Safe to repeat."""
    row = _locked(session, council_id, receipt_id)
    if row.state != "removed":
        _move(session, row, verb="remove", actor=actor, now=now)
    return row


def look(
    session: Session, *, council_id: str, receipt_id: str, keeping: Keeping, actor: Actor, now: datetime
) -> Picture:
    """The picture, for somebody who may see it. That they looked is written down.

    Raises `NotFound`, `Unavailable` while it is being checked, `ReceiptHasGone` where it was taken away.
    """
    row = queries.get(session, council_id=council_id, receipt_id=receipt_id)
    if row.state == "being_checked":
        raise Unavailable("This receipt is being checked for harmful files. It is safe. Look again later.")
    if row.state != "kept" or row.key_sealed is None:
        raise ReceiptHasGone("The picture of this receipt is not kept any more.")
    data = keeping.read(council_id=council_id, receipt_id=receipt_id, key_sealed=row.key_sealed)
    # Named by ids alone: a timeline of a claim, or of a person, is no list of who opened a page.
    events.record(
        session,
        council_id=council_id,
        name="receipt.read",
        subject_id=row.id,
        actor=actor,
        at=now,
        refs={"claim_id": row.claim_id, "person_id": row.person_id},
    )
    return Picture(row.kind, data)


def check_again(
    session: Session, *, council_id: str, receipt_id: str, found: str, actor: Actor, now: datetime
) -> Receipt:
    """Write down what the check for harmful files found in a receipt that waited for it. Safe to repeat."""
    row = _locked(session, council_id, receipt_id)
    if row.state == "being_checked":
        row.scan = found
        _move(session, row, verb=AFTER_SCAN[found], actor=actor, now=now)
    return row


def _locked(session: Session, council_id: str, receipt_id: str) -> Receipt:
    row = session.get(Receipt, (council_id, receipt_id), with_for_update=True, populate_existing=True)
    return row or queries.get(session, council_id=council_id, receipt_id=receipt_id)


def _move(session: Session, row: Receipt, *, verb: str, actor: Actor, now: datetime) -> None:
    if (row.state, verb) not in TRANSITIONS:
        raise ReceiptHasGone("This receipt cannot be changed that way now. Look at the claim again.")
    row.state, name = TRANSITIONS[row.state, verb]
    row.changed_at = now
    if row.state in ("removed", "refused"):
        row.key_sealed = None
    session.flush()
    _tell(session, row, name=name, actor=actor, now=now)


def _tell(session: Session, row: Receipt, *, name: str, actor: Actor, now: datetime) -> None:
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.id,
        person_id=row.person_id,
        claim_id=row.claim_id,
        actor=actor,
        at=now,
        refs={"scan": row.scan, "pages": row.pages},
    )
