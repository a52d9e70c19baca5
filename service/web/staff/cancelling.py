"""Cancelling a session, or one person's place: what each gets by the policy, before it is done."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import cancelling as due_by_policy
from service.errors import NotFound
from service.people import queries as people
from service.sessions import cancelling, queries
from service.sessions.model import LIVE_OFFERS
from service.sessions.tables import Offer
from service.web import here
from service.web.here import needs
from service.web.person import reading
from service.web.staff.shapes import DueRow
from service.web.sums import sum_of

pages = Blueprint("cancelling", __name__, url_prefix="/sessions/<session_id>")


@pages.before_request
def _place() -> None:
    g.place = "sessions"


@pages.route("/cancel", methods=["GET", "POST"])
@needs("sessions:write")
def whole(session_id: str) -> str | Response:
    """Cancel a session and every offer that stands."""
    key = {"council_id": here.council_id(), "session_id": session_id}
    with here.room() as session:
        if request.method == "POST":
            cancelling.cancel(session, **key, actor=here.staff_actor(), now=here.now())
            return redirect(_address(session_id), 303)
        title = queries.get(session, **key).title
        rows = _due(session, [o for o in queries.offers(session, **key) if o.state in LIVE_OFFERS])
    return render_template("staff/cancel.html", title=title, session_id=session_id, rows=rows, whole=True)


@pages.route("/offers/<offer_id>/cancel", methods=["GET", "POST"])
@needs("sessions:write")
def place(session_id: str, offer_id: str) -> str | Response:
    """Take back one person's offer. The session goes on."""
    with here.room() as session:
        offer = queries.offer(session, council_id=here.council_id(), offer_id=offer_id)
        if offer.session_id != session_id:
            raise NotFound("We cannot find that offer for this session.")
        if request.method == "POST":
            key = {"council_id": here.council_id(), "offer_id": offer_id}
            cancelling.cancel_place(session, **key, actor=here.staff_actor(), now=here.now())
            return redirect(_address(session_id), 303)
        held = queries.get(session, council_id=here.council_id(), session_id=session_id)
        title = reading.occasion_of(session, held).title
        rows = _due(session, [offer])
    return render_template("staff/cancel.html", title=title, session_id=session_id, rows=rows, whole=False)


def _due(session: Session, offers: list[Offer]) -> list[DueRow]:
    """What each gets for the notice that is given now, by name. Without a yes nothing is due."""
    council_id = here.council_id()
    known = people.by_ids(session, council_id=council_id, person_ids={offer.person_id for offer in offers})
    rows = []
    for offer in offers:
        yes = offer.state == "accepted"
        answer = (
            due_by_policy.due(session, council_id=council_id, offer=offer, by_person=False, at=here.now())
            if yes
            else None
        )
        rows.append(DueRow(known[offer.person_id].name, yes, sum_of(answer) if answer else None))
    return sorted(rows, key=lambda row: row.person)


def _address(session_id: str) -> str:
    return f"{here.at()}/staff/sessions/{session_id}"
