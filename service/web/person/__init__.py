"""Pages for the person who is paid: offers, costs, claims, money."""

from __future__ import annotations

from flask import Blueprint

from service.web import here
from service.web.person import claims, correct, costs, my_page, offers, overpaid, paid, policy


def pages() -> Blueprint:
    """Everything under `/<council>/me`. Nobody sees any of it without being signed in."""
    door = Blueprint("me", __name__, url_prefix="/<slug:slug>/me")
    door.before_request(_signed_in)
    parts = (my_page, offers, claims, correct, costs, paid, overpaid, policy)
    for part in [one.pages for one in parts]:
        door.register_blueprint(part)
    return door


def _signed_in() -> None:
    here.me()
