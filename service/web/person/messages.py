"""How we write to somebody: by email, text or letter, and in which words. They choose, and may change it."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.errors import Invalid
from service.notices import reaching
from service.notices.reaching import WAY_NAMES, WORD_NAMES, Choice
from service.people import queries as people
from service.people.tables import Person
from service.web import here
from service.web.answers import Answers
from service.web.other_words import seen

pages = Blueprint("messages", __name__, url_prefix="/messages")
FIELDS = {"/reached_by": "reached_by", "/address": "address", "/words": "words"}
DRAFT = "A draft that nobody has checked yet"
# They leave it to us. A radio needs a value, so the empty choice has one here.
ANY, ANY_NAME = "any", "However we can reach you"


@pages.before_request
def _place() -> None:
    g.place = "my"


@pages.get("")
def show() -> str:
    """How we write to them now."""
    with here.room() as session:
        person, choice = _known(session)
        others = seen(session)
    return render_template(
        "person/messages.html",
        way=WAY_NAMES.get(choice.reached_by, ANY_NAME),
        where=reaching.contacts(person, choice),
        address=choice.address,
        words=WORD_NAMES[choice.words],
        english_only=choice.words != "en" and choice.words not in others,
    )


@pages.route("/way", methods=["GET", "POST"])
def way() -> str | Response:
    """By which way."""
    with here.room() as session:
        person, choice = _known(session)
    answers = Answers({"reached_by": choice.reached_by or ANY, "address": choice.address})
    if request.method == "POST":
        answers = Answers(request.form)
        by = answers.one_of("reached_by", {*reaching.WAYS, ANY}, "Choose how you would like us to write")
        given = replace(choice, reached_by="" if by == ANY else by, address=answers["address"])
        if by and _chosen(given, answers):
            return redirect(f"{here.at()}/me/messages", 303)
    return render_template("person/messages_way.html", answers=answers, choices=_ways(person))


@pages.route("/words", methods=["GET", "POST"])
def words() -> str | Response:
    """In which words."""
    with here.room() as session:
        _, choice = _known(session)
        others = seen(session)
    answers = Answers({"words": choice.words})
    choices = word_choices(others)
    if request.method == "POST":
        answers = Answers(request.form)
        given = answers.one_of(
            "words", {one["value"] for one in choices}, "Choose which words you would like"
        )
        if given and _chosen(replace(choice, words=given), answers):
            return redirect(f"{here.at()}/me/messages", 303)
    return render_template("person/messages_words.html", answers=answers, choices=choices)


def word_choices(others: dict[str, bool]) -> list[dict[str, str]]:
    """The words that may be chosen, with a mark where they are a draft."""
    found = [{"value": "en", "text": WORD_NAMES["en"]}]
    for one, draft in others.items():
        found.append({"value": one, "text": WORD_NAMES[one], **({"hint": DRAFT} if draft else {})})
    return found


def _ways(person: Person) -> list[dict[str, str]]:
    """What can be chosen: what we know, a letter, whose address is asked for, and to leave it to us."""
    held = {"email": person.email, "text": person.phone}
    found = [{"value": by, "text": WAY_NAMES[by], "hint": f"To {to}"} for by, to in held.items() if to]
    found.append({"value": "letter", "text": WAY_NAMES["letter"]})
    return [*found, {"value": ANY, "text": ANY_NAME, "hint": "You leave it to us"}]


def _known(session: Session) -> tuple[Person, Choice]:
    key = {"council_id": here.council_id(), "person_id": here.me().id}
    return people.get(session, **key), reaching.choice(session, **key)


def _chosen(given: Choice, answers: Answers) -> bool:
    try:
        with here.room() as session:
            reaching.choose(
                session,
                council_id=here.council_id(),
                person_id=here.me().id,
                given=given,
                actor=here.me().actor,
                now=here.now(),
            )
    except Invalid as refusal:
        answers.learn(refusal, FIELDS)
        return False
    return True
