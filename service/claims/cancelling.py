"""What is due when somebody who had said yes is not needed, or cannot come after all? The policy's terms say.

By the council's cancelling, the policy is told the notice given. A person's own cancelling follows the policy
only where it says so: it must know the fact `cancelled_by_person`. Never commits, calls no task.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import events
from service.claims import actions, judging, queries
from service.claims.drafting import NewClaim, new_claim, take_turns
from service.claims.model import BY_PERSON, CANCELLATION, NOTICE
from service.claims.tables import Claim
from service.days import london_day
from service.events import RULE
from service.sessions import queries as sessions
from service.sessions.tables import Offer

ENDED = ("offer.cancelled", "offer.declined")


def due(
    session: Session, *, council_id: str, offer: Offer, by_person: bool, at: datetime
) -> dict[str, Any] | None:
    """The assessment if this offer were cancelled at that moment, with nothing stored.

    None where the person cancels and the policy says nothing about that.
    """
    if by_person and not speaks_of_it(session, council_id=council_id, offer=offer):
        return None
    claim = _claim(session, offer, by_person=by_person, at=at)
    return judging.answer_for(session, claim, asked_on=london_day(at))[1]


def speaks_of_it(session: Session, *, council_id: str, offer: Offer) -> bool:
    """Whether the policy of the day, or that of the offer, says what is due when the person cancels."""
    occasion = sessions.get(session, council_id=council_id, session_id=offer.session_id)
    on = london_day(occasion.starts_at)
    judges = judging.versions(session, council_id=council_id, on=on, offer=offer)
    return any(judging.speaks_of(judge, BY_PERSON) for judge in judges)


def cancelled_at(offer: Offer) -> datetime:
    """When a cancelled or declined offer ended, whatever became of its session later."""
    return offer.answered_at or offer.made_at


def follow_cancellation(session: Session, *, council_id: str, offer_id: str, now: datetime) -> Claim | None:
    """An offer that had a yes was cancelled, by either side: what the policy's terms give for the notice.

    Answers None, and raises nothing, where the terms give nothing. Safe to repeat.
    """
    offer = sessions.offer(session, council_id=council_id, offer_id=offer_id)
    take_turns(session, council_id=council_id, session_id=offer.session_id, person_id=offer.person_id)
    key = {"council_id": council_id, "session_id": offer.session_id, "person_id": offer.person_id}
    claim = _of_ended(session, offer)
    if claim is None:
        return None
    # A tick that was a slip, and taken back, leaves a withdrawn claim: that one carries the fee.
    slip = queries.fee_claim(session, **key)
    slip = actions.locked(session, council_id=council_id, claim_id=slip.id) if slip else None
    if slip and (slip.state, slip.kind) == ("paid", "attendance"):
        # What was paid for coming is compared with what is due now.
        actions.tell(session, claim=slip, name="claim.register_differs", now=now)
    if slip and (slip.state != "withdrawn" or slip.kind not in ("attendance", CANCELLATION)):
        return None
    if judging.answer_for(session, claim, asked_on=london_day(now))[1]["outcome"] == "not_payable":
        return None
    if slip is None:
        return actions.enter(session, claim=claim, now=now)
    slip.kind, slip.facts, slip.offer_id = claim.kind, claim.facts, claim.offer_id
    return actions.work_out_again(session, claim=slip, actor=RULE, now=now)


def follow_taken_back(session: Session, *, council_id: str, claim_id: str, now: datetime) -> Claim | None:
    """The register took a fee back whose offer had been cancelled before: what the terms give is due again.

    The cancellation itself was followed while the claim still stood. Safe to repeat.
    """
    claim = queries.get(session, council_id=council_id, claim_id=claim_id)
    offer = _ended_after_yes(session, claim) if claim.with_fee else None
    if offer is None:
        return None
    return follow_cancellation(session, council_id=council_id, offer_id=offer.id, now=now)


def facts_due(session: Session, *, claim: Claim) -> dict[str, Any] | None:
    """What the policy is asked for the cancelled place of somebody who was paid for coming, and had not come.

    None where no place of theirs was cancelled after a yes, and where nothing is said about that.
    """
    offer = _ended_after_yes(session, claim)
    due = _of_ended(session, offer) if offer is not None else None
    return due.facts if due is not None else None


def _ended_after_yes(session: Session, claim: Claim) -> Offer | None:
    """The offer for a claim's session that was cancelled last, by either side, after a yes."""
    if claim.session_id is None:
        return None
    about = {"council_id": claim.council_id, "person_id": claim.person_id, "session_id": claim.session_id}
    ends = [
        event.subject_id
        for event in events.before_a_claim(session, **about)
        if event.name in ENDED and event.refs.get("was") == "accepted"
    ]
    return sessions.offer(session, council_id=claim.council_id, offer_id=ends[-1]) if ends else None


def _of_ended(session: Session, offer: Offer) -> Claim | None:
    """The claim for what is due, not stored. None where an offer is not over, or they said yes anew since."""
    by_person = offer.state == "declined"
    if offer.state not in ("cancelled", "declined"):
        return None
    if by_person and not speaks_of_it(session, council_id=offer.council_id, offer=offer):
        return None
    key = {"council_id": offer.council_id, "session_id": offer.session_id, "person_id": offer.person_id}
    standing = sessions.live_offer(session, **key)
    if standing is not None and standing.state == "accepted":
        return None  # The register tells what is due.
    return _claim(session, offer, by_person=by_person, at=cancelled_at(offer))


def follow_yes(session: Session, *, council_id: str, offer_id: str, now: datetime) -> None:
    """Somebody said yes again after they had cancelled: nothing is due for that now. Safe to repeat.

    What was paid for it already is kept: it is part of the fee once they come.
    """
    offer = sessions.offer(session, council_id=council_id, offer_id=offer_id)
    key = {"council_id": council_id, "session_id": offer.session_id, "person_id": offer.person_id}
    take_turns(session, **key)
    found = queries.fee_claim(session, **key)
    if found is None or found.kind != CANCELLATION or offer.state != "accepted":
        return
    held = actions.locked(session, council_id=council_id, claim_id=found.id)
    if held.state != "paid":
        actions.undo(session, claim=held, now=now)


def _claim(session: Session, offer: Offer, *, by_person: bool, at: datetime) -> Claim:
    """The claim for what is due, not stored."""
    occasion = sessions.get(session, council_id=offer.council_id, session_id=offer.session_id)
    given = NewClaim(person_id=offer.person_id, session_id=offer.session_id)
    claim = new_claim(council_id=offer.council_id, given=given, kind=CANCELLATION, with_fee=True, now=at)
    notice = int((occasion.starts_at - at).total_seconds() // 3600)
    claim.facts = sessions.base_facts(occasion) | offer.facts | {"role": offer.role}
    claim.facts[NOTICE] = max(notice, 0)
    if by_person:
        claim.facts[BY_PERSON] = True
    claim.offer_id, claim.cost_code = offer.id, occasion.cost_code
    return claim
