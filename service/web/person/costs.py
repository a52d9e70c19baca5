"""Asking for a cost, one question a page: what it was, what the policy needs to know, check, send.

What was answered so far is kept in the signed cookie until it is sent, so that going back loses nothing.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask import session as cookie
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import actions as claims
from service.claims.drafting import NewClaim
from service.days import london_day
from service.errors import Invalid, NotFound
from service.policy.engine import Policy
from service.sessions import queries as sessions
from service.sessions.tables import InvolvementSession
from service.web import here
from service.web.answers import Answers
from service.web.person import questions, reading
from service.web.person.claims import own
from service.web.person.questions import KIND
from service.web.person.shapes import Ask, Change
from service.web.sums import sum_of

pages = Blueprint("costs", __name__, url_prefix="/costs")
MOST_KEPT = 5


@pages.get("/<session_id>")
def begin(session_id: str) -> Response:
    """Start at the first question."""
    with here.room() as session:
        _begun(session, session_id)
    return redirect(_address(session_id, KIND), 303)


@pages.route("/<session_id>/<step>", methods=["GET", "POST"])
def ask(session_id: str, step: str) -> str | Response:
    """One question."""
    with here.room() as session:
        held = _begun(session, session_id)
        asks = _asks(session, held)
    names = [one.name for one in asks]
    if step not in names:
        # A question that this kind of cost does not have, or not yet: start again from what is known.
        return redirect(_address(session_id, KIND), 303)
    place = names.index(step)
    question = asks[place]
    answers = Answers(questions.typed_again(question, _kept(held.id).get(step)))
    if request.method == "POST":
        answers = Answers(request.form)
        value = questions.read(question, answers)
        if not answers.wrong:
            _keep(held.id, step, value)
            return redirect(_after(held.id, names, place), 303)
    back = _address(held.id, names[place - 1]) if place else f"{here.at()}/me"
    return render_template(
        "person/cost/question.html", ask=question, answers=answers, back_to=back, occasion=held.title
    )


@pages.route("/<session_id>/check", methods=["GET", "POST"])
def check(session_id: str) -> str | Response:
    """What was answered, what it will pay and why; then send."""
    with here.room() as session:
        held = _begun(session, session_id)
        asks = _asks(session, held)
    kept = _kept(held.id)
    missing = [one.name for one in asks if one.name not in kept]
    if missing:
        return redirect(_address(held.id, missing[0]), 303)
    given = NewClaim(
        person_id=here.me().id, session_id=held.id, expenses=(_expense(asks, kept),), with_fee=False
    )
    wrong = Answers()
    answer: dict[str, Any] | None = None
    try:
        with here.room() as session:
            if request.method == "POST":
                return _send(session, given)
            answer = claims.preview(
                session, council_id=here.council_id(), given=given, actor=here.me().actor, now=here.now()
            )
    except Invalid as refusal:
        wrong.learn(refusal, {})
    changes = [
        Change(one.title, questions.said(one, kept[one.name]), _address(held.id, one.name)) for one in asks
    ]
    return render_template(
        "person/cost/check.html",
        answers=wrong,
        changes=changes,
        sum=sum_of(answer) if answer else None,
        back_to=_address(held.id, asks[-1].name),
        occasion=held.title,
    )


def _send(session: Session, given: NewClaim) -> Response:
    claim = claims.submit(
        session, council_id=here.council_id(), given=given, actor=here.me().actor, now=here.now()
    )
    _forget(given.session_id or "")
    return redirect(_address(given.session_id or "", f"sent/{claim.id}"), 303)


@pages.get("/<session_id>/sent/<claim_id>")
def sent(session_id: str, claim_id: str) -> str:
    """What happens now."""
    with here.room() as session:
        claim = own(session, claim_id)
        pay_by = claim.pay_by
    return render_template("person/cost/sent.html", pay_by=pay_by, claim_id=claim_id, session_id=session_id)


def _begun(session: Session, session_id: str) -> InvolvementSession:
    """The session, if this person had something to do with it. Raises `NotFound`."""
    key = {"council_id": here.council_id(), "session_id": session_id}
    held = sessions.get(session, **key)
    ticked = sessions.attendance(session, person_id=here.me().id, **key)
    offers = sessions.offers_of(session, council_id=here.council_id(), person_id=here.me().id)
    # A place that was called off counts: money may have been spent on it already.
    asked = any(o.session_id == session_id and o.state != "declined" for o in offers)
    if ticked is None and not asked:
        raise NotFound("We cannot find that session among yours. Look on your own page, or contact us.")
    return held


def _asks(session: Session, held: InvolvementSession) -> list[Ask]:
    """Every question, as far as it is known: the kind of cost first, and then what that kind needs."""
    on = london_day(held.starts_at)
    policy = reading.policy_on(session, here.council_id(), on)
    first = questions.which_kind(_covered(session, held, policy))
    kind = _kept(held.id).get(KIND)
    known = {choice.value for choice in first.choices}
    return [first, *(questions.asks_of(policy, on=on, category=kind) if kind in known else ())]


def _covered(session: Session, held: InvolvementSession, policy: Policy) -> list[dict[str, Any]]:
    facts = sessions.facts_for(
        session, council_id=held.council_id, session_id=held.id, person_id=here.me().id
    ).facts
    return policy.covers(facts)


def _expense(asks: list[Ask], kept: dict[str, Any]) -> dict[str, Any]:
    facts = {one.name: kept[one.name] for one in asks[1:] if kept[one.name] not in (None, "")}
    return {"category": kept[KIND], **facts}


def _after(session_id: str, names: list[str], place: int) -> str:
    """The next question; after the kind of cost the list is new, so the check page finds what is missing."""
    if place == 0 or place + 1 == len(names) or all(name in _kept(session_id) for name in names):
        return _address(session_id, "check")
    return _address(session_id, names[place + 1])


def _kept(session_id: str) -> dict[str, Any]:
    return dict(cookie.get(here.ANSWERS, {}).get(session_id, {}))


def _keep(session_id: str, name: str, value: Any) -> None:
    kept = _kept(session_id)
    if name == KIND and kept.get(KIND) != value:
        kept = {}
    others = {key: row for key, row in cookie.get(here.ANSWERS, {}).items() if key != session_id}
    newest = dict(list(others.items())[-MOST_KEPT:])
    cookie[here.ANSWERS] = {**newest, session_id: {**kept, name: value}}


def _forget(session_id: str) -> None:
    cookie[here.ANSWERS] = {
        key: row for key, row in cookie.get(here.ANSWERS, {}).items() if key != session_id
    }


def _address(session_id: str, leaf: str) -> str:
    return f"{here.at()}/me/costs/{session_id}/{leaf}"
