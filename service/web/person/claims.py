"""One claim: what it pays and why, who has it, what happened, what the person can do now."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service import events
from service.approvals import actions as approvals
from service.approvals import queries as approval_queries
from service.claims import actions, topping
from service.claims.model import ON_TOP, OPEN
from service.claims.tables import Claim
from service.days import london_day
from service.errors import Invalid
from service.payouts import file_queries, lateness
from service.payouts import queries as payouts
from service.sessions import queries as sessions
from service.web import here, wording
from service.web.answers import Answers
from service.web.person import (
    admitting,
    again,
    correct,
    entered,
    history,
    line_reading,
    overpaid,
    reading,
    sending,
    whose_turn,
)
from service.web.person.my_page import title_of
from service.web.person.reading import own
from service.web.person.shapes import ClaimPage

pages = Blueprint("claims", __name__, url_prefix="/claims")


@pages.get("/<claim_id>")
def show(claim_id: str) -> str:
    """Where a claim is, what it pays, and why."""
    with here.room() as session:
        page = admitting.claim_page(_page(session, own(session, claim_id)))
    return render_template("person/claim.html", page=page)


@pages.route("/<claim_id>/answer", methods=["GET", "POST"])
def answer(claim_id: str) -> str | Response:
    """Answer a question."""
    answers = Answers(request.form)
    if request.method == "POST":
        try:
            with here.room() as session:
                own(session, claim_id)
                approvals.answer(
                    session,
                    council_id=here.council_id(),
                    claim_id=claim_id,
                    actor=here.me().actor,
                    words=answers["words"],
                    now=here.now(),
                )
            return redirect(f"{here.at()}/me/claims/{claim_id}", 303)
        except Invalid as refusal:
            answers.learn(refusal, {"/answer": "words"})
    with here.room() as session:
        page = _page(session, own(session, claim_id))
    return render_template("person/answer_question.html", page=page, answers=answers)


@pages.post("/<claim_id>/take-back")
def take_back(claim_id: str) -> Response:
    """Take a claim back, before anybody has agreed it."""
    with here.room() as session:
        own(session, claim_id)
        actions.withdraw(
            session, council_id=here.council_id(), claim_id=claim_id, actor=here.me().actor, now=here.now()
        )
    return redirect(f"{here.at()}/me/claims/{claim_id}", 303)


@pages.post("/<claim_id>/yes")
def say_yes(claim_id: str) -> Response:
    """The person would like what they were offered on top. Pressed twice, it is one yes."""
    with here.room() as session:
        if line_reading.asks_before_more(session, own(session, claim_id)):
            return redirect(f"{here.at()}/me/line/more/{claim_id}", 303)
        claim = actions.locked(session, council_id=here.council_id(), claim_id=claim_id)
        if claim.state in ("draft", "withdrawn"):
            topping.accept(
                session,
                council_id=here.council_id(),
                claim_id=claim_id,
                actor=here.me().actor,
                now=here.now(),
            )
    return redirect(f"{here.at()}/me/claims/{claim_id}", 303)


def _told(session: Session, claim: Claim) -> list[events.Event]:
    """What happened to a claim, and before it to the offer that its fee comes from."""
    key = {"council_id": claim.council_id}
    told = events.of_claim(session, **key, claim_id=claim.id)
    if not (claim.with_fee and claim.session_id):
        return told
    of_offer = {"person_id": claim.person_id, "session_id": claim.session_id}
    return [*events.before_a_claim(session, **key, **of_offer), *told]


def _page(session: Session, claim: Claim) -> ClaimPage:
    council_id = here.council_id()
    wanted = claim.session_id or ""
    occasion = sessions.by_ids(session, council_id=council_id, session_ids={wanted}).get(wanted)
    told = _told(session, claim)
    words = events.words_of(session, council_id=council_id, event_ids=[event.id for event in told])
    paid = payouts.of_claims(session, council_id=council_id, claim_ids=[claim.id])[claim.id]
    today, by = london_day(here.now()), lateness.promise(session, claim=claim, paid=paid)
    arrives = file_queries.entry_days(session, council_id=council_id, payout_ids=[one.id for one in paid])
    return ClaimPage(
        id=claim.id,
        title=title_of(claim, occasion),
        when=wording.span(occasion.starts_at, occasion.ends_at) if occasion else "",
        status=reading.claim_status(claim, paid),
        sum=reading.claim_sum(session, claim),
        steps=history.steps(
            told, words | reading.failures(told, paid), names=entered.names(session, council_id, told)
        ),
        entered=entered.by_staff(session, council_id, told),
        money=reading.money_of(claim, paid, today, arrives),
        promised=by if claim.state not in reading.NOT_COMING else None,
        late=lateness.is_late(claim, paid, by, today),
        total_pence=claim.total_pence,
        question=history.last_words(told, words, "claim.asked") if claim.state == "asked" else "",
        over=claim.state in reading.NOT_COMING,
        refused=claim.state == "refused",
        refusal=history.last_words(told, words, "claim.refused") if claim.state == "refused" else "",
        with_whom=whose_turn.in_words(
            whose_turn.turn_of(session, claim, paid), council=here.here().brand.name
        ),
        may_take_back=claim.state in OPEN and claim.kind in ("expenses", *ON_TOP),
        add_cost=f"{here.at()}/me/costs/{occasion.id}" if occasion and claim.kind not in ON_TOP else "",
        on_top=reading.on_top(claim, approval_queries.by_policy(session, claim=claim)),
        topped=claim.tops_up_id or "",
        top_ups=reading.top_ups_of(session, claim),
        corrects=claim.corrects_id or "",
        rest_of=claim.rest_of_id or "",
        later=reading.later_of(session, claim),
        corrections=correct.of_claim(session, claim),
        overpaid=overpaid.of_claim(session, claim.id),
        may_correct=correct.may_correct(claim),
        less=correct.less_by(session, paid),
        receipts=sending.shown_of_claim(session, claim),
        may_add_receipt=sending.may_add(claim),
        may_change=again.may_change(claim),
        offer=f"{here.at()}/me/offers/{claim.offer_id}" if claim.offer_id else "",
        rest=again.rest_of(session, claim, history.last_words(told, words, "claim.looked_again")),
    )
