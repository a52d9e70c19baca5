"""Paid by Stripe: somebody's bank details, and what their bank says of the name on the account.

A person decides what becomes of a doubt, or whoever acts on their money by a document that two of the staff
have seen. The name that the bank has is shown to them alone.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from service.errors import Invalid
from service.people import recipients, stopping
from service.people.actions import MethodGiven
from service.people.recipients import KIND
from service.web import here
from service.web.answers import Answers
from service.web.person import paid

pages = Blueprint("by_stripe", __name__, url_prefix="/payment-method")
FIELDS = {f"/{name}": name for name in ("account_name", "sort_code", "account_number")}


@pages.route("/stripe", methods=["GET", "POST"])
def details() -> str | Response:
    """Bank details for Stripe, here or on Stripe's own page."""
    answers = Answers(request.form)
    if request.method == "POST":
        by_hand = request.form.get("where") != "there"
        given = MethodGiven(kind=KIND)
        if by_hand:
            given = MethodGiven(
                kind=KIND,
                account_name=answers["account_name"],
                sort_code=answers["sort_code"],
                account_number=answers["account_number"],
            )
        if done := _save(given, answers, by_hand=by_hand):
            return done
    return render_template("person/paid/stripe.html", answers=answers)


def _save(given: MethodGiven, answers: Answers, *, by_hand: bool) -> Response | None:
    if by_hand:
        answers.need("account_name", "Enter the name on the account")
        answers.need("sort_code", "Enter a sort code")
        answers.need("account_number", "Enter an account number")
        if answers.problems:
            return None
    try:
        with here.room() as session:
            method = paid.set_method(session, person_id=here.me().id, given=given, actor=here.me().actor)
            waits = method.state == "proposed"
    except (Invalid, stopping.PaymentsStopped) as refusal:
        answers.learn(refusal, FIELDS)
        return None
    return redirect(f"{here.at()}/me/payment-method{'/confirm' if waits else ''}", 303)


@pages.post("/name-check")
def accept() -> Response:
    """Use the details all the same: the person has read what the bank says. Raises `Conflict`."""
    with here.room() as session:
        row = recipients.of_person(session, council_id=here.council_id(), person_id=here.me().id)
        if row is not None:
            recipients.accept(
                session,
                council_id=here.council_id(),
                recipient_id=row.id,
                check_id=request.form.get("check", ""),
                actor=here.me().actor,
                now=here.now(),
            )
    return redirect(f"{here.at()}/me/payment-method", 303)
