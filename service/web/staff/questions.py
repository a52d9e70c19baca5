"""Questions waiting: what people ask about an offer, and the answer, with a name under it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import answering
from service.councils import queries as councils
from service.days import london_day
from service.errors import Conflict, Invalid
from service.money import parse_pounds, pounds
from service.people import queries as people
from service.sessions import asking, queries
from service.sessions.model import COST, WISHES
from service.sessions.tables import OfferAsk
from service.web import here, statuses
from service.web.answers import Answers
from service.web.here import needs
from service.web.person import reading
from service.web.policies import names_of
from service.web.staff.shapes import AskRow

pages = Blueprint("questions", __name__, url_prefix="/questions")
FIELDS = {
    "/words": "words",
    "/reason": "words",
    "/amount_pence": "amount",
    "/category": "how",
    "/session": "how",
}
HOW = {"book", "hand_over", "refuse"}


@pages.before_request
def _place() -> None:
    g.place = "questions"


@pages.get("")
@needs("sessions:write")
def all_of_them() -> str:
    """What waits for an answer, the longest first; below it what was answered."""
    council_id = here.council_id()
    with here.room() as session:
        waiting = _rows(session, queries.asks_waiting(session, council_id=council_id))
        answered = _rows(session, queries.asks_answered(session, council_id=council_id))
    return render_template("staff/questions.html", waiting=waiting, answered=answered)


@pages.route("/<ask_id>", methods=["GET", "POST"])
@needs("sessions:write")
def show(ask_id: str) -> str | Response:
    """One question with its answer, or the form for it."""
    with here.room() as session:
        (row,) = _rows(session, [queries.ask(session, council_id=here.council_id(), ask_id=ask_id)])
    answers = Answers(request.form if request.method == "POST" else {"amount": row.about, "how": row.wish})
    may_meet = here.may("claims:write")
    if request.method == "POST" and _answered(row, answers, may_meet=may_meet):
        return redirect(f"{here.at()}/staff/questions", 303)
    return render_template("staff/question.html", row=row, answers=answers, may_meet=may_meet)


def _answered(row: AskRow, answers: Answers, *, may_meet: bool) -> bool:
    how = "answer"
    if row.cost:
        allowed = HOW if may_meet else {"refuse"}
        how = answers.one_of("how", allowed, "Choose what we do about it")
    if how in ("book", "hand_over"):
        answers.need("amount", "Write the amount in pounds and pence, like 4.10")
        answers.need("words", "Write a few words to them, such as where the ticket is")
    if answers.wrong:
        return False
    try:
        with here.room() as session:
            _do(session, row.id, how, answers)
    except (Invalid, Conflict) as refusal:
        answers.learn(refusal, FIELDS)
        return False
    return True


def _do(session: Session, ask_id: str, how: str, answers: Answers) -> None:
    key: dict[str, Any] = {"council_id": here.council_id(), "ask_id": ask_id}
    by: dict[str, Any] = {"actor": here.staff_actor(), "now": here.now()}
    words = answers["words"]
    if how == "answer":
        asking.answer(session, **key, words=words, **by)
    elif how == "refuse":
        asking.refuse(session, **key, words=words, **by)
    else:
        pence = parse_pounds(answers["amount"], pointer="/amount_pence")
        answering.meet(session, **key, how=how, amount_pence=pence, words=words, **by)


def _status(one: OfferAsk) -> statuses.Status:
    """A no that the person does not agree with waits for another look."""
    again = one.state == "waiting" and one.answered_at is not None
    return statuses.LOOK_AGAIN if again else statuses.word(statuses.ASK_FOR_STAFF, one.state)


def _kinds(session: Session, council_id: str, day: date) -> dict[str, str]:
    """The kinds of cost by their names in the policy of a day, which is that of the session."""
    return names_of(reading.policy_on(session, council_id, day), on=day, what="expense_categories")


def _rows(session: Session, asks: list[OfferAsk]) -> list[AskRow]:
    """In words, with few questions to the database however many they are."""
    if not asks:
        return []
    council_id = here.council_id()
    known = people.by_ids(session, council_id=council_id, person_ids={one.person_id for one in asks})
    held = queries.by_ids(session, council_id=council_id, session_ids={one.session_id for one in asks})
    asked, answered = asking.asked_words(session, asks), asking.answered_words(session, asks)
    staff = councils.names_of(session, council_id=council_id)
    days = {one.id: london_day(held[one.session_id].starts_at) for one in asks}
    kinds = {day: _kinds(session, council_id, day) for day in set(days.values())}
    return [
        AskRow(
            id=one.id,
            cost=one.kind == COST,
            person_id=one.person_id,
            person=known[one.person_id].name,
            session_id=one.session_id,
            title=held[one.session_id].title,
            starts_at=held[one.session_id].starts_at,
            what=kinds[days[one.id]].get(one.category or "", one.category or ""),
            about=pounds(one.about_pence or 0).removeprefix("£").replace(",", "") if one.kind == COST else "",
            wish={"book": "book", "advance": "hand_over"}.get(one.wish or "", ""),
            wish_words=WISHES.get(one.wish or "", ""),
            asked=asked.get(one.id, ""),
            asked_at=one.asked_at,
            status=_status(one),
            waits=one.state == "waiting",
            answer=answered.get(one.id, ""),
            who=staff.get((one.answered_by or "").partition(":")[2], ""),
            answered_at=one.answered_at,
            met_pence=one.met_pence,
            claim_id=one.result_id or "" if one.state == "handed_over" else "",
        )
        for one in asks
    ]
