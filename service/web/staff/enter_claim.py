"""Somebody told us on the phone, on paper or in person what it cost them: write it down for them.

The same questions as on the person's own pages, one a page, then what it pays and why. What was answered so
far is kept in the signed cookie. Whoever enters a claim never approves it, and the person is told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from flask import session as cookie
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import actions as claims
from service.claims import entering
from service.claims.drafting import NewClaim
from service.days import london_day
from service.errors import Conflict, Invalid, NotFound
from service.people import queries as people
from service.people.tables import Person
from service.sessions import queries as sessions
from service.sessions.tables import InvolvementSession
from service.web import here, wording
from service.web.answers import Answers
from service.web.here import needs
from service.web.person import questions, reading
from service.web.person.questions import KIND
from service.web.person.shapes import Ask, Change, Choice
from service.web.sums import sum_of

pages = Blueprint("enter_claim", __name__, url_prefix="/people/<person_id>/claim")
SESSION, HOW, WORDS = "session", "how", "words"
# How they told us, as the choices of a question.
HOW_ASK = Ask(
    HOW,
    "choice",
    "How did they tell you?",
    "It stands in the history, for the person and for whoever decides",
    choices=tuple(Choice(key, text[0].upper() + text[1:]) for key, text in entering.HOW.items()),
)
WORDS_ASK = Ask("note_of_staff", "note", "Is there anything else they said?", "You can leave this empty")

# The questions that speak to the person, as staff are asked them: title and hint.
THEIRS = {
    KIND: ("What did they pay for?", ""),
    "amount_pence": ("How much did they pay?", "For example, 4.10"),
    "miles": ("How many miles did they drive?", "There and back, for example 12.5"),
    "passengers": (
        "How many people taking part did they drive with them?",
        "Enter 0 if they were alone",
    ),
    "hours_away": ("How many hours were they away from home?", "From their door and back to it"),
    "receipt": ("Do they have a receipt or a ticket?", "They keep it until they are paid"),
    "agreed_before": ("Did somebody here agree to it before they spent the money?", ""),
    "in_care_package": ("Is this already paid for by their care package?", ""),
}


@pages.before_request
def _place() -> None:
    g.place = "people"


@pages.get("")
@needs("claims:write")
def begin(person_id: str) -> Response:
    """Start at the first question, with nothing left over from another time."""
    with here.room() as session:
        people.get(session, council_id=here.council_id(), person_id=person_id)
    _keep_all(person_id, {})
    return redirect(_address(person_id, SESSION), 303)


@pages.route("/<step>", methods=["GET", "POST"])
@needs("claims:write")
def ask(person_id: str, step: str) -> str | Response:
    """One question."""
    with here.room() as session:
        person = people.get(session, council_id=here.council_id(), person_id=person_id)
        asks = _asks(session, person)
    names = [one.name for one in asks]
    if step not in names:
        return redirect(_address(person_id, SESSION), 303)
    place = names.index(step)
    question = asks[place]
    answers = Answers(questions.typed_again(question, _kept(person_id).get(step)))
    if request.method == "POST":
        answers = Answers(request.form)
        value = _read(question, answers)
        if not answers.wrong:
            _keep(person_id, step, value)
            return redirect(_after(person_id, names, place), 303)
    back = _address(person_id, names[place - 1]) if place else f"{here.at()}/staff/people/{person_id}"
    return render_template(
        "staff/enter_claim/question.html", ask=question, answers=answers, back_to=back, person=person.name
    )


def _read(question: Ask, answers: Answers) -> Any:
    if question.name == WORDS_ASK.name:
        return answers[question.name]
    if question.name == SESSION:
        return answers.one_of(SESSION, {c.value for c in question.choices}, "Choose what it was for")
    if question.name == HOW:
        return answers.one_of(HOW, entering.HOW, "Choose how they told you")
    value = questions.read(question, answers)
    if question.name in answers.faults:
        answers.faults[question.name] = answers.faults[question.name].replace(" you paid", " they paid")
    return value


@pages.route("/check", methods=["GET", "POST"])
@needs("claims:write")
def check(person_id: str) -> str | Response:
    """What was answered, what it pays and why; then send."""
    with here.room() as session:
        person = people.get(session, council_id=here.council_id(), person_id=person_id)
        asks = _asks(session, person)
    kept = _kept(person_id)
    missing = [one.name for one in asks if one.name not in kept]
    if missing:
        return redirect(_address(person_id, missing[0]), 303)
    given = _given(person_id, asks, kept)
    wrong = Answers()
    answer: dict[str, Any] | None = None
    try:
        with here.room() as session:
            if request.method == "POST":
                return _send(session, given, kept)
            answer = claims.preview(
                session, council_id=here.council_id(), given=given, actor=here.staff_actor(), now=here.now()
            )
    except (Invalid, Conflict) as refusal:
        wrong.learn(refusal, {})
    return render_template(
        "staff/enter_claim/check.html",
        answers=wrong,
        changes=[_change(person_id, one, kept) for one in asks],
        sum=sum_of(answer, whose="Their") if answer else None,
        back_to=_address(person_id, asks[-1].name),
        person=person.name,
    )


def _send(session: Session, given: NewClaim, kept: dict[str, Any]) -> Response:
    claim = entering.enter(
        session,
        council_id=here.council_id(),
        given=given,
        how=kept[HOW],
        words=kept[WORDS_ASK.name],
        actor=here.staff_actor(),
        now=here.now(),
    )
    _keep_all(given.person_id, {})
    return redirect(f"{here.at()}/staff/claims/{claim.id}", 303)


def _change(person_id: str, one: Ask, kept: dict[str, Any]) -> Change:
    said = questions.said(one, kept[one.name]) if kept[one.name] not in (None, "") else "Nothing"
    return Change(one.title, said, _address(person_id, one.name))


def _given(person_id: str, asks: list[Ask], kept: dict[str, Any]) -> NewClaim:
    ours = (SESSION, HOW, KIND, WORDS_ASK.name)
    facts = {
        one.name: kept[one.name] for one in asks if one.name not in ours and kept[one.name] not in (None, "")
    }
    expense = {"category": kept[KIND], **facts}
    return NewClaim(person_id, session_id=kept[SESSION], expenses=(expense,), with_fee=False)


def _asks(session: Session, person: Person) -> list[Ask]:
    """Every question, as far as it is known: for what, how told, what kind of cost, and its own."""
    held = _sessions_of(session, person)
    which = Ask(
        SESSION,
        "choice",
        f"Which session did {person.name} spend money for?",
        choices=tuple(
            Choice(one.id, one.title, wording.span(one.starts_at, one.ends_at)) for one in held.values()
        ),
    )
    kept = _kept(person.id)
    first = [which, HOW_ASK]
    occasion = held.get(kept.get(SESSION, ""))
    if occasion is None:
        return first
    on = london_day(occasion.starts_at)
    policy = reading.policy_on(session, person.council_id, on)
    facts = sessions.facts_for(
        session, council_id=person.council_id, session_id=occasion.id, person_id=person.id
    ).facts
    kind = questions.which_kind(policy.covers(facts))
    known = {choice.value for choice in kind.choices}
    rest = questions.asks_of(policy, on=on, category=kept[KIND]) if kept.get(KIND) in known else []
    asks = [_of_them(one, person.name) for one in (kind, *rest)]
    return [*first, *asks, *([WORDS_ASK] if rest else [])]


def _of_them(ask: Ask, name: str) -> Ask:
    """A question to the person as it is put to staff about them."""
    title, hint = THEIRS.get(ask.name, (ask.title, ask.hint))
    if ask.name != KIND:
        hint = f"Ask {name}, or read it on the paper. {hint}".strip()
    return replace(ask, title=title, hint=hint)


def _sessions_of(session: Session, person: Person) -> dict[str, InvolvementSession]:
    """Sessions that they were asked to, or came to, the latest first."""
    found = sessions.sessions_of(session, council_id=person.council_id, person_id=person.id)
    if not found:
        raise NotFound(
            f"{person.name} was not asked to any session yet. Ask them, or add them to a register, first."
        )
    return {held.id: held for held in found}


def _after(person_id: str, names: list[str], place: int) -> str:
    """The next question; where an answer changes what is asked, the check page finds what is missing."""
    if names[place] in (SESSION, KIND) or place + 1 == len(names):
        return _address(person_id, "check")
    if all(name in _kept(person_id) for name in names):
        return _address(person_id, "check")
    return _address(person_id, names[place + 1])


def _kept(person_id: str) -> dict[str, Any]:
    return dict(cookie.get(here.ANSWERS, {}).get(f"for-{person_id}", {}))


def _keep(person_id: str, name: str, value: Any) -> None:
    kept = _kept(person_id)
    if name in (SESSION, KIND) and kept.get(name) != value:
        kept = {one: kept[one] for one in (SESSION, HOW) if one in kept}
    _keep_all(person_id, {**kept, name: value})


def _keep_all(person_id: str, kept: dict[str, Any]) -> None:
    """One claim at a time: what was begun for another person is dropped."""
    others = {key: row for key, row in cookie.get(here.ANSWERS, {}).items() if not key.startswith("for-")}
    cookie[here.ANSWERS] = {**others, f"for-{person_id}": kept} if kept else others


def _address(person_id: str, leaf: str) -> str:
    return f"{here.at()}/staff/people/{person_id}/claim/{leaf}"
