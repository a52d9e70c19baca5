"""Which payments wait for a name check or for somebody's bank details at Stripe, and may they go now?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.payouts import actions, moving
from service.payouts.tables import Payout
from service.people import queries as people

AT_STRIPE = ("name_check", "onboarding")


def follow(session: Session, *, council_id: str, person_id: str, now: datetime) -> None:
    """Something changed at Stripe for a person: what waited for that goes, or says what it waits for now.

    Safe to repeat.
    """
    method = people.current_method(session, council_id=council_id, person_id=person_id)
    query = select(Payout.id).where(
        Payout.council_id == council_id,
        Payout.person_id == person_id,
        Payout.state == "held",
        Payout.held_because.in_(AT_STRIPE),
    )
    for payout_id in session.scalars(query.order_by(Payout.id)).all():
        payout = moving.locked(session, council_id=council_id, payout_id=payout_id)
        still = payout.state == "held" and payout.held_because in AT_STRIPE
        if still and method is not None and payout.method_id == method.id:
            actions.wait_or_go(session, payout=payout, method=method, now=now)
