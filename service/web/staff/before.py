"""A cost that is met before the day: money handed over first, or a ticket that the council books itself."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from flask import session as cookie
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import advancing
from service.claims.advancing import Before
from service.days import london_day
from service.errors import Conflict, Invalid
from service.money import parse_pounds
from service.people import queries as people
from service.sessions import queries as sessions
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.person import reading
from service.web.staff.shapes import Choice

pages = Blueprint("before", __name__, url_prefix="/sessions/<session_id>/before")
FIELDS = {
    "/session": "how",
    "/category": "category",
    "/amount_pence": "amount",
    "/reason": "reason",
}
HOW = {"advance": advancing.hand_over, "booked": advancing.book}


@pages.before_request
def _place() -> None:
    g.place = "sessions"


@pages.route("", methods=["GET", "POST"])
@needs("claims:write")
def before(session_id: str) -> str | Response:
    """Write down who, what for, how much, and why."""
    answers = Answers(request.form)
    if request.method == "POST" and _saved(session_id, answers):
        return redirect(f"{here.at()}/staff/sessions/{session_id}/before", 303)
    with here.room() as session:
        held = sessions.get(session, council_id=here.council_id(), session_id=session_id)
        who, kinds = _choices(session, session_id)
    return render_template(
        "staff/before.html",
        answers=answers,
        session_id=session_id,
        title=held.title,
        who=who,
        kinds=kinds,
        saved=cookie.pop("saved", ""),
    )


def _saved(session_id: str, answers: Answers) -> bool:
    how = answers.one_of("how", HOW, "Choose whether money is handed over, or the council books it")
    person = answers.need("person", "Choose a person")
    category = answers.need("category", "Choose what it is for")
    answers.need("amount", "Write the amount in pounds and pence, like 4.10")
    answers.need("reason", "Say why it is met before the day")
    if answers.wrong:
        return False
    try:
        pence = parse_pounds(answers["amount"], pointer="/amount_pence")
        with here.room() as session:
            HOW[how](
                session,
                council_id=here.council_id(),
                given=Before(person, session_id, category, pence, answers["reason"]),
                actor=here.staff_actor(),
                now=here.now(),
            )
    except (Invalid, Conflict) as refusal:
        answers.learn(refusal, FIELDS)
        return False
    cookie["saved"] = (
        "Written down. Somebody else has to agree it, and then it is paid."
        if how == "advance"
        else "Written down. No money goes to the person."
    )
    return True


def _choices(session: Session, session_id: str) -> tuple[list[Choice], list[Choice]]:
    """Everybody who was asked to this session, and every kind of cost that the policy knows."""
    key = {"council_id": here.council_id()}
    held = sessions.get(session, **key, session_id=session_id)
    asked = {offer.person_id for offer in sessions.offers(session, **key, session_id=session_id)}
    known = people.by_ids(session, **key, person_ids=asked)
    on = london_day(held.starts_at)
    rows = reading.policy_on(session, held.council_id, on).catalogue(on=on)["expense_categories"]
    who = sorted(known.values(), key=lambda person: person.name)
    return [Choice(one.id, one.name) for one in who], [Choice(row["key"], row["name"]) for row in rows]
