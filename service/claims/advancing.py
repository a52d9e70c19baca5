"""How is a cost met before the day: with money handed over first, or booked by the council itself?

Handed over: a claim of its own kind, which needs a yes as every claim does. What was spent comes later as its
correction: more is paid, less is noted and never taken from a fee without the person's yes. Booked: a note in
the books, and no money to the person. Never commits, calls no task.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from service import events, ids
from service.claims import actions, judging, queries
from service.claims.drafting import NewClaim, new_claim
from service.claims.model import ADVANCE
from service.claims.tables import BookedCost, Claim
from service.councils import queries as councils
from service.days import london_day
from service.errors import Fault, Invalid
from service.events import SYSTEM, Actor
from service.ledger import actions as ledger
from service.ledger.model import Entry, Posting
from service.money import pounds
from service.people import queries as people
from service.policy import queries as policies
from service.policy.faults import FactFaults
from service.sessions import queries as sessions
from service.sessions.tables import InvolvementSession

# Where the policy names no last day, the question comes this long after the day.
ASK_AFTER = timedelta(days=28)
# Where it does, the question comes this long before it.
IN_TIME = timedelta(days=7)


@dataclass(frozen=True)
class Before:
    """A cost that is met before the day."""

    person_id: str
    session_id: str
    category: str
    amount_pence: int
    reason: str


def hand_over(session: Session, *, council_id: str, given: Before, actor: Actor, now: datetime) -> Claim:
    """Ask that money be handed over before the day. Raises `NotFound`, and `Invalid` for what cannot be."""
    people.get(session, council_id=council_id, person_id=given.person_id)
    occasion = sessions.get(session, council_id=council_id, session_id=given.session_id)
    _check(session, occasion, given, advance=True, now=now)
    known = sessions.facts_for(
        session, council_id=council_id, session_id=occasion.id, person_id=given.person_id
    )
    cost = {"category": given.category, "amount_pence": given.amount_pence, "agreed_before": True}
    # Nothing is bought yet: the receipt comes with what was spent, and is asked for then.
    cost["receipt"] = True
    asked = NewClaim(person_id=given.person_id, session_id=occasion.id, expenses=(cost,))
    claim = new_claim(council_id=council_id, given=asked, kind=ADVANCE, with_fee=False, now=now)
    claim.facts, claim.cost_code = known.facts, occasion.cost_code
    claim.offer_id = known.offer.id if known.offer else None
    session.add(claim)
    session.flush()
    judging.assess(session, claim, now=now)
    key: dict[str, Any] = {"council_id": council_id, "claim_id": claim.id}
    return actions.move(session, **key, verb="submit", actor=actor, now=now, words=given.reason.strip())


def _check(
    session: Session, occasion: InvolvementSession, given: Before, *, advance: bool, now: datetime
) -> None:
    on = london_day(occasion.starts_at)
    policy = policies.in_force(session, council_id=occasion.council_id, on=on).policy
    faults = []
    if advance and (occasion.starts_at <= now or occasion.cancelled_at is not None):
        faults.append(Fault("/session", "This session is not to come. Ask for the cost itself"))
    kinds = {row["key"] for row in policy.catalogue(on=on)["expense_categories"]}
    if given.category not in kinds:
        faults.append(Fault("/category", f"Choose one of {', '.join(sorted(kinds))}"))
    if given.amount_pence < 1:
        faults.append(Fault("/amount_pence", "Enter a sum above nothing"))
    rule = policy.terms(on=on)["advance"] if advance else None
    if rule and rule["at_most_pence"] is not None and given.amount_pence > rule["at_most_pence"]:
        most, why = pounds(rule["at_most_pence"]), f"{rule['text']} (Rule {rule['clause']}.)"
        faults.append(Fault("/amount_pence", f"Enter {most} or less. {why}"))
    if not given.reason.strip():
        faults.append(Fault("/reason", "Say why it is met before the day"))
    if faults:
        raise Invalid("This needs another look.", errors=tuple(faults))


def book(session: Session, *, council_id: str, given: Before, actor: Actor, now: datetime) -> BookedCost:
    """Note what the council booked and paid itself. Raises `NotFound`, and `Invalid` for what cannot be."""
    people.get(session, council_id=council_id, person_id=given.person_id)
    occasion = sessions.get(session, council_id=council_id, session_id=given.session_id)
    _check(session, occasion, given, advance=False, now=now)
    row = BookedCost(
        council_id=council_id,
        id=ids.new("bkc"),
        person_id=given.person_id,
        session_id=occasion.id,
        category=given.category,
        amount_pence=given.amount_pence,
        cost_centre=occasion.cost_code or councils.get(session, council_id=council_id).cost_centre,
        reason_event_id=None,
        booked_by=str(actor),
        booked_on=london_day(now),
        made_at=now,
    )
    session.add(row)
    session.flush()
    event = events.record(
        session,
        council_id=council_id,
        name="cost.booked",
        subject_id=row.id,
        person_id=row.person_id,
        session_id=row.session_id,
        amount_pence=row.amount_pence,
        actor=actor,
        at=now,
        words=given.reason.strip(),
    )
    row.reason_event_id = event.id
    sides = (
        Posting("expenses", row.amount_pence, row.cost_centre),
        Posting("booked", -row.amount_pence, row.cost_centre),
    )
    entry = Entry("booked_cost", row.id, sides, None, row.person_id)
    ledger.post(session, council_id=council_id, entry=entry, at=now)
    return row


def ask_what_was_spent(session: Session, *, council_id: str, now: datetime) -> int:
    """Ask, once, about advances of which nobody said what was spent. Answers how many were asked about.

    A week before the policy's last day for claims, or four weeks after the day where it has none. It is a
    question and no debt: nothing else follows from silence.
    """
    asked = 0
    for claim in queries.paid_advances(session, council_id=council_id, until=london_day(now).isoformat()):
        if queries.last_correction(session, claim=claim) or queries.waiting_correction(session, claim=claim):
            continue
        history = events.of_claim(session, council_id=council_id, claim_id=claim.id)
        if any(event.name == "advance.spent_asked" for event in history):
            continue
        if _is_time(session, claim, today=london_day(now)):
            events.record(
                session,
                council_id=council_id,
                name="advance.spent_asked",
                subject_id=claim.id,
                claim_id=claim.id,
                person_id=claim.person_id,
                session_id=claim.session_id,
                amount_pence=claim.total_pence,
                actor=SYSTEM,
                at=now,
            )
            asked += 1
    return asked


def _is_time(session: Session, claim: Claim, *, today: date) -> bool:
    on = date.fromisoformat(str(claim.day))
    if today >= on + ASK_AFTER:
        return True
    stored = queries.assessment(session, council_id=claim.council_id, claim_id=claim.id)
    judge = policies.by_id(session, council_id=claim.council_id, policy_id=stored.policy_id)
    try:
        then = judge.assess({**stored.facts, "claimed_on": (today + IN_TIME).isoformat()})
    except FactFaults:
        return False
    return bool(then["outcome"] == "not_payable" and stored.answer["outcome"] != "not_payable" and today > on)
