"""What does GOV.UK Notify tell us of messages by itself? It arrived, it did not yet, it never will."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from service.api.calls import database, now
from service.councils import queries as councils
from service.errors import NotFound, NotSignedIn, one_fault
from service.notices import sendings, ways
from service.settings import Settings
from service.vault import Vault

routes = Blueprint("notify", __name__)


@routes.post("/webhooks/notify/<slug>")
def hear(slug: str) -> Response:
    """Keep what became of a message, or that a letter came back. Safe to repeat. Raises `NotSignedIn`."""
    with database().crossing() as outside:
        council_id = councils.council_id_of(outside, slug=slug)
    if council_id is None:
        raise NotFound("There is no council at this address.")
    settings: Settings = current_app.extensions["settings"]
    vault = Vault(settings.encryption_keys)
    said = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    with database().council(council_id) as session:
        tokens = ways.callback_tokens(session, council_id=council_id, settings=settings, vault=vault)
        if not any(hmac.compare_digest(said, token.encode()) for token in tokens):
            raise NotSignedIn("The bearer token does not fit. Check it at Notify and with us.")
        told: dict[str, Any] = request.get_json(silent=True) or {}
        if not isinstance(told, dict) or not isinstance(told.get("reference") or "", str):
            raise one_fault("", "This is no delivery receipt of Notify's.")
        sendings.hear(
            session,
            council_id=council_id,
            key=told.get("reference") or "",
            external_id=str(told.get("id") or told.get("notification_id") or ""),
            # A returned letter has no status: it has simply come back.
            status=str(told.get("status") or "permanent-failure"),
            now=now(),
        )
    return jsonify(received=True)
