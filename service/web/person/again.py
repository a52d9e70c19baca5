"""After a claim was sent: change it, or, after a no, say that you do not agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.approvals import actions as approvals
from service.approvals import disagreeing
from service.approvals import queries as approval_queries
from service.claims import unsent
from service.claims.actions import ClaimHasMoved
from service.claims.model import MAY_BE_CHANGED
from service.claims.tables import Claim
from service.money import pounds
from service.receipts import queries as receipts
from service.web import here
from service.web.answers import Answers
from service.web.person.reading import own
from service.web.person.shapes import NotAgreed
from service.web.sums import Line, sum_of

pages = Blueprint("again", __name__, url_prefix="/claims")


@pages.post("/<claim_id>/change")
def change(claim_id: str) -> Response:
    """Lay the costs of a claim out to be changed. Nothing changes before it is sent."""
    with here.room() as session:
        claim = own(session, claim_id)
        which = unsent.change_of(claim)
        # Before its receipts are read: one that comes meanwhile waits until this is written, and goes in.
        unsent.take_turn(session, which=which)
        unsent.begin_change(session, which=which, receipts=_receipts(session, claim), now=here.now())
    return redirect(f"{here.at()}/me/costs/{claim.session_id}/check?claim={claim_id}", 303)


def _receipts(session: Session, claim: Claim) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in receipts.of_claim(session, council_id=claim.council_id, claim_id=claim.id):
        found.setdefault(row.cost_number or 0, []).append(row.id)
    return found


def may_change(claim: Claim) -> bool:
    """Whether the person may change what they asked for."""
    return claim.state in MAY_BE_CHANGED and claim.kind == "expenses" and claim.session_id is not None


@pages.route("/<claim_id>/look-again", methods=["GET", "POST"])
def look_again(claim_id: str) -> str | Response:
    """Say that a no is not right. Words are welcome, and not needed."""
    with here.room() as session:
        claim = own(session, claim_id)
        if request.method == "POST":
            approvals.look_again(
                session,
                council_id=here.council_id(),
                claim_id=claim_id,
                actor=here.me().actor,
                words=request.form.get("words", ""),
                now=here.now(),
            )
            return redirect(f"{here.at()}/me/claims/{claim_id}", 303)
        lines = less_paid(session, claim)
    if claim.state != "refused" and not lines:
        raise ClaimHasMoved("Nobody has said no to this claim, or somebody looks at it again already.")
    back_to = f"{here.at()}/me/claims/{claim_id}"
    return render_template(
        "person/look_again.html", answers=Answers(), back_to=back_to, lines=lines, what="your claim"
    )


def less_paid(session: Session, claim: Claim) -> tuple[str, ...]:
    """What of an agreed claim was not paid, or not in full, in words; empty while another look waits."""
    found = disagreeing.may_disagree(session, claim=claim)
    if not found:
        return ()
    answer = approval_queries.answer(session, council_id=claim.council_id, claim=claim)
    return lines_in_words(answer, found)


def rest_of(session: Session, claim: Claim, found: str) -> NotAgreed:
    """The part of an agreed claim that was not agreed. `found`: what the last look again said."""
    return NotAgreed(less_paid(session, claim), disagreeing.waits(session, claim=claim), found)


def lines_in_words(answer: Mapping[str, Any], numbers: list[int]) -> tuple[str, ...]:
    """Lines of an answer as `Taxi: £12.00 asked for, £8.00 agreed`, as far as both sums are known."""
    lines = sum_of(answer).lines
    return tuple(_in_words(lines[number]) for number in numbers)


def _in_words(line: Line) -> str:
    asked = "" if line.claimed_pence is None else f"{pounds(line.claimed_pence)} asked for, "
    return f"{line.what}: {asked}{pounds(line.amount_pence)} agreed"
