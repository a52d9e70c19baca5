"""The way to Stripe's own form and back, for somebody who gives their bank details there.

Stripe's link lives five minutes and works once, so our own address, which is signed, makes a new one at each
visit; it does nothing more once Stripe has the details. Coming back says nothing: Stripe is asked.
"""

from __future__ import annotations

from typing import cast

from flask import Blueprint, abort, current_app, redirect, render_template
from werkzeug.wrappers import Response

from service.events import Actor
from service.payouts import gates
from service.people import introducing, recipients
from service.people import queries as people
from service.people.recipients import KIND, OPEN
from service.rails.stripe import Stripe
from service.rails.stripe_shapes import NotTaken
from service.web import here

pages = Blueprint("at_stripe", __name__)


def rail() -> Stripe:
    """Stripe, as the pages reach it."""
    if "stripe" not in current_app.extensions:
        current_app.extensions["stripe"] = Stripe(here.db(), settings=here.settings(), vault=here.vault())
    return cast(Stripe, current_app.extensions["stripe"])


@pages.get("/stripe/<token>")
def go(token: str) -> str | Response:
    """On to Stripe's form, by a link made for this visit; or a page that says why there is none."""
    method_id = _enter(token)
    access = rail().access(council_id=here.council_id())
    if access is None:
        abort(404)
    with here.room() as session:
        method = people.method(session, council_id=here.council_id(), method_id=method_id)
        row = recipients.want(
            session,
            council_id=here.council_id(),
            method_id=method_id,
            financial_account=access.financial_account,
            now=here.now(),
        )
        told = recipients.facts(
            session,
            council_id=here.council_id(),
            recipient_id=row.id,
            vault=here.vault(),
            otherwise=here.here().brand.contact_email,
        )
        scope = gates.closed_to(session, council_id=here.council_id(), rail=KIND, person_id=method.person_id)
        still = (method.kind, method.state) == (KIND, "current") and row.state in OPEN and not told.details
    if not still:
        return render_template("public/at_stripe.html", waits=False)
    if scope is not None:
        return render_template("public/at_stripe.html", waits=False, on_hold=True)
    ours = f"{here.settings().base_url.rstrip('/')}/stripe/{token}"
    try:
        account = introducing.introduce(here.db(), rail=rail(), access=access, told=told)
        link = rail().form_link(access=access, recipient=account, again=ours, back=f"{ours}/back")
    except NotTaken:
        return render_template("public/at_stripe.html", waits=False)
    return redirect(link, 303)


@pages.get("/stripe/<token>/back")
def back(token: str) -> str:
    """Somebody came back from Stripe's form: Stripe is asked what it has."""
    method_id = _enter(token)
    with here.room() as session:
        row = recipients.of_method(session, council_id=here.council_id(), method_id=method_id)
        if row is not None:
            recipients.look_again(
                session,
                council_id=here.council_id(),
                recipient_id=row.id,
                actor=Actor("person", row.person_id),
                now=here.now(),
            )
    return render_template("public/at_stripe.html", waits=True)


def _enter(token: str) -> str:
    """Make this page the council's that the address was made for; answers the payment method's id."""
    found = introducing.read(token, secret_key=here.settings().secret_key)
    if found is None:
        abort(404)
    council_id, method_id = found
    here.enter(council_id)
    return method_id
