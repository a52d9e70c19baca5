"""What does a payment pay, line by line, and why? The remittance advice, for the person and for staff.

Its total is the payment's; what has left for it, and come back, is read from the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from service.approvals import queries as approvals
from service.claims import queries as claims
from service.claims.model import called
from service.claims.tables import Claim
from service.councils import queries as councils
from service.ledger import queries as ledger
from service.payouts import queries as payouts
from service.payouts.tables import Payout
from service.people import queries as people
from service.rails.protocol import RAILS
from service.sessions import queries as sessions

# Reasons said with a line; the claim itself has them all.
MOST_REASONS = 3
OTHERWISE = "Paid before, or changed since"


@dataclass(frozen=True)
class Reason:
    """One sentence of the policy, and the rule it comes from."""

    text: str
    clause: str


@dataclass(frozen=True)
class AdviceLine:
    """One thing that is paid."""

    what: str
    amount_pence: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Advice:
    """One payment, told whole. `settled_pence`: what the ledger says has left for it and not come back."""

    payment_id: str
    claim_id: str
    person_id: str
    person: str
    known_as: str
    council: str
    contact: str
    title: str
    worked_on: date | None
    status: str
    rail: str
    rail_name: str
    goes_with: str | None
    give_to: str | None
    paid_on: date | None
    reference: str
    bank_reference: str | None
    amount_pence: int
    settled_pence: int
    lines: tuple[AdviceLine, ...]


def advice(session: Session, *, council_id: str, payout: Payout) -> Advice:
    """The remittance advice of one payment."""
    claim = claims.get(session, council_id=council_id, claim_id=payout.claim_id)
    person = people.get(session, council_id=council_id, person_id=payout.person_id)
    council = councils.get(session, council_id=council_id)
    contact = (council.contact_name, council.contact_email, council.contact_phone)
    moved = ledger.moved_pence(session, council_id=council_id, source_ids=[payout.id])
    return Advice(
        payment_id=payout.id,
        claim_id=payout.claim_id,
        person_id=person.id,
        person=person.name,
        known_as=person.known_as,
        council=council.name,
        contact=", ".join(text for text in contact if text),
        title=_title(session, claim),
        worked_on=date.fromisoformat(claim.day) if claim.day else None,
        status=payout.state,
        rail=payout.rail,
        rail_name=RAILS[payout.rail].name,
        goes_with=payout.goes_with,
        give_to=payout.give_to,
        paid_on=payout.paid_on,
        reference=payout.reference,
        bank_reference=payout.bank_reference,
        amount_pence=payout.amount_pence,
        settled_pence=moved.get(payout.id, 0),
        lines=_lines(session, claim, payout),
    )


def of_day(session: Session, *, council_id: str, paid_on: date, person_id: str | None = None) -> list[Advice]:
    """The advice of every payment that was paid on a day, to everybody or to one person."""
    rows = payouts.paid_on(session, council_id=council_id, day=paid_on, person_id=person_id)
    return [advice(session, council_id=council_id, payout=row) for row in rows]


def _title(session: Session, claim: Claim) -> str:
    title = "Your claim"
    if claim.session_id:
        title = sessions.get(session, council_id=claim.council_id, session_id=claim.session_id).title
    return called(kind=claim.kind, with_fee=claim.with_fee, title=title)


def _lines(session: Session, claim: Claim, payout: Payout) -> tuple[AdviceLine, ...]:
    """What the policy pays, line by line; a last line where the payment is not for all of it."""
    answer = approvals.answer(session, council_id=claim.council_id, claim=claim)
    paid = [line for line in answer["lines"] if line["amount_pence"]]
    several = sum(line["kind"] == "fee" for line in paid) > 1
    lines = [AdviceLine(_what(line, several), line["amount_pence"], _reasons(line)) for line in paid]
    difference = payout.amount_pence - sum(line.amount_pence for line in lines)
    if difference:
        lines.append(AdviceLine(OTHERWISE, difference, ()))
    return tuple(lines)


def _what(line: dict[str, Any], several: bool) -> str:
    name = str(line.get("name") or line.get("category") or "")
    if line["kind"] != "fee":
        return name
    return f"Time: {name}" if several else "Time"


def _reasons(line: dict[str, Any]) -> tuple[Reason, ...]:
    return tuple(
        Reason(reason["text"], reason.get("clause") or "") for reason in line["reasons"][:MOST_REASONS]
    )
