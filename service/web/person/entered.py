"""A claim that staff or a helper sent for the person: who was it, and is it right?"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import entering
from service.claims import queries as claims
from service.councils import queries as councils
from service.errors import Invalid, NotFound
from service.events import Event
from service.people import helping
from service.web import here
from service.web.answers import Answers

pages = Blueprint("entered", __name__, url_prefix="/claims")


@pages.route("/<claim_id>/wrong", methods=["GET", "POST"])
def wrong(claim_id: str) -> str | Response:
    """Say that a claim which staff sent is wrong."""
    answers = Answers(request.form)
    with here.room() as session:
        claim = claims.get(session, council_id=here.council_id(), claim_id=claim_id)
        made = entering.entered(session, council_id=here.council_id(), claim_id=claim_id)
        if claim.person_id != here.me().id or made is None:
            raise NotFound(
                "We cannot find that claim. Use the link in your message, or look on your own page."
            )
        by = by_staff(session, here.council_id(), [made])
    if request.method == "POST" and _said(claim_id, answers):
        return redirect(f"{here.at()}/me/claims/{claim_id}", 303)
    return render_template("person/claim_wrong.html", answers=answers, claim_id=claim_id, by=by)


def _said(claim_id: str, answers: Answers) -> bool:
    try:
        with here.room() as session:
            entering.say_wrong(
                session,
                council_id=here.council_id(),
                claim_id=claim_id,
                words=answers["words"],
                actor=here.me().actor,
                now=here.now(),
            )
    except Invalid as refusal:
        answers.learn(refusal, {"/words": "words"})
        return False
    return True


def names(session: Session, council_id: str, told: Iterable[Event]) -> dict[str, str]:
    """Whoever did one of these things in the person's place: id → their name and what they are."""
    found: dict[str, str] = {}
    for event in told:
        if event.actor_kind == "helper":
            row = helping.get(session, council_id=council_id, helper_id=event.actor_id)
            found[event.actor_id] = f"{row.name}, who helps you"
        elif event.name == "claim.entered":
            staff = councils.names_of(session, council_id=council_id)
            who = staff.get(event.actor_id, "Somebody here")
            found[event.actor_id] = f"{who}, as you told us {entering.HOW[event.refs['how']]}"
    return found


def by_staff(session: Session, council_id: str, told: Iterable[Event]) -> str:
    """`Sam Field wrote this down for you, as you told us on the phone.`; empty where nobody did."""
    for event in told:
        if event.name == "claim.entered":
            who = councils.names_of(session, council_id=council_id).get(event.actor_id, "Somebody here")
            return f"{who} wrote this down for you, as you told us {entering.HOW[event.refs['how']]}."
    return ""
