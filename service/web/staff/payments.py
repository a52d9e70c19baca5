"""Payments: where each one is, and releasing or calling off one that has not left."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.claims import queries as claims
from service.days import london_day
from service.payouts import actions, file_queries, lateness, queries, stopping
from service.payouts.actions import GOES_BY_ITSELF
from service.payouts.choosing import promised
from service.payouts.model import CALLED, HELD_BECAUSE, ONES_OWN_CHOICE, OVER, REPORTED, TRANSITIONS
from service.payouts.moving import with_somebody_else
from service.payouts.tables import Payout
from service.people import queries as people
from service.rails.protocol import RAILS
from service.reports import remittance
from service.web import here, statuses, wording
from service.web.here import needs
from service.web.staff import control_reading
from service.web.staff.shapes import PaymentRow

pages = Blueprint("payments", __name__, url_prefix="/payments")
TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "all": ("All", ()),
    "held": ("Held", ("held",)),
    "on-its-way": ("On its way", ("ready", "sending", "sent", "unknown")),
    "trouble": ("Did not arrive", ("failed", "returned")),
    "paid": ("Paid", ("paid",)),
}
TAKEN = "Your finance system has taken this one."
VERBS = {"release": actions.release, "cancel": stopping.cancel}


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
        holds = control_reading.holds(session, standing_only=True)
        short = control_reading.shortages(session)
    tabs = [{"name": name, "href": f"?show={key}", "current": key == tab} for key, (name, _) in TABS.items()]
    return render_template(
        "staff/payments.html",
        rows=rows,
        tabs=tabs,
        see_claims=here.may("claims:read"),
        holds=holds,
        short=short,
    )


@pages.post("/<payout_id>/<any(release, cancel):verb>")
@needs("payments:hold")
def move(payout_id: str, verb: str) -> Response:
    """Release or call off a payment that has not left."""
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
    taken = file_queries.acknowledged(session, council_id=council_id, payout_ids=[row.id for row in found])
    rows = []
    for payout in found:
        pay_by = claims.get(session, council_id=council_id, claim_id=payout.claim_id).pay_by
        row = _row(payout, named[payout.person_id].name, pay_by, today, taken=payout.id in taken)
        rows.append(row)
    return rows


def _row(payout: Payout, name: str, pay_by: date | None, today: date, *, taken: bool) -> PaymentRow:
    may = here.may("payments:hold")
    by = promised(pay_by, payout.own_day)
    over = by is not None and by < today
    late = over and payout.state not in (*OVER, "paid") and not lateness.waits_for_person(payout)
    return PaymentRow(
        id=payout.id,
        seen=payout.tag,
        person=name,
        claim_id=payout.claim_id,
        amount_pence=payout.amount_pence,
        rail=RAILS[payout.rail].name,
        reference=payout.reference,
        status=statuses.word(statuses.PAYMENT_FOR_STAFF, payout.state),
        pay_by=by,
        changed_at=payout.changed_at,
        late=late,
        note=payout.failure or _why_held(payout) or _with_others(payout, taken=taken),
        verbs=_verbs(payout, taken=taken) if may else (),
        may_hold=may and payout.state in ("ready", "sending", "unknown"),
        hold_person=payout.person_id if may and payout.state not in (*OVER, "paid") else "",
        more=_more(payout, taken=taken),
    )


def _more(payout: Payout, *, taken: bool) -> tuple[tuple[str, str], ...]:
    """Pages about a payment that somebody else makes: record it, undo that, call it off with a warning."""
    found = []
    elsewhere = with_somebody_else(payout)
    if here.may("payments:report") and payout.rail in REPORTED and (payout.state == "ready" or elsewhere):
        found.append(("handed-over", "Record it as paid or handed over"))
    if here.may("payments:report") and payout.rail not in CALLED and payout.state == "paid":
        found.append(("came-back", "It came back"))
    if here.may("payments:report") and elsewhere:
        found.append(("taken-back", "It will not be paid there"))
    if here.may("payments:hold") and taken and (payout.state, "cancel") in TRANSITIONS:
        found.append(("call-off", "Call it off"))
    return tuple(found)


def _with_others(payout: Payout, *, taken: bool) -> str:
    if payout.goes_with:
        return f"It goes with the payroll of {payout.goes_with}."
    return TAKEN if taken and payout.state == "ready" else ""


def _why_held(payout: Payout) -> str:
    if payout.state == "held" and payout.held_because == "next_run" and payout.held_until:
        return f"It goes with the payments of {wording.day(payout.held_until)}."
    why = HELD_BECAUSE.get(payout.held_because or "", "") if payout.state == "held" else ""
    if payout.held_because == ONES_OWN_CHOICE and payout.held_until:
        return f"{why} It goes by itself on {wording.day(payout.held_until)}."
    if payout.held_because == "new_details" and payout.held_until:
        return f"{why} It goes by itself on {wording.day_and_time(payout.held_until)}."
    return why


def _verbs(payout: Payout, *, taken: bool) -> tuple[str, ...]:
    """What one press does. What the finance system has taken is called off on a page that warns."""
    waits = lateness.waits_for_person(payout) or payout.held_because in GOES_BY_ITSELF
    left_out = {"release"} if waits else {"cancel"} if taken else set()
    return tuple(v for v in VERBS if (payout.state, v) in TRANSITIONS and v not in left_out)
