"""How does somebody who is paid get in by a code, and out everywhere? Codes go to a contact that we hold.

Asking answers nothing, so that nobody can learn who is known. Never commits, never calls a task.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import events
from service.councils import actions as councils
from service.councils import codes
from service.councils.tables import SignInCode
from service.events import Actor
from service.people import authorities, helping, queries

# Event → what follows from it is in NEXT: a message with the code, to the person or to who acts for them.
ASKED = {"person": "person.sign_in_code_asked", "attorney": "attorney.sign_in_code_asked"}


def ask_by_text(session: Session, *, council_id: str, phone: str, now: datetime) -> None:
    """Somebody typed this number to sign in: everybody here who has it is sent a code of their own.

    Whoever helps somebody is texted a link, as they are by mail.
    """
    for person in queries.by_phone(session, council_id=council_id, phone=phone):
        ask(session, council_id=council_id, kind="person", subject_id=person.id, way="text", now=now)
    helping.ask_for_link(session, council_id=council_id, contact=phone, now=now)


def use_texted(
    session: Session, *, council_id: str, phone: str, typed: str, secret_key: str, now: datetime
) -> str:
    """A code texted to this number was typed. Answers whose it was. Raises `Invalid`, `WrongCode`."""
    found = queries.by_phone(session, council_id=council_id, phone=phone)
    subjects = [("person", person.id) for person in found]
    row = codes.use(
        session,
        council_id=council_id,
        subjects=subjects,
        typed=typed,
        secret_key=secret_key,
        now=now,
        way="text",
    )
    return row.subject_id


def ask(
    session: Session,
    *,
    council_id: str,
    kind: str,
    subject_id: str,
    way: str,
    now: datetime,
    purpose: str = codes.SIGN_IN,
) -> SignInCode | None:
    """Send a code to the contact that we hold; None where one was sent a moment ago, or too many were."""
    person_id = _hold_still(session, council_id, kind, subject_id)
    about: dict[str, Any] = {"council_id": council_id, "kind": kind, "subject_id": subject_id}
    row = codes.ask(session, **about, way=way, now=now, purpose=purpose)
    if row is not None:
        events.record(
            session,
            council_id=council_id,
            name=ASKED[kind],
            subject_id=subject_id,
            person_id=person_id,
            actor=Actor(kind, subject_id),
            at=now,
            refs={"code_id": row.id, "way": way},
        )
    return row


def contacts(session: Session, *, council_id: str, kind: str, subject_id: str) -> dict[str, str]:
    """Where a code can go: `email` and `text` → the address and the number that we hold, where we do."""
    if kind == "attorney":
        return {"email": authorities.get(session, council_id=council_id, authority_id=subject_id).email}
    person = queries.get(session, council_id=council_id, person_id=subject_id)
    return {way: contact for way, contact in (("email", person.email), ("text", person.phone)) if contact}


def sign_out_everywhere(session: Session, *, council_id: str, person_id: str, now: datetime) -> None:
    """The person themselves wants to be signed out on every phone and computer."""
    end_sign_ins(session, council_id=council_id, person_id=person_id, now=now)
    events.record(
        session,
        council_id=council_id,
        name="person.signed_out_everywhere",
        subject_id=person_id,
        person_id=person_id,
        actor=Actor("person", person_id),
        at=now,
    )


def end_sign_ins(session: Session, *, council_id: str, person_id: str, now: datetime) -> None:
    """Whoever is signed in as this person is out; no code and no link that was sent signs anybody in.

    A link that says "This was not me" still works: it signs nobody in.
    """
    person = queries.get(session, council_id=council_id, person_id=person_id)
    person.signed_out_at = now
    about: dict[str, Any] = {"council_id": council_id, "kind": "person", "subject_id": person_id, "now": now}
    codes.end_all(session, **about)
    councils.end_links(session, **about)


def _hold_still(session: Session, council_id: str, kind: str, subject_id: str) -> str:
    """One code at a time for each of them. Answers the person it is about."""
    if kind == "attorney":
        return authorities.locked(session, council_id=council_id, authority_id=subject_id).person_id
    queries.lock(session, council_id=council_id, person_id=subject_id)
    return subject_id
