"""What do rails tell us by themselves? Verified, kept as received, answered at once; acted on later.

The address without a council is for Stripe accounts of the settings and for any council's own secrets; the
one with a council's short name is for that council alone.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy.orm import Session

from service.api.calls import database, now
from service.councils import queries as councils
from service.errors import NotFound, Refused
from service.rails import letters, stripe
from service.rails.stripe_access import RAIL, access_of, webhook_secrets
from service.settings import Settings
from service.vault import Vault

routes = Blueprint("webhooks", __name__)


class NotSigned(Refused):
    """Nobody whom we know wrote this."""

    title = "We cannot tell who sent this"


@routes.post("/webhooks/stripe")
@routes.post("/webhooks/stripe/<slug>")
def hear_stripe(slug: str = "") -> Response:
    """Keep what Stripe tells us, full (v1) and thin (v2) alike, once. Raises `NotSigned`."""
    body = request.get_data()
    whose = _addressed(body, slug)
    if not whose:
        raise NotSigned("The signature does not fit, or is too old. Check the webhook secret.")
    letter = _read(body)
    for council_id in whose:
        with database().council(council_id) as session:
            letters.keep(session, council_id=council_id, rail=RAIL, letter=letter, now=now())
    return jsonify(received=True)


def _addressed(body: bytes, slug: str) -> list[str]:
    """The councils that a body signed with this signature is for."""
    if slug:
        with database().crossing() as outside:
            council_id = councils.council_id_of(outside, slug=slug)
        if council_id is None:
            raise NotFound("There is no council at this address.")
        candidates = [council_id]
    else:
        candidates = database().council_ids()
    by_default = _signed(body, _settings().stripe_webhook_secret.split(","))
    found = []
    for one in candidates:
        with database().council(one) as session:
            if _is_for(session, one, body, by_default):
                found.append(one)
    return found


def _is_for(session: Session, council_id: str, body: bytes, by_default: bool) -> bool:
    """Whether it is signed with a secret of the council's own, or the default of those that have none."""
    vault = _vault()
    if _signed(body, webhook_secrets(session, council_id=council_id, vault=vault)):
        return True
    access = access_of(session, council_id=council_id, settings=_settings(), vault=vault)
    return by_default and access is not None and not access.own


def _signed(body: bytes, secrets: list[str]) -> bool:
    signature = request.headers.get("Stripe-Signature", "")
    return stripe.verified(body, signature=signature, secrets=[s.strip() for s in secrets if s.strip()])


def _read(body: bytes) -> letters.Letter:
    """What a body is about: the id of the object alone. How it stands is asked for afterwards."""
    try:
        told: dict[str, Any] = json.loads(body)
        if told["object"] == "event":
            about = told["data"]["object"]["id"]
        else:
            about = (told.get("related_object") or {}).get("id") or ""
        return letters.Letter(
            external_id=str(told["id"]),
            kind=str(told["type"]),
            about=str(about),
            behalf=str(told.get("context") or told.get("account") or ""),
            live=bool(told.get("livemode")),
            body_sealed=_vault().seal({"body": body.decode()}),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotSigned("The signature fits, but this is no event of Stripe's.") from error


def _vault() -> Vault:
    return Vault(_settings().encryption_keys)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
