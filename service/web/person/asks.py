"""What a person asks about an offer: a question, or a cost to be met before the day, one question a page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask import session as cookie
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.errors import Conflict, Invalid, NotFound
from service.sessions import asking, queries
from service.sessions.asking import CostAsk
from service.sessions.model import WISHES
from service.sessions.tables import Offer
from service.web import here
from service.web.answers import Answers
from service.web.person import questions
from service.web.person.offers import address, own
from service.web.person.shapes import Ask, Change, Choice

pages = Blueprint("asks", __name__, url_prefix="/offers/<offer_id>")
STEPS = ("category", "about_pence", "wish")
ABOUT_MISSING = "Enter about how much it costs, like 4.10"
HINTS = {
    "book": "You do not pay anything for it",
    "advance": "You tell us later what you spent. Somebody here has to say yes first",
}


@pages.route("/question", methods=["GET", "POST"])
def question(offer_id: str) -> str | Response:
    """Ask about an offer. It may be answered or not."""
    answers = Answers(request.form)
    with here.room() as session:
        title = _title(session, own(session, offer_id))
    if request.method == "POST":
        try:
            with here.room() as session:
                asking.ask_question(
                    session,
                    council_id=here.council_id(),
                    offer_id=offer_id,
                    words=answers["words"],
                    actor=here.me().actor,
                    now=here.now(),
                )
            return redirect(address(offer_id, "asked"), 303)
        except Invalid as refusal:
            answers.learn(refusal, {"/words": "words"})
    return render_template("person/ask_question.html", answers=answers, offer_id=offer_id, title=title)


@pages.get("/asked")
def asked(offer_id: str) -> str:
    """What happens now."""
    with here.room() as session:
        title = _title(session, own(session, offer_id))
    return render_template(
        "person/answered.html",
        title="We have what you asked",
        panel=title,
        next_steps=("Somebody in the team reads it. We send you a message with the answer.",),
        go_text="Back to the offer",
        go=f"{here.at()}/me/offers/{offer_id}",
    )


@pages.post("/asked/<ask_id>/take-back")
def take_back(offer_id: str, ask_id: str) -> Response:
    """No longer ask."""
    with here.room() as session:
        own(session, offer_id)
        row = queries.ask(session, council_id=here.council_id(), ask_id=ask_id)
        if row.offer_id != offer_id:
            raise NotFound("We cannot find that question. Look on the page of your offer.")
        asking.take_back(
            session, council_id=here.council_id(), ask_id=ask_id, actor=here.me().actor, now=here.now()
        )
    return redirect(f"{here.at()}/me/offers/{offer_id}", 303)


@pages.route("/asked/<ask_id>/look-again", methods=["GET", "POST"])
def look_again(offer_id: str, ask_id: str) -> str | Response:
    """Say that a no to a cost before the day is not right. Words are welcome, and not needed."""
    with here.room() as session:
        own(session, offer_id)
        row = queries.ask(session, council_id=here.council_id(), ask_id=ask_id)
        if row.offer_id != offer_id:
            raise NotFound("We cannot find that question. Look on the page of your offer.")
        if request.method == "POST":
            asking.look_again(
                session,
                council_id=here.council_id(),
                ask_id=ask_id,
                words=request.form.get("words", ""),
                actor=here.me().actor,
                now=here.now(),
            )
            return redirect(f"{here.at()}/me/offers/{offer_id}", 303)
    if row.state != "refused":
        raise Conflict("Nobody has said no to this, or somebody looks at it again already.")
    return render_template(
        "person/look_again.html", answers=Answers(), back_to=address(offer_id, ""), what="what you asked for"
    )


@pages.get("/before")
def begin(offer_id: str) -> Response:
    """Start at the first question."""
    with here.room() as session:
        own(session, offer_id)
    return redirect(address(offer_id, f"before/{STEPS[0]}"), 303)


@pages.route("/before/<any(category, about_pence, wish):step>", methods=["GET", "POST"])
def ask(offer_id: str, step: str) -> str | Response:
    """One question about a cost before the day."""
    with here.room() as session:
        offer = own(session, offer_id)
        title, asks = _title(session, offer), _asks(session, offer)
    place = STEPS.index(step)
    one = asks[place]
    answers = Answers(questions.typed_again(one, _kept(offer_id).get(step)))
    if request.method == "POST":
        answers = Answers(request.form)
        value = questions.read(one, answers)
        if step == "about_pence" and value == 0:
            answers.fault(step, ABOUT_MISSING)
        if not answers.wrong:
            _keep(offer_id, {**_kept(offer_id), step: value})
            return redirect(address(offer_id, _next(offer_id)), 303)
    back = f"before/{STEPS[place - 1]}" if place else ""
    return render_template(
        "person/cost/question.html",
        ask=one,
        answers=answers,
        back_to=address(offer_id, back),
        occasion=title,
    )


@pages.route("/before/check", methods=["GET", "POST"])
def check(offer_id: str) -> str | Response:
    """What is asked for; then send."""
    answers = Answers(request.form)
    with here.room() as session:
        offer = own(session, offer_id)
        title, asks = _title(session, offer), _asks(session, offer)
    kept = _kept(offer_id)
    if missing := [step for step in STEPS if step not in kept]:
        return redirect(address(offer_id, f"before/{missing[0]}"), 303)
    if request.method == "POST" and _sent(offer_id, kept, answers):
        _keep(offer_id, {})
        return redirect(address(offer_id, "asked"), 303)
    changes = [
        Change(one.title, questions.said(one, kept[one.name]), address(offer_id, f"before/{one.name}"))
        for one in asks
    ]
    return render_template(
        "person/ask_check.html",
        answers=answers,
        changes=changes,
        title=title,
        back_to=address(offer_id, f"before/{STEPS[-1]}"),
    )


def _sent(offer_id: str, kept: dict[str, Any], answers: Answers) -> bool:
    try:
        with here.room() as session:
            asking.ask_for_cost(
                session,
                council_id=here.council_id(),
                offer_id=offer_id,
                given=CostAsk(**{step: kept[step] for step in STEPS}, words=answers["words"]),
                actor=here.me().actor,
                now=here.now(),
            )
    except (Invalid, Conflict) as refusal:
        answers.learn(refusal, {})
        return False
    return True


def _asks(session: Session, offer: Offer) -> list[Ask]:
    kinds = tuple(Choice(row["category"], row["name"]) for row in asking.payable(session, offer=offer))
    if not kinds:
        raise NotFound("The policy pays no costs for this. Ask us a question on the page of your offer.")
    return [
        Ask(
            "category",
            "choice",
            "What do you need to pay for?",
            choices=kinds,
            missing="Choose what you need to pay for",
        ),
        Ask(
            "about_pence",
            "money",
            "About how much does it cost?",
            "A guess is fine. For example, 4.10",
            missing=ABOUT_MISSING,
        ),
        Ask(
            "wish",
            "choice",
            "What would help you?",
            choices=tuple(Choice(key, words, HINTS[key]) for key, words in WISHES.items()),
            missing="Choose what would help you",
        ),
    ]


def _next(offer_id: str) -> str:
    kept = _kept(offer_id)
    return next((f"before/{step}" for step in STEPS if step not in kept), "before/check")


def _kept(offer_id: str) -> dict[str, Any]:
    return dict(cookie.get(here.ANSWERS, {}).get(offer_id, {}))


def _keep(offer_id: str, given: dict[str, Any]) -> None:
    others = {key: row for key, row in cookie.get(here.ANSWERS, {}).items() if key != offer_id}
    cookie[here.ANSWERS] = {**others, **({offer_id: given} if given else {})}


def _title(session: Session, offer: Offer) -> str:
    return queries.get(session, council_id=here.council_id(), session_id=offer.session_id).title
