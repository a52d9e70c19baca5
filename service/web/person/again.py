"""After a claim was sent: change it, or, after a no, say that you do not agree."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.approvals import actions as approvals
from service.claims import unsent
from service.claims.actions import ClaimHasMoved
from service.claims.model import MAY_BE_CHANGED
from service.claims.tables import Claim
from service.receipts import queries as receipts
from service.web import here
from service.web.answers import Answers
from service.web.person.reading import own

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
    if claim.state != "refused":
        raise ClaimHasMoved("Nobody has said no to this claim, or somebody looks at it again already.")
    return render_template("person/look_again.html", answers=Answers(), claim=claim)
