"""What follows a claim: somebody's yes, or the rule's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.approvals import actions as approvals
from service.events import Event
from service.tasks.delivery import follows


@follows("approvals.route", queue="approvals")
def route(*, session: Session, event: Event, now: datetime) -> None:
    """A claim is fresh: it is approved by the rule, or laid before a person."""
    approvals.route(session, council_id=event.council_id, claim_id=event.subject_id, now=now)
