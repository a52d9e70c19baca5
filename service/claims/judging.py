"""What does the policy say to a claim? The one place where a claim meets its policy. Never commits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from service import ids
from service.claims.tables import Claim, ClaimAssessment
from service.days import london_day
from service.errors import one_fault
from service.policy import queries as policies
from service.policy.queries import Judge
from service.sessions import queries as sessions


def assess(session: Session, claim: Claim, *, now: datetime, asked_on: date | None = None) -> None:
    """Ask the policy, store the answer beside the claim, and copy its sums.

    No version is published meanwhile, so whoever publishes one finds every claim that was judged by another.
    """
    policies.stand_still(session, council_id=claim.council_id)
    facts, answer = answer_for(session, claim, asked_on=asked_on or london_day(now))
    store(session, claim, facts, answer, now=now)
    claim.fee_pence, claim.expenses_pence = answer["fee_pence"], answer["expenses_pence"]
    claim.pay_by = date.fromisoformat(answer["pay_by"]) if answer.get("pay_by") else None
    session.flush()


def store(
    session: Session, claim: Claim, facts: dict[str, Any], answer: dict[str, Any], *, now: datetime
) -> None:
    """Keep an answer for ever, as the one that counts for a claim. The claim's sums stay as they are."""
    stored = ClaimAssessment(
        council_id=claim.council_id,
        id=ids.new("asm"),
        claim_id=claim.id,
        claim_version=claim.version,
        facts=facts,
        answer=answer,
        policy_id=answer["policy"]["id"],
        policy_hash=answer["policy"]["hash"],
        engine_version=answer["engine_version"],
        made_at=now,
    )
    session.add(stored)
    claim.assessment_id = stored.id
    session.flush()


def answer_for(session: Session, claim: Claim, *, asked_on: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """The facts as the policy was asked, and its answer. `asked_on`: the day of the claim, for deadlines.

    The version of the activity's day judges; where an accepted offer was made under another version, the one
    that pays more counts, so that no later policy pays less than was promised.
    """
    facts: dict[str, Any] = {**claim.facts, "claimed_on": asked_on.isoformat()}
    if claim.expenses:
        facts["expenses"] = claim.expenses
    if not claim.with_fee:
        facts["fee"] = False
    if claim.kind in ("attendance", "cancellation"):
        facts["by_register"] = True
    offer = None
    if claim.offer_id:
        offer = sessions.offer(session, council_id=claim.council_id, offer_id=claim.offer_id)
        if claim.with_fee and offer.accept_pence is not None:
            facts["accept_pence"] = offer.accept_pence
        if claim.with_fee and offer.give_to:
            facts["give_to"] = offer.give_to
    if "on" not in facts:
        raise one_fault("/facts/on", "Say which day it was, like 2027-01-12")
    try:
        on = date.fromisoformat(str(facts["on"]))
    except ValueError as error:
        raise one_fault("/facts/on", "Write the day like 2027-01-12") from error
    judge = policies.in_force(session, council_id=claim.council_id, on=on)
    answer = judge.assess(facts)
    if offer is not None and offer.policy_id != judge.id:
        promised = policies.by_id(session, council_id=claim.council_id, policy_id=offer.policy_id)
        answer = _the_better_of(answer, promised, facts)
    return facts, answer


def _the_better_of(answer: dict[str, Any], promised: Judge, facts: dict[str, Any]) -> dict[str, Any]:
    earlier = promised.assess(facts)
    return earlier if earlier["total_pence"] > answer["total_pence"] else answer
