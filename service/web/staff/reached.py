"""How one person would like to be written to, as they told somebody here."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.errors import Invalid
from service.notices import reaching
from service.notices.reaching import Choice
from service.people import queries as people
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.other_words import seen
from service.web.person.messages import FIELDS, word_choices

pages = Blueprint("reached", __name__, url_prefix="/people/<person_id>/messages")
WAYS = [
    {"value": "", "text": "However we can reach them"},
    *({"value": by, "text": name} for by, name in reaching.WAY_NAMES.items()),
]


@pages.before_request
def _place() -> None:
    g.place = "people"


@pages.route("", methods=["GET", "POST"])
@needs("people:write")
def change(person_id: str) -> str | Response:
    """Write down what they said."""
    key = {"council_id": here.council_id(), "person_id": person_id}
    with here.room() as session:
        person = people.get(session, **key)
        before = reaching.choice(session, **key)
        words = word_choices(seen(session))
    answers = Answers({"reached_by": before.reached_by, "words": before.words, "address": before.address})
    if request.method == "POST":
        answers = Answers(request.form)
        try:
            with here.room() as session:
                write_down(session, person_id=person_id, answers=answers)
            return redirect(f"{here.at()}/staff/people/{person_id}", 303)
        except Invalid as refusal:
            answers.learn(refusal, FIELDS)
    return render_template(
        "staff/person_messages.html", answers=answers, name=person.name, ways=WAYS, words=words, id=person_id
    )


def choices() -> dict[str, list[dict[str, str]]]:
    """What can be chosen, for a form that adds somebody."""
    with here.room() as session:
        return {"ways": WAYS, "words": word_choices(seen(session))}


def write_down(session: Session, *, person_id: str, answers: Answers) -> None:
    """What was typed about how somebody is written to; nothing where nothing was. Raises `Invalid`."""
    given = Choice(answers["reached_by"], answers["words"] or "en", answers["address"])
    before = reaching.choice(session, council_id=here.council_id(), person_id=person_id)
    if given != before:
        reaching.choose(
            session,
            council_id=here.council_id(),
            person_id=person_id,
            given=given,
            actor=here.staff_actor(),
            now=here.now(),
        )
