"""What happens to a file of payments? It is sent by a person, rejected whole, or settled by its day.

A payment in a Bacs file is being sent from the moment the file is built, under the key of its line; nothing
else may be paid for it. It comes out again only when the whole file was rejected. Never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service import events, ids
from service.days import london_day
from service.errors import Conflict, one_fault
from service.events import SYSTEM, Actor
from service.payouts import actions, file_queries, gates, moving, queries, stopping
from service.payouts.file_model import FILE_TRANSITIONS, VERBS_OF_RAIL
from service.payouts.file_tables import BankFile, BankFileLine
from service.payouts.settling import settle, take_back
from service.payouts.tables import Attempt, Payout
from service.people import queries as people
from service.vault import Vault


class FileOnHold(Conflict):
    """Nobody has saved the file yet, and something in it may not leave now."""

    title = "Something in this file is on hold"


class AnotherMustSay(Conflict):
    """Whoever asks built or sent the file, and its payments count as paid."""

    title = "A second person must say so"


class FileHasMoved(Conflict):
    """The file is no longer in a state where that can be done."""

    title = "This file can no longer be changed that way"


def take_turns(session: Session, *, council_id: str) -> None:
    """One at a time works on a council's files, so that none waits for another's payments in a ring."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 5))"), {"key": f"files:{council_id}"}
    )


def locked(session: Session, *, council_id: str, file_id: str) -> BankFile:
    """The file, with nobody else at work on any file of the council. Raises `NotFound`."""
    take_turns(session, council_id=council_id)
    row = file_queries.get(session, council_id=council_id, file_id=file_id)
    session.refresh(row, with_for_update=True)
    return row


def fetch(
    session: Session, *, council_id: str, file_id: str, vault: Vault, actor: Actor, now: datetime
) -> tuple[BankFile, bytes]:
    """A file with its bytes, to be saved. Who was the first is written down; from then on it has left.

    Raises `FileOnHold` the first time, while a hold covers a payment in it or its person's money is stopped.
    """
    row = locked(session, council_id=council_id, file_id=file_id)
    if row.fetched_at is None:
        _refuse_on_hold(session, row)
        row.fetched_by, row.fetched_at = str(actor), now
        _tell(session, row, name="file.fetched", actor=actor, now=now)
    return row, file_queries.content(row, vault=vault)


def _refuse_on_hold(session: Session, row: BankFile) -> None:
    standing = [line.payout_id for line in _standing_lines(session, row)]
    found = queries.by_ids(session, council_id=row.council_id, payout_ids=standing)
    shut = gates.shut(session, council_id=row.council_id, payouts=list(found.values()))
    if shut:
        said = (
            "1 payment in this file may not leave"
            if len(shut) == 1
            else (f"{len(shut)} payments in this file may not leave")
        )
        raise FileOnHold(
            f"{said} now, because of a hold. Release it first. Or record the file as rejected whole, since "
            "nobody has saved it, and build a new one: what is on hold stays out of that."
        )


def submit(
    session: Session,
    *,
    council_id: str,
    file_id: str,
    actor: Actor,
    now: datetime,
    submitted_at: datetime | None = None,
) -> BankFile:
    """Record who sent a Bacs file, and when: its payments are on their way. Safe to repeat.

    Raises `Invalid` for a moment that cannot be, also when Bacs had closed for the file's processing day, and
    `FileOnHold` where nobody ever saved it and something in it may not leave.
    """
    row = locked(session, council_id=council_id, file_id=file_id)
    if row.state == "submitted":
        return row
    if row.fetched_at is None:
        _refuse_on_hold(session, row)
    at = submitted_at or now
    if at > now or at.replace(second=0, microsecond=0) < row.built_at.replace(second=0, microsecond=0):
        raise one_fault("/submitted_at", "Give the moment it was sent: after it was built, and not to come.")
    if row.submit_by is not None and at > row.submit_by:
        raise one_fault(
            "/submitted_at",
            "Bacs had closed for this file's processing day. Record it as rejected, and build a new one.",
        )
    _move(session, row, verb="submit", actor=actor, now=now)
    row.submitted_by, row.submitted_at = str(actor), at
    for line in _standing_lines(session, row):
        payout = moving.locked(session, council_id=council_id, payout_id=line.payout_id)
        _answer(session, line, outcome="accepted", now=now)
        moving.move(
            session, council_id=council_id, payout_id=payout.id, verb="accepted", actor=actor, now=now
        )
    return row


def acknowledge(
    session: Session, *, council_id: str, file_id: str, their_reference: str, actor: Actor, now: datetime
) -> BankFile:
    """The council's finance system has taken the file. Safe to repeat."""
    row = locked(session, council_id=council_id, file_id=file_id)
    if row.state == "acknowledged" and (row.their_reference or "") == their_reference.strip():
        return row
    _move(session, row, verb="acknowledge", actor=actor, now=now)
    row.acknowledged_by, row.acknowledged_at = str(actor), now
    row.their_reference = their_reference.strip() or None
    return row


def reject(
    session: Session,
    *,
    council_id: str,
    file_id: str,
    reason: str,
    actor: Actor,
    now: datetime,
    reported: bool = False,
) -> BankFile:
    """The whole file was rejected, or will never be sent: its payments go into a new one. Safe to repeat.

    Payments that its day had made paid are taken back in the ledger, and laid out again. `reported`: the
    input report says so; without it a file whose day has come takes a second person. Raises `Invalid` without
    a reason, `FileHasMoved` when a part of it was worked on by the bank, `AnotherMustSay`.
    """
    row = locked(session, council_id=council_id, file_id=file_id)
    if row.state == "rejected":
        return row
    if not reason.strip():
        raise one_fault("/reason", "Say why, as the report or the bank puts it")
    lines = file_queries.lines(session, council_id=council_id, file_id=file_id)
    if row.accepted_at is not None or any(line.outcome in ("returned", "refused") for line in lines):
        raise FileHasMoved(
            "The bank has worked on this file. Only a file that was rejected whole comes back."
        )
    arrived = any(line.entry_day and line.entry_day <= london_day(now) for line in lines)
    if row.state == "submitted" and arrived and not reported:
        _require_another(row, actor)
    _move(session, row, verb="reject", actor=actor, now=now)
    row.rejected_by, row.rejected_at, row.rejected_because = str(actor), now, reason.strip()
    for line in _standing_lines(session, row):
        _put_back(session, line, filed=row.rail == "bacs", actor=actor, now=now)
    return row


def _require_another(row: BankFile, actor: Actor) -> None:
    """Its day has come, so people count as paid. One person alone cannot have them all paid again."""
    if str(actor) in (row.built_by, row.submitted_by):
        raise AnotherMustSay(
            "The day of this file has come, so its payments count as paid. Read the input report in. Or ask "
            "a colleague who neither built this file nor sent it to record that it was rejected whole."
        )


def _put_back(session: Session, line: BankFileLine, *, filed: bool, actor: Actor, now: datetime) -> None:
    payout = moving.locked(session, council_id=line.council_id, payout_id=line.payout_id)
    line.released_at = now
    session.flush()
    if not filed:
        payout.offered_at = None
        return
    _answer(session, line, outcome="refused", now=now)
    if payout.state == "paid":
        reason = "The bank rejected the whole file. Nothing is wrong with your details."
        take_back(session, payout=payout, reason=reason, actor=actor, now=now)
    elif payout.state in ("sending", "sent"):
        key = {"council_id": line.council_id, "payout_id": payout.id}
        moving.move(session, **key, verb="put_back", actor=actor, now=now)
        if stopping.is_not_owed(session, payout=payout):
            moving.move(session, **key, verb="cancel", actor=actor, now=now)
            stopping.give_up_if_not_owed(session, payout=payout, now=now)
    _follow_details(session, payout, now=now)


def _follow_details(session: Session, payout: Payout, *, now: datetime) -> None:
    """What was taken back is laid out again, and new details that the person gave meanwhile count now."""
    key = {"council_id": payout.council_id, "person_id": payout.person_id}
    method = people.current_method(session, **key)
    if payout.state != "ready" or method is None or method.id != payout.method_id:
        actions.follow_method(session, **key, now=now)


def settle_line(session: Session, *, council_id: str, payout_id: str, now: datetime) -> bool:
    """Its entry day has come and nothing came back: it is paid, until a return says otherwise.

    Safe to repeat. Answers whether it was settled now.
    """
    payout = moving.locked(session, council_id=council_id, payout_id=payout_id)
    line = file_queries.standing_line(session, council_id=council_id, payout_id=payout_id)
    due = line is not None and line.outcome is None and line.entry_day is not None
    if line is None or line.entry_day is None or not due or payout.state != "sent":
        return False
    if line.entry_day > london_day(now):
        return False
    _answer(session, line, outcome="paid", now=now)
    settle(
        session,
        payout=payout,
        bank_reference=line.reference,
        paid_on=line.entry_day,
        actor=Actor("rail", payout.rail),
        now=now,
    )
    line.outcome = "paid"
    session.flush()
    return True


def note_accepted(session: Session, *, row: BankFile, now: datetime) -> None:
    """The input report says that Bacs took the file: from now on it cannot have been rejected whole."""
    row.accepted_at = row.accepted_at or now
    _tell(session, row, name="file.accepted", actor=SYSTEM, now=now)


def answer_line(session: Session, *, line: BankFileLine, outcome: str, now: datetime) -> None:
    """What the bank said of one line, on the line and on its attempt."""
    line.outcome = outcome
    _answer(session, line, outcome=outcome, now=now)


def attempt_for(
    session: Session, *, payout: Payout, file_id: str, number: int, tries: int, now: datetime
) -> Attempt:
    """The attempt that a line of a file is: its key names the line."""
    row = Attempt(
        council_id=payout.council_id,
        id=ids.new("att"),
        payout_id=payout.id,
        number=tries + 1,
        key=f"{file_id}/{number}",
        fence=1,
        called_fence=1,
        sends=1,
        outcome=None,
        rail_reference=None,
        made_at=now,
        called_at=now,
        answered_at=None,
    )
    session.add(row)
    return row


def tries_of(session: Session, *, council_id: str, payout_ids: Sequence[str]) -> dict[str, int]:
    """Payment id → how often it was tried, for those that were."""
    query = (
        select(Attempt.payout_id, func.count())
        .where(Attempt.council_id == council_id, Attempt.payout_id.in_(payout_ids))
        .group_by(Attempt.payout_id)
    )
    return {payout_id: int(tries) for payout_id, tries in session.execute(query)}


def _answer(session: Session, line: BankFileLine, *, outcome: str, now: datetime) -> None:
    if line.attempt_id is None:
        return
    attempt = session.get_one(Attempt, (line.council_id, line.attempt_id))
    attempt.outcome, attempt.answered_at, attempt.rail_reference = outcome, now, line.reference


def _standing_lines(session: Session, row: BankFile) -> list[BankFileLine]:
    """The lines that are not released, in the order in which payments are locked."""
    found = [
        line
        for line in file_queries.lines(session, council_id=row.council_id, file_id=row.id)
        if line.released_at is None
    ]
    claims = {
        line.payout_id: queries.get(session, council_id=row.council_id, payout_id=line.payout_id).claim_id
        for line in found
    }
    return sorted(found, key=lambda line: (claims[line.payout_id], line.payout_id))


def _move(session: Session, row: BankFile, *, verb: str, actor: Actor, now: datetime) -> None:
    allowed = verb in VERBS_OF_RAIL[row.rail]
    if not allowed or (row.state, verb) not in FILE_TRANSITIONS:
        raise FileHasMoved(f"This file is {row.state}. Look at it again first.")
    row.state, name = FILE_TRANSITIONS[row.state, verb]
    session.flush()
    _tell(session, row, name=name, actor=actor, now=now)


def _tell(session: Session, row: BankFile, *, name: str, actor: Actor, now: datetime) -> None:
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.id,
        amount_pence=row.total_pence,
        actor=actor,
        at=now,
        refs={"file_id": row.id, "rail": row.rail, "sha256": row.sha256},
    )


def tell_built(session: Session, *, row: BankFile, actor: Actor, now: datetime) -> None:
    """Record that a file was built."""
    _tell(session, row, name="file.built", actor=actor, now=now)
