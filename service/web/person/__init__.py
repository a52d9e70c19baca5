"""Pages for the person who is paid: offers, costs, claims, money."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from service.web import here
from service.web.person import (
    admitting,
    by_stripe,
    claims,
    correct,
    costs,
    entered,
    helping,
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
    parts = (my_page, offers, claims, entered, correct, costs, paid, by_stripe, payments, overpaid, policy)
    for part in (one.pages for one in (*parts, helping)):
        door.register_blueprint(part)
    return door


def _signed_in() -> Response | None:
    """Whoever acts for a person goes where `admitting` says, and nowhere else."""
    if here.me().kind == "attorney" and request.endpoint == "web.me.my_page.mine":
        return redirect(f"{here.at()}/me/payment-method", 303)
    admitting.refuse_where_closed(request.endpoint or "", request.method)
    return None
