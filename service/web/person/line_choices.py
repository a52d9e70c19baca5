"""Before a fee would take somebody past their own line they choose: now, later, split, less, nothing, or no.

Asked before they say yes to an offer, and about every fee that is still to come. Nothing moves until they
have chosen; without an answer the money comes as it was promised.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import actions as claims
from service.claims import topping
from service.days import london_day
from service.errors import Invalid, NotFound
from service.money import parse_pounds, pounds
from service.payouts import putting_off
from service.payouts.choosing import LATER, LESS, NO, NONE, NOW, SPLIT
from service.people.lines_model import Counted
from service.reports.own_money import Fee, OwnMoney
from service.sessions import actions, queries
from service.sessions.tables import Offer
from service.web import here
from service.web.answers import Answers
from service.web.person import line_reading, offers
from service.web.person.line_reading import Question
from service.web.person.my_page import title_of
from service.web.person.reading import own
from service.web.typed_times import example_to_come, read_day

pages = Blueprint("line_choices", __name__, url_prefix="/line")

# The first day within every line, chosen by one press.
FIRST = "first"
# As much as stays within every line first, and the rest on the first day that does, chosen by one press.
WITHIN = "within"
WHEN = (NOW, FIRST, LATER)
IN_PARTS = (WITHIN, SPLIT)
FOR_LESS = (LESS, NONE, NO)
FIELDS = {"/day": "day", "/accept_pence": "amount"}
FIELDS_OF_PARTS = {"/day": "rest", "/now_pence": "part"}


@dataclass(frozen=True)
class Chosen:
    """What somebody chose: the answer as it is stored, the later day, and how much of the fee they take.

    `now_pence`: of a fee in two parts, what comes first.
    """

    answer: str
    day: date | None
    pence: int
    now_pence: int | None = None

    @property
    def same(self) -> str:
        """What must come again, when it would pass a line all the same and the person still wants it."""
        return f"{self.answer} {self.day} {self.pence} {self.now_pence}"

    @property
    def said(self) -> dict[str, Any]:
        """As the room is told."""
        return {"answer": self.answer, "day": self.day, "now_pence": self.now_pence}

    @property
    def fields(self) -> dict[str, str]:
        """Which field of the page each of the room's sentences belongs to."""
        return FIELDS_OF_PARTS if self.answer == SPLIT else FIELDS


@pages.before_request
def _place() -> None:
    g.place = "my"


@pages.route("/offers/<offer_id>", methods=["GET", "POST"])
def offer(offer_id: str) -> str | Response:
    """Before somebody says yes to an offer."""
    with here.room() as session:
        row = offers.own(session, offer_id)
        held = queries.get(session, council_id=row.council_id, session_id=row.session_id)
        money, pence = line_reading.of_me(session), _asked_for(row)
        one = line_reading.counted(session, row, pence)
        question = line_reading.about_offer(session, row, pence)
    if row.state == "accepted":
        return redirect(f"{here.at()}/me/line/fees/{offer_id}", 303)
    if row.state not in ("made", "declined") or held.ends_at < here.now():
        return redirect(f"{here.at()}/me/offers/{offer_id}", 303)
    answers, sure = Answers(request.form), ""
    if request.method == "POST":
        found = _read(answers, question)
        sure = _still_past(answers, found, one, money)
        if found and not answers.wrong and (done := _answer(row, found, answers)):
            return done
    return _page(answers, question, sure)


@pages.route("/fees/<fee_id>", methods=["GET", "POST"])
def fee(fee_id: str) -> str | Response:
    """When a fee comes that is promised already: that of an accepted offer, or of a claim."""
    with here.room() as session:
        money = line_reading.of_me(session)
        found_fees = [one for one in money.fees if fee_id in (one.claim_id, one.offer_id)]
        row = min(found_fees, key=lambda one: one.later, default=None)
        if row is None:
            raise NotFound("We cannot find that fee. Look on the page about your own line.")
        if row.later:
            row = replace(row, may_split=False)
        else:
            row, money = money.as_one(row), money.without(row)
        question = line_reading.about_fee(session, row, money)
    if not row.open:
        return redirect(f"{here.at()}/me/line", 303)
    answers, sure = Answers(request.form), ""
    if request.method == "POST":
        found = _read(answers, question)
        sure = _still_past(answers, found, row.counted, money)
        if found and not answers.wrong and (done := _choose(row, found, answers)):
            return done
    return _page(answers, question, sure)


@pages.route("/more/<claim_id>", methods=["GET", "POST"])
def more(claim_id: str) -> str | Response:
    """Before somebody says yes to what a later policy gives on top of a claim."""
    with here.room() as session:
        row = own(session, claim_id)
        held = queries.by_ids(session, council_id=row.council_id, session_ids={row.session_id or ""})
        question = line_reading.about_more(session, row, title_of(row, held.get(row.session_id or "")))
        money = line_reading.of_me(session)
    if row.state != "draft":
        return redirect(f"{here.at()}/me/claims/{claim_id}", 303)
    answers, sure = Answers(request.form), ""
    if request.method == "POST":
        found = _read(answers, question)
        sure = _still_past(answers, found, line_reading.counted_more(row), money)
        if found and not answers.wrong and (done := _answer_more(row.id, found, answers)):
            return done
    return _page(answers, question, sure)


@pages.get("/offers/<offer_id>/done")
def done(offer_id: str) -> str:
    """What somebody chose about an offer, and what happens now."""
    with here.room() as session:
        row = offers.own(session, offer_id)
        held = queries.get(session, council_id=row.council_id, session_id=row.session_id)
        money = line_reading.of_me(session)
    yes = row.state == "accepted"
    said = next((line_reading.said_of(one) for one in money.fees if one.offer_id == offer_id), "")
    return render_template(
        "person/answered.html",
        title="You said yes. Thank you." if yes else "You said no. Thank you for telling us.",
        panel=held.title,
        next_steps=(
            said or f"You take {pounds(row.promised_pence)} for this.",
            "You can see what you chose, and change it, on the page about your own line.",
        )
        if yes
        else offers.AFTER_A_NO,
        go_text="See my own line",
        go=f"{here.at()}/me/line",
    )


def _asked_for(row: Offer) -> int:
    """How much of the fee somebody was about to say yes to."""
    typed = request.args.get("take", "")
    wanted = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else row.fee_pence
    return min(wanted, row.fee_pence)


def _allowed(question: Question) -> set[str]:
    """What may be answered to a question."""
    less = FOR_LESS if question.may_less else (NO,) if question.offered else ()
    return {*WHEN, *(IN_PARTS if question.may_split else ()), *less}


def _read(answers: Answers, question: Question) -> Chosen | None:
    """What was chosen, or None with what to mend."""
    choice = answers.one_of("choice", _allowed(question), "Choose what you would like")
    if choice == FIRST and question.first_day is not None:
        return Chosen(LATER, question.first_day, question.pence)
    if choice == WITHIN and question.within is not None:
        return Chosen(SPLIT, question.within[2], question.pence, question.within[0])
    if choice == SPLIT:
        return _read_parts(answers, question)
    if choice == LATER:
        day = read_day(answers, "day", like=_example())
        return Chosen(LATER, day, question.pence) if day else None
    if choice == LESS:
        pence = _read_less(answers)
        return Chosen(LESS, None, pence) if pence is not None else None
    if choice in (NOW, NO):
        return Chosen(choice, None, question.pence)
    if choice == NONE:
        return Chosen(NONE, None, 0)
    answers.fault("choice", "Choose what you would like")
    return None


def _page(answers: Answers, question: Question, sure: str) -> str:
    return render_template(
        "person/line/choose.html", answers=answers, question=question, sure=sure, example=_example()
    )


def _example() -> str:
    """A day as it may be typed in answer to when the money should come."""
    return example_to_come(london_day(here.now()))


def _read_parts(answers: Answers, question: Question) -> Chosen | None:
    """How much comes first, and on which day the rest comes."""
    first = None
    try:
        first = parse_pounds(answers.need("part", "Enter how much you would like first, like 4.10"))
        putting_off.check_sum(SPLIT, first, whole_pence=question.pence)
    except Invalid as refusal:
        answers.learn(refusal, {"": "part", **FIELDS_OF_PARTS})
    day = read_day(answers, "rest", what="day for the rest", like=_example())
    return Chosen(SPLIT, day, question.pence, first) if day and first and not answers.wrong else None


def _read_less(answers: Answers) -> int | None:
    try:
        return parse_pounds(answers.need("amount", "Enter how much you would like, like 4.10"))
    except Invalid as refusal:
        answers.learn(refusal, {"": "amount"})
        return None


def _still_past(answers: Answers, found: Chosen | None, one: Counted, money: OwnMoney) -> str:
    """Say it where what was chosen passes a line too. The same again goes: it is their own choice."""
    if found is None or found.answer not in (LATER, SPLIT, LESS) or answers.wrong:
        return ""
    if found.answer == SPLIT:
        return _part_still_past(answers, found, one, money)
    past = money.with_more(replace(one, day=found.day or one.day, pence=found.pence))
    if not past or answers["sure"] == found.same:
        return ""
    field, what = ("amount", "this sum") if found.answer == LESS else ("day", "this day")
    if answers["choice"] == FIRST:
        field = "choice"
    answers.fault(
        field, f"{line_reading.past_in_words(past[0])} Send it again if you would like {what} all the same"
    )
    return found.same


def _part_still_past(answers: Answers, found: Chosen, one: Counted, money: OwnMoney) -> str:
    """The same for a fee in two parts, of each of them."""
    if found.day is None or found.now_pence is None or answers["sure"] == found.same:
        return ""
    first, rest = money.past_in_parts(one, now_pence=found.now_pence, day=found.day)
    for field, past, what in (("part", first, "this sum first"), ("rest", rest, "the rest on this day")):
        if past:
            words = line_reading.past_in_words(past[0])
            answers.fault(field, f"{words} Send it again if you would like {what} all the same")
    return found.same if answers.wrong else ""


def _answer(row: Offer, found: Chosen, answers: Answers) -> Response | None:
    """Say yes or no to an offer as its person chose, and write that down, both or neither."""
    key: dict[str, Any] = {"council_id": row.council_id, "offer_id": row.id}
    key |= {"actor": here.me().actor, "now": here.now()}
    try:
        with here.room() as session:
            putting_off.hold_still(session, council_id=row.council_id, offer_id=row.id)
            if found.answer == NO:
                actions.decline(session, **key)
            else:
                less = found.pence if found.pence != row.fee_pence else None
                actions.accept(session, **key, accept_pence=less)
            putting_off.for_offer(session, **key, **found.said)
    except Invalid as refusal:
        answers.learn(refusal, found.fields)
        return None
    return redirect(f"{here.at()}/me/line/offers/{row.id}/done", 303)


def _answer_more(claim_id: str, found: Chosen, answers: Answers) -> Response | None:
    """Say yes or no to what is offered on top, and when it comes, both or neither."""
    key: dict[str, Any] = {"council_id": here.council_id(), "claim_id": claim_id}
    key |= {"actor": here.me().actor, "now": here.now()}
    try:
        with here.room() as session:
            if found.answer == NO:
                claims.withdraw(session, **key)
            else:
                topping.accept(session, **key)
                putting_off.for_claim(session, **key, answer=found.answer, day=found.day)
    except Invalid as refusal:
        answers.learn(refusal, FIELDS)
        return None
    return redirect(f"{here.at()}/me/claims/{claim_id}", 303)


def _say_anew(session: Session, offer_id: str, found: Chosen) -> None:
    """Take the yes to an offer back; or let it stand, and take less of the fee."""
    key: dict[str, Any] = {"council_id": here.council_id(), "offer_id": offer_id}
    key |= {"actor": here.me().actor, "now": here.now()}
    if found.answer == NO:
        actions.decline(session, **key)
    else:
        actions.take_less(session, **key, accept_pence=found.pence)


def _on_the_same_day(row: Fee, found: Chosen) -> Chosen:
    """Whoever takes less of a fee that they had put off still gets it on the day that they chose."""
    stood = row.choice.day if row.choice is not None and row.choice.answer == LATER else None
    keeps = found.answer == LESS and stood is not None and stood == row.counted.day
    return replace(found, answer=LATER, day=stood) if keeps else found


def _choose(row: Fee, found: Chosen, answers: Answers) -> Response | None:
    """Write down when somebody would like a fee that is promised already."""
    given: dict[str, Any] = {"council_id": here.council_id(), "actor": here.me().actor, "now": here.now()}
    kept = _on_the_same_day(row, found)
    try:
        with here.room() as session:
            if row.claim_id:
                putting_off.for_claim(session, claim_id=row.claim_id, **given, **kept.said)
            else:
                putting_off.hold_still(session, council_id=given["council_id"], offer_id=row.offer_id)
                if found.answer in (LESS, NONE, NO):
                    _say_anew(session, row.offer_id, found)
                putting_off.for_offer(session, offer_id=row.offer_id, **given, **kept.said)
    except Invalid as refusal:
        answers.learn(refusal, found.fields)
        return None
    return redirect(f"{here.at()}/me/line", 303)
