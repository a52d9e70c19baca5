"""Pages for the person who is paid: offers, costs, claims, money."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from service.errors import Forbidden
from service.web import here, sign_in_again
from service.web.person import (
    again,
    asks,
    by_stripe,
    claims,
    correct,
    costs,
    easy,
    messages,
    my_page,
    offers,
    overpaid,
    own_data,
    paid,
    payments,
    policy,
    sending,
    statements,
)


def pages() -> Blueprint:
    """Everything under `/<council>/me`. Nobody sees any of it without being signed in."""
    door = Blueprint("me", __name__, url_prefix="/<slug:slug>/me")
    door.before_request(_signed_in)
    door.url_value_preprocessor(sending.make_room)
    door.register_error_handler(RequestEntityTooLarge, sending.too_much)
    money = (correct, paid, by_stripe, payments, overpaid)
    parts = (my_page, offers, asks, claims, sending, costs, again, *money, policy, statements, own_data)
    for part in (sign_in_again.pages, *(one.pages for one in parts), easy.pages, messages.pages):
        door.register_blueprint(part)
    return door


# Where whoever acts on somebody's money by a document may go, and nowhere else.
FOR_WHO_ACTS = ("web.me.paid.", "web.me.sign_in_again.", "web.me.my_page.sign_out")
# Pages about how somebody is paid: only for whoever has shown who they are not long ago.
ASKS_AGAIN = ("web.me.paid.", "web.me.by_stripe.")


def _signed_in() -> Response | str | tuple[str, int] | None:
    acting, wanted = here.me().acting, request.endpoint or ""
    if not acting or wanted.startswith(FOR_WHO_ACTS):
        return sign_in_again.first() if wanted.startswith(ASKS_AGAIN) and not here.is_fresh() else None
    if request.endpoint == "web.me.my_page.mine":
        return redirect(f"{here.at()}/me/payment-method", 303)
    raise Forbidden("You may say how this person is paid. The rest of their pages is theirs alone.")
