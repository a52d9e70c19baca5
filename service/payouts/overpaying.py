"""What becomes of money that was paid too much? Noted, let go, or taken off later fees with the person's yes.

Never commits, never calls a task, never calls a rail. Rows are locked after their claim's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from service import events, ids
from service.claims import actions as claims
from service.claims.correcting import Wish
from service.claims.tables import Claim
from service.councils import queries as councils
from service.errors import Conflict, Forbidden, Moved, one_fault
from service.events import RULE, Actor
from service.ledger import actions as ledger
from service.payouts import overpaid_model as model
from service.payouts import overpaid_queries as queries
from service.payouts.overpaid_tables import Consent, Overpayment


class OverpaymentHasMoved(Conflict):
    """It is no longer in a state where that can be done."""

    title = "This overpayment can no longer be changed that way"


class MayNotLetGo(Forbidden):
    """Whoever caused or noticed it does not write it off."""

    title = "Somebody else must decide this"


def figure(session: Session, *, claim: Claim, over: Mapping[str, int], wish: Wish, now: datetime) -> None:
    """Make the overpayments of a locked claim say what was paid too much, by part. Safe to repeat."""
    key = {"council_id": claim.council_id}
    rows = {row.part: row for row in queries.of_claims(session, **key, claim_ids=[claim.id])}
    for part, pence in over.items():
        row = rows.get(part)
        if row is None and pence:
            row = _first(session, claim, part, wish, now=now)
        if row is not None and row.over_pence != pence:
            _change(session, row, pence, wish, now=now)


def _first(session: Session, claim: Claim, part: str, wish: Wish, *, now: datetime) -> Overpayment:
    council = councils.get(session, council_id=claim.council_id)
    row = Overpayment(
        council_id=claim.council_id,
        id=ids.new("ovp"),
        claim_id=claim.id,
        person_id=claim.person_id,
        part=part,
        cost_centre=claim.cost_code or council.cost_centre,
        state="gone",
        over_pence=0,
        written_off_pence=0,
        taken_pence=0,
        because=wish.because,
        noticed_by=wish.asked_by,
        reason_event_id=wish.event_id,
        version=0,
        noticed_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _change(session: Session, row: Overpayment, pence: int, wish: Wish, *, now: datetime) -> None:
    more = pence > row.over_pence
    _post(session, row, "noted", pence - row.over_pence, now=now)
    row.over_pence = pence
    kept = model.left_to_let_go(
        over_pence=pence, written_off_pence=row.written_off_pence, taken_pence=row.taken_pence
    )
    if kept != row.written_off_pence:
        _post(session, row, "let_go", kept - row.written_off_pence, now=now)
        row.written_off_pence = kept
    if more:
        row.because, row.noticed_by, row.reason_event_id = wish.because, wish.asked_by, wish.event_id
        row.noticed_at = now
        # A yes was to a smaller sum.
        _end_consent(session, row, now=now)
        _move(session, row, "note", actor=RULE, now=now)
    elif row.left_pence == 0 and row.state not in ("gone", "written_off"):
        _end_consent(session, row, now=now)
        _move(session, row, "clear", actor=RULE, now=now)
    elif pence == 0 and row.state != "gone":
        _move(session, row, "clear", actor=RULE, now=now)
    row.changed_at = now
    session.flush()


def _post(session: Session, row: Overpayment, what: str, pence: int, *, now: datetime) -> None:
    """An entry about a change; each has a number of its own."""
    if pence == 0:
        return
    row.version += 1
    given = {
        "source_id": f"{row.id}:{row.version}",
        "cost_centre": row.cost_centre,
        "claim_id": row.claim_id,
        "person_id": row.person_id,
    }
    entry = (
        model.noted(part=row.part, pence=pence, **given)
        if what == "noted"
        else model.let_go(pence=pence, **given)
    )
    ledger.post(session, council_id=row.council_id, entry=entry, at=now)


def write_off(
    session: Session,
    *,
    council_id: str,
    overpayment_id: str,
    reason: str,
    seen: str,
    actor: Actor,
    now: datetime,
) -> Overpayment:
    """Let the rest go: the person keeps it.

    Raises `MayNotLetGo`, `OverpaymentHasMoved`, `Moved`, `Invalid`.
    """
    row = _seen(session, council_id, overpayment_id, seen)
    if not reason.strip():
        raise one_fault("/reason", "Say why it is let go. It stays on record")
    if row.noticed_by == str(actor):
        raise MayNotLetGo("You made the change that this comes from. Somebody else must decide.")
    if row.person_id == actor.id:
        raise MayNotLetGo("This is your own money. Somebody else must decide.")
    left = row.left_pence
    _end_consent(session, row, now=now)
    _move(session, row, "write_off", actor=actor, now=now, words=reason.strip(), pence=left)
    _post(session, row, "let_go", left, now=now)
    row.written_off_pence += left
    session.flush()
    return row


def ask(
    session: Session, *, council_id: str, overpayment_id: str, seen: str, actor: Actor, now: datetime
) -> Overpayment:
    """Ask the person whether it may come off later fees. Raises `OverpaymentHasMoved`, `Moved`."""
    row = _seen(session, council_id, overpayment_id, seen)
    _move(session, row, "ask", actor=actor, now=now)
    return row


def answer(
    session: Session,
    *,
    council_id: str,
    overpayment_id: str,
    most_pence: int | None,
    actor: Actor,
    now: datetime,
) -> Overpayment:
    """The person's own answer: at most so much from each fee, or None for no. Safe to repeat.

    Raises `Forbidden` for anybody but the person, `Invalid` for a sum that cannot be,
    `OverpaymentHasMoved` when nothing was asked.
    """
    row = locked(session, council_id=council_id, overpayment_id=overpayment_id)
    if (actor.kind, actor.id) != ("person", row.person_id):
        raise Forbidden("Only the person can say yes or no to this.")
    if most_pence is None:
        if row.state == "agreed":
            _end_consent(session, row, now=now)
            _move(session, row, "take_back", actor=actor, now=now)
        elif row.state != "declined":
            _move(session, row, "decline", actor=actor, now=now)
        return row
    if not 1 <= most_pence <= row.left_pence:
        raise one_fault("/most_pence", "Say how much, from 1p up to all of it")
    if row.state == "agreed":
        return row
    _move(session, row, "agree", actor=actor, now=now, pence=most_pence)
    session.add(
        Consent(
            council_id=council_id,
            id=ids.new("cns"),
            overpayment_id=row.id,
            person_id=row.person_id,
            most_pence=most_pence,
            in_all_pence=row.left_pence,
            given_at=now,
            ended_at=None,
        )
    )
    session.flush()
    return row


def _end_consent(session: Session, row: Overpayment, *, now: datetime) -> None:
    standing = queries.consent(session, council_id=row.council_id, overpayment_id=row.id)
    if standing is not None:
        standing.ended_at = now
        session.flush()


def locked(session: Session, *, council_id: str, overpayment_id: str) -> Overpayment:
    """The overpayment with its row locked, after its claim's. Raises `NotFound`."""
    found = queries.get(session, council_id=council_id, overpayment_id=overpayment_id)
    claims.locked(session, council_id=council_id, claim_id=found.claim_id)
    row = session.get(Overpayment, (council_id, overpayment_id), with_for_update=True, populate_existing=True)
    return row or found


def _seen(session: Session, council_id: str, overpayment_id: str, seen: str) -> Overpayment:
    row = locked(session, council_id=council_id, overpayment_id=overpayment_id)
    if row.tag != seen:
        raise Moved("This changed while you were looking. Read it again, then decide.")
    return row


def take(session: Session, row: Overpayment, pence: int, *, now: datetime) -> None:
    """So much came off a later fee. Below nothing: that fee came back, and nothing was taken."""
    row.taken_pence += pence
    kept = model.left_to_let_go(
        over_pence=row.over_pence, written_off_pence=row.written_off_pence, taken_pence=row.taken_pence
    )
    if row.state == "written_off":
        kept = max(row.over_pence - row.taken_pence, 0)
    _post(session, row, "let_go", kept - row.written_off_pence, now=now)
    row.written_off_pence = kept
    row.changed_at = now
    if row.left_pence == 0 and row.state == "agreed":
        _end_consent(session, row, now=now)
        _move(session, row, "settle", actor=RULE, now=now)
    elif row.left_pence > 0 and row.state == "settled":
        _move(session, row, "note", actor=RULE, now=now)
    session.flush()


def _move(
    session: Session,
    row: Overpayment,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    words: str | None = None,
    pence: int | None = None,
) -> None:
    if (row.state, verb) not in model.TRANSITIONS:
        raise OverpaymentHasMoved(f"{model.STAFF_WORDS[row.state]}. Look at it again first.")
    row.state, name = model.TRANSITIONS[row.state, verb]
    row.changed_at = now
    session.flush()
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.id,
        person_id=row.person_id,
        claim_id=row.claim_id,
        amount_pence=row.left_pence if pence is None else pence,
        actor=actor,
        at=now,
        refs={"part": row.part},
        words=words,
    )
