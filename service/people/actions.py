"""Verbs about people and how they are paid. Never commit, never call a task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service import events, ids, log
from service.councils.actions import LINK_EVERY
from service.db import insert_all
from service.errors import Conflict, Fault, Invalid, one_fault
from service.events import Actor
from service.people import authorities, confirming, helping, queries, stopping
from service.people.model import (
    METHOD_NAMES,
    BankDetails,
    checked,
    read_bank_details,
    read_email,
    read_phone,
    read_supplier_reference,
)
from service.people.modulus import NO_TABLE, Modulus
from service.people.tables import OWN_REFERENCE, PaymentMethod, Person
from service.vault import Vault


def add(
    session: Session,
    *,
    council_id: str,
    name: str,
    actor: Actor,
    now: datetime,
    email: str = "",
    phone: str = "",
    external_reference: str | None = None,
    organisation: str = "",
) -> Person:
    """Add a person; `organisation` is the one they come for, if any.

    Raises `Invalid` for a bad field, `Conflict` when the reference is taken.
    """
    tidy = " ".join(name.split())
    if not tidy:
        raise one_fault("/name", "Enter the person's name")
    person = Person(
        council_id=council_id,
        id=ids.new("per"),
        name=tidy,
        email=read_email(email),
        phone=read_phone(phone),
        external_reference=(external_reference or "").strip() or None,
        organisation=" ".join(organisation.split()) or None,
        made_at=now,
        link_asked_at=None,
        payments_stopped_at=None,
        supplier_reference=None,
    )
    try:
        with session.begin_nested():
            session.add(person)
    except IntegrityError as error:
        raise Conflict(
            f"Somebody with the reference {person.external_reference} is already here. Use that person, or "
            "give another reference."
        ) from error
    events.record(
        session,
        council_id=council_id,
        name="person.added",
        subject_id=person.id,
        person_id=person.id,
        actor=actor,
        at=now,
    )
    return person


@dataclass(frozen=True)
class NewPerson:
    """Somebody who is added together with others; contact as `read_email` and `read_phone` leave it."""

    name: str
    email: str = ""
    phone: str = ""
    external_reference: str = ""


def add_all(
    session: Session, *, council_id: str, given: Sequence[NewPerson], actor: Actor, now: datetime
) -> list[str]:
    """Add many people in one stroke. Answers their ids, in the same order.

    Raises `Conflict` when a reference is taken: then nobody is added.
    """
    added = [ids.new("per") for _ in given]
    rows = [
        {
            "council_id": council_id,
            "id": person_id,
            "name": " ".join(one.name.split()),
            "email": one.email or None,
            "phone": one.phone or None,
            "external_reference": one.external_reference or None,
            "made_at": now,
        }
        for person_id, one in zip(added, given, strict=True)
    ]
    try:
        with session.begin_nested():
            insert_all(session, Person, rows)
    except IntegrityError as error:
        raise Conflict("One of the references is taken by now. Check the list again.") from error
    told = [
        events.Happening(
            name="person.added", subject_id=person_id, request_id=log.request_id(), person_id=person_id
        )
        for person_id in added
    ]
    events.record_all(session, council_id=council_id, happenings=told, actor=actor, at=now)
    return added


def set_supplier_reference(
    session: Session, *, council_id: str, person_id: str, given: str, actor: Actor, now: datetime
) -> Person:
    """What the finance system calls somebody; an empty text takes it away again.

    Raises `NotFound`, `Invalid`, `Conflict` when somebody else has it.
    """
    person = queries.still_here(session, council_id=council_id, person_id=person_id)
    wanted = read_supplier_reference(given, ours=OWN_REFERENCE)
    if wanted == person.supplier_reference:
        return person
    try:
        with session.begin_nested():
            person.supplier_reference = wanted
            session.flush()
    except IntegrityError as error:
        session.refresh(person)
        raise Conflict(f"Somebody else is {wanted} already. Check both, or give another one.") from error
    events.record(
        session,
        council_id=council_id,
        name="person.supplier_reference_set",
        subject_id=person_id,
        person_id=person_id,
        actor=actor,
        at=now,
    )
    return person


def ask_for_link(session: Session, *, council_id: str, email: str, now: datetime) -> None:
    """Somebody typed this address to sign in: everybody here who has it is sent a link, once a minute at
    most; also who may act for somebody, or helps.

    Answers nothing, so that nobody can learn who is known.
    """
    for person in queries.by_email(session, council_id=council_id, email=email):
        if person.link_asked_at is None or person.link_asked_at <= now - LINK_EVERY:
            person.link_asked_at = now
            events.record(
                session,
                council_id=council_id,
                name="person.link_asked",
                subject_id=person.id,
                person_id=person.id,
                actor=Actor("person", person.id),
                at=now,
            )
    authorities.ask_for_link(session, council_id=council_id, email=email, now=now)
    helping.ask_for_link(session, council_id=council_id, contact=email, now=now)


@dataclass(frozen=True)
class MethodGiven:
    """What somebody tells us about how to be paid. `kind` is one of `METHOD_NAMES`."""

    kind: str
    account_name: str = field(default="", repr=False)
    sort_code: str = field(default="", repr=False)
    account_number: str = field(default="", repr=False)
    roll_number: str = field(default="", repr=False)
    charity: str = ""


def set_method(
    session: Session,
    *,
    council_id: str,
    person_id: str,
    given: MethodGiven,
    allowed: list[str],
    hold_hours: int,
    vault: Vault,
    actor: Actor,
    now: datetime,
    modulus: Modulus = NO_TABLE,
) -> PaymentMethod:
    """Record how a person is paid; answers it as `current`, or as `proposed` while it waits.

    The first method takes effect at once (after the hold that the policy sets). Any change waits: the
    person's own until they type the code that we send to the contact we hold, anybody else's until the person
    has said yes in the same way. Saying the same again changes nothing, and asks the person nothing twice.
    `allowed` are the kinds that the policy in force allows. Raises `Invalid`, `PaymentsStopped`, `Forbidden`.
    """
    queries.still_here(session, council_id=council_id, person_id=person_id)
    details = _read_method(given, allowed, modulus)
    queries.lock(session, council_id=council_id, person_id=person_id)
    stopping.refuse_where_stopped(session, council_id=council_id, person_id=person_id)
    own = authorities.speaks_for(session, council_id=council_id, person_id=person_id, actor=actor, now=now)
    known = queries.methods_of(session, council_id=council_id, person_id=person_id)
    current = next((one for one in known if one.state == "current"), None)
    proposed = next((one for one in known if one.state == "proposed"), None)
    if current is not None and _same(current, given, details, vault):
        # Nothing changes, but a payment that failed or came back can be tried again: the details were right.
        _tell(session, current, name="person.method_confirmed", actor=actor, now=now)
        return current
    if proposed is None or not _same(proposed, given, details, vault):
        if proposed is not None:
            proposed.state = "replaced"
            session.flush()
        proposed = _new_method(council_id, person_id, given, details, vault=vault, actor=actor, now=now)
        proposed.state = "proposed" if known else "current"
        if details is not None:
            proposed.checked, proposed.checked_with = checked(details, modulus), modulus.version or None
        _write_down(session, proposed, hold_hours=hold_hours, own=own, now=now)
    if own and proposed.state == "proposed":
        confirming.ask(session, method=proposed, actor=actor, now=now)
    return proposed


def _write_down(
    session: Session, method: PaymentMethod, *, hold_hours: int, own: bool, now: datetime
) -> None:
    hours = stopping.hours_to_wait(session, method=method, hold_hours=hold_hours, now=now)
    method.usable_at = now + timedelta(hours=hours)
    session.add(method)
    session.flush()
    kind, _, who = method.recorded_by.partition(":")
    if method.state == "current":
        _tell(session, method, name="person.method_set", actor=Actor(kind, who), now=now)
    elif not own:
        _tell(session, method, name="person.method_proposed", actor=Actor(kind, who), now=now)


def try_again(session: Session, *, council_id: str, person_id: str, actor: Actor, now: datetime) -> None:
    """The details in use are right: what failed or came back is tried again. Raises `PaymentsStopped`."""
    queries.lock(session, council_id=council_id, person_id=person_id)
    stopping.refuse_where_stopped(session, council_id=council_id, person_id=person_id)
    current = queries.current_method(session, council_id=council_id, person_id=person_id)
    if current is not None:
        _tell(session, current, name="person.method_confirmed", actor=actor, now=now)


def _new_method(
    council_id: str,
    person_id: str,
    given: MethodGiven,
    details: BankDetails | None,
    *,
    vault: Vault,
    actor: Actor,
    now: datetime,
) -> PaymentMethod:
    return PaymentMethod(
        council_id=council_id,
        id=ids.new("pmt"),
        person_id=person_id,
        kind=given.kind,
        details_sealed=vault.seal(asdict(details)) if details else None,
        masked=details.masked if details else "",
        charity=given.charity.strip() or None,
        recorded_by=str(actor),
        recorded_at=now,
    )


def _read_method(given: MethodGiven, allowed: list[str], modulus: Modulus) -> BankDetails | None:
    if given.kind not in METHOD_NAMES or given.kind not in allowed:
        raise Invalid(
            f"The policy does not pay by {given.kind or 'that'}. Choose one of {', '.join(allowed)}.",
            errors=(Fault("/kind", f"Choose one of {', '.join(allowed)}"),),
        )
    if given.kind == "charity" and not given.charity.strip():
        raise one_fault("/charity", "Enter the name of the charity")
    by_hand = (given.account_name, given.sort_code, given.account_number)
    if given.kind != "bank_account" and not (given.kind == "stripe" and any(by_hand)):
        return None
    return read_bank_details(
        account_name=given.account_name,
        sort_code=given.sort_code,
        account_number=given.account_number,
        roll_number=given.roll_number,
        modulus=modulus,
    )


def _same(current: PaymentMethod, given: MethodGiven, details: BankDetails | None, vault: Vault) -> bool:
    if current.kind != given.kind or (current.charity or "") != given.charity.strip():
        return False
    if details is None or current.details_sealed is None:
        return details is None and current.details_sealed is None
    return BankDetails(**vault.open(current.details_sealed)) == details


def keep_method(session: Session, *, council_id: str, person_id: str) -> None:
    """Let nobody change how this person is paid before the caller is done, and wait for whoever is at it."""
    session.execute(
        text("SELECT FROM people WHERE council_id = :council_id AND id = :person_id FOR SHARE"),
        {"council_id": council_id, "person_id": person_id},
    )


def _tell(session: Session, method: PaymentMethod, *, name: str, actor: Actor, now: datetime) -> None:
    events.record(
        session,
        council_id=method.council_id,
        name=name,
        subject_id=method.id,
        person_id=method.person_id,
        actor=actor,
        at=now,
        refs={"method_id": method.id, "kind": method.kind},
    )
