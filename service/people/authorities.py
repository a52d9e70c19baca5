"""Who may act on a person's money in their name, on which document, and who has seen it?

An attorney under a lasting power of attorney for property and financial affairs, or a deputy whom the court
appointed. One member of staff writes down the document that they saw, another looks at it again; only then
may the attorney sign in, and only to say how the person is paid. The person is told of each step. An
appointee for benefits may not act on this money, so there is no such kind. Never commits, never calls a task.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from service import events, ids
from service.councils import queries as councils
from service.councils.actions import LINK_EVERY
from service.days import london_day
from service.errors import Conflict, Fault, Forbidden, Invalid, NotFound, one_fault
from service.events import Actor
from service.people import queries
from service.people.helping_tables import Helper
from service.people.model import read_email
from service.people.tables import Authority

KINDS = {
    "attorney": "Attorney: lasting power of attorney for property and financial affairs",
    "deputy": "Deputy for property and affairs, appointed by the Court of Protection",
}


class SecondPersonNeeded(Forbidden):
    """Whoever wrote it down may not be the one who checks it."""

    title = "Somebody else has to check this"


@dataclass(frozen=True)
class AuthorityGiven:
    """What the document says. `document`: its reference, as printed on it."""

    kind: str
    name: str
    email: str
    document: str
    dated: date | None
    from_day: date | None
    until_day: date | None = None


def record(
    session: Session, *, council_id: str, person_id: str, given: AuthorityGiven, actor: Actor, now: datetime
) -> Authority:
    """A member of staff has seen the document. It counts for nothing until another has. Raises `Invalid`."""
    person = queries.still_here(session, council_id=council_id, person_id=person_id)
    email = read_email(given.email) or ""
    name, document = " ".join(given.name.split()), " ".join(given.document.split())
    faults = [
        Fault(pointer, sentence)
        for pointer, wrong, sentence in (
            ("/kind", given.kind not in KINDS, "Choose what the document makes them"),
            ("/name", not name, "Enter the name on the document"),
            ("/email", not email, "Enter their email address, so that they can sign in"),
            ("/document", not document, "Enter the reference on the document"),
            ("/dated", given.dated is None, "Enter the date of the document"),
            ("/from_day", given.from_day is None, "Enter the day from which it counts"),
            ("/until_day", _ends_first(given), "The last day must be after the first"),
        )
        if wrong
    ]
    if faults:
        raise Invalid("Some answers need another look.", errors=tuple(faults))
    if email == person.email or councils.staff_by_email(session, council_id=council_id, email=email):
        raise one_fault(
            "/email",
            "Enter an address of their own: not the person's, and not that of anybody who works here",
        )
    row = Authority(
        council_id=council_id,
        id=ids.new("aut"),
        person_id=person_id,
        kind=given.kind,
        name=name,
        email=email,
        document=document,
        dated=given.dated,
        recorded_by=str(actor),
        recorded_at=now,
        checked_by=None,
        checked_at=None,
        from_day=given.from_day,
        until_day=given.until_day,
        ended_by=None,
        ended_at=None,
        link_asked_at=None,
    )
    session.add(row)
    session.flush()
    tell(session, row, name="authority.recorded", actor=actor, now=now)
    return row


def _ends_first(given: AuthorityGiven) -> bool:
    return bool(given.until_day and given.from_day and given.until_day < given.from_day)


def check(session: Session, *, council_id: str, authority_id: str, actor: Actor, now: datetime) -> Authority:
    """A second member of staff has seen the document too. Safe to repeat.

    Raises `SecondPersonNeeded`, `Conflict` when it has ended.
    """
    row = locked(session, council_id=council_id, authority_id=authority_id)
    queries.still_here(session, council_id=council_id, person_id=row.person_id)
    if row.ended_at is not None:
        raise Conflict("This has ended. Write it down anew if it counts again.")
    if row.recorded_by == str(actor):
        raise SecondPersonNeeded("You wrote this down. Ask somebody else here to look at the document too.")
    if row.checked_at is None:
        row.checked_by, row.checked_at = str(actor), now
        session.flush()
        tell(session, row, name="authority.checked", actor=actor, now=now)
    return row


def end(session: Session, *, council_id: str, authority_id: str, actor: Actor, now: datetime) -> Authority:
    """They may act no longer: their sign-in stops at once. Safe to repeat."""
    row = locked(session, council_id=council_id, authority_id=authority_id)
    if row.ended_at is None:
        row.ended_by, row.ended_at = str(actor), now
        session.flush()
        tell(session, row, name="authority.ended", actor=actor, now=now)
    return row


def speaks_for(session: Session, *, council_id: str, person_id: str, actor: Actor, now: datetime) -> bool:
    """Whether this is the person, or somebody who may act for them.

    Raises `Forbidden` for a helper, for an attorney of somebody else or whose time is over, and for staff who
    saw the document of one who acts for the person: they check who may give details, so they never give any.
    """
    if actor.kind == "helper":
        raise Forbidden("A helper never says how somebody is paid. Ask the person to do it themselves.")
    standing = of_person(session, council_id=council_id, person_id=person_id)
    if actor.kind == "attorney":
        if not any(one.id == actor.id and in_force(one, now=now) for one in standing):
            raise Forbidden("You may not act for this person, or no longer. Contact the council.")
        return True
    if any(str(actor) in (one.recorded_by, one.checked_by) for one in standing if one.ended_at is None):
        raise Forbidden(
            "You have seen the document of somebody who acts for this person. So you may not write down how "
            "they are paid. They, or whoever acts for them, say it themselves."
        )
    return actor == Actor("person", person_id)


def in_force(row: Authority, *, now: datetime) -> bool:
    """Whether they may act at this moment."""
    today = london_day(now)
    begun = row.checked_at is not None and row.ended_at is None and row.from_day <= today
    return begun and (row.until_day is None or today <= row.until_day)


def get(session: Session, *, council_id: str, authority_id: str) -> Authority:
    """One of them. Raises `NotFound`."""
    row = session.get(Authority, (council_id, authority_id))
    if row is None:
        raise NotFound("We cannot find that. Look at the person's page.")
    return row


def locked(session: Session, *, council_id: str, authority_id: str) -> Authority:
    """The same, with its row locked."""
    get(session, council_id=council_id, authority_id=authority_id)
    row = session.get(Authority, (council_id, authority_id), with_for_update=True, populate_existing=True)
    return row or get(session, council_id=council_id, authority_id=authority_id)


def of_person(session: Session, *, council_id: str, person_id: str) -> list[Authority]:
    """Everybody who may act for a person, might, or could once; the newest first."""
    query = select(Authority).where(Authority.council_id == council_id, Authority.person_id == person_id)
    return list(session.scalars(query.order_by(Authority.id.desc())))


def ask_for_link(session: Session, *, council_id: str, email: str, now: datetime) -> None:
    """Whoever may act for somebody, and has this address, is sent a link, once a minute at most."""
    query = select(Authority).where(
        Authority.council_id == council_id,
        Authority.email == email.strip().lower(),
        or_(Authority.link_asked_at.is_(None), Authority.link_asked_at <= now - LINK_EVERY),
    )
    for row in session.scalars(query.order_by(Authority.id)):
        if in_force(row, now=now):
            row.link_asked_at = now
            tell(session, row, name="attorney.link_asked", actor=Actor("attorney", row.id), now=now)


def tell(session: Session, row: Authority | Helper, *, name: str, actor: Actor, now: datetime) -> None:
    """Record an event about somebody who acts for a person, or helps them."""
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.id,
        person_id=row.person_id,
        actor=actor,
        at=now,
        refs={"kind": row.kind},
    )
