"""People: find somebody, add somebody, see one, write down how they would like to be paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.allowances import queries as allowances
from service.allowances.model import UNITS
from service.allowances.tables import AllowanceRow
from service.claims import queries as claims
from service.councils import queries as councils
from service.days import london_day
from service.errors import Conflict, Forbidden, Invalid
from service.own_data import queries as own_data
from service.people import actions, authorities, helping, queries, stopping
from service.people.actions import MethodGiven
from service.people.authorities import KINDS
from service.people.model import METHOD_NAMES
from service.people.tables import Authority, PaymentMethod, Person
from service.policy import wording
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.person import messages, paid
from service.web.person.helping import card as helper_card
from service.web.staff import reached, reading
from service.web.staff.shapes import ActsForRow, AllowanceLine, PersonPage, PersonRow

pages = Blueprint("people", __name__, url_prefix="/people")
# What the modulus check said of the details in use.
CHECKED = {
    "valid": "Sort code and account number go together",
    "not_checked": "Not checked: no table says whether sort code and account number go together",
}


@pages.before_request
def _place() -> None:
    g.place = "people"


@pages.get("")
@needs("people:write")
def find() -> str:
    """Everybody, or those whose name, address or reference holds some words."""
    answers = Answers(request.args)
    with here.room() as session:
        found = queries.find(session, council_id=here.council_id(), words=answers["q"], limit=200)
    return render_template("staff/people.html", rows=[_row(person) for person in found], answers=answers)


@pages.route("/new", methods=["GET", "POST"])
@needs("people:write")
def new() -> str | Response:
    """Add somebody."""
    answers = Answers(request.form or {"words": "en"})
    if request.method == "POST":
        try:
            with here.room() as session:
                added = actions.add(
                    session,
                    council_id=here.council_id(),
                    name=answers["name"],
                    email=answers["email"],
                    phone=answers["phone"],
                    external_reference=answers["reference"],
                    organisation=answers["organisation"],
                    actor=here.staff_actor(),
                    now=here.now(),
                )
                reached.write_down(session, person_id=added.id, answers=answers)
            return redirect(_address(added.id), 303)
        except Conflict as refusal:
            answers.fault("reference", refusal.detail)
        except Invalid as refusal:
            own = {"/name": "name", "/email": "email", "/phone": "phone"}
            answers.learn(refusal, own | messages.FIELDS)
    return render_template("staff/person_new.html", answers=answers, **reached.choices())


@pages.get("/<person_id>")
@needs("people:read")
def show(person_id: str) -> str:
    """One person."""
    with here.room() as session:
        page = _page(session, person_id)
        key = {"council_id": here.council_id(), "person_id": person_id}
        wish = own_data.wish(session, **key)
        still_open = own_data.still_open(session, **key, now=here.now()) if wish else []
    return render_template(
        "staff/person.html",
        page=page,
        wish=wish,
        still_open=still_open,
        may_change=here.may("people:write"),
        see_claims=here.may("claims:read"),
        may_check=here.may("claims:approve"),
        may_enter=here.may("claims:write"),
    )


@pages.route("/<person_id>/paid", methods=["GET", "POST"])
@needs("people:write")
def write_down(person_id: str) -> str | Response:
    """How they would like to be paid, as they say it. A change waits for their own yes."""
    answers = Answers(request.form)
    with here.room() as session:
        person = queries.get(session, council_id=here.council_id(), person_id=person_id)
        kinds = paid.allowed_kinds(session)
    if request.method == "POST":
        kind = answers.one_of("kind", {k.value for k in kinds}, "Choose how they would like to be paid")
        given = (
            paid.bank_details(answers)
            if kind == "bank_account"
            else MethodGiven(kind=kind, charity=answers["charity"])
        )
        if kind and _written(person_id, given, answers):
            return redirect(_address(person_id), 303)
    return render_template(
        "staff/person_paid.html", answers=answers, name=person.name, person_id=person_id, kinds=kinds
    )


def _written(person_id: str, given: MethodGiven, answers: Answers) -> bool:
    try:
        with here.room() as session:
            paid.set_method(session, person_id=person_id, given=given, actor=here.staff_actor())
    except (Invalid, stopping.PaymentsStopped, Forbidden) as refusal:
        answers.learn(refusal, paid.FIELDS)
        return False
    return True


def _page(session: Session, person_id: str) -> PersonPage:
    key = {"council_id": here.council_id(), "person_id": person_id}
    person = queries.get(session, **key)
    current, proposed = queries.current_method(session, **key), queries.proposed_method(session, **key)
    names = councils.names_of(session, council_id=key["council_id"])
    rows = claims.of_person(session, **key)
    return PersonPage(
        row=_row(person),
        paid_how=_method(current),
        proposed=_method(proposed) if proposed else "",
        checked=CHECKED.get(current.checked or "", "") if current else "",
        contact_is_new=_contact_is_new(session, person, names),
        stopped=person.payments_stopped_at is not None,
        acts=tuple(_acts(row, names) for row in authorities.of_person(session, **key)),
        helpers=tuple(
            helper_card(row, viewer=str(here.staff_actor())) for row in helping.of_person(session, **key)
        ),
        allowances=tuple(
            _allowance(row)
            for row in allowances.of_person(
                session, **key, organisation=person.organisation, on=london_day(here.now())
            )
        ),
        claims=tuple(
            reading.claim_rows(session, rows, council_id=key["council_id"], today=london_day(here.now()))
        ),
    )


def _contact_is_new(session: Session, person: Person, names: Mapping[str, str]) -> str:
    """Who changed the contact not long ago, what follows, and whether the old place could be told."""
    key = {"council_id": person.council_id, "person_id": person.id}
    before = stopping.former_contacts(session, **key, now=here.now())
    if not before:
        return ""
    who = names.get(before[0].changed_by.partition(":")[2], "")
    said = f"Changed{f' by {who}' if who else ''} on {wording.day(london_day(before[0].ended_at))}."
    said += f" Until {wording.day(london_day(before[0].ended_at + stopping.NEW_CONTACT))}, new bank details"
    said += f" wait at least {stopping.HOURS_WITH_A_NEW_CONTACT} hours before we first use them."
    if not any(row.email or row.phone for row in before):
        said += " We had no contact before, so nobody could be told at the old place."
    return said


def _acts(row: Authority, names: Mapping[str, str]) -> ActsForRow:
    """Who may act, on which document, and who has seen it."""
    first, second = (names.get((by or "").partition(":")[2], "") for by in (row.recorded_by, row.checked_by))
    if row.ended_at is not None:
        standing = f"Ended on {wording.day(london_day(row.ended_at))}"
    elif row.checked_at is None:
        standing = "Waits until a second person has seen the document"
    else:
        standing = "May act now" if authorities.in_force(row, now=here.now()) else "Not at this time"
    return ActsForRow(
        id=row.id,
        name=row.name,
        kind=KINDS.get(row.kind, row.kind),
        document=f"{row.document}, dated {wording.day(row.dated)}",
        seen_by=" and ".join(name for name in (first, second) if name),
        standing=standing,
        may_check=row.checked_at is None and row.recorded_by != str(here.staff_actor()),
        over=row.ended_at is not None,
    )


def _method(method: PaymentMethod | None) -> str:
    if method is None:
        return "Not known yet"
    more = method.masked or method.charity or ""
    return f"{METHOD_NAMES.get(method.kind, method.kind)}{f': {more}' if more else ''}"


def _row(person: Person) -> PersonRow:
    contact = ", ".join(text for text in (person.email, person.phone) if text)
    return PersonRow(
        person.id, person.name, contact, person.external_reference or "", person.organisation or ""
    )


def _allowance(row: AllowanceRow) -> AllowanceLine:
    """`2 times used, 1 time kept for offers. From 11 May 2026 to 17 May 2026.`"""
    unit = UNITS[row.counts]
    told = f"{wording.words(row.used, unit)} used"
    if row.reserved:
        told += f", {wording.words(row.reserved, unit)} kept for offers they said yes to"
    if row.ends_on is not None:
        last = row.ends_on - timedelta(days=1)
        told += f". From {wording.day(row.starts_on)} to {wording.day(last)}"
    return AllowanceLine(row.name, f"{told}.")


def _address(person_id: str) -> str:
    return f"{here.at()}/staff/people/{person_id}"
