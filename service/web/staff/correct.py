"""A lead puts a paid cost right, with a reason that the person reads."""

from __future__ import annotations

from flask import Blueprint, g
from werkzeug.wrappers import Response

from service.claims import queries as claims
from service.web import here
from service.web.here import needs
from service.web.person import correct as own

pages = Blueprint("correct", __name__, url_prefix="/claims")


@pages.before_request
def _place() -> None:
    g.place = "approvals"


@pages.route("/<claim_id>/correct", methods=["GET", "POST"])
@needs("claims:write")
def correct(claim_id: str) -> str | Response:
    """Say what the costs were."""
    with here.room() as session:
        claim = claims.get(session, council_id=here.council_id(), claim_id=claim_id)
    return own.form(
        claim, actor=here.staff_actor(), template="staff/correct.html", home=f"{here.at()}/staff/claims"
    )
