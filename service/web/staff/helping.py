"""Who helps a person who cannot say so on their own page? One writes it down, a second confirms it."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from service.errors import Invalid, NotFound
from service.people import helping, queries
from service.people.helping import ANSWER, CONSENTS, COSTS, KINDS, HelperGiven
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.person.helping import FIELDS
from service.web.person.shapes import Choice
from service.web.typed_times import read_day

pages = Blueprint("helping", __name__, url_prefix="/people/<person_id>/helpers")
KIND_HINTS = {
    "supporter": "A friend, a relative or a worker who helps them",
    "appointee": "Somebody who looks after their benefits for them. They cannot change where the money goes",
    "interpreter": "Somebody who signs or speaks for them. They can see their pages, and nothing else",
}
MAY = {
    ANSWER: "Say yes or no to offers for them",
    COSTS: "Ask for their costs, and answer our questions about them",
}
FIELD_ORDER = ("kind", "name", "email", "phone", "until", "consent")


@pages.before_request
def _place() -> None:
    g.place = "people"


@pages.route("/new", methods=["GET", "POST"])
@needs("people:write")
def new(person_id: str) -> str | Response:
    """Write down whom a person wants as a helper. It counts once a second person here has checked it."""
    with here.room() as session:
        person = queries.get(session, council_id=here.council_id(), person_id=person_id)
    until = helping.usual_end(here.now())
    boxes = {"until-day": str(until.day), "until-month": str(until.month), "until-year": str(until.year)}
    answers = Answers(request.form if request.method == "POST" else boxes)
    ticked = request.form.getlist("may")
    if request.method == "POST" and _named(person_id, answers, ticked):
        return redirect(_address(person_id), 303)
    return render_template(
        "staff/person_helper.html",
        answers=answers,
        ticked=ticked,
        name=person.name,
        person_id=person_id,
        kinds=[Choice(key, text, KIND_HINTS[key]) for key, text in KINDS.items()],
        scopes=list(MAY.items()),
        consents=[Choice(key, text) for key, text in CONSENTS.items()],
    )


def _named(person_id: str, answers: Answers, ticked: list[str]) -> bool:
    given = HelperGiven(
        kind=answers["kind"],
        name=answers["name"],
        email=answers["email"],
        phone=answers["phone"],
        may_answer=ANSWER in ticked,
        may_ask=COSTS in ticked,
        consent=answers["consent"],
    )
    try:
        with here.room() as session:
            helping.name(
                session,
                council_id=here.council_id(),
                person_id=person_id,
                given=replace(given, until_day=read_day(answers, "until")),
                actor=here.staff_actor(),
                now=here.now(),
            )
    except Invalid as refusal:
        answers.learn(refusal, FIELDS)
        answers.faults = {name: answers.faults[name] for name in FIELD_ORDER if name in answers.faults}
        return False
    return True


@pages.post("/<helper_id>/confirm")
@needs("claims:approve")
def confirm(person_id: str, helper_id: str) -> Response:
    """A second person here has asked the person too."""
    _of(person_id, helper_id)
    with here.room() as session:
        helping.confirm(
            session,
            council_id=here.council_id(),
            helper_id=helper_id,
            actor=here.staff_actor(),
            now=here.now(),
        )
    return redirect(_address(person_id), 303)


@pages.post("/<helper_id>/end")
@needs("people:write")
def end(person_id: str, helper_id: str) -> Response:
    """They help no longer."""
    _of(person_id, helper_id)
    with here.room() as session:
        helping.end(
            session,
            council_id=here.council_id(),
            helper_id=helper_id,
            actor=here.staff_actor(),
            now=here.now(),
        )
    return redirect(_address(person_id), 303)


def _of(person_id: str, helper_id: str) -> None:
    """Raises `NotFound` where this helper is not this person's."""
    with here.room() as session:
        row = helping.get(session, council_id=here.council_id(), helper_id=helper_id)
    if row.person_id != person_id:
        raise NotFound("We cannot find that helper. Look at the person's page.")


def _address(person_id: str) -> str:
    return f"{here.at()}/staff/people/{person_id}"
