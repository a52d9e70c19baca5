"""What follows a register, a cancellation, or a new version of the policy: claims."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.claims import actions as claims
from service.claims import cancelling, topping
from service.events import RULE, Event
from service.tasks.delivery import follows


@follows("claims.follow_register", queue="claims")
def follow_register(*, session: Session, event: Event, now: datetime) -> None:
    """The register of one person changed: their claim follows."""
    claims.follow_register(
        session,
        council_id=event.council_id,
        session_id=event.subject_id,
        person_id=event.person_id or "",
        now=now,
    )


@follows("claims.follow_cancellation", queue="claims")
def follow_cancellation(*, session: Session, event: Event, now: datetime) -> None:
    """A yes was cancelled, by either side: the policy's cancellation terms apply to it."""
    if event.refs.get("was") == "accepted":
        cancelling.follow_cancellation(
            session, council_id=event.council_id, offer_id=event.subject_id, now=now
        )


@follows("claims.follow_yes", queue="claims")
def follow_yes(*, session: Session, event: Event, now: datetime) -> None:
    """Somebody said yes again after they had cancelled."""
    cancelling.follow_yes(session, council_id=event.council_id, offer_id=event.subject_id, now=now)


@follows("claims.follow_taken_back", queue="claims")
def follow_taken_back(*, session: Session, event: Event, now: datetime) -> None:
    """The register took a claim back, whose offer may have been cancelled while that was being followed."""
    if event.actor == RULE:
        cancelling.follow_taken_back(
            session, council_id=event.council_id, claim_id=event.claim_id or "", now=now
        )


@follows("claims.follow_policy", queue="claims")
def follow_policy(*, session: Session, event: Event, now: datetime) -> None:
    """A version was published: the claims that it judges now are found, a part at a time."""
    topping.follow_version(
        session,
        council_id=event.council_id,
        policy_id=event.subject_id,
        after=str(event.refs.get("after", "")),
        now=now,
    )


@follows("claims.judge_again", queue="claims")
def judge_again(*, session: Session, event: Event, now: datetime) -> None:
    """Another version counts for the day of a claim: it is worked out again, or more is offered."""
    topping.judge_again(session, council_id=event.council_id, claim_id=event.subject_id, now=now)
