"""Calls about outgoing webhooks."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from service.api import answers
from service.api import schemas_output as shapes
from service.api.calls import actor, call, caller, council_id, cursor, now, read_cursor, session
from service.errors import one_fault
from service.outgoing import actions, queries
from service.outgoing.calling import look_at
from service.outgoing.model import TYPES, types_of
from service.outgoing.tables import WebhookEndpoint
from service.vault import Vault

routes = Blueprint(
    "Webhooks",
    __name__,
    description="What other systems are told as it happens: Standard Webhooks, signed, without personal "
    "data. A message may come late, and twice under the same webhook-id: read the thing itself for how it "
    "stands.",
)


@routes.route("/webhook_endpoints", methods=["GET"])
@call("webhooks:read")
@routes.response(200, answers.page_of(shapes.EndpointOut))
def list_endpoints() -> dict[str, Any]:
    """Every endpoint, and how it is doing."""
    rows = queries.endpoints(session(), council_id=council_id())
    return {"data": [_shape(row) for row in rows], "next_cursor": None}


@routes.route("/webhook_endpoints", methods=["POST"])
@call("webhooks:write", once_only=True, never_kept=("secret",))
@routes.arguments(shapes.EndpointIn)
@routes.response(201, shapes.EndpointSecretOut)
def add_endpoint(given: dict[str, Any]) -> dict[str, Any]:
    """Be told of payments and claims. The secret is shown this once."""
    look_at(given["url"], loopback=caller().test)
    row, secret = actions.add(
        session(),
        council_id=council_id(),
        url=given["url"],
        types=given["events"],
        test=caller().test,
        vault=_vault(),
        actor=actor(),
        now=now(),
    )
    return {**_shape(row), "secret": secret}


@routes.route("/webhook_endpoints/<endpoint_id>", methods=["GET"])
@call("webhooks:read")
@routes.response(200, shapes.EndpointOut)
def get_endpoint(endpoint_id: str) -> dict[str, Any]:
    """One endpoint."""
    return _shape(queries.get(session(), council_id=council_id(), endpoint_id=endpoint_id))


@routes.route("/webhook_endpoints/<endpoint_id>", methods=["DELETE"])
@call("webhooks:write")
@routes.response(204)
def delete_endpoint(endpoint_id: str) -> None:
    """Send nothing there any more."""
    actions.take_away(session(), council_id=council_id(), endpoint_id=endpoint_id, actor=actor(), now=now())


@routes.route("/webhook_endpoints/<endpoint_id>/rotate_secret", methods=["POST"])
@call("webhooks:write", once_only=True, never_kept=("secret",))
@routes.response(200, shapes.EndpointSecretOut)
def rotate_secret(endpoint_id: str) -> dict[str, Any]:
    """A new secret, shown this once. For 24 hours each message is signed with both."""
    secret = actions.rotate(
        session(),
        council_id=council_id(),
        endpoint_id=endpoint_id,
        vault=_vault(),
        actor=actor(),
        now=now(),
    )
    row = queries.get(session(), council_id=council_id(), endpoint_id=endpoint_id)
    return {**_shape(row), "secret": secret}


@routes.route("/webhook_endpoints/<endpoint_id>/enable", methods=["POST"])
@call("webhooks:write", once_only=True)
@routes.response(200, shapes.EndpointOut)
def enable_endpoint(endpoint_id: str) -> dict[str, Any]:
    """Send there again, after it was switched off. What was missed comes by replay."""
    return _shape(
        actions.enable(session(), council_id=council_id(), endpoint_id=endpoint_id, actor=actor(), now=now())
    )


@routes.route("/webhook_endpoints/<endpoint_id>/replay", methods=["POST"])
@call("webhooks:write", once_only=True)
@routes.arguments(shapes.ReplayIn)
@routes.response(200, shapes.ReplayOut)
def replay(given: dict[str, Any], endpoint_id: str) -> dict[str, Any]:
    """Send everything from a moment on once more, under the same ids."""
    count = actions.replay(
        session(), council_id=council_id(), endpoint_id=endpoint_id, actor=actor(), now=now(), **given
    )
    return {"id": endpoint_id, "messages": count}


@routes.route("/webhook_endpoints/<endpoint_id>/deliveries", methods=["GET"])
@call("webhooks:read")
@routes.arguments(shapes.DeliveriesQuery, location="query")
@routes.response(200, answers.page_of(shapes.WebhookDeliveryOut))
def list_deliveries(query: dict[str, Any], endpoint_id: str) -> dict[str, Any]:
    """What was sent or waits to be sent there, the newest first."""
    queries.get(session(), council_id=council_id(), endpoint_id=endpoint_id)
    after = read_cursor(query["cursor"], timed=False)
    if after and not (after[0].isascii() and after[0].isdigit() and len(after[0]) <= 18):
        raise one_fault("/query/cursor", "Use the next_cursor of the page before, unchanged.")
    rows = queries.deliveries(
        session(),
        council_id=council_id(),
        endpoint_id=endpoint_id,
        before=int(after[0]) if after else None,
        limit=query["limit"] + 1,
    )
    page = rows[: query["limit"]]
    data = [
        {
            "id": queries.message_id(event.id),
            "type": TYPES[event.name],
            "subject": event.subject_id,
            "status": row.state,
            "attempts": row.attempts,
            "answer_status": row.answer_status,
            "error": row.error,
            "next_at": row.next_at if row.state == "waiting" else None,
            "delivered_at": row.delivered_at,
            "happened_at": event.at,
        }
        for row, event in page
    ]
    more = len(rows) > len(page)
    return {"data": data, "next_cursor": cursor((str(page[-1][1].id),)) if more else None}


def _shape(row: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": row.id,
        "url": row.url,
        "events": types_of(row.events),
        "status": row.state,
        "waiting": queries.waiting(session(), council_id=row.council_id).get(row.id, 0),
        "failing_since": row.failing_since,
        "last_error": row.last_error,
        "created_at": row.made_at,
    }


def _vault() -> Vault:
    return Vault(current_app.extensions["settings"].encryption_keys)
