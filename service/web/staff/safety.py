"""What keeps a person's money theirs: how they are reached, who may act for them, payments that are stopped.

Nobody types bank details on these pages. Each step is told to the person; a new contact to the old one too.
"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from service.errors import Invalid, one_fault
from service.people import authorities, queries, stopping
from service.people.authorities import KINDS, AuthorityGiven
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.typed_times import read_day

pages = Blueprint("safety", __name__, url_prefix="/people/<person_id>")
# The days that a document must have.
DAYS = {"dated": "Enter the date of the document", "from_day": "Enter the day from which it counts"}
FIELDS = {
    f"/{name}": name for name in ("kind", "name", "email", "document", "dated", "from_day", "until_day")
}


@pages.before_request
def _place() -> None:
    g.place = "people"


@pages.route("/contact", methods=["GET", "POST"])
@needs("people:write")
def contact(person_id: str) -> str | Response:
    """Reach somebody elsewhere from now on."""
    with here.room() as session:
        person = queries.get(session, council_id=here.council_id(), person_id=person_id)
    kept = {"email": person.email or "", "phone": person.phone or ""}
    answers = Answers(request.form if request.method == "POST" else kept)
    if request.method == "POST":
        try:
            with here.room() as session:
                stopping.change_contact(
                    session,
                    council_id=here.council_id(),
                    person_id=person_id,
                    email=answers["email"],
                    phone=answers["phone"],
                    actor=here.staff_actor(),
                    now=here.now(),
                )
            return redirect(_address(person_id), 303)
        except Invalid as refusal:
            answers.learn(refusal, {"/email": "email", "/phone": "phone"})
    return render_template(
        "staff/person_contact.html", answers=answers, name=person.name, person_id=person_id
    )


@pages.route("/go-on", methods=["GET", "POST"])
@needs("people:write")
def go_on(person_id: str) -> str | Response:
    """Staff have talked with the person: payments go on."""
    answers = Answers(request.form)
    if request.method == "POST":
        said = answers.one_of("was_theirs", {"yes", "no"}, "Choose what the person told you")
        if said:
            with here.room() as session:
                stopping.lift(
                    session,
                    council_id=here.council_id(),
                    person_id=person_id,
                    was_theirs=said == "yes",
                    actor=here.staff_actor(),
                    now=here.now(),
                )
            return redirect(_address(person_id), 303)
    with here.room() as session:
        person = queries.get(session, council_id=here.council_id(), person_id=person_id)
        method = queries.current_method(session, council_id=here.council_id(), person_id=person_id)
    return render_template(
        "staff/person_go_on.html",
        answers=answers,
        name=person.name,
        person_id=person_id,
        shown=(method.masked or method.charity or method.kind) if method else "",
    )


@pages.route("/acts-for/new", methods=["GET", "POST"])
@needs("people:write")
def record(person_id: str) -> str | Response:
    """Write down a document that says who may act on a person's money."""
    answers = Answers(request.form)
    with here.room() as session:
        person = queries.get(session, council_id=here.council_id(), person_id=person_id)
    if request.method == "POST":
        given = AuthorityGiven(
            kind=answers["kind"],
            name=answers["name"],
            email=answers["email"],
            document=answers["document"],
            dated=read_day(answers, "dated"),
            from_day=read_day(answers, "from_day"),
            until_day=_until(answers),
        )
        try:
            if "until_day" in answers.faults:
                raise one_fault("/until_day", answers.faults["until_day"])
            with here.room() as session:
                authorities.record(
                    session,
                    council_id=here.council_id(),
                    person_id=person_id,
                    given=given,
                    actor=here.staff_actor(),
                    now=here.now(),
                )
            return redirect(_address(person_id), 303)
        except Invalid as refusal:
            answers.learn(refusal, FIELDS)
            # One sentence for each field, in the order of the page.
            said = answers.faults | {name: text for name, text in DAYS.items() if name in answers.faults}
            answers.faults = {name: said[name] for name in FIELDS.values() if name in said}
    return render_template(
        "staff/person_acts_for.html",
        answers=answers,
        name=person.name,
        person_id=person_id,
        kinds=[{"value": key, "text": text} for key, text in KINDS.items()],
    )


def _until(answers: Answers) -> date | None:
    typed = any(answers[f"until_day-{part}"] for part in ("day", "month", "year"))
    return read_day(answers, "until_day") if typed else None


@pages.post("/acts-for/<authority_id>/check")
@needs("claims:approve")
def check(person_id: str, authority_id: str) -> Response:
    """A second person here has seen the document."""
    with here.room() as session:
        authorities.check(
            session,
            council_id=here.council_id(),
            authority_id=authority_id,
            actor=here.staff_actor(),
            now=here.now(),
        )
    return redirect(_address(person_id), 303)


@pages.post("/acts-for/<authority_id>/end")
@needs("people:write")
def end(person_id: str, authority_id: str) -> Response:
    """They may act no longer."""
    with here.room() as session:
        authorities.end(
            session,
            council_id=here.council_id(),
            authority_id=authority_id,
            actor=here.staff_actor(),
            now=here.now(),
        )
    return redirect(_address(person_id), 303)


def _address(person_id: str) -> str:
    return f"{here.at()}/staff/people/{person_id}"
