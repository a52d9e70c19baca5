"""Pages for the person who is paid: offers, costs, claims, money."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from service.errors import Forbidden
from service.web import here
from service.web.person import (
    again,
    by_stripe,
    claims,
    correct,
    costs,
    my_page,
    offers,
    overpaid,
    paid,
    payments,
    policy,
    sending,
)


def pages() -> Blueprint:
    """Everything under `/<council>/me`. Nobody sees any of it without being signed in."""
    door = Blueprint("me", __name__, url_prefix="/<slug:slug>/me")
    door.before_request(_signed_in)
    door.url_value_preprocessor(sending.make_room)
    door.register_error_handler(RequestEntityTooLarge, sending.too_much)
    money = (correct, paid, by_stripe, payments, overpaid)
    parts = (my_page, offers, claims, sending, costs, again, *money, policy)
    for part in (one.pages for one in parts):
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
