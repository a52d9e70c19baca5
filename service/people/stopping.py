"""What if it was not them? A change of contact is told to the old one, and one press stops everything.

"This was not me" ends every code and every sign-in, drops the change that waits, ends who was named as a
helper just before and holds all payments to the person, until staff have talked with them. Nothing can be
changed meanwhile. Never commits, never calls a task.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import events, ids
from service.councils import queries as councils
from service.errors import one_fault
from service.events import Actor
from service.people import helping, queries, signing_in
from service.people.model import read_email, read_phone
from service.people.stopped import PaymentsStopped as PaymentsStopped
from service.people.stopped import refuse_where_stopped as refuse_where_stopped
from service.people.tables import FormerContact, MethodConfirmation, PaymentMethod, Person

# So long a contact counts as new: the one before it is told of everything too, and new details wait.
NEW_CONTACT = timedelta(days=14)
# How long new details wait then, at least, where the policy itself sets less.
HOURS_WITH_A_NEW_CONTACT = 24
# Whoever was in a person's pages to name a helper may have done so some time before the message left.
JUST_BEFORE = timedelta(hours=24)


def stop(
    session: Session,
    *,
    council_id: str,
    person_id: str,
    actor: Actor,
    now: datetime,
    told_at: datetime | None = None,
) -> Person:
    """Somebody who was told says: this was not me. Whoever is signed in as them is out. Safe to repeat.

    `told_at`: when the message was made that told them; who was named since shortly before helps no longer.
    """
    queries.lock(session, council_id=council_id, person_id=person_id)
    person = queries.get(session, council_id=council_id, person_id=person_id)
    about: dict[str, Any] = {"council_id": council_id, "person_id": person_id, "actor": actor, "now": now}
    helping.end_named_since(session, **about, since=(told_at or now) - JUST_BEFORE)
    if person.payments_stopped_at is not None:
        return person
    person.payments_stopped_at = now
    waits = queries.proposed_method(session, council_id=council_id, person_id=person_id)
    if waits is not None:
        waits.state = "declined"
    signing_in.end_sign_ins(session, council_id=council_id, person_id=person_id, now=now)
    end_codes(session, council_id=council_id, person_id=person_id, now=now)
    session.flush()
    _tell(session, person, name="person.payments_stopped", actor=actor, now=now)
    return person


def lift(
    session: Session, *, council_id: str, person_id: str, was_theirs: bool, actor: Actor, now: datetime
) -> Person:
    """Staff have talked with the person. Was the way of paying in use not theirs, it is forgotten.

    Then they say anew how to be paid; nobody here puts an account in its place. Safe to repeat.
    """
    queries.lock(session, council_id=council_id, person_id=person_id)
    person = queries.get(session, council_id=council_id, person_id=person_id)
    if person.payments_stopped_at is None:
        return person
    person.payments_stopped_at = None
    current = queries.current_method(session, council_id=council_id, person_id=person_id)
    if current is not None and not was_theirs:
        current.state = "declined"
    session.flush()
    _tell(session, person, name="person.payments_go_on", actor=actor, now=now)
    return person


def change_contact(
    session: Session, *, council_id: str, person_id: str, email: str, phone: str, actor: Actor, now: datetime
) -> Person:
    """Reach a person elsewhere from now on; the contact before is kept, and told. Raises `Invalid`."""
    helping.refuse(actor)
    queries.lock(session, council_id=council_id, person_id=person_id)
    person = queries.still_here(session, council_id=council_id, person_id=person_id)
    new = read_email(email), read_phone(phone)
    if new[0] and councils.staff_by_email(session, council_id=council_id, email=new[0]):
        raise one_fault("/email", "Enter the person's own address. This is that of somebody who works here")
    if new == (person.email, person.phone):
        return person
    session.add(
        FormerContact(
            council_id=council_id,
            id=ids.new("con"),
            person_id=person_id,
            email=person.email,
            phone=person.phone,
            changed_by=str(actor),
            ended_at=now,
        )
    )
    person.email, person.phone = new
    # Whoever has the old phone may be signed in on it still.
    signing_in.end_sign_ins(session, council_id=council_id, person_id=person_id, now=now)
    end_codes(session, council_id=council_id, person_id=person_id, now=now)
    session.flush()
    _tell(session, person, name="person.contact_changed", actor=actor, now=now)
    return person


def former_contacts(
    session: Session, *, council_id: str, person_id: str, now: datetime
) -> list[FormerContact]:
    """Where the person was reached not long ago, the newest first."""
    query = select(FormerContact).where(
        FormerContact.council_id == council_id,
        FormerContact.person_id == person_id,
        FormerContact.ended_at > now - NEW_CONTACT,
    )
    return list(session.scalars(query.order_by(FormerContact.id.desc())))


def hours_to_wait(session: Session, *, method: PaymentMethod, hold_hours: int, now: datetime) -> int:
    """How long bank details rest before they are first used. Those for Stripe alone are not here yet."""
    if method.details_sealed is None:
        return 0
    key = {"council_id": method.council_id, "person_id": method.person_id}
    return hours_for_details(session, **key, hold_hours=hold_hours, now=now)


def hours_for_details(
    session: Session, *, council_id: str, person_id: str, hold_hours: int, now: datetime
) -> int:
    """How long details rest that came just now, here or at Stripe: longer where the contact is new too."""
    if former_contacts(session, council_id=council_id, person_id=person_id, now=now):
        return max(hold_hours, HOURS_WITH_A_NEW_CONTACT)
    return hold_hours


def end_codes(session: Session, *, council_id: str, person_id: str, now: datetime) -> None:
    """No code that was sent to this person works any more."""
    query = select(MethodConfirmation).where(
        MethodConfirmation.council_id == council_id,
        MethodConfirmation.person_id == person_id,
        MethodConfirmation.ended_at.is_(None),
    )
    for one in session.scalars(query):
        one.ended_at = now
    session.flush()


def _tell(session: Session, person: Person, *, name: str, actor: Actor, now: datetime) -> None:
    events.record(
        session,
        council_id=person.council_id,
        name=name,
        subject_id=person.id,
        person_id=person.id,
        actor=actor,
        at=now,
    )
