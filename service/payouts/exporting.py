"""What when another system was told to pay? It is paid there, or nowhere, until that is taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service import events
from service.errors import one_fault
from service.events import Actor
from service.payouts import file_queries, queries
from service.payouts.moving import PaymentHasMoved, locked, take_step, with_somebody_else
from service.payouts.tables import Payout


def mark_exported(
    session: Session, *, council_id: str, payout_ids: list[str], goes_with: str | None, now: datetime
) -> None:
    """Somebody else's system has been told to pay these: from now on they are paid there, or nowhere.

    The caller holds their rows (`queries.to_export`).
    """
    for payout in queries.by_ids(session, council_id=council_id, payout_ids=set(payout_ids)).values():
        payout.exported_at, payout.goes_with = now, goes_with
    session.flush()


def take_back_from_export(
    session: Session, *, council_id: str, payout_id: str, reason: str, actor: Actor, now: datetime
) -> Payout:
    """The other system has said that it will not pay this: it stays here, on hold, until somebody decides.

    Raises `PaymentHasMoved` when no other system may have it or it is paid, `Invalid` without a reason.
    """
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    if not reason.strip():
        raise one_fault("/reason", "Say who told you that it will not be paid there")
    if not with_somebody_else(payout):
        raise PaymentHasMoved(f"This payment is {payout.state}, and no other system was told to pay it.")
    if payout.state == "ready":
        take_step(session, payout=payout, verb="hold", actor=actor, now=now)
    line = file_queries.standing_line(session, council_id=council_id, payout_id=payout_id)
    if line is not None:
        line.released_at = now
    payout.exported_at = payout.goes_with = payout.offered_at = None
    payout.held_because, payout.held_until = "by_hand", None
    events.record(
        session,
        council_id=council_id,
        name="payout.taken_back_from_export",
        subject_id=payout.id,
        person_id=payout.person_id,
        claim_id=payout.claim_id,
        amount_pence=payout.amount_pence,
        actor=actor,
        at=now,
        refs={"payout_id": payout.id, "rail": payout.rail},
        words=reason.strip(),
    )
    return payout
