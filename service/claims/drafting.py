"""What does a new claim consist of, and does it carry the fee? Nothing is stored here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from service import ids
from service.claims import queries
from service.claims.tables import Claim
from service.errors import Conflict, Invalid, one_fault
from service.events import Actor
from service.people import queries as people
from service.sessions import queries as sessions
from service.sessions.model import said_twice


@dataclass(frozen=True)
class NewClaim:
    """What somebody asks for. Either a session or facts; `with_fee` None means: decide by what we know."""

    person_id: str
    session_id: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    expenses: tuple[dict[str, Any], ...] = ()
    with_fee: bool | None = None


def draft(session: Session, *, council_id: str, given: NewClaim, actor: Actor, now: datetime) -> Claim:
    """A claim with all that we know, not stored. Raises `Invalid`, or `Conflict` for a second fee."""
    people.still_here(session, council_id=council_id, person_id=given.person_id)
    _check_facts(given)
    if given.session_id is None:
        return new_claim(
            council_id=council_id, given=given, kind="other", with_fee=given.with_fee is not False, now=now
        )
    occasion = sessions.get(session, council_id=council_id, session_id=given.session_id)
    take_turns(session, council_id=council_id, session_id=given.session_id, person_id=given.person_id)
    known = sessions.facts_for(
        session,
        council_id=council_id,
        session_id=given.session_id,
        person_id=given.person_id,
        role=given.facts.get("role"),
    )
    key = {"council_id": council_id, "session_id": given.session_id, "person_id": given.person_id}
    taken = queries.fee_claim(session, **key) is not None
    if given.with_fee and taken:
        raise Conflict(
            "The fee for this person and session is already in another claim. Claim the costs only."
        )
    # The fee of somebody who was offered a place, or who was ticked, comes with the register.
    by_register = taken or known.attended or sessions.live_offer(session, **key) is not None
    theirs = actor.kind in ("person", "helper")
    with_fee = given.with_fee if given.with_fee is not None else not by_register and not theirs
    if not with_fee and not given.expenses:
        raise one_fault("/expenses", "Add at least one cost. The fee comes from the register, by itself.")
    claim = new_claim(
        council_id=council_id,
        given=given,
        kind="other" if with_fee else "expenses",
        with_fee=with_fee,
        now=now,
    )
    claim.facts = known.facts | given.facts
    claim.offer_id = known.offer.id if known.offer else None
    claim.cost_code = occasion.cost_code
    return claim


def _check_facts(given: NewClaim) -> None:
    """Costs and the wish for a fee have fields of their own; a session says its activity and day itself."""
    faults = said_twice(given.facts, pointer="/facts")
    if given.session_id is None:
        faults = [fault for fault in faults if fault.pointer in ("/facts/expenses", "/facts/claimed_on")]
    if faults:
        raise Invalid("The claim needs another look.", errors=tuple(faults))


def new_claim(*, council_id: str, given: NewClaim, kind: str, with_fee: bool, now: datetime) -> Claim:
    """A claim in its first state, with nothing worked out."""
    return Claim(
        council_id=council_id,
        id=ids.new("clm"),
        person_id=given.person_id,
        session_id=given.session_id,
        offer_id=None,
        kind=kind,
        with_fee=with_fee,
        facts=given.facts,
        expenses=list(given.expenses),
        state="draft",
        version=1,
        assessment_id=None,
        fee_pence=0,
        expenses_pence=0,
        cost_code=None,
        pay_by=None,
        overpaid_pence=0,
        counted=False,
        made_at=now,
        changed_at=now,
    )


def take_turns(session: Session, *, council_id: str, session_id: str, person_id: str) -> None:
    """Two deliveries for one person and session take turns, also before there is a claim to lock."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 2))"),
        {"name": f"{council_id}:{session_id}:{person_id}"},
    )
