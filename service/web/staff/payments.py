"""Payments: where each one is, and holding, releasing or calling off one that has not left."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import queries as claims
from service.days import london_day
from service.payouts import actions, queries
from service.payouts.model import HELD_BECAUSE, OVER, TRANSITIONS
from service.payouts.tables import Payout
from service.people import queries as people
from service.rails.protocol import RAILS
from service.reports import remittance
from service.web import here, statuses
from service.web.here import needs
from service.web.person.reading import waits_for_person
from service.web.staff.shapes import PaymentRow

pages = Blueprint("payments", __name__, url_prefix="/payments")
TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "all": ("All", ()),
    "held": ("Held", ("held",)),
    "on-its-way": ("On its way", ("ready", "sending", "sent", "unknown")),
    "trouble": ("Did not arrive", ("failed", "returned")),
    "paid": ("Paid", ("paid",)),
}
VERBS = {"hold": actions.hold, "release": actions.release, "cancel": actions.cancel}


@pages.before_request
def _place() -> None:
    g.place = "payments"


@pages.get("")
@needs("payments:read")
def all_of_them() -> str:
    """Payments, the newest change first."""
    wanted = request.args.get("show", "all")
    tab = wanted if wanted in TABS else "all"
    with here.room() as session:
        found = queries.newest(session, council_id=here.council_id(), states=TABS[tab][1])
        rows = _rows(session, found)
    tabs = [{"name": name, "href": f"?show={key}", "current": key == tab} for key, (name, _) in TABS.items()]
    return render_template("staff/payments.html", rows=rows, tabs=tabs, see_claims=here.may("claims:read"))


@pages.post("/<payout_id>/<any(hold, release, cancel):verb>")
@needs("payments:hold")
def move(payout_id: str, verb: str) -> Response:
    """Hold, release or call off a payment that has not left."""
    with here.room() as session:
        VERBS[verb](
            session,
            council_id=here.council_id(),
            payout_id=payout_id,
            seen=request.form.get("seen", ""),
            actor=here.staff_actor(),
            now=here.now(),
        )
    return redirect(f"{here.at()}/staff/payments", 303)


@pages.get("/<payout_id>/advice")
@needs("payments:read")
def advice(payout_id: str) -> str:
    """What a payment pays, line by line, and why."""
    with here.room() as session:
        row = queries.get(session, council_id=here.council_id(), payout_id=payout_id)
        found = remittance.advice(session, council_id=here.council_id(), payout=row)
    return render_template("staff/advice.html", advice=found, words=statuses.PAYMENT_FOR_STAFF)


def _rows(session: Session, found: list[Payout]) -> list[PaymentRow]:
    council_id = here.council_id()
    named = people.by_ids(session, council_id=council_id, person_ids={row.person_id for row in found})
    today = london_day(here.now())
    rows = []
    for payout in found:
        pay_by = claims.get(session, council_id=council_id, claim_id=payout.claim_id).pay_by
        rows.append(_row(payout, named[payout.person_id].name, pay_by, today))
    return rows


def _row(payout: Payout, name: str, pay_by: date | None, today: date) -> PaymentRow:
    over = pay_by is not None and pay_by < today
    late = over and payout.state not in (*OVER, "paid") and not waits_for_person(payout)
    return PaymentRow(
        id=payout.id,
        seen=payout.tag,
        person=name,
        claim_id=payout.claim_id,
        amount_pence=payout.amount_pence,
        rail=RAILS[payout.rail].name,
        reference=payout.reference,
        status=statuses.word(statuses.PAYMENT_FOR_STAFF, payout.state),
        pay_by=pay_by,
        changed_at=payout.changed_at,
        late=late,
        note=payout.failure or _why_held(payout) or _with_payroll(payout),
        verbs=_verbs(payout) if here.may("payments:hold") else (),
    )


def _with_payroll(payout: Payout) -> str:
    return f"It goes with the payroll of {payout.goes_with}." if payout.goes_with else ""


def _why_held(payout: Payout) -> str:
    return HELD_BECAUSE.get(payout.held_because or "", "") if payout.state == "held" else ""


def _verbs(payout: Payout) -> tuple[str, ...]:
    waits = waits_for_person(payout)
    return tuple(v for v in VERBS if (payout.state, v) in TRANSITIONS and not (v == "release" and waits))
