"""How somebody is paid: what they chose, the other ways that the policy allows, and their bank details.

Bank details go from the form to the vault; they are never shown again, nor kept in the cookie.
"""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.days import london_day
from service.errors import Invalid
from service.events import Actor
from service.people import actions, queries
from service.people.actions import MethodGiven
from service.people.model import METHOD_NAMES
from service.people.tables import PaymentMethod
from service.web import here
from service.web.answers import Answers
from service.web.person import at_stripe, reading
from service.web.person.shapes import Choice

pages = Blueprint("paid", __name__, url_prefix="/payment-method")
NAMES = ("kind", "account_name", "sort_code", "account_number", "roll_number", "charity")
FIELDS = {f"/{name}": name for name in NAMES}
HINTS = {
    "bank_account": "Into your own account. Most often the fastest way",
    "stripe": "A company called Stripe sends the money for us",
    "voucher": "For benefits, a voucher counts like money",
    "charity": "We send the money to a charity that you name",
    "cash_desk": "You come and collect it",
    "none": "You can change your mind later",
}


@pages.get("/", strict_slashes=False)
def now() -> str:
    """How somebody is paid now."""
    g.place = "paid"
    key = {"council_id": here.council_id(), "person_id": here.me().id}
    with here.room() as session:
        method = queries.current_method(session, **key)
        proposed = queries.proposed_method(session, **key)
        waits = at_stripe.standing(session, person_id=here.me().id)
    return render_template(
        "person/paid/now.html",
        now=reading.paid_how(method),
        has_method=method is not None,
        at_stripe=waits,
        proposed=reading.paid_how(proposed) if proposed else "",
    )


@pages.route("/choose", methods=["GET", "POST"])
def choose() -> str | Response:
    """Which way, of those that the policy allows."""
    answers = Answers(request.form)
    with here.room() as session:
        kinds = allowed_kinds(session)
    if request.method == "POST":
        kind = answers.one_of("kind", {k.value for k in kinds}, "Choose how you would like to be paid")
        if kind == "bank_account":
            return redirect(f"{here.at()}/me/payment-method/bank", 303)
        if kind == "stripe":
            return redirect(f"{here.at()}/me/payment-method/stripe", 303)
        if kind and (done := _save(MethodGiven(kind=kind, charity=answers["charity"]), answers)):
            return done
    return render_template("person/paid/choose.html", answers=answers, kinds=kinds)


@pages.route("/bank", methods=["GET", "POST"])
def bank() -> str | Response:
    """Bank details, on one page as people know them from a card."""
    answers = Answers(request.form)
    if request.method == "POST" and (done := _save(bank_details(answers), answers)):
        return done
    return render_template("person/paid/bank.html", answers=answers)


@pages.post("/answer")
def answer() -> Response:
    """Yes or no to a change that somebody else wrote down."""
    with here.room() as session:
        actions.answer_proposed(
            session,
            council_id=here.council_id(),
            person_id=here.me().id,
            accept=request.form.get("answer") == "yes",
            now=here.now(),
        )
    return redirect(f"{here.at()}/me/payment-method", 303)


def bank_details(answers: Answers) -> MethodGiven:
    """What was typed about a bank account, as it was typed: the room reads it."""
    return MethodGiven(
        kind="bank_account",
        account_name=answers["account_name"],
        sort_code=answers["sort_code"],
        account_number=answers["account_number"],
        roll_number=answers["roll_number"],
    )


def allowed_kinds(session: Session) -> list[Choice]:
    """The ways to be paid that the policy in force allows and this service can do."""
    on = london_day(here.now())
    policy = reading.policy_on(session, here.council_id(), on)
    rows = policy.catalogue(on=on)["payment_methods"]
    kinds = [row["kind"] for row in rows if row["kind"] in METHOD_NAMES]
    if not at_stripe.is_offered(session):
        kinds = [kind for kind in kinds if kind != "stripe"]
    return [Choice(kind, METHOD_NAMES[kind], HINTS.get(kind, "")) for kind in kinds]


def set_method(session: Session, *, person_id: str, given: MethodGiven, actor: Actor) -> PaymentMethod:
    """Record a method under the policy in force. Raises `Invalid`."""
    on = london_day(here.now())
    policy = reading.policy_on(session, here.council_id(), on)
    return actions.set_method(
        session,
        council_id=here.council_id(),
        person_id=person_id,
        given=given,
        allowed=[row["kind"] for row in policy.catalogue(on=on)["payment_methods"]],
        hold_hours=policy.terms(on=on)["hold_new_details_hours"],
        vault=here.vault(),
        actor=actor,
        now=here.now(),
    )


def _save(given: MethodGiven, answers: Answers) -> Response | None:
    try:
        with here.room() as session:
            set_method(session, person_id=here.me().id, given=given, actor=here.me().actor)
    except Invalid as refusal:
        answers.learn(refusal, FIELDS)
        return None
    return redirect(f"{here.at()}/me/payment-method", 303)
