"""Pages for the person who is paid: offers, costs, claims, money."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from service.web import here, sign_in_again
from service.web.person import (
    admitting,
    again,
    asks,
    by_stripe,
    claims,
    correct,
    costs,
    easy,
    entered,
    helping,
    line,
    line_choices,
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
    money = (correct, paid, by_stripe, payments, overpaid, line, line_choices)
    cost = (claims, entered, sending, costs, again)
    own = (policy, statements, own_data, helping, easy, messages)
    parts = (my_page, offers, asks, *cost, *money, *own)
    for part in (sign_in_again.pages, *(one.pages for one in parts)):
        door.register_blueprint(part)
    return door


# Pages about how somebody is paid, and all that we keep of them: only for whoever has shown who they are not
# long ago.
ASKS_AGAIN = ("web.me.paid.", "web.me.by_stripe.", "web.me.own_data.")
# What anybody may look at who followed a link in an old message, and send only once they have shown who they
# are: who helps, and where letters go. To give a fee away is one of several answers on its page.
ASKS_AGAIN_TO_SEND = ("web.me.helping.check", "web.me.messages.way")


def _signed_in() -> Response | str | tuple[str, int] | None:
    """Whoever acts for a person goes where `admitting` says, and nowhere else."""
    wanted = request.endpoint or ""
    if here.me().kind == "attorney" and wanted == "web.me.my_page.mine":
        return redirect(f"{here.at()}/me/payment-method", 303)
    admitting.refuse_where_closed(wanted, request.method)
    return sign_in_again.first() if _asks_again(wanted) and not here.is_fresh() else None


def _asks_again(wanted: str) -> bool:
    if request.method != "POST" or wanted.startswith(ASKS_AGAIN):
        return wanted.startswith(ASKS_AGAIN)
    gives = wanted == "web.me.offers.less" and request.form.get("choice") == "give"
    return gives or wanted in ASKS_AGAIN_TO_SEND
