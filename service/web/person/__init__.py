"""Pages for the person who is paid: offers, costs, claims, money."""

from __future__ import annotations

from flask import Blueprint

from service.web import here
from service.web.person import by_stripe, claims, costs, my_page, offers, paid, policy


def pages() -> Blueprint:
    """Everything under `/<council>/me`. Nobody sees any of it without being signed in."""
    door = Blueprint("me", __name__, url_prefix="/<slug:slug>/me")
    door.before_request(_signed_in)
    for part in (
        my_page.pages,
        offers.pages,
        claims.pages,
        costs.pages,
        paid.pages,
        by_stripe.pages,
        policy.pages,
    ):
        door.register_blueprint(part)
    return door


def _signed_in() -> None:
    here.me()
