"""What else may be said of a payment that somebody else makes? That it was not paid, or that it came back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.errors import one_fault
from service.events import Actor
from service.payouts.model import CALLED
from service.payouts.moving import PaymentHasMoved, locked, move
from service.payouts.settling import NotOursToReport, mind_new_details, take_back
from service.payouts.stopping import give_up_if_not_owed
from service.payouts.tables import Payout


def report_not_paid(
    session: Session, *, council_id: str, payout_id: str, reason: str, actor: Actor, now: datetime
) -> Payout:
    """The council's finance system could not pay it. The same report twice is one.

    Raises `NotOursToReport`, `Invalid` without a reason, `PaymentHasMoved` when it has left, or is over.
    """
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    if payout.rail != "finance_system":
        raise NotOursToReport("Only the council's finance system reports a payment that it could not make.")
    said = _reason(reason)
    if payout.state == "failed" and payout.failure == said:
        return payout
    move(session, council_id=council_id, payout_id=payout_id, verb="not_paid", actor=actor, now=now)
    payout.failure = said
    give_up_if_not_owed(session, payout=payout, now=now)
    mind_new_details(session, payout=payout, now=now)
    return payout


def report_returned(
    session: Session, *, council_id: str, payout_id: str, reason: str, actor: Actor, now: datetime
) -> Payout:
    """What was paid or handed over came back, or was never handed over: the books are reversed.

    Nothing is ever struck out: this is the only way back from paid. The same report twice is one.
    Raises `NotOursToReport` for a rail that we ask ourselves, `Invalid` without a reason, `PaymentHasMoved`.
    """
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    if payout.rail in CALLED:
        raise NotOursToReport("We pay this one ourselves and ask the bank. There is nothing to report.")
    said = _reason(reason)
    if payout.state == "returned" and payout.failure == said:
        return payout
    if payout.state != "paid":
        raise PaymentHasMoved(f"This payment is {payout.state}, so it cannot have come back.")
    take_back(session, payout=payout, reason=said, actor=actor, now=now)
    return payout


def _reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise one_fault("/reason", "Say what happened, in words for the person who waits for it")
    return said
