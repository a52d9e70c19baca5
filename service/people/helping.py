"""Who helps a person, what may they do, and until when? With the person's own yes, and never about money.

A person names a helper on their own page. Who cannot do that themselves asks staff: one writes it down, a
second confirms it. A helper sees, and may say yes or no to offers and ask for costs where the person said so.
Where money goes, how the person is reached, and who else helps stays the person's own, also with an
appointee: a document that says more is another matter (`authorities.py`). Never commits, never calls a task.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from service import ids
from service.councils import queries as councils
from service.councils.actions import LINK_EVERY
from service.days import london_day
from service.errors import Conflict, Fault, Forbidden, Invalid, NotFound, one_fault
from service.events import Actor
from service.people import queries
from service.people.authorities import SecondPersonNeeded, tell
from service.people.helping_tables import Helper
from service.people.model import plain_number, read_email, read_phone, written_numbers
from service.people.stopped import refuse_where_stopped

KINDS = {
    "supporter": "Supporter",
    "appointee": "Appointee for benefits",
    "interpreter": "Interpreter",
}
# What a helper may do, in the order of a page. Seeing belongs to all of it.
SEE, ANSWER, COSTS = "see", "answer", "costs"
# How somebody agreed who could not say it on their own page.
OWN = "own"
CONSENTS = {"in_person": "In person", "phone": "On the phone", "writing": "In writing"}
USUAL_MONTHS = 6
LONGEST = timedelta(days=2 * 366)
THEIR_OWN = "Only the person themselves can do this. A helper never can. Ask them to do it on their own page."


@dataclass(frozen=True)
class HelperGiven:
    """Whom a person names, and what for. `consent`: one of `CONSENTS` where staff write it down."""

    kind: str
    name: str
    email: str = ""
    phone: str = ""
    may_answer: bool = False
    may_ask: bool = False
    until_day: date | None = None
    consent: str = OWN


def usual_end(now: datetime) -> date:
    """Six months from today, on the same day of the month or the last one before it."""
    today = london_day(now)
    years, months = divmod(today.month - 1 + USUAL_MONTHS, 12)
    year, month = today.year + years, months + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def name(
    session: Session, *, council_id: str, person_id: str, given: HelperGiven, actor: Actor, now: datetime
) -> Helper:
    """Let somebody help a person. Naming the same again changes nothing.

    The person's own word counts at once, also for one whom staff wrote down; what staff write down waits for
    a second of them. Raises `Invalid`, `PaymentsStopped`, and `Forbidden` for anybody else.
    """
    own = actor == Actor("person", person_id)
    if not own and actor.kind != "staff":
        raise Forbidden(THEIR_OWN)
    queries.lock(session, council_id=council_id, person_id=person_id)
    refuse_where_stopped(session, council_id=council_id, person_id=person_id)
    row = judge(session, council_id=council_id, person_id=person_id, given=given, own=own, now=now)
    for known in of_person(session, council_id=council_id, person_id=person_id):
        if known.ended_at is None and _says(known) == _says(row):
            if own and known.confirmed_at is None:
                known.consent, known.confirmed_by, known.confirmed_at = OWN, str(actor), now
                session.flush()
                tell(session, known, name="helper.named", actor=actor, now=now)
            return known
    row.council_id, row.id, row.person_id = council_id, ids.new("hlp"), person_id
    row.recorded_by, row.recorded_at = str(actor), now
    if own:
        row.confirmed_by, row.confirmed_at = str(actor), now
    session.add(row)
    session.flush()
    tell(session, row, name="helper.named" if own else "helper.recorded", actor=actor, now=now)
    return row


def judge(
    session: Session, *, council_id: str, person_id: str, given: HelperGiven, own: bool, now: datetime
) -> Helper:
    """What `name` would write down; nothing is. Raises `Invalid` with a sentence for each field."""
    person = queries.still_here(session, council_id=council_id, person_id=person_id)
    row = _read(given, own=own, now=now)
    if row.email and (
        row.email == person.email or councils.staff_by_email(session, council_id=council_id, email=row.email)
    ):
        raise one_fault(
            "/email", "Enter the helper's own address: not the person's, and not of anybody who works here"
        )
    return row


def _read(given: HelperGiven, *, own: bool, now: datetime) -> Helper:
    """What was said, as a row that is not stored yet. Raises `Invalid` with a sentence for each field."""
    faults: list[Fault] = []
    contacts: list[str | None] = []
    for read, typed in ((read_email, given.email), (read_phone, given.phone)):
        try:
            contacts.append(read(typed))
        except Invalid as refusal:
            faults += refusal.errors
            contacts.append(None)
    if not faults and not any(contacts):
        faults.append(Fault("/email", "Enter an email address or a phone number, so that they can sign in"))
    tidy, today, until = " ".join(given.name.split()), london_day(now), given.until_day
    faults += [
        Fault(pointer, sentence)
        for pointer, wrong, sentence in (
            ("/name", not tidy, "Enter their name"),
            ("/kind", given.kind not in KINDS, "Choose how they help"),
            ("/until_day", until is None, "Enter the last day, like 27 3 2027"),
            ("/until_day", until is not None and until < today, "The last day must be today or later"),
            (
                "/until_day",
                until is not None and until > today + LONGEST,
                "Choose a day within two years. You can name them again then",
            ),
            ("/consent", not own and given.consent not in CONSENTS, "Choose how the person agreed"),
        )
        if wrong
    ]
    if faults or until is None:
        raise Invalid("Some answers need another look.", errors=tuple(faults))
    does = given.kind != "interpreter"
    return Helper(
        kind=given.kind,
        name=tidy,
        email=contacts[0],
        phone=contacts[1],
        may_answer=does and given.may_answer,
        may_ask=does and given.may_ask,
        consent=OWN if own else given.consent,
        until_day=until,
        confirmed_by=None,
        confirmed_at=None,
        ended_by=None,
        ended_at=None,
        link_asked_at=None,
    )


def _says(row: Helper) -> tuple[object, ...]:
    return (row.kind, row.name, row.email, row.phone, row.may_answer, row.may_ask, row.until_day)


def confirm(session: Session, *, council_id: str, helper_id: str, actor: Actor, now: datetime) -> Helper:
    """A second member of staff has asked the person too. Safe to repeat.

    Raises `SecondPersonNeeded`, `Conflict` when it has ended, `PaymentsStopped`, `Forbidden` for whoever is
    not staff.
    """
    row = locked(session, council_id=council_id, helper_id=helper_id)
    if actor.kind != "staff":
        raise Forbidden(THEIR_OWN)
    queries.still_here(session, council_id=council_id, person_id=row.person_id)
    refuse_where_stopped(session, council_id=council_id, person_id=row.person_id)
    if row.ended_at is not None:
        raise Conflict("This has ended. Write it down anew if it counts again.")
    if row.recorded_by == str(actor):
        raise SecondPersonNeeded("You wrote this down. Ask somebody else here to check it with the person.")
    if row.confirmed_at is None:
        row.confirmed_by, row.confirmed_at = str(actor), now
        session.flush()
        tell(session, row, name="helper.confirmed", actor=actor, now=now)
    return row


def end(session: Session, *, council_id: str, helper_id: str, actor: Actor, now: datetime) -> Helper:
    """They help no longer, from this moment. Safe to repeat.

    The person, staff, or the helper themselves may say so. Raises `Forbidden` for anybody else.
    """
    row = locked(session, council_id=council_id, helper_id=helper_id)
    if actor.kind != "staff" and actor not in (Actor("person", row.person_id), Actor("helper", row.id)):
        raise Forbidden(THEIR_OWN)
    if row.ended_at is None:
        row.ended_by, row.ended_at = str(actor), now
        session.flush()
        tell(session, row, name="helper.ended", actor=actor, now=now)
    return row


def end_named_since(
    session: Session, *, council_id: str, person_id: str, since: datetime, actor: Actor, now: datetime
) -> None:
    """Whoever was named on the person's own page since then helps no longer: that was not the person."""
    for row in of_person(session, council_id=council_id, person_id=person_id):
        own = row.confirmed_by == str(Actor("person", person_id))
        if own and row.confirmed_at is not None and row.confirmed_at >= since:
            end(session, council_id=council_id, helper_id=row.id, actor=actor, now=now)


def signed_in(session: Session, *, council_id: str, helper_id: str, now: datetime) -> bool:
    """A helper opens the person's pages: the person can see that, too. Answers whether they may help now."""
    row = get(session, council_id=council_id, helper_id=helper_id)
    if not in_force(row, now=now):
        return False
    tell(session, row, name="helper.signed_in", actor=Actor("helper", row.id), now=now)
    return True


def ask_for_link(session: Session, *, council_id: str, contact: str, now: datetime) -> None:
    """Whoever helps somebody, and has this address or number, is sent a link, once a minute at most."""
    tidy = contact.strip().lower()
    query = select(Helper).where(
        Helper.council_id == council_id,
        or_(Helper.email == tidy, Helper.phone.in_(written_numbers(tidy))),
        or_(Helper.link_asked_at.is_(None), Helper.link_asked_at <= now - LINK_EVERY),
    )
    for row in session.scalars(query.order_by(Helper.id)):
        if in_force(row, now=now):
            row.link_asked_at = now
            tell(session, row, name="helper.link_asked", actor=Actor("helper", row.id), now=now)


def refuse(actor: Actor) -> None:
    """Raises `Forbidden` for a helper: money, contact and consent are the person's own, by every route."""
    if actor.kind == "helper":
        raise Forbidden(THEIR_OWN)


# What is known


def in_force(row: Helper, *, now: datetime) -> bool:
    """Whether they may help at this moment. The last day counts."""
    return row.confirmed_at is not None and row.ended_at is None and london_day(now) <= row.until_day


def may(row: Helper) -> frozenset[str]:
    """Everything that a helper may do."""
    said = ((SEE, True), (ANSWER, row.may_answer), (COSTS, row.may_ask))
    return frozenset(scope for scope, yes in said if yes)


def get(session: Session, *, council_id: str, helper_id: str) -> Helper:
    """One of them. Raises `NotFound`."""
    row = session.get(Helper, (council_id, helper_id))
    if row is None:
        raise NotFound("We cannot find that helper. Look at the list of those who help.")
    return row


def locked(session: Session, *, council_id: str, helper_id: str) -> Helper:
    """The same, with its row locked."""
    row = session.get(Helper, (council_id, helper_id), with_for_update=True, populate_existing=True)
    return row or get(session, council_id=council_id, helper_id=helper_id)


def of_person(session: Session, *, council_id: str, person_id: str) -> list[Helper]:
    """Everybody who helps a person, may soon, or did; the newest first."""
    query = select(Helper).where(Helper.council_id == council_id, Helper.person_id == person_id)
    return list(session.scalars(query.order_by(Helper.recorded_at.desc(), Helper.id.desc())))


def others_of(session: Session, *, council_id: str, helper_id: str, now: datetime) -> list[Helper]:
    """The same helper beside other people, in force now: the same email address, or, of those who have none,
    the same number.

    A link goes to the address where there is one: whoever has the number alone is not let in by it.
    """
    row = get(session, council_id=council_id, helper_id=helper_id)
    same = (
        and_(Helper.email.is_(None), Helper.phone.in_(written_numbers(plain_number(row.phone or ""))))
        if row.email is None
        else Helper.email == row.email
    )
    query = select(Helper).where(Helper.council_id == council_id, same, Helper.id != helper_id)
    return [one for one in session.scalars(query.order_by(Helper.id)) if in_force(one, now=now)]
