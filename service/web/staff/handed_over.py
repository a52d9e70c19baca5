"""What somebody else pays or hands over: record that it was, that it came back, or call it off with care."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from service.days import london_day
from service.errors import NotFound, Refused
from service.money import pounds
from service.payouts import exporting, file_queries, moving, queries, reporting, settling
from service.payouts.model import CALLED, REPORTED
from service.payouts.tables import Payout
from service.people import queries as people
from service.rails.protocol import RAILS
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.typed_times import read_day

pages = Blueprint("handed_over", __name__, url_prefix="/payments")

# What a person did, on each rail where a person does it: the title of the page, and what the reference is.
DEEDS = {
    "finance_system": ("Record it as paid", "Which reference does your bank or system use?"),
    "voucher": ("Record the voucher as handed over", "Which number does the voucher have?"),
    "charity": ("Record it as given", "Which reference does your bank or system use?"),
    "cash_desk": ("Record the cash as handed over", "Which number does the receipt have?"),
}


@pages.before_request
def _place() -> None:
    g.place = "payments"


@pages.route("/<payout_id>/handed-over", methods=["GET", "POST"])
@needs("payments:report")
def record(payout_id: str) -> str | Response | tuple[str, int]:
    """It was paid or handed over: with which reference, on which day."""
    today = london_day(here.now())
    usual = {"day-day": str(today.day), "day-month": str(today.month), "day-year": str(today.year)}
    answers = Answers(request.form if request.method == "POST" else usual)
    if request.method == "POST":
        reference = answers.need("reference", "Give the reference or number")
        day = read_day(answers, "day")
        if reference and day:
            try:
                with here.room() as session:
                    settling.report_paid(
                        session, bank_reference=reference[:100], paid_on=day, **_deed(payout_id)
                    )
                return redirect(f"{here.at()}/staff/payments", 303)
            except Refused as refusal:
                answers.learn(refusal, {"/bank_reference": "reference", "/paid_on": "day"})
    shown = _shown(payout_id)
    if shown["rail"] not in REPORTED:
        raise NotFound("We pay this one ourselves, so there is nothing to record.")
    page = render_template("staff/handed_over.html", answers=answers, deed=DEEDS[shown["rail"]], **shown)
    return (page, 422) if answers.wrong else page


@pages.route("/<payout_id>/came-back", methods=["GET", "POST"])
@needs("payments:report")
def came_back(payout_id: str) -> str | Response | tuple[str, int]:
    """It came back, or was never handed over: the only way to undo a record."""
    answers = Answers(request.form)
    if request.method == "POST":
        reason = answers.need("reason", "Say what happened, in words for the person who waits for it")
        if reason:
            try:
                with here.room() as session:
                    reporting.report_returned(session, reason=reason[:300], **_deed(payout_id))
                return redirect(f"{here.at()}/staff/payments", 303)
            except Refused as refusal:
                answers.learn(refusal, {"/reason": "reason"})
    shown = _shown(payout_id)
    if shown["rail"] in CALLED:
        raise NotFound("We pay this one ourselves and ask the bank, so there is nothing to record.")
    page = render_template("staff/came_back.html", answers=answers, **shown)
    return (page, 422) if answers.wrong else page


@pages.route("/<payout_id>/taken-back", methods=["GET", "POST"])
@needs("payments:report")
def taken_back(payout_id: str) -> str | Response | tuple[str, int]:
    """The other system will not pay it after all: it waits here until somebody decides."""
    answers = Answers(request.form)
    if request.method == "POST":
        reason = answers.need("reason", "Say who told you that it will not be paid there")
        if reason:
            with here.room() as session:
                exporting.take_back_from_export(session, reason=reason[:300], **_deed(payout_id))
            return redirect(f"{here.at()}/staff/payments", 303)
    shown = _shown(payout_id)
    if not shown["elsewhere"]:
        raise NotFound("No other system has this one in hand, so there is nothing to take back.")
    page = render_template("staff/taken_back.html", answers=answers, **shown)
    return (page, 422) if answers.wrong else page


@pages.get("/<payout_id>/call-off")
@needs("payments:hold")
def call_off(payout_id: str) -> str:
    """The finance system has it: a warning first."""
    return render_template("staff/call_off.html", **_shown(payout_id))


def _deed(payout_id: str) -> dict[str, Any]:
    return {
        "council_id": here.council_id(),
        "payout_id": payout_id,
        "actor": here.staff_actor(),
        "now": here.now(),
    }


def _shown(payout_id: str) -> dict[str, Any]:
    """What each of these pages says of the payment."""
    key = {"council_id": here.council_id()}
    with here.room() as session:
        payout: Payout = queries.get(session, payout_id=payout_id, **key)
        person = people.get(session, person_id=payout.person_id, **key)
        taken = file_queries.acknowledged(session, payout_ids=[payout_id], **key).get(payout_id)
        return {
            "payout_id": payout.id,
            "person": person.name,
            "amount": pounds(payout.amount_pence),
            "rail": payout.rail,
            "rail_name": RAILS[payout.rail].name,
            "seen": payout.tag,
            "give_to": payout.give_to or "",
            "elsewhere": moving.with_somebody_else(payout),
            "taken_at": taken.acknowledged_at if taken else None,
        }
