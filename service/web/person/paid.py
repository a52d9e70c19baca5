"""How somebody is paid: what they chose, the other ways that the policy allows, and their bank details.

Bank details go from the form to the vault; they are never shown again, nor kept in the cookie. A change
counts once the code is typed that went to the contact we hold. Whoever may act on a person's money by a
document reaches these pages and no others.
"""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.days import london_day
from service.errors import Invalid
from service.events import Actor
from service.people import actions, confirming, queries, stopping
from service.people.actions import MethodGiven
from service.people.model import METHOD_NAMES
from service.people.tables import PaymentMethod
from service.web import here
from service.web.answers import Answers
from service.web.person import at_stripe, paid_reading, reading
from service.web.person.shapes import Choice

pages = Blueprint("paid", __name__, url_prefix="/payment-method")
NAMES = ("kind", "account_name", "sort_code", "account_number", "roll_number", "charity")
FIELDS = {f"/{name}": name for name in NAMES}
# From one address on the network, which a whole office may share.
HOW_OFTEN = "30 per 10 minutes"


@pages.before_request
def _place() -> None:
    g.place = "paid"


@pages.get("/", strict_slashes=False)
def now() -> str:
    """How somebody is paid now, what waits, what did not arrive, and what happened."""
    with here.room() as session:
        page = paid_reading.page(session)
        waits = at_stripe.standing(session, person_id=here.me().id)
    return render_template("person/paid/now.html", page=page, at_stripe=waits)


@pages.route("/choose", methods=["GET", "POST"])
def choose() -> str | Response:
    """Which way, of those that the policy allows."""
    answers = Answers(request.form)
    with here.room() as session:
        kinds = allowed_kinds(session)
        side_by_side = paid_reading.side_by_side(session, kinds)
    if request.method == "POST":
        kind = answers.one_of("kind", {k.value for k in kinds}, "Choose how you would like to be paid")
        if kind == "bank_account":
            return redirect(f"{here.at()}/me/payment-method/bank", 303)
        if kind == "stripe":
            return redirect(f"{here.at()}/me/payment-method/stripe", 303)
        if kind and (done := _save(MethodGiven(kind=kind, charity=answers["charity"]), answers)):
            return done
    return render_template("person/paid/choose.html", answers=answers, page=side_by_side)


@pages.route("/bank", methods=["GET", "POST"])
def bank() -> str | Response:
    """Bank details, on one page as people know them from a card; and why a payment failed, if one did."""
    answers = Answers(request.form)
    if request.method == "POST" and (done := _save(bank_details(answers), answers)):
        return done
    with here.room() as session:
        troubles = paid_reading.troubles(session)
        method = queries.current_method(session, council_id=here.council_id(), person_id=here.me().id)
    return render_template(
        "person/paid/bank.html",
        answers=answers,
        troubles=troubles,
        in_use=reading.paid_how(method) if method else "",
    )


@pages.post("/again")
def again() -> Response:
    """The details are right: what failed or came back is tried again."""
    with here.room() as session:
        actions.try_again(
            session,
            council_id=here.council_id(),
            person_id=here.me().id,
            actor=here.me().actor,
            now=here.now(),
        )
    return redirect(f"{here.at()}/me/payment-method", 303)


@pages.post("/answer")
def answer() -> Response:
    """No to a change that waits; or yes, which is asked for again by a code."""
    if request.form.get("answer") == "yes":
        return code()
    with here.room() as session:
        confirming.decline(
            session,
            council_id=here.council_id(),
            person_id=here.me().id,
            actor=here.me().actor,
            now=here.now(),
        )
    return redirect(f"{here.at()}/me/payment-method", 303)


@pages.post("/code")
def code() -> Response:
    """Send a code for the change that waits."""
    with here.limiter().limit(HOW_OFTEN), here.room() as session:
        confirming.ask_again(
            session,
            council_id=here.council_id(),
            person_id=here.me().id,
            actor=here.me().actor,
            now=here.now(),
        )
    return _to_confirm()


@pages.route("/confirm", methods=["GET", "POST"])
def confirm() -> str | Response:
    """The code from our message, before the change counts."""
    answers = Answers(request.form)
    if request.method == "POST":
        try:
            with here.limiter().limit(HOW_OFTEN), here.room() as session:
                _confirm(session, answers)
            return redirect(f"{here.at()}/me/payment-method", 303)
        except Invalid as refusal:
            answers.learn(refusal, {"/code": "code"})
    with here.room() as session:
        asked = paid_reading.asked(session)
    if asked is None:
        return redirect(f"{here.at()}/me/payment-method", 303)
    return render_template("person/paid/confirm.html", answers=answers, asked=asked)


def _confirm(session: Session, answers: Answers) -> None:
    on = london_day(here.now())
    policy = reading.policy_on(session, here.council_id(), on)
    confirming.confirm(
        session,
        council_id=here.council_id(),
        person_id=here.me().id,
        typed=answers["code"],
        secret_key=here.settings().secret_key,
        hold_hours=policy.terms(on=on)["hold_new_details_hours"],
        actor=here.me().actor,
        now=here.now(),
    )


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
    return [Choice(kind, METHOD_NAMES[kind]) for kind in kinds]


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
        modulus=here.modulus(),
    )


def _save(given: MethodGiven, answers: Answers) -> Response | None:
    try:
        with here.room() as session:
            saved = set_method(session, person_id=here.me().id, given=given, actor=here.me().actor)
    except (Invalid, stopping.PaymentsStopped) as refusal:
        answers.learn(refusal, FIELDS)
        return None
    return _to_confirm() if saved.state == "proposed" else redirect(f"{here.at()}/me/payment-method", 303)


def _to_confirm() -> Response:
    return redirect(f"{here.at()}/me/payment-method/confirm", 303)
