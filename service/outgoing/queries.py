"""Questions about outgoing webhooks. Writes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.events import Event
from service.outgoing.model import TYPES
from service.outgoing.tables import WebhookDelivery, WebhookEndpoint, WebhookSecret
from service.vault import Vault


def get(session: Session, *, council_id: str, endpoint_id: str) -> WebhookEndpoint:
    """One endpoint that has not been taken away. Raises `NotFound`."""
    found = session.get(WebhookEndpoint, (council_id, endpoint_id))
    if found is None or found.state == "ended":
        raise NotFound("We cannot find that webhook endpoint. Look at the list of them.")
    return found


def endpoints(session: Session, *, council_id: str) -> list[WebhookEndpoint]:
    """Every endpoint that has not been taken away, the oldest first."""
    query = select(WebhookEndpoint).where(
        WebhookEndpoint.council_id == council_id, WebhookEndpoint.state != "ended"
    )
    return list(session.scalars(query.order_by(WebhookEndpoint.id)))


def waiting(session: Session, *, council_id: str) -> dict[str, int]:
    """Endpoint id → how many messages wait for it."""
    query = (
        select(WebhookDelivery.endpoint_id, func.count())
        .where(WebhookDelivery.council_id == council_id, WebhookDelivery.state == "waiting")
        .group_by(WebhookDelivery.endpoint_id)
    )
    return {endpoint_id: int(count) for endpoint_id, count in session.execute(query)}


def deliveries(
    session: Session, *, council_id: str, endpoint_id: str, before: int | None, limit: int
) -> list[tuple[WebhookDelivery, Event]]:
    """What went, or is to go, to an endpoint, the newest event first; before an event's number."""
    query = (
        select(WebhookDelivery, Event)
        .join(
            Event, (Event.council_id == WebhookDelivery.council_id) & (Event.id == WebhookDelivery.event_id)
        )
        .where(WebhookDelivery.council_id == council_id, WebhookDelivery.endpoint_id == endpoint_id)
    )
    if before is not None:
        query = query.where(WebhookDelivery.event_id < before)
    found = session.execute(query.order_by(WebhookDelivery.event_id.desc()).limit(limit))
    return [(delivery, event) for delivery, event in found]


def keys(
    session: Session, *, council_id: str, endpoint_id: str, vault: Vault, now: datetime
) -> tuple[str, ...]:
    """The secrets of an endpoint that count now, the newest first, opened."""
    query = select(WebhookSecret).where(
        WebhookSecret.council_id == council_id, WebhookSecret.endpoint_id == endpoint_id
    )
    rows = session.scalars(query.order_by(WebhookSecret.id.desc()))
    return tuple(vault.open(r.sealed)["secret"] for r in rows if r.ends_at is None or r.ends_at > now)


def message_id(event_id: int) -> str:
    """What a message is called: the same at every try and replay, so that a reader can drop a repeat."""
    return f"msg_{event_id}"


def body(event: Event) -> bytes:
    """What a message says: ids and pence, and nothing about anybody. The same bytes at every try."""
    kind = TYPES[event.name]
    data: dict[str, Any] = {"id": event.subject_id, "status": kind.partition(".")[2]}
    if event.claim_id and event.claim_id != event.subject_id:
        data["claim"] = event.claim_id
    if event.amount_pence is not None:
        data |= {"amount_pence": event.amount_pence, "currency": "GBP"}
    if "rail" in event.refs:
        data["rail"] = event.refs["rail"]
    at = event.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": at, "data": data}, separators=(",", ":")).encode()
