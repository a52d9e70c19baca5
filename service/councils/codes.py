"""Which six digits sign somebody in, and were they typed? Single use, short-lived, every try counted.

The code stands in no row, no event and no stored message: it follows from the id of the question and the
service's secret, and is put in as the message leaves. Never commits, never calls a task.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from service import ids
from service.councils.tables import SignInCode
from service.errors import Invalid, one_fault

# Ten minutes: time to find the phone and the glasses, and no more.
LIVES = timedelta(minutes=10)
# What a code is for. Anybody who knows a number may ask for one to sign in; one that shows that it is still
# them is asked for by who is signed in. So neither uses up the other, nor ends it.
SIGN_IN, STILL_THEM = "sign_in", "still_them"
EVERY = timedelta(minutes=1)
# Ten codes a day with five tries each: somebody who guesses day and night needs 38 years for an even chance.
MOST_TRIES = 5
MOST_AN_HOUR = 5
MOST_A_DAY = 10
LIMITS = ((EVERY, 1), (timedelta(hours=1), MOST_AN_HOUR), (timedelta(days=1), MOST_A_DAY))
# One sentence for every wrong code, so that it says nothing of whether a number is known here.
WRONG = "That code does not work. Look at our newest message, or ask for another code."


class WrongCode(Invalid):
    """It is not the code that was sent, or no code works any more. The try is counted, so it stays."""

    keeps = True


def six_digits(*, secret_key: str, about: str) -> str:
    """The code that follows from what it is about."""
    drawn = hmac.new(secret_key.encode(), about.encode(), hashlib.sha256)
    return f"{int.from_bytes(drawn.digest()[:8], 'big') % 1_000_000:06}"


def code_of(*, secret_key: str, code_id: str) -> str:
    """The six digits of one question."""
    return six_digits(secret_key=secret_key, about="a code to sign in: " + code_id)


def ask(
    session: Session,
    *,
    council_id: str,
    kind: str,
    subject_id: str,
    way: str,
    now: datetime,
    purpose: str = SIGN_IN,
) -> SignInCode | None:
    """A new code, which ends the one before; None where one was sent a moment ago, or too many were.

    The caller holds the lock of whom it is for.
    """
    about: dict[str, Any] = {"council_id": council_id, "kind": kind, "subject_id": subject_id}
    if next_at(session, **about, now=now, purpose=purpose) is not None:
        return None
    mine = _asked(**about, purpose=purpose)
    for old in session.scalars(select(SignInCode).where(*mine, SignInCode.ended_at.is_(None))):
        old.ended_at = now
    row = SignInCode(
        council_id=council_id,
        id=ids.new("sic"),
        kind=kind,
        subject_id=subject_id,
        purpose=purpose,
        way=way,
        made_at=now,
        expires_at=now + LIVES,
        tries=0,
        ended_at=None,
    )
    session.add(row)
    session.flush()
    return row


def next_at(
    session: Session,
    *,
    council_id: str,
    kind: str,
    subject_id: str,
    now: datetime,
    purpose: str = SIGN_IN,
) -> datetime | None:
    """From when on another code can be sent; None where one can be now."""
    mine = _asked(council_id=council_id, kind=kind, subject_id=subject_id, purpose=purpose)
    sent = select(SignInCode.made_at).where(*mine, SignInCode.made_at > now - timedelta(days=1))
    return free_from(session.scalars(sent.order_by(SignInCode.made_at.desc()).limit(MOST_A_DAY)), now=now)


def free_from(sent: Iterable[datetime], *, now: datetime) -> datetime | None:
    """From when on another can be sent after these; None where one can be now."""
    newest = sorted(sent, reverse=True)
    full = [newest[most - 1] + since for since, most in LIMITS if len(newest) >= most]
    return max((one for one in full if one > now), default=None)


def _asked(*, council_id: str, kind: str, subject_id: str, purpose: str) -> tuple[ColumnElement[bool], ...]:
    return (
        SignInCode.council_id == council_id,
        SignInCode.kind == kind,
        SignInCode.subject_id == subject_id,
        SignInCode.purpose == purpose,
    )


def standing(
    session: Session,
    *,
    council_id: str,
    subjects: Collection[tuple[str, str]],
    now: datetime,
    purpose: str = SIGN_IN,
) -> list[SignInCode]:
    """The codes that still work for any of these, each `(kind, id)`; the newest first."""
    return list(session.scalars(_standing(council_id, subjects, now).where(SignInCode.purpose == purpose)))


def use(
    session: Session,
    *,
    council_id: str,
    subjects: Collection[tuple[str, str]],
    typed: str,
    secret_key: str,
    now: datetime,
    purpose: str = SIGN_IN,
    way: str = "",
) -> SignInCode:
    """Use up the code that was typed; it says for whom it was. Raises `Invalid`, `WrongCode` (counted).

    Only one for this `purpose` counts, and only one that went by this `way`, where it is given.
    """
    code = re.sub(r"[\s-]", "", typed)
    if not code:
        raise one_fault("/code", "Enter the code from our message")
    wanted = _standing(council_id, subjects, now).where(SignInCode.purpose == purpose)
    found = _locked(session, wanted.where(SignInCode.way == way) if way else wanted)
    for row in found:
        right = code_of(secret_key=secret_key, code_id=row.id)
        if hmac.compare_digest(code.encode(), right.encode()):
            row.ended_at = now
            session.flush()
            return row
    for row in found:
        row.tries += 1
        if row.tries >= MOST_TRIES:
            row.ended_at = now
    session.flush()
    raise WrongCode(WRONG, errors=one_fault("/code", WRONG).errors)


def end_all(session: Session, *, council_id: str, kind: str, subject_id: str, now: datetime) -> None:
    """No code that was sent to them works any more, whatever it was for."""
    for row in _locked(session, _standing(council_id, [(kind, subject_id)], now)):
        row.ended_at = now
    session.flush()


def _standing(council_id: str, subjects: Collection[tuple[str, str]], now: datetime) -> Select[SignInCode]:
    query = select(SignInCode).where(
        SignInCode.council_id == council_id,
        tuple_(SignInCode.kind, SignInCode.subject_id).in_(list(subjects)),
        SignInCode.ended_at.is_(None),
        SignInCode.expires_at > now,
    )
    return query.order_by(SignInCode.id.desc())


def _locked(session: Session, query: Select[SignInCode]) -> list[SignInCode]:
    return list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))
