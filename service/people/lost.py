"""How does somebody get back in who lost their phone or their mailbox? They say so; we talk first.

A request proves nothing and changes nothing: the contact is changed by the one door that there is
(`stopping.change_contact`), which tells the old contact and holds what is new. Never commits, never calls a
task.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import events, ids
from service.errors import Fault, Invalid, NotFound, Unavailable
from service.events import SYSTEM, Actor
from service.people.tables import ContactRequest

LONGEST = {"name": 200, "reach": 200, "words": 1000}
# No more are shown, and no more can wait: a page that anybody can fill in must not fill the table, nor the
# mailbox of those who are told of each.
MOST, MOST_AN_HOUR = 200, 50
FULL = (
    "We cannot take this here just now, because many have asked. Please call or email us instead. "
    "The details are at the foot of this page."
)


def ask(session: Session, *, council_id: str, name: str, reach: str, words: str, now: datetime) -> None:
    """Somebody asks to be reached elsewhere. Answers nothing of who is known.

    Raises `Invalid`, and `Unavailable` where too many wait, or asked within the hour.
    """
    typed = {"name": " ".join(name.split()), "reach": " ".join(reach.split()), "words": words.strip()}
    faults = [
        Fault(pointer, sentence)
        for pointer, wrong, sentence in (
            ("/name", not typed["name"], "Enter your name"),
            ("/reach", not typed["reach"], "Enter a phone number or an email address"),
        )
        if wrong
    ]
    faults += [
        Fault(f"/{field}", f"Use at most {most} letters")
        for field, most in LONGEST.items()
        if len(typed[field]) > most
    ]
    if faults:
        raise Invalid("Some answers need another look.", errors=tuple(faults))
    lately = select(func.count()).where(
        ContactRequest.council_id == council_id, ContactRequest.made_at > now - timedelta(hours=1)
    )
    if len(waiting(session, council_id=council_id)) >= MOST or (session.scalar(lately) or 0) >= MOST_AN_HOUR:
        raise Unavailable(FULL)
    row = ContactRequest(council_id=council_id, id=ids.new("crq"), made_at=now, **typed)
    session.add(row)
    session.flush()
    events.record(
        session, council_id=council_id, name="contact_request.made", subject_id=row.id, actor=SYSTEM, at=now
    )


def waiting(session: Session, *, council_id: str) -> list[ContactRequest]:
    """Those that nobody has dealt with, the oldest first."""
    query = select(ContactRequest).where(
        ContactRequest.council_id == council_id, ContactRequest.closed_at.is_(None)
    )
    return list(session.scalars(query.order_by(ContactRequest.id).limit(MOST)))


def close(session: Session, *, council_id: str, request_id: str, actor: Actor, now: datetime) -> None:
    """It is dealt with; what was typed is needed no longer. Safe to repeat. Raises `NotFound`."""
    row = session.get(ContactRequest, (council_id, request_id), with_for_update=True)
    if row is None:
        raise NotFound("We cannot find that request. Look at the list of those that wait.")
    if row.closed_at is None:
        row.name = row.reach = row.words = ""
        row.closed_by, row.closed_at = str(actor), now
        session.flush()
        events.record(
            session,
            council_id=council_id,
            name="contact_request.closed",
            subject_id=row.id,
            actor=actor,
            at=now,
        )


def forget(session: Session, *, council_id: str, reached_at: Collection[str], now: datetime) -> None:
    """Close those that wait to be answered at one of these addresses or numbers: who has them is erased."""
    gone = {_plain(contact) for contact in reached_at}
    for row in waiting(session, council_id=council_id):
        if _plain(row.reach) in gone:
            close(session, council_id=council_id, request_id=row.id, actor=SYSTEM, now=now)


def _plain(contact: str) -> str:
    """An address or a number as everybody types it: small letters, no spaces."""
    return re.sub(r"[\s().-]", "", contact).lower()
