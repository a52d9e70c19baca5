"""Asking for costs, one question a page: what it was, what the policy needs to know, check, send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import actions as claims
from service.claims import unsent
from service.claims.drafting import NewClaim
from service.claims.unsent import KIND, Cost
from service.errors import Conflict, Invalid
from service.money import pounds
from service.payouts import lateness
from service.payouts import queries as payouts
from service.receipts import actions as receipts
from service.web import here
from service.web.answers import Answers
from service.web.person import doubling, questions, sending, writing
from service.web.person.reading import own
from service.web.person.shapes import Ask, Change, WrittenCost
from service.web.person.writing import CHECK, Writing
from service.web.sums import sum_of

pages = Blueprint("costs", __name__, url_prefix="/costs")
RECEIPT = "receipt"

# With these the sum is shown as it is typed.
SUM_AS_TYPED = ("miles", "passengers")


@pages.get("/<session_id>")
def begin(session_id: str) -> Response:
    """Start at the first question, or go on where it was left."""
    with here.room() as session:
        return redirect(writing.opened(session, session_id).next(), 303)


@pages.route("/<session_id>/<step>", methods=["GET", "POST"])
def ask(session_id: str, step: str) -> str | Response:
    """One question."""
    with here.room() as session:
        one = writing.opened(session, session_id)
    asks = one.asks(one.cost)
    question = next((row for row in asks if row.name == step), None)
    if question is None:
        # A question that this kind of cost does not have, or not yet: start again from what is known.
        return redirect(one.to(KIND), 303)
    back = _back(one, asks, question)
    if step == RECEIPT and here.receipts().store is not None:
        return sending.for_unsent(one, back_to=back)
    answers = Answers(questions.typed_again(question, one.cost.answers.get(step)))
    if request.method == "POST":
        answers = Answers(request.form)
        value = questions.read(question, answers)
        if not answers.wrong and _keep(one, step, value, answers):
            with here.room() as session:
                return redirect(writing.opened(session, session_id).next(), 303)
    sum_at = one.to("sum", name=step) if step in SUM_AS_TYPED else ""
    return render_template(
        "person/cost/question.html",
        ask=question,
        answers=answers,
        back_to=back,
        occasion=one.held.title,
        sum_at=sum_at,
    )


def _back(one: Writing, asks: Sequence[Ask], question: Ask) -> str:
    """The question before; before the first of another cost, the check page."""
    place = [row.name for row in asks].index(question.name)
    if place:
        return one.to(asks[place - 1].name)
    return one.to(CHECK) if one.number else one.leaves_to


def _keep(one: Writing, name: str, value: Any, answers: Answers) -> bool:
    try:
        with here.room() as session:
            unsent.answer(
                session,
                which=one.which,
                number=one.number,
                name=name,
                value=value,
                actor=here.me().actor,
                now=here.now(),
            )
    except Invalid as refusal:
        answers.learn(refusal, {})
        return False
    return True


@pages.get("/<session_id>/sum")
def sum_as_typed(session_id: str) -> Response:
    """What a cost would pay with what is being typed: worked out here, by the policy. Stores nothing."""
    name, answers = request.args.get("name", ""), Answers(request.args)
    with here.room() as session:
        one = writing.opened(session, session_id)
        asks = {row.name: row for row in one.asks(one.cost)}
        if name not in asks or name not in SUM_AS_TYPED:
            return jsonify({"sum": "", "why": []})
        value = questions.read(asks[name], answers)
        if answers.wrong:
            return jsonify({"sum": "", "why": []})
        known = {"passengers": 0, **one.cost.answers, name: value}
        kept = {key: known[key] for key in [KIND, *asks] if key in known}
        answer = _preview(session, one, [Cost(kept)])
    if answer is None or answer["outcome"] != "payable":
        return jsonify({"sum": "", "why": []})
    why = [reason["text"] for line in answer["lines"] for reason in line["reasons"]]
    return jsonify({"sum": pounds(answer["total_pence"]), "why": why})


def _preview(session: Session, one: Writing, costs: Sequence[Cost]) -> dict[str, Any] | None:
    """What the policy says to these costs; nothing where it cannot read them yet."""
    try:
        return _answer(session, one, costs)
    except Invalid:
        return None


def _answer(session: Session, one: Writing, costs: Sequence[Cost]) -> dict[str, Any]:
    given = NewClaim(
        person_id=here.me().id,
        session_id=one.held.id,
        expenses=tuple(cost.expense for cost in costs),
        with_fee=False,
    )
    return claims.preview(
        session, council_id=here.council_id(), given=given, actor=here.me().actor, now=here.now()
    )


@pages.route("/<session_id>/check", methods=["GET", "POST"])
def check(session_id: str) -> str | Response:
    """What was answered, what it will pay and why; then send."""
    with here.room() as session:
        one = writing.opened(session, session_id)
    if not one.costs and request.method == "POST":
        # Sent already, by a button that was pressed twice.
        return redirect(one.leaves_to, 303)
    if one.next() != one.to(CHECK):
        return redirect(one.next(), 303)
    wrong, answer, moved = Answers(), None, None
    try:
        with here.room() as session:
            moved = unsent.moved_on(session, which=one.which)
            seen = Answers(request.form).whole("seen", "", most=10**9)
            if request.method == "POST" and (moved is None or moved.version == seen):
                return _send(session, one, seen)
            answer = _answer(session, one, one.costs)
    except Invalid as refusal:
        wrong.learn(refusal, {})
    except Conflict as refusal:
        wrong.links.append((refusal.detail, one.leaves_to))
    with here.room() as session:
        notes = doubling.notes(session, one)
        as_sent = doubling.as_sent(one, moved) if moved else ()
    return render_template(
        "person/cost/check.html",
        answers=wrong,
        costs=[_written(one, number) for number in range(len(one.costs))],
        sum=sum_of(answer) if answer else None,
        notes=notes,
        back_to=one.to(one.asks(one.costs[-1])[-1].name, number=len(one.costs) - 1),
        another=one.to(KIND, number=len(one.costs)) if len(one.costs) < unsent.MOST_COSTS else "",
        occasion=one.held.title,
        changing=bool(one.which.changes),
        as_sent=as_sent,
        seen=moved.version if moved else "",
        throw_away_at=one.to("throw-away", number=0),
    )


def _written(one: Writing, number: int) -> WrittenCost:
    cost = one.costs[number]
    changes = [Change(*_said(ask, cost), one.to(ask.name, number=number)) for ask in one.asks(cost)]
    return WrittenCost(
        name=changes[0].answer, changes=tuple(changes), remove_at=one.to("remove", number=number)
    )


def _said(ask: Ask, cost: Cost) -> tuple[str, str]:
    """A question and its answer in words; of a receipt, whether its picture was sent."""
    if ask.name != RECEIPT or here.receipts().store is None:
        return ask.title, questions.said(ask, cost.answers[ask.name])
    many = len(cost.receipts)
    if many:
        return sending.TITLE, "1 picture" if many == 1 else f"{many} pictures"
    return sending.TITLE, "I have one, to send later" if cost.answers[RECEIPT] else "I do not have one"


def _send(session: Session, one: Writing, seen: int | None) -> Response:
    actor = here.me().actor
    claim, numbers = unsent.send(session, which=one.which, actor=actor, now=here.now(), seen=seen)
    receipts.attach(
        session,
        council_id=here.council_id(),
        person_id=here.me().id,
        claim_id=claim.id,
        numbers=numbers,
        actor=actor,
        now=here.now(),
    )
    return redirect(f"{here.at()}/me/costs/{one.held.id}/sent/{claim.id}", 303)


@pages.post("/<session_id>/remove")
def remove(session_id: str) -> Response:
    """Take one cost out of the claim, with its receipts."""
    with here.room() as session:
        one = writing.opened(session, session_id)
        if one.number < len(one.costs):
            sending.take_away(session, one, one.cost.receipts)
            unsent.drop_cost(
                session, which=one.which, number=one.number, actor=here.me().actor, now=here.now()
            )
    left = len(one.costs) - 1
    return redirect(one.to(CHECK) if left > 0 else one.leaves_to, 303)


@pages.post("/<session_id>/throw-away")
def throw_away(session_id: str) -> Response:
    """Drop what was typed. A claim that was sent before stays as it is."""
    with here.room() as session:
        one = writing.opened(session, session_id)
        sending.take_away(session, one, [receipt for cost in one.costs for receipt in cost.receipts])
        unsent.throw_away(session, which=one.which, actor=here.me().actor, now=here.now())
    return redirect(one.leaves_to, 303)


@pages.get("/<session_id>/sent/<claim_id>")
def sent(session_id: str, claim_id: str) -> str:
    """What happens now."""
    with here.room() as session:
        claim = own(session, claim_id)
        paid = payouts.of_claims(session, council_id=here.council_id(), claim_ids=[claim_id])[claim_id]
        pay_by, changed = lateness.promise(session, claim=claim, paid=paid), claim.version > 1
    return render_template(
        "person/cost/sent.html", pay_by=pay_by, claim_id=claim_id, session_id=session_id, changed=changed
    )
