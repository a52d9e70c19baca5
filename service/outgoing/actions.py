"""Verbs about outgoing webhooks. Never commit, never call anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service import events, ids
from service.errors import Conflict, Fault, Invalid, one_fault
from service.events import SYSTEM, Actor, Event
from service.outgoing import queries
from service.outgoing.calling import Reply
from service.outgoing.model import (
    GIVE_UP_AFTER,
    KINDS,
    OVERLAP,
    events_for,
    new_secret,
    pause_after,
    wait_after,
)
from service.outgoing.tables import WebhookDelivery, WebhookEndpoint, WebhookSecret
from service.vault import Vault

MOST_ENDPOINTS = 20
AT_ONCE = 20
# Whoever takes an endpoint's messages has it alone for this long, and gives it back when done.
LEASE = timedelta(seconds=240)
FURTHEST_BACK = timedelta(days=90)
# After so many failures in a row staff hear of it for the first time.
TELL_AFTER = 6


@dataclass(frozen=True)
class Message:
    """One message to send: its event's number and its bytes."""

    event_id: int
    body: bytes


@dataclass(frozen=True)
class Batch:
    """What one endpoint is to be sent now. `keys`: secrets that count."""

    endpoint_id: str
    url: str
    test: bool
    messages: tuple[Message, ...]
    keys: tuple[str, ...] = field(repr=False)


def add(
    session: Session,
    *,
    council_id: str,
    url: str,
    types: list[str],
    test: bool,
    vault: Vault,
    actor: Actor,
    now: datetime,
) -> tuple[WebhookEndpoint, str]:
    """Listen for these types (all, if none is named). Answers the endpoint and its secret, shown once.

    The caller has looked at the address. Raises `Invalid`, `Conflict` when there are too many.
    """
    unknown = tuple(
        Fault(f"/events/{number}", f"Choose one of {', '.join(KINDS)}")
        for number, kind in enumerate(types)
        if kind not in KINDS
    )
    if unknown:
        raise Invalid("We do not know some of these events.", errors=unknown)
    if len(queries.endpoints(session, council_id=council_id)) >= MOST_ENDPOINTS:
        raise Conflict(f"There are {MOST_ENDPOINTS} webhook endpoints already. Take one away first.")
    row = WebhookEndpoint(
        council_id=council_id,
        id=ids.new("whe"),
        url=url,
        events=events_for(types),
        test=test,
        state="working",
        failures=0,
        failing_since=None,
        next_at=now,
        last_error=None,
        made_by=str(actor),
        made_at=now,
    )
    session.add(row)
    session.flush()
    _tell(session, row, name="webhook.added", actor=actor, now=now)
    return row, _add_secret(session, row, vault=vault, now=now)


def rotate(
    session: Session, *, council_id: str, endpoint_id: str, vault: Vault, actor: Actor, now: datetime
) -> str:
    """A new secret, shown once. For a day every message bears the marks of both. Raises `NotFound`."""
    row = _locked(session, council_id, endpoint_id)
    session.execute(
        update(WebhookSecret)
        .where(
            WebhookSecret.council_id == council_id,
            WebhookSecret.endpoint_id == endpoint_id,
            WebhookSecret.ends_at.is_(None),
        )
        .values(ends_at=now + OVERLAP)
    )
    _tell(session, row, name="webhook.secret_rotated", actor=actor, now=now)
    return _add_secret(session, row, vault=vault, now=now)


def _add_secret(session: Session, row: WebhookEndpoint, *, vault: Vault, now: datetime) -> str:
    secret = new_secret()
    session.add(
        WebhookSecret(
            council_id=row.council_id,
            id=ids.new("whs"),
            endpoint_id=row.id,
            sealed=vault.seal({"secret": secret}),
            made_at=now,
            ends_at=None,
        )
    )
    session.flush()
    return secret


def take_away(session: Session, *, council_id: str, endpoint_id: str, actor: Actor, now: datetime) -> None:
    """Send nothing there any more. Raises `NotFound`, also when it was taken away before."""
    row = _locked(session, council_id, endpoint_id)
    row.state = "ended"
    session.execute(
        update(WebhookSecret)
        .where(WebhookSecret.council_id == council_id, WebhookSecret.endpoint_id == endpoint_id)
        .values(ends_at=now)
    )
    _tell(session, row, name="webhook.taken_away", actor=actor, now=now)


def enable(
    session: Session, *, council_id: str, endpoint_id: str, actor: Actor, now: datetime
) -> WebhookEndpoint:
    """Send there again. What was missed meanwhile comes by `replay`. Safe to repeat. Raises `NotFound`."""
    row = _locked(session, council_id, endpoint_id)
    if row.state == "disabled":
        row.state, row.failures, row.failing_since, row.next_at = "working", 0, None, now
        _tell(session, row, name="webhook.enabled", actor=actor, now=now)
    return row


def replay(
    session: Session, *, council_id: str, endpoint_id: str, since: datetime, actor: Actor, now: datetime
) -> int:
    """Send everything from a moment on once more, under the same ids. Answers how many messages.

    Raises `NotFound`, `Conflict` for an endpoint that is switched off, `Invalid`.
    """
    row = _locked(session, council_id, endpoint_id)
    if row.state == "disabled":
        raise Conflict("This endpoint is switched off. Switch it on first.")
    if not now - FURTHEST_BACK <= since <= now:
        raise one_fault("/since", f"Give a moment of the last {FURTHEST_BACK.days} days")
    wanted = select(
        Event.council_id, literal(endpoint_id), Event.id, literal("waiting"), literal(0), literal(now),
        literal(now),
    ).where(Event.council_id == council_id, Event.at >= since, Event.name.in_(row.events))  # fmt: skip
    names = ["council_id", "endpoint_id", "event_id", "state", "attempts", "next_at", "made_at"]
    listed = insert(WebhookDelivery).from_select(names, wanted)
    again = listed.on_conflict_do_update(
        index_elements=["council_id", "endpoint_id", "event_id"],
        set_={"state": "waiting", "attempts": 0, "next_at": now, "made_at": now, "error": None},
    )
    count = len(session.scalars(again.returning(WebhookDelivery.event_id)).all())
    _tell(session, row, name="webhook.replayed", actor=actor, now=now)
    return count


def take(session: Session, *, council_id: str, vault: Vault, now: datetime) -> Batch | None:
    """The next endpoint with something to send, for the caller alone; None when nothing is due."""
    due = (
        select(WebhookDelivery.endpoint_id)
        .where(
            WebhookDelivery.council_id == council_id,
            WebhookDelivery.endpoint_id == WebhookEndpoint.id,
            WebhookDelivery.state == "waiting",
            WebhookDelivery.next_at <= now,
        )
        .exists()
    )
    row = session.scalars(
        select(WebhookEndpoint)
        .where(
            WebhookEndpoint.council_id == council_id,
            WebhookEndpoint.state.in_(("working", "failing")),
            WebhookEndpoint.next_at <= now,
            due,
        )
        .order_by(WebhookEndpoint.next_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    row.next_at = now + LEASE
    found = session.execute(
        select(WebhookDelivery.event_id, Event)
        .join(
            Event, (Event.council_id == WebhookDelivery.council_id) & (Event.id == WebhookDelivery.event_id)
        )
        .where(
            WebhookDelivery.council_id == council_id,
            WebhookDelivery.endpoint_id == row.id,
            WebhookDelivery.state == "waiting",
            WebhookDelivery.next_at <= now,
        )
        .order_by(WebhookDelivery.event_id)
        .limit(AT_ONCE)
    ).all()
    messages = tuple(Message(event_id, queries.body(event)) for event_id, event in found)
    keys = queries.keys(session, council_id=council_id, endpoint_id=row.id, vault=vault, now=now)
    return Batch(row.id, row.url, row.test, messages, keys)


def give_back(session: Session, *, council_id: str, endpoint_id: str, now: datetime) -> None:
    """Everything that was taken has been sent: others may take the next."""
    row = session.get_one(WebhookEndpoint, (council_id, endpoint_id), with_for_update=True)
    row.next_at = now


def note(
    session: Session,
    *,
    council_id: str,
    endpoint_id: str,
    event_id: int,
    reply: Reply,
    chance: float,
    now: datetime,
) -> None:
    """Write down what came of one try, and when the next one is."""
    endpoint = session.get_one(WebhookEndpoint, (council_id, endpoint_id), with_for_update=True)
    delivery = session.get_one(WebhookDelivery, (council_id, endpoint_id, event_id), with_for_update=True)
    delivery.attempts += 1
    delivery.tried_at, delivery.answer_status = now, reply.status
    if reply.taken:
        delivery.state, delivery.delivered_at, delivery.error = "delivered", now, None
        endpoint.failures, endpoint.failing_since, endpoint.last_error = 0, None, None
        if endpoint.state == "failing":
            endpoint.state = "working"
        return
    delivery.error = reply.error or f"It answered {reply.status}."
    delivery.next_at = now + wait_after(delivery.attempts, chance=chance)
    if now - delivery.made_at >= GIVE_UP_AFTER:
        delivery.state = "given_up"
    _note_failure(session, endpoint, delivery.error, gone=reply.status == 410, now=now)


def _note_failure(
    session: Session, endpoint: WebhookEndpoint, error: str, *, gone: bool, now: datetime
) -> None:
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.last_error = error
    endpoint.next_at = now + pause_after(endpoint.failures)
    if endpoint.state not in ("working", "failing"):
        return
    endpoint.state = "failing"
    if gone or now - endpoint.failing_since >= GIVE_UP_AFTER:
        endpoint.state = "disabled"
        _tell(session, endpoint, name="webhook.disabled", actor=SYSTEM, now=now)
    elif endpoint.failures == TELL_AFTER:
        _tell(session, endpoint, name="webhook.failing", actor=SYSTEM, now=now)


def _locked(session: Session, council_id: str, endpoint_id: str) -> WebhookEndpoint:
    row = queries.get(session, council_id=council_id, endpoint_id=endpoint_id)
    session.refresh(row, with_for_update=True)
    return row


def _tell(session: Session, row: WebhookEndpoint, *, name: str, actor: Actor, now: datetime) -> None:
    events.record(
        session, council_id=row.council_id, name=name, subject_id=row.id, actor=actor, at=now, refs={}
    )
