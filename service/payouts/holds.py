"""Verbs about holds: place one, release one, and let the payments under it follow. Never commit.

The gate counts from the moment a hold is committed. That each payment also says so (held, and why) follows
in pages: the first in the same transaction, the rest by task; and the same again when it ends.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.errors import Conflict, Forbidden, one_fault
from service.events import Actor
from service.payouts import actions, covering, gates, holdbook, moving, queries
from service.payouts.control_tables import PaymentHold
from service.payouts.holdbook import Hand
from service.payouts.model import HELD_BY, HOLD_SCOPES, OVER
from service.people import queries as people
from service.rails.protocol import RAILS


class AlreadyOnHold(Conflict):
    """A hold stands there."""

    title = "This is on hold already"


class NotAnymore(Conflict):
    """The hold has ended, or what it would cover is over."""

    title = "There is nothing to hold or release"


def place(
    session: Session, *, council_id: str, scope: str, subject: str, reason: str, hand: Hand, now: datetime
) -> PaymentHold:
    """Hold back what this covers until it is released. Raises `Invalid`, `NotFound`, `AlreadyOnHold`.

    A payment that is being sent, or whose fate is unknown, may be held too: it is asked after, not re-sent.
    """
    _require_sense(session, council_id, scope, subject, reason)
    if scope == "payment":
        moving.locked(session, council_id=council_id, payout_id=subject)
    if gates.on(session, council_id=council_id, scope=scope, subject=subject):
        raise AlreadyOnHold("A hold stands on this already. Release that one first, or leave it.")
    row = holdbook.write(
        session,
        council_id=council_id,
        scope=scope,
        subject=subject,
        reason=reason.strip(),
        hand=hand,
        now=now,
    )
    if scope == "payment":
        _hold_one(session, council_id, subject, hand.actor, now)
    else:
        covering.follow(session, council_id=council_id, now=now)
    return row


def _require_sense(session: Session, council_id: str, scope: str, subject: str, reason: str) -> None:
    if scope == "everything":
        raise one_fault("/scope", "Only whoever runs this service can stop everything. Hold your council.")
    if scope not in HOLD_SCOPES:
        raise one_fault("/scope", "Choose one of payment, person, rail and council.")
    if not reason.strip():
        raise one_fault("/reason", "Say why, for those who come after you.")
    if (scope == "council") == bool(subject):
        words = "Leave this out for a council." if subject else "Say what to hold: an id, or a rail."
        raise one_fault("/subject", words)
    if scope == "rail" and subject not in RAILS:
        raise one_fault("/subject", f"Choose one of {', '.join(RAILS)}.")
    if scope == "person":
        people.get(session, council_id=council_id, person_id=subject)
    if scope == "payment":
        payout = queries.get(session, council_id=council_id, payout_id=subject)
        if payout.state in (*OVER, "paid"):
            raise NotAnymore(f"This payment is {payout.state}, so there is nothing to hold.")


def _hold_one(session: Session, council_id: str, payout_id: str, actor: Actor, now: datetime) -> None:
    payout = moving.locked(session, council_id=council_id, payout_id=payout_id)
    if payout.state == "ready":
        moving.move(session, council_id=council_id, payout_id=payout_id, verb="hold", actor=actor, now=now)
        payout.held_because, payout.held_until = HELD_BY["payment"], None


def release(session: Session, *, council_id: str, hold_id: str, hand: Hand, now: datetime) -> PaymentHold:
    """End a hold: what it covered goes on by itself. Raises `NotFound`, `Forbidden`, `NotAnymore`."""
    row = gates.get(session, council_id=council_id, hold_id=hold_id)
    if row.scope == "everything":
        raise Forbidden("Whoever runs this service placed this hold. Ask them to release it.")
    if row.scope == "payment":
        payout = moving.locked(session, council_id=council_id, payout_id=row.subject)
    session.refresh(row, with_for_update=True)
    if row.ended_at is not None:
        raise NotAnymore("This hold has ended already.")
    holdbook.strike(session, row=row, hand=hand, now=now)
    if row.scope != "payment":
        covering.follow(session, council_id=council_id, now=now)
    elif payout.state == "held" and payout.held_because == HELD_BY["payment"]:
        actions.release(
            session,
            council_id=council_id,
            payout_id=payout.id,
            seen=payout.tag,
            actor=hand.actor,
            now=now,
        )
    return row
