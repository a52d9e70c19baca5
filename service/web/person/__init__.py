"""Pages for the person who is paid: offers, costs, claims, money."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from service.errors import Forbidden
from service.web import here
from service.web.person import (
    by_stripe,
    claims,
    correct,
    costs,
    line,
    line_choices,
    my_page,
    offers,
    overpaid,
    paid,
    payments,
    policy,
)


def pages() -> Blueprint:
    """Everything under `/<council>/me`. Nobody sees any of it without being signed in."""
    door = Blueprint("me", __name__, url_prefix="/<slug:slug>/me")
    door.before_request(_signed_in)
    parts = (my_page, offers, claims, correct, costs, paid, by_stripe, payments, overpaid, policy)
    own_line = (line, line_choices)
    for part in (one.pages for one in (*parts, *own_line)):
        door.register_blueprint(part)
    return door


# Where whoever acts on somebody's money by a document may go, and nowhere else.
FOR_WHO_ACTS = ("web.me.paid.", "web.me.my_page.sign_out")


def _signed_in() -> Response | None:
    acting = here.me().acting
    if not acting or (request.endpoint or "").startswith(FOR_WHO_ACTS):
        return None
    if request.endpoint == "web.me.my_page.mine":
        return redirect(f"{here.at()}/me/payment-method", 303)
    raise Forbidden("You may say how this person is paid. The rest of their pages is theirs alone.")
