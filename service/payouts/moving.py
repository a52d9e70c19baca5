"""How does one payment take one step? Along `TRANSITIONS`, with its event. Never commits, calls no rail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import events
from service.claims import actions as claims
from service.errors import Conflict
from service.events import SYSTEM, Actor
from service.payouts import file_queries, gates, holdbook, queries
from service.payouts.holdbook import Hand
from service.payouts.model import (
    CALLED,
    FIRST_LOOK,
    HELD_BY,
    KEEPS_ITS_LOOK,
    OPEN_FATE,
    PULLED,
    TRANSITIONS,
    TRY_AGAIN,
)
from service.payouts.tables import Obligation, Payout


class PaymentHasMoved(Conflict):
    """The payment is no longer in a state where that can be done."""

    title = "This payment can no longer be changed that way"


def move(
    session: Session, *, council_id: str, payout_id: str, verb: str, actor: Actor, now: datetime
) -> Payout:
    """Take a payment one step along `TRANSITIONS`, with its event. Raises `PaymentHasMoved`."""
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    take_step(session, payout=payout, verb=verb, actor=actor, now=now)
    return payout


def locked(session: Session, *, council_id: str, payout_id: str) -> Payout:
    """The payment with its row locked, after its claim's. Raises `NotFound`.

    Who stops a claim needs both rows too: with one order for everybody nobody waits for each other in a ring.
    """
    claim_id = queries.get(session, council_id=council_id, payout_id=payout_id).claim_id
    claims.locked(session, council_id=council_id, claim_id=claim_id)
    payout = session.get(Payout, (council_id, payout_id), with_for_update=True, populate_existing=True)
    return payout or queries.get(session, council_id=council_id, payout_id=payout_id)


def standing(session: Session, *, owed: Obligation) -> Payout | None:
    """The live payment of an obligation, locked."""
    live = queries.live(session, council_id=owed.council_id, obligation_id=owed.id)
    return locked(session, council_id=owed.council_id, payout_id=live.id) if live else None


def call_back(session: Session, *, payout: Payout, now: datetime) -> None:
    """Take a locked payment out of the hands of a worker that has not called the rail for it yet.

    Its attempt is closed: the worker finds another fence in the row when it comes to call. Whoever called it
    back may leave it ready, so the clock comes round for it.
    """
    if payout.state != "sending":
        return
    attempt = queries.attempts(session, council_id=payout.council_id, payout_id=payout.id)[-1]
    if attempt.called_fence == 0:
        attempt.fence, attempt.outcome, attempt.answered_at = attempt.fence + 1, "withdrawn", now
        take_step(session, payout=payout, verb="stand_back", actor=SYSTEM, now=now)
        payout.look_at = now + TRY_AGAIN
        session.flush()


def take_step(session: Session, *, payout: Payout, verb: str, actor: Actor, now: datetime) -> None:
    """Take a locked payment one step along. Raises `PaymentHasMoved`."""
    if (payout.state, verb) not in TRANSITIONS:
        raise PaymentHasMoved(f"This payment is {payout.state}. Look at it again first.")
    # What could not be paid is laid out anew: its hold goes over to that.
    if verb != "not_paid":
        end_own_hold(session, payout=payout, actor=actor, now=now)
    _, name = TRANSITIONS[payout.state, verb]
    for column, value in step(rail=payout.rail, state=payout.state, verb=verb, now=now).items():
        setattr(payout, column, value)
    session.flush()
    tell(session, payout=payout, name=name, actor=actor, now=now)


def step(*, rail: str, state: str, verb: str, now: datetime) -> dict[str, Any]:
    """The columns of a payment that a step along `TRANSITIONS` sets, with their values.

    Only what a rail can be asked about is looked at; what is in a file is not.
    """
    after, _ = TRANSITIONS[state, verb]
    values: dict[str, Any] = {"state": after, "changed_at": now}
    if verb not in KEEPS_ITS_LOOK:
        asked_after = after in OPEN_FATE and rail in CALLED
        values |= {"look_at": now + FIRST_LOOK if asked_after else None, "looks": 0}
    if verb == "hold" and rail in PULLED:
        values["offered_at"] = now
    return values


def end_own_hold(session: Session, *, payout: Payout, actor: Actor, now: datetime) -> None:
    """Strike the hold on this payment alone, where it waits for that. Safe to repeat."""
    if payout.state != "held" or payout.held_because != HELD_BY["payment"]:
        return
    own = gates.on(session, council_id=payout.council_id, scope="payment", subject=payout.id)
    if own is not None:
        holdbook.strike(session, row=own, hand=Hand(actor), now=now)


def tell(session: Session, *, payout: Payout, name: str, actor: Actor, now: datetime) -> None:
    """Write down something that happened to a payment."""
    events.record(
        session,
        council_id=payout.council_id,
        name=name,
        subject_id=payout.id,
        person_id=payout.person_id,
        claim_id=payout.claim_id,
        amount_pence=payout.amount_pence,
        actor=actor,
        at=now,
        refs={"payout_id": payout.id, "rail": payout.rail},
    )


def with_somebody_else(payout: Payout) -> bool:
    """Whether another system may be paying it at this moment: it was told to, or could pull it."""
    in_hand = payout.exported_at is not None or payout.offered_at is not None
    return in_hand and payout.state in ("ready", "held")


def was_told(session: Session, *, payout: Payout) -> bool:
    """Whether another system was told to pay it: it was exported, or stands in a file for that system."""
    if payout.state not in ("ready", "held"):
        return False
    key = {"council_id": payout.council_id, "payout_id": payout.id}
    return payout.exported_at is not None or file_queries.standing_line(session, **key) is not None
