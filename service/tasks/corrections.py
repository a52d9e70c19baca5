"""What follows a correction after a claim was agreed: a difference that is owed, or an overpayment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.events import Event
from service.payouts import correcting
from service.tasks.delivery import follows
from service.tasks.hands import Hands
from service.tasks.turns import each

AT_ONCE = 200


@follows("corrections.follow", queue="claims")
def follow(*, session: Session, event: Event, now: datetime) -> None:
    """What a claim rests on changed, or money of it came back."""
    correcting.follow(session, council_id=event.council_id, claim_id=event.claim_id or "", now=now)


@follows("corrections.restore", queue="payouts")
def restore(*, session: Session, event: Event, now: datetime) -> None:
    """Nothing comes off later fees any more: what has not left is laid out in full."""
    correcting.restore(session, council_id=event.council_id, overpayment_id=event.subject_id, now=now)


def sweep(hands: Hands, *, council_id: str) -> int:
    """Look again at the corrections that wait, each in a transaction of its own. Answers how many."""
    with hands.db.council(council_id) as session:
        waiting = claims.waiting_corrections(session, council_id=council_id, limit=AT_ONCE)

    def work_out(claim_id: str) -> None:
        with hands.db.council(council_id) as session:
            correcting.follow(session, council_id=council_id, claim_id=claim_id, now=hands.clock())

    each(waiting, work_out, failed="correction.not_worked_out", called="claim_id")
    return len(waiting)
