"""What follows when Stripe told us something? It is asked how the thing stands now, and that is written down.

Events come late, twice and out of order, so nothing in them counts but what they are about. One about a thing
that is not ours is kept, and harmless.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.events import Event
from service.payouts import hearing, queries
from service.people import recipients
from service.rails.stripe_shapes import Seen
from service.tasks import recipients as setting_up
from service.tasks.delivery import follows
from service.tasks.hands import Hands


@follows("rail.listen", queue="payouts", staged=True)
def listen(*, event: Event, hands: Hands, now: datetime) -> None:
    """Stripe wrote. Raises `NoAnswer` when it cannot be asked: then it is asked again later."""
    access = hands.stripe.access(council_id=event.council_id)
    if access is None or access.live != bool(event.refs["live"]):
        return
    if "outbound_payment." in event.refs["kind"]:
        _about_a_payment(hands, event)
    elif "core.account" in event.refs["kind"] or "payout_method" in event.refs["kind"]:
        for account_id in (event.refs["behalf"], event.refs["about"]):
            _about_a_person(hands, event.council_id, account_id, now)


def _about_a_payment(hands: Hands, event: Event) -> None:
    seen = hands.stripe.look(council_id=event.council_id, reference=event.refs["about"])
    if seen is None:
        return
    with hands.db.council(event.council_id) as session:
        key = seen.key or _newest_key(session, event.council_id, seen)
        hearing.write_answer(
            session, council_id=event.council_id, key=key, answer=seen.answer, now=hands.clock()
        )


def _newest_key(session: Session, council_id: str, seen: Seen) -> str:
    tries = queries.attempts(session, council_id=council_id, payout_id=seen.payment_id)
    return tries[-1].key if tries else ""


def _about_a_person(hands: Hands, council_id: str, account_id: str, now: datetime) -> None:
    if not account_id:
        return
    with hands.db.council(council_id) as session:
        row = recipients.of_account(session, council_id=council_id, account_id=account_id)
    if row is not None:
        setting_up.work(hands, council_id=council_id, method_id=row.method_id, now=now)
