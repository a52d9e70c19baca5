"""Is it really them? The second check before a change of how somebody is paid counts.

A code goes to the contact that we hold already. What was typed stays sealed as a proposal meanwhile. The code
stands in no row, no event and no stored message: it follows from the id of the question and the service's
secret, and is put in as the message leaves. How many are sent and tried is as for every code
(`councils/codes.py`). Never commits, never calls a task.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import events, ids
from service.councils import codes
from service.errors import Conflict, Invalid, one_fault
from service.events import Actor
from service.people import queries, stopping
from service.people.tables import MethodConfirmation, PaymentMethod

LIVES = timedelta(minutes=15)
USED_UP = "This code no longer works. Ask for a new one. What you typed is kept."


class WrongCode(Invalid):
    """It is not the code that was sent. The try is counted, so it stays written down."""

    keeps = True


class NothingToConfirm(Conflict):
    """The change was confirmed, stopped or replaced meanwhile."""

    title = "There is no change to confirm"


def code_of(*, secret_key: str, confirmation_id: str) -> str:
    """The six digits of one question."""
    return codes.six_digits(secret_key=secret_key, about="a change of how to pay: " + confirmation_id)


def ask(session: Session, *, method: PaymentMethod, actor: Actor, now: datetime) -> MethodConfirmation | None:
    """Send a code for a change that waits, at most once a minute and a few times an hour.

    Answers the question that stands, or None where too many were asked for already. The caller holds the
    lock.
    """
    standing = open_question(session, council_id=method.council_id, person_id=method.person_id, now=now)
    mine = standing is not None and (standing.method_id, standing.asked_by) == (method.id, str(actor))
    if standing is not None and mine and standing.made_at > now - codes.EVERY:
        return standing
    if _asked_since(session, method, now - timedelta(hours=1)) >= codes.MOST_AN_HOUR:
        return standing if mine else None
    stopping.end_codes(session, council_id=method.council_id, person_id=method.person_id, now=now)
    question = MethodConfirmation(
        council_id=method.council_id,
        id=ids.new("cnf"),
        person_id=method.person_id,
        method_id=method.id,
        asked_by=str(actor),
        made_at=now,
        expires_at=now + LIVES,
        tries=0,
        ended_at=None,
    )
    session.add(question)
    session.flush()
    events.record(
        session,
        council_id=method.council_id,
        name="person.method_code_asked",
        subject_id=method.id,
        person_id=method.person_id,
        actor=actor,
        at=now,
        refs={
            "method_id": method.id,
            "kind": method.kind,
            "confirmation_id": question.id,
            **_before(session, method),
        },
    )
    return question


def ask_again(
    session: Session, *, council_id: str, person_id: str, actor: Actor, now: datetime
) -> MethodConfirmation | None:
    """A code for the change that waits, also for one that somebody else wrote down. None: too many already.

    Raises `NothingToConfirm`, and `PaymentsStopped`.
    """
    queries.lock(session, council_id=council_id, person_id=person_id)
    stopping.refuse_where_stopped(session, council_id=council_id, person_id=person_id)
    waits = queries.proposed_method(session, council_id=council_id, person_id=person_id)
    if waits is None:
        raise NothingToConfirm("Nothing waits for a code any more. Look at how you are paid.")
    return ask(session, method=waits, actor=actor, now=now)


def confirm(
    session: Session,
    *,
    council_id: str,
    person_id: str,
    typed: str,
    secret_key: str,
    hold_hours: int,
    actor: Actor,
    now: datetime,
) -> PaymentMethod:
    """The code was typed: the change counts, after the hold that the policy sets.

    Raises `WrongCode` (counted), `NothingToConfirm`, and `PaymentsStopped`.
    """
    queries.lock(session, council_id=council_id, person_id=person_id)
    stopping.refuse_where_stopped(session, council_id=council_id, person_id=person_id)
    waits = queries.proposed_method(session, council_id=council_id, person_id=person_id)
    if waits is None:
        raise NothingToConfirm("Nothing waits for a code any more. Look at how you are paid.")
    question = open_question(session, council_id=council_id, person_id=person_id, now=now)
    if question is None or (question.method_id, question.asked_by) != (waits.id, str(actor)):
        raise one_fault("/code", USED_UP)
    code = re.sub(r"[\s-]", "", typed)
    if not code:
        raise one_fault("/code", "Enter the code from our message")
    if not hmac.compare_digest(
        code.encode(), code_of(secret_key=secret_key, confirmation_id=question.id).encode()
    ):
        raise _count(session, question, now=now)
    question.ended_at = now
    _put_in_use(session, waits, hold_hours=hold_hours, actor=actor, now=now)
    return waits


def decline(
    session: Session, *, council_id: str, person_id: str, actor: Actor, now: datetime
) -> PaymentMethod | None:
    """No to a change that waits. None when nothing waits."""
    queries.lock(session, council_id=council_id, person_id=person_id)
    waits = queries.proposed_method(session, council_id=council_id, person_id=person_id)
    if waits is None:
        return None
    waits.state = "declined"
    stopping.end_codes(session, council_id=council_id, person_id=person_id, now=now)
    _tell(session, waits, name="person.method_declined", actor=actor, now=now)
    return waits


def open_question(
    session: Session, *, council_id: str, person_id: str, now: datetime
) -> MethodConfirmation | None:
    """The question whose code still works."""
    query = select(MethodConfirmation).where(
        MethodConfirmation.council_id == council_id,
        MethodConfirmation.person_id == person_id,
        MethodConfirmation.ended_at.is_(None),
        MethodConfirmation.expires_at > now,
    )
    return session.scalars(query.order_by(MethodConfirmation.id.desc())).first()


def question(session: Session, *, council_id: str, confirmation_id: str) -> MethodConfirmation | None:
    """One question, open or not."""
    return session.get(MethodConfirmation, (council_id, confirmation_id))


def _asked_since(session: Session, method: PaymentMethod, since: datetime) -> int:
    query = select(func.count()).where(
        MethodConfirmation.council_id == method.council_id,
        MethodConfirmation.person_id == method.person_id,
        MethodConfirmation.made_at > since,
    )
    return session.scalar(query) or 0


def _count(session: Session, question: MethodConfirmation, *, now: datetime) -> WrongCode:
    question.tries += 1
    if question.tries >= codes.MOST_TRIES:
        question.ended_at = now
    session.flush()
    left = codes.MOST_TRIES - question.tries
    said = "That is not the code we sent. Look at our newest message and try again."
    return WrongCode(said, errors=one_fault("/code", said if left else USED_UP).errors)


def _put_in_use(
    session: Session, method: PaymentMethod, *, hold_hours: int, actor: Actor, now: datetime
) -> None:
    before = _before(session, method)
    current = queries.current_method(session, council_id=method.council_id, person_id=method.person_id)
    if current is not None:
        current.state = "replaced"
        session.flush()
    hours = stopping.hours_to_wait(session, method=method, hold_hours=hold_hours, now=now)
    method.state, method.usable_at = "current", now + timedelta(hours=hours)
    session.flush()
    _tell(session, method, name="person.method_set", actor=actor, now=now, **before)


def _before(session: Session, method: PaymentMethod) -> dict[str, str]:
    current = queries.current_method(session, council_id=method.council_id, person_id=method.person_id)
    return {"before": current.id} if current is not None and current.id != method.id else {}


def _tell(
    session: Session, method: PaymentMethod, *, name: str, actor: Actor, now: datetime, **refs: str
) -> None:
    events.record(
        session,
        council_id=method.council_id,
        name=name,
        subject_id=method.id,
        person_id=method.person_id,
        actor=actor,
        at=now,
        refs={"method_id": method.id, "kind": method.kind, **refs},
    )
