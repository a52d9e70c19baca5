"""How do messages leave for other systems? By the clock, an endpoint at a time, with no transaction open."""

from __future__ import annotations

import random
import ssl
import time

from celery import shared_task

from service import log
from service.errors import Invalid
from service.outgoing import actions, queries
from service.outgoing.calling import Reply, look_at, post
from service.outgoing.model import signed
from service.tasks.hands import Hands, hands
from service.tasks.turns import go_round

# A round leaves off after this long; the next one carries on.
ROUND_SECONDS = 20.0


@shared_task(name="outgoing.deliver", ignore_result=True)
def deliver() -> None:
    """Send what is due, council by council."""
    given = hands()
    go_round(given.db.council_ids(), lambda council_id: deliver_due(given, council_id=council_id))


def deliver_due(given: Hands, *, council_id: str) -> int:
    """Send what is due for one council. Answers how many were tried. Safe to repeat, and two at once."""
    began, tried = time.monotonic(), 0
    context = ssl.create_default_context()
    while time.monotonic() - began < ROUND_SECONDS:
        with given.db.council(council_id) as session:
            batch = actions.take(session, council_id=council_id, vault=given.vault, now=given.clock())
        if batch is None:
            break
        tried += _send(given, council_id, batch, context)
    return tried


def _send(given: Hands, council_id: str, batch: actions.Batch, context: ssl.SSLContext) -> int:
    for number, message in enumerate(batch.messages, 1):
        reply = _try(given, batch, message, context)
        log.get().info(
            "webhook.tried", endpoint_id=batch.endpoint_id, event_id=message.event_id, status=reply.status
        )
        with given.db.council(council_id) as session:
            actions.note(
                session,
                council_id=council_id,
                endpoint_id=batch.endpoint_id,
                event_id=message.event_id,
                reply=reply,
                chance=random.random(),  # noqa: S311 - it spreads tries over time and keeps no secret
                now=given.clock(),
            )
        if not reply.taken:
            return number
    with given.db.council(council_id) as session:
        actions.give_back(session, council_id=council_id, endpoint_id=batch.endpoint_id, now=given.clock())
    return len(batch.messages)


def _try(given: Hands, batch: actions.Batch, message: actions.Message, context: ssl.SSLContext) -> Reply:
    """One call. The address is looked at anew each time: it may have moved since it was registered."""
    try:
        target = look_at(batch.url, loopback=batch.test)
    except Invalid as refusal:
        return Reply(None, refusal.detail)
    headers = signed(
        message_id=queries.message_id(message.event_id),
        timestamp=int(given.clock().timestamp()),
        body=message.body,
        keys=batch.keys,
    )
    return post(
        target,
        body=message.body,
        headers={**headers, "Content-Type": "application/json"},
        context=context,
    )
