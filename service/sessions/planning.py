"""What does a lead say about a new session or a new offer, and does it fit? Nothing is stored here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.days import london_day
from service.errors import Fault, Invalid, one_fault
from service.policy import queries as policies
from service.policy.queries import Judge
from service.sessions.model import LONGEST_MINUTES, YEARS, said_twice
from service.sessions.tables import InvolvementSession


@dataclass(frozen=True)
class NewSession:
    """What a lead says about a session. `facts` are extra facts that the policy asks (such as `days`)."""

    title: str
    activity: str
    starts_at: datetime
    ends_at: datetime
    online: bool = False
    place: str = ""
    cost_code: str = ""
    budget: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NewOffer:
    """Whom a lead asks, in which role, with extra facts (such as `preparation_minutes`)."""

    person_id: str
    role: str
    facts: dict[str, Any] = field(default_factory=dict)


def new_row(
    occasion: InvolvementSession, *, given: NewOffer, offer_id: str, judge: Judge, answer: dict[str, Any]
) -> dict[str, Any]:
    """A new offer as it is stored, but for who made it and when."""
    return {
        "council_id": occasion.council_id,
        "id": offer_id,
        "session_id": occasion.id,
        "person_id": given.person_id,
        "role": given.role,
        "facts": given.facts,
        "policy_id": judge.id,
        "assessment": answer,
        "fee_pence": answer["fee_pence"],
        "state": "made",
        "accept_pence": None,
        "give_to": None,
        "answered_at": None,
    }


def with_days(session: Session, *, council_id: str, given: NewSession) -> dict[str, Any]:
    """The session's own facts; where the policy pays by the day, its days are counted, not asked for."""
    first, last = london_day(given.starts_at), london_day(given.ends_at)
    judge = policies.in_force(session, council_id=council_id, on=first)
    rows = {row["key"]: row for row in judge.policy.catalogue(on=first)["activities"]}
    if "days" not in rows[given.activity]["asks"]:
        return given.facts
    return {"days": (last - first).days + 1} | given.facts


def check_new(session: Session, *, council_id: str, given: NewSession) -> None:
    """Raise `Invalid` for what does not fit, also when no policy knows the activity."""
    faults = said_twice(given.facts, pointer="/facts")
    if not given.title.strip():
        faults.append(Fault("/title", "Enter a title that people will recognise"))
    if given.starts_at.year not in YEARS or given.ends_at.year not in YEARS:
        raise one_fault("/starts_at", "Check the year")
    if given.ends_at <= given.starts_at:
        faults.append(Fault("/ends_at", "The end must be after the start"))
    elif (given.ends_at - given.starts_at).total_seconds() > LONGEST_MINUTES * 60:
        faults.append(Fault("/ends_at", "A session can last 14 days at most. Split a longer one"))
    on = london_day(given.starts_at)
    judge = policies.in_force(session, council_id=council_id, on=on)
    known = [row["key"] for row in judge.policy.catalogue(on=on)["activities"]]
    if given.activity not in known:
        faults.append(
            Fault("/activity", f"The policy does not know this activity. Choose one of {', '.join(known)}")
        )
    if not faults:
        faults = judge.faults({"activity": given.activity, "on": on.isoformat()} | given.facts, "/facts")
    if faults:
        raise Invalid("The session needs another look.", errors=tuple(faults))
