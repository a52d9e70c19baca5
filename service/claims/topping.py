"""What happens to claims when a version of the policy counts for their days? Never commits, calls no task.

Nobody has agreed it yet: it is worked out again. Agreed or paid: where the new version comes to more, the
difference is offered to the person, as a claim of its own that starts as a draft. A payment may matter to
somebody, so nothing is sent before their yes. It is never negative, and nobody is offered the same twice.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from service import events
from service.claims import actions, judging, queries
from service.claims.comparing import more_pence, rises
from service.claims.drafting import NewClaim, new_claim
from service.claims.model import AGREED, ON_TOP, OPEN, TOP_UP
from service.claims.queries import Counting
from service.claims.tables import Claim
from service.days import london_day
from service.events import RULE, SYSTEM, Actor
from service.people import helping
from service.policy import queries as policies
from service.policy.faults import FactFaults
from service.policy.figures import of_this_policy
from service.policy.queries import Judge

CHUNK = 500


def follow_version(session: Session, *, council_id: str, policy_id: str, after: str, now: datetime) -> int:
    """A version was published: an event for each claim that it judges now. Answers how many.

    A part at a time, so that no work lasts long: where more are left, an event says where to go on.
    """
    days = policies.Days(session, council_id=council_id)
    first = days.first_day(policy_id)
    if first is None:
        return 0
    rows = queries.judged_otherwise(
        session, council_id=council_id, policy_id=policy_id, since=first, after=after, limit=CHUNK
    )
    touched = [row for row in rows if days.on(row.on) == policy_id]
    for row in touched:
        events.record(
            session,
            council_id=council_id,
            name="claim.policy_changed",
            subject_id=row.id,
            claim_id=row.id,
            person_id=row.person_id,
            actor=SYSTEM,
            at=now,
            refs={"policy_id": policy_id},
        )
    if len(rows) == CHUNK:
        events.record(
            session,
            council_id=council_id,
            name="policy.follow_on",
            subject_id=policy_id,
            actor=SYSTEM,
            at=now,
            refs={"policy_id": policy_id, "after": rows[-1].id},
        )
    return len(touched)


def judge_again(session: Session, *, council_id: str, claim_id: str, now: datetime) -> Claim | None:
    """One claim under the version that counts now. Answers the claim worked out again, or the new top-up.

    Safe to repeat. What the version cannot read stays as it is, and the claim's history says so.
    """
    claim = actions.locked(session, council_id=council_id, claim_id=claim_id)
    if claim.kind in ON_TOP or claim.state not in (*OPEN, *AGREED) or claim.overpaid_pence:
        return None
    stored = queries.counting(session, claim=claim)
    on = date.fromisoformat(str(stored.facts["on"]))
    judge = policies.in_force(session, council_id=council_id, on=on)
    if judge.id == stored.policy_id:
        return None
    try:
        if claim.state in OPEN:
            return _work_out_again(session, claim, stored, now=now)
        return _offer_more(session, claim, stored, judge, now=now)
    except FactFaults:
        actions.tell(session, claim=claim, name="claim.left_as_it_is", now=now, refs={"policy_id": judge.id})
        return None


def _work_out_again(session: Session, claim: Claim, stored: Counting, *, now: datetime) -> Claim | None:
    """As if it had been asked for under this version on the day on which it was asked for."""
    asked_on = date.fromisoformat(str(stored.facts["claimed_on"]))
    _, answer = judging.answer_for(session, claim, asked_on=asked_on)
    if answer["policy"]["id"] == stored.policy_id:
        return None  # An accepted offer promised more.
    return actions.work_out_again(session, claim=claim, actor=RULE, now=now, asked_on=asked_on)


def _offer_more(
    session: Session, claim: Claim, stored: Counting, judge: Judge, *, now: datetime
) -> Claim | None:
    earlier = queries.top_ups(session, council_id=claim.council_id, claim_id=claim.id)
    again = next((one for one in earlier if one.top_up_policy_id == judge.id), None)
    if again is not None and not _may_be_made_anew(session, again):
        return None
    # What the counters stood at is known for the version of then; counters of the new one begin at nothing.
    asked = dict(of_this_policy(stored.facts, judge.policy))
    answer = judge.assess(asked)
    offered = [
        one.top_up
        for one in earlier
        if one.top_up and one.top_up["assessment_id"] == stored.id and one is not again
    ]
    found = rises(stored.answer, answer, offered=offered)
    if not found:
        return None
    given = NewClaim(person_id=claim.person_id, session_id=claim.session_id, facts=claim.facts)
    more = again or new_claim(council_id=claim.council_id, given=given, kind=TOP_UP, with_fee=False, now=now)
    more.offer_id, more.cost_code = claim.offer_id, claim.cost_code
    more.fee_pence, more.expenses_pence = (more_pence(answer, found, part) for part in ("fee", "expense"))
    more.tops_up_id, more.top_up_policy_id = claim.id, judge.id
    more.top_up = {"assessment_id": stored.id, "lines": [rise.to_json() for rise in found]}
    if again is None:
        session.add(more)
    more.facts, more.version = claim.facts, more.version + (again is not None)
    session.flush()
    # The whole answer is kept, so that it can be replayed; what it gives more is in the claim's own sums.
    judging.store(session, more, asked, answer, now=now)
    if again is not None:
        return actions.move(
            session,
            council_id=claim.council_id,
            claim_id=more.id,
            verb="offer_again",
            actor=RULE,
            now=now,
        )
    actions.tell(session, claim=more, name="claim.top_up_offered", now=now, refs={"tops_up": claim.id})
    return more


def _may_be_made_anew(session: Session, again: Claim) -> bool:
    """An offer of this version that a correction of the claim below took back, before there was an answer."""
    gone = again.state == "withdrawn" and queries.withdrawn_by(session, claim=again) == RULE
    return gone and queries.is_left_behind(session, claim=again)


def take_back_offers(session: Session, *, claim: Claim, now: datetime) -> None:
    """The claim was corrected: what waits for an answer on top of it is offered anew, on the right facts."""
    council_id = claim.council_id
    found = queries.top_ups(session, council_id=council_id, claim_id=claim.id)
    waiting = [one for one in found if one.state == "draft"]
    for one in waiting:
        actions.move(session, council_id=council_id, claim_id=one.id, verb="withdraw", actor=RULE, now=now)
    if waiting:
        actions.tell(session, claim=claim, name="claim.policy_changed", now=now)


def accept(session: Session, *, council_id: str, claim_id: str, actor: Actor, now: datetime) -> Claim:
    """The person would like what they were offered on top: it goes the way of every claim.

    Raises `ClaimHasMoved` when it is no draft, `Forbidden` for a helper.
    """
    helping.refuse(actor)
    claim = actions.move(
        session, council_id=council_id, claim_id=claim_id, verb="submit", actor=actor, now=now
    )
    claim.pay_by = judging.promised(session, claim, on=london_day(now))
    session.flush()
    return claim
