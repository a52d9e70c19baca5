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
from service.money import parse_pounds, pounds
from service.payouts import overpaid_queries as overpaid
from service.payouts.tables import Payout
from service.web import here
from service.web.answers import Answers
from service.web.person import sending
from service.web.person.shapes import Corrected

pages = Blueprint("correct", __name__, url_prefix="/claims")
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
    typed = request.form if request.method == "POST" else _as_typed(costs)
    answers = Answers(typed)
    if request.method == "POST":
        for number, cost in enumerate(costs):
            _read(answers, number, cost)
        answers.need("reason", "Say in a few words what was not right")
        if not answers.wrong and _asked(claim, costs, answers, actor):
            return redirect(f"{home}/{claim.id}", 303)
    shown = [
        {"name": f"cost-{number}", "label": _label(cost), "money": "amount_pence" in cost}
        for number, cost in enumerate(standing)
    ]
    may_add_receipt = claim.kind == ADVANCE and sending.may_add(claim)
    return render_template(
        template, claim=claim, costs=shown, answers=answers, may_add_receipt=may_add_receipt
    )


def _as_typed(costs: list[dict[str, Any]]) -> dict[str, str]:
    return {
        f"cost-{n}": pounds(cost["amount_pence"])[1:]
        if "amount_pence" in cost
        else str(cost.get("miles", ""))
        for n, cost in enumerate(costs)
    }


def _label(cost: dict[str, Any]) -> str:
    return str(cost.get("category", "Cost")).replace("_", " ").capitalize()


def _read(answers: Answers, number: int, cost: dict[str, Any]) -> None:
    name = f"cost-{number}"
    if "amount_pence" in cost:
        try:
            cost["amount_pence"] = parse_pounds(answers[name], pointer=name)
        except Invalid as refusal:
            answers.fault(name, refusal.errors[0].detail)
    elif "miles" in cost:
        miles = answers.whole(name, "Enter whole miles, like 12", most=10_000)
        if miles is None:
            answers.fault(name, "Enter whole miles, like 12")
        else:
            cost["miles"] = miles


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
    """Whether there are costs in it that were agreed, and may be put right."""
    return claim.state in AGREED and claim.kind not in ON_TOP and bool(claim.expenses)


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
