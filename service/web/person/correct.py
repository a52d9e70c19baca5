"""A cost that was paid and was not right: the person, or a lead, says what it was and why."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service import events
from service.claims import correcting
from service.claims import queries as claims
from service.claims.model import ADVANCE, AGREED, ON_TOP
from service.claims.tables import Claim, Correction
from service.errors import Conflict, Invalid, NotFound
from service.events import Actor
from service.money import pounds
from service.payouts import overpaid_queries as overpaid
from service.payouts.tables import Payout
from service.web import here
from service.web.answers import Answers
from service.web.person import questions, sending
from service.web.person.shapes import Ask, Corrected

pages = Blueprint("correct", __name__, url_prefix="/claims")
# What a cost says that may be put right → the kind of question that asks for it.
ASKS = {"amount_pence": "money", "miles": "number"}
WHAT = {
    "register": "The register was put right.",
    "asked": "A cost was put right.",
    "spent": "You told us what you spent.",
    "followed": "We worked it out again.",
}


@pages.route("/<claim_id>/correct", methods=["GET", "POST"])
def correct(claim_id: str) -> str | Response:
    """Say what the costs were."""
    with here.room() as session:
        claim = claims.get(session, council_id=here.council_id(), claim_id=claim_id)
        if claim.person_id != here.me().id:
            raise NotFound(
                "We cannot find that claim. Use the link in your message, or look on your own page."
            )
    return form(claim, actor=here.me().actor, template="person/correct.html", home=f"{here.at()}/me/claims")


def form(claim: Claim, *, actor: Actor, template: str, home: str) -> str | Response:
    """The page and what follows from it, for whoever may put a cost right."""
    with here.room() as session:
        standing = correcting.stands(session, claim).expenses
    costs = [dict(cost) for cost in standing]
    asks = {n: ask for n, cost in enumerate(costs) if (ask := _ask(n, cost)) is not None}
    if not asks:
        raise Conflict("There is no sum in this claim to put right. Contact us, and we help you.")
    answers = Answers(request.form if request.method == "POST" else _as_typed(costs, asks))
    if request.method == "POST":
        for number, ask in asks.items():
            costs[number][_asks_for(costs[number])] = questions.read(ask, answers)
        answers.need("reason", "Say in a few words what was not right")
        if not answers.wrong and _asked(claim, costs, answers, actor):
            return redirect(f"{home}/{claim.id}", 303)
    may_add_receipt = claim.kind == ADVANCE and sending.may_add(claim)
    return render_template(
        template, claim=claim, costs=asks.values(), answers=answers, may_add_receipt=may_add_receipt
    )


def _as_typed(costs: list[dict[str, Any]], asks: dict[int, Ask]) -> dict[str, str]:
    typed: dict[str, str] = {}
    for number, ask in asks.items():
        typed |= questions.typed_again(ask, costs[number][_asks_for(costs[number])])
    return typed


def _asks_for(cost: dict[str, Any]) -> str:
    """What a cost says that may be put right: its sum, its miles, or nothing, as one that is paid flat."""
    return next((fact for fact in ASKS if fact in cost), "")


def _ask(number: int, cost: dict[str, Any]) -> Ask | None:
    fact = _asks_for(cost)
    if not fact:
        return None
    label = str(cost.get("category", "Cost")).replace("_", " ").capitalize()
    return Ask(f"cost-{number}", ASKS[fact], label, unit="miles" if fact == "miles" else "")


def _asked(claim: Claim, costs: list[dict[str, Any]], answers: Answers, actor: Actor) -> bool:
    try:
        with here.room() as session:
            correcting.ask(
                session,
                council_id=here.council_id(),
                claim_id=claim.id,
                expenses=tuple(costs),
                reason=answers["reason"],
                actor=actor,
                now=here.now(),
            )
    except (Invalid, Conflict) as refusal:
        answers.learn(refusal, {"/reason": "reason"})
        return False
    return True


def may_correct(claim: Claim) -> bool:
    """Whether there are costs in it that were agreed, with a sum or miles that may be put right."""
    return claim.state in AGREED and claim.kind not in ON_TOP and any(map(_asks_for, claim.expenses))


def of_claim(session: Session, claim: Claim) -> tuple[Corrected, ...]:
    """What was put right in a claim, oldest first."""
    key = {"council_id": claim.council_id}
    more = {one.correction_number: one for one in claims.differences(session, **key, claim_id=claim.id)}
    rows = [r for r in claims.corrections(session, **key, claim_id=claim.id) if r.state != "replaced"]
    said = events.words_of(session, **key, event_ids=[row.event_id for row in rows if row.event_id])
    return tuple(_corrected(row, said, more) for row in rows)


def _corrected(row: Correction, said: dict[int, str], more: dict[int | None, Claim]) -> Corrected:
    sums, difference = (row.sums or {}).values(), more.get(row.number)
    return Corrected(
        at=row.applied_at or row.made_at,
        what=WHAT[row.because] if row.attended else "The register says that you did not come.",
        words=said.get(row.event_id or 0, ""),
        before_pence=sum(one["before_pence"] for one in sums),
        after_pence=sum(one["after_pence"] for one in sums),
        waits=row.state == "waiting",
        more_id=difference.id if difference else "",
        more_pence=difference.total_pence if difference else 0,
    )


def less_by(session: Session, paid: list[Payout]) -> str:
    """What came off the payments of a claim, or will, in one sentence."""
    if not paid:
        return ""
    live = {row.id: row for row in paid if row.state not in ("failed", "returned", "cancelled")}
    taken = overpaid.offsets_of(session, council_id=paid[0].council_id, payout_ids=list(live))
    pence = sum(taken.values())
    if not pence:
        return ""
    return (
        f"{pounds(pence)} of this fee goes back to us, for what we had paid you too much. "
        "You said that we may take it. You can stop this at any time."
    )
