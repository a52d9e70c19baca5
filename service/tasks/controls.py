"""What follows a hold, and what the clock does for held payments? In pages, each a transaction of its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service import events
from service.events import SYSTEM, Event
from service.payouts import covering
from service.tasks.delivery import follows
from service.tasks.hands import Hands


@follows("payouts.follow_hold", queue="payouts")
def follow_hold(*, session: Session, event: Event, now: datetime) -> None:
    """A hold was placed or released: the next page of payments says so, and the page after that follows."""
    if covering.follow(session, council_id=event.council_id, now=now):
        events.record(
            session,
            council_id=event.council_id,
            name="hold.follow_on",
            subject_id=event.subject_id,
            actor=SYSTEM,
            at=now,
        )


def look_after(hands: Hands, *, council_id: str, now: datetime) -> None:
    """By the clock: payments say what holds mean for them, whatever event was lost."""
    with hands.db.council(council_id) as session:
        covering.follow(session, council_id=council_id, now=now)
