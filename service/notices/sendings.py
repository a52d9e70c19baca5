"""Has a message left, did it arrive, and may it be sent? One row for each key, written before the call.

What was begun and never answered is asked after, and only what nobody knows of is sent again. What can never
arrive is told to the involvement lead, and goes another way where the person has one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import events
from service.db import among, insert_all
from service.errors import NotFound
from service.events import SYSTEM, Actor
from service.messages.protocol import Message, NotSent
from service.notices.tables import Notice, Sending

# So long a call that was never answered may still be at work.
MAY_BE_AT_WORK = timedelta(minutes=2)

# (state, verb) → (next state, event).
TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("waiting", "begin"): ("begun", ""),
    ("begun", "begin"): ("begun", ""),
    ("begun", "let_go"): ("waiting", ""),
    ("begun", "leave"): ("sent", ""),
    ("begun", "deliver"): ("delivered", ""),
    ("sent", "deliver"): ("delivered", ""),
    ("delayed", "deliver"): ("delivered", ""),
    # Another way is tried; it may arrive all the same.
    ("begun", "delay"): ("delayed", "message.failed"),
    ("sent", "delay"): ("delayed", "message.failed"),
    ("begun", "fail"): ("failed", "message.failed"),
    ("sent", "fail"): ("failed", "message.failed"),
    ("delayed", "fail"): ("failed", ""),
    # A letter that was thought to be there and came back.
    ("delivered", "fail"): ("failed", "message.failed"),
    ("to_print", "post"): ("posted", "letter.posted"),
}

# In these a message did not arrive, as far as anybody knows.
IN_VAIN = ("failed", "delayed")

# What Notify says became of a message → our verb. It has tried for three days before it says "temporary", and
# tries no more.
VERBS = {
    "delivered": "deliver",
    "received": "deliver",
    "temporary-failure": "delay",
    "technical-failure": "fail",
    "permanent-failure": "fail",
    "validation-failed": "fail",
    "cancelled": "fail",
}
BECAUSE = {
    "permanent-failure": "The address or number does not work.",
    "temporary-failure": "It could not be delivered for three days.",
    "technical-failure": "Notify could not hand it on.",
    "validation-failed": "The letter could not be printed.",
    "cancelled": "The letter was cancelled.",
}

Next = Literal["send", "ask", "done"]


def begin(
    session: Session, *, council_id: str, message: Message, via: str, notice_id: str | None, now: datetime
) -> Next:
    """Say that a message is about to leave: `send` it, `ask` after it first, or leave it: it is `done`.

    Raises `NotSent` while another worker may be at it.
    """
    row = _row(session, council_id, message, via=via, notice_id=notice_id, state="waiting", now=now)
    if row.state not in ("waiting", "begun"):
        return "done"
    before = row.state
    if before == "begun" and row.begun_at > now - MAY_BE_AT_WORK:
        raise NotSent("This message may be leaving right now. It is looked at again soon.")
    _move(session, row, "begin", now=now)
    row.begun_at, row.via = now, via
    return "ask" if before == "begun" else "send"


def left(session: Session, *, council_id: str, key: str, external_id: str, now: datetime) -> None:
    """The outside world has taken it. A callback may have come first."""
    row = _locked(session, council_id, key)
    row.external_id = row.external_id or external_id or None
    if row.state == "begun":
        _move(session, row, "leave", now=now)


def let_go(session: Session, *, council_id: str, key: str, now: datetime) -> None:
    """It certainly did not leave, so it may be tried again at once."""
    row = _locked(session, council_id, key)
    if row.state == "begun":
        _move(session, row, "let_go", now=now)


def fail(session: Session, *, council_id: str, key: str, because: str, now: datetime) -> None:
    """It will never arrive. Safe to repeat."""
    row = _locked(session, council_id, key)
    if (row.state, "fail") in TRANSITIONS:
        row.because = because
        _move(session, row, "fail", now=now)


def hear(
    session: Session, *, council_id: str, key: str, external_id: str, status: str, now: datetime
) -> None:
    """What Notify tells us of a message. Told twice, or of nothing that we sent, it changes nothing."""
    row = session.get(Sending, (council_id, key), with_for_update=True)
    verb = VERBS.get(status, "")
    if row is None or (row.state, verb) not in TRANSITIONS:
        return
    row.external_id = row.external_id or external_id or None
    row.because = BECAUSE.get(status)
    _move(session, row, verb, now=now)


def to_print(session: Session, *, council_id: str, message: Message, notice_id: str, now: datetime) -> None:
    """A letter that somebody here prints and posts. Safe to repeat."""
    _row(session, council_id, message, via="print", notice_id=notice_id, state="to_print", now=now)


def posted(session: Session, *, council_id: str, key: str, actor: Actor, now: datetime) -> Sending:
    """Somebody here has posted a letter. Saying it twice is one saying. Raises `NotFound`."""
    row = session.get(Sending, (council_id, key), with_for_update=True)
    if row is None or row.state not in ("to_print", "posted"):
        raise NotFound("We cannot find that letter. Look at the list of letters to print.")
    if row.state == "to_print":
        row.posted_by = str(actor)
        _move(session, row, "post", actor=actor, now=now)
    return row


def letter(session: Session, *, council_id: str, key: str) -> Sending:
    """One letter that is printed here. Raises `NotFound`."""
    row = session.get(Sending, (council_id, key))
    if row is None or row.via != "print":
        raise NotFound("We cannot find that letter. Look at the list of letters to print.")
    return row


def letters(session: Session, *, council_id: str, state: str, limit: int = 200) -> list[Sending]:
    """Letters in a state (`to_print`, `posted`): the longest wait first, or the newest that were posted."""
    query = select(Sending).where(Sending.council_id == council_id, Sending.state == state)
    order = Sending.begun_at if state == "to_print" else Sending.changed_at.desc()
    return list(session.scalars(query.order_by(order, Sending.key).limit(limit)))


def of_notices(session: Session, *, council_id: str, notice_ids: list[str]) -> dict[str, list[Sending]]:
    """Message id → every way that it was sent, the first first."""
    query = select(Sending).where(Sending.council_id == council_id, among(Sending.notice_id, notice_ids))  # type: ignore[arg-type]
    found: dict[str, list[Sending]] = {}
    for row in session.scalars(query.order_by(Sending.begun_at, Sending.key)):
        found.setdefault(row.notice_id or "", []).append(row)
    return found


def _row(
    session: Session,
    council_id: str,
    message: Message,
    *,
    via: str,
    notice_id: str | None,
    state: str,
    now: datetime,
) -> Sending:
    given = {
        "council_id": council_id,
        "key": message.key,
        "notice_id": notice_id,
        "reached_by": message.by,
        "via": via,
        "state": state,
        "begun_at": now,
        "changed_at": now,
    }
    insert_all(session, Sending, [given], passing_over_known=True)
    return _locked(session, council_id, message.key)


def _locked(session: Session, council_id: str, key: str) -> Sending:
    return session.get_one(Sending, (council_id, key), with_for_update=True, populate_existing=True)


def _move(session: Session, row: Sending, verb: str, *, now: datetime, actor: Actor = SYSTEM) -> None:
    row.state, name = TRANSITIONS[row.state, verb]
    row.changed_at = now
    session.flush()
    if name and row.notice_id:
        events.record(
            session,
            council_id=row.council_id,
            name=name,
            subject_id=row.notice_id,
            person_id=session.get_one(Notice, (row.council_id, row.notice_id)).person_id,
            actor=actor,
            at=now,
            refs={"notice_id": row.notice_id, "key": row.key, "by": row.reached_by},
        )
