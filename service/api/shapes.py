"""How does each thing look from outside? One function a thing; ids and figures only, nothing worked out
here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from service import events
from service.allowances.model import UNITS
from service.allowances.tables import AllowanceRow
from service.api import correction_shapes as corrections
from service.approvals import queries as approvals
from service.claims import queries as claims
from service.claims.tables import Claim
from service.ledger.model import Posting
from service.ledger.tables import LedgerEntry
from service.payouts import queries as payouts
from service.payouts.tables import Payout
from service.people import introducing, recipients
from service.people import queries as people
from service.people.recipients import Recipient
from service.people.tables import PaymentMethod, Person
from service.policy import queries as policies
from service.sessions import queries as sessions
from service.sessions.tables import Attendance, InvolvementSession, Offer
from service.settings import Settings


def people_page(session: Session, rows: list[Person]) -> list[dict[str, Any]]:
    """People, each with how they are paid."""
    if not rows:
        return []
    methods = people.current_methods(
        session, council_id=rows[0].council_id, person_ids=[row.id for row in rows]
    )
    known = _at_stripe(session, list(methods.values()))
    return [_person(row, methods.get(row.id), known) for row in rows]


def person(session: Session, row: Person) -> dict[str, Any]:
    """A person with how they are paid."""
    return people_page(session, [row])[0]


def _person(row: Person, method: PaymentMethod | None, known: dict[str, Recipient]) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "email": row.email,
        "phone": row.phone,
        "external_reference": row.external_reference,
        "organisation": row.organisation,
        "payment_method": _method(method, known.get(method.id)) if method else None,
        "created_at": row.made_at,
    }


def allowance(row: AllowanceRow, *, person_id: str) -> dict[str, Any]:
    """What somebody has used of what the policy counts."""
    return {
        "counter": row.counter,
        "name": row.name,
        "counted_for": "person" if row.payee == person_id else "organisation",
        "period": row.each,
        "starts_on": row.starts_on if row.ends_on else None,
        "ends_on": row.ends_on,
        "used": row.used,
        "reserved": row.reserved,
        "unit": UNITS[row.counts],
    }


def payment_method(session: Session, row: PaymentMethod) -> dict[str, Any]:
    """A payment method, masked."""
    return _method(row, _at_stripe(session, [row]).get(row.id))


def _at_stripe(session: Session, rows: list[PaymentMethod]) -> dict[str, Recipient]:
    there = [row for row in rows if row.kind == recipients.KIND]
    if not there:
        return {}
    ids = [row.id for row in there]
    return recipients.of_methods(session, council_id=there[0].council_id, method_ids=ids)


def _method(row: PaymentMethod, found: Recipient | None) -> dict[str, Any]:
    here = row.kind == recipients.KIND and row.state == "current"
    waits = recipients.waits_for(row, found) if here else None
    return {
        "kind": row.kind,
        "status": row.state,
        "shown": row.masked or row.charity or "",
        "charity": row.charity,
        "usable_from": row.usable_at,
        "onboarding_url": _onboarding(row.council_id, row.id) if waits == "onboarding" else None,
        "name_check": found.check_result if found else None,
        "checked": row.checked,
    }


def _onboarding(council_id: str, method_id: str) -> str:
    settings: Settings = current_app.extensions["settings"]
    return introducing.address(
        base_url=settings.base_url,
        secret_key=settings.secret_key,
        council_id=council_id,
        method_id=method_id,
    )


def occasion(row: InvolvementSession) -> dict[str, Any]:
    """A session."""
    return {
        "id": row.id,
        "title": row.title,
        "activity": row.activity,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "online": row.online,
        "place": row.place,
        "cost_code": row.cost_code,
        "budget": row.budget,
        "status": "cancelled" if row.cancelled_at else "planned",
        "created_at": row.made_at,
    }


def offer(session: Session, row: Offer) -> dict[str, Any]:
    """An offer with its assessment and the costs that are covered."""
    judge = policies.by_id(session, council_id=row.council_id, policy_id=row.policy_id)
    held = sessions.get(session, council_id=row.council_id, session_id=row.session_id)
    facts = sessions.base_facts(held) | row.facts | {"role": row.role}
    return {
        "id": row.id,
        "session": row.session_id,
        "person": row.person_id,
        "role": row.role,
        "status": row.state,
        "fee_pence": row.fee_pence,
        "accept_pence": row.accept_pence,
        "give_to": row.give_to,
        "assessment": row.assessment,
        "covers": judge.policy.covers(facts),
        "created_at": row.made_at,
        "answered_at": row.answered_at,
    }


def tick(row: Attendance) -> dict[str, Any]:
    """One line of a register."""
    return {"person": row.person_id, "attended": row.attended, "minutes": row.minutes, "role": row.role}


def claims_page(session: Session, rows: list[Claim], *, whole: bool = False) -> list[dict[str, Any]]:
    """Claims with their payments; `whole` adds the assessment and the decisions."""
    if not rows:
        return []
    council_id = rows[0].council_id
    money = payouts.of_claims(session, council_id=council_id, claim_ids=[row.id for row in rows])
    return [_claim(session, row, money[row.id], whole=whole) for row in rows]


def claim(session: Session, row: Claim) -> dict[str, Any]:
    """One claim, with everything."""
    return claims_page(session, [row], whole=True)[0]


def _claim(session: Session, row: Claim, money: list[Payout], *, whole: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": row.id,
        "person": row.person_id,
        "session": row.session_id,
        "offer": row.offer_id,
        "kind": row.kind,
        "tops_up": row.tops_up_id,
        "top_up": row.top_up["lines"] if row.top_up else None,
        "corrects": row.corrects_id,
        "difference": row.difference,
        "rest_of": row.rest_of_id,
        "put_off_pence": row.put_off_pence,
        "status": row.state,
        "facts": row.facts,
        "expenses": row.expenses,
        "fee_pence": row.fee_pence,
        "expenses_pence": row.expenses_pence,
        "total_pence": row.total_pence,
        "overpaid_pence": row.overpaid_pence,
        "pay_by": row.pay_by,
        "payments": [payment(payout, pay_by=row.pay_by) for payout in money],
        "created_at": row.made_at,
        "updated_at": row.changed_at,
    }
    if whole:
        found = claims.assessment(session, council_id=row.council_id, claim_id=row.id)
        shape["assessment"] = found.answer
        shape["decisions"] = _decisions(session, row)
        shape["corrections"] = corrections.of_claim(session, row)
    return shape


def _decisions(session: Session, row: Claim) -> list[dict[str, Any]]:
    history = events.of_claim(session, council_id=row.council_id, claim_id=row.id)
    said = {e.at: e.id for e in history if e.name in ("claim.refused", "claim.asked")}
    words = events.words_of(session, council_id=row.council_id, event_ids=list(said.values()))
    return [
        {
            "kind": d.kind,
            "role": d.role,
            "by": d.decider_by or f"{d.decider_kind}:{d.decider_id}",
            "clause": d.clause,
            "reason": words.get(said.get(d.decided_at, 0)),
            "at": d.decided_at,
        }
        for d in approvals.decisions(session, council_id=row.council_id, claim_id=row.id)
    ]


def payment(row: Payout, *, pay_by: date | None) -> dict[str, Any]:
    """A payment. Bank details stay where they are."""
    return {
        "id": row.id,
        "person": row.person_id,
        "claim": row.claim_id,
        "amount_pence": row.amount_pence,
        "rail": row.rail,
        "give_to": row.give_to,
        "reference": row.reference,
        "status": row.state,
        "held_because": row.held_because if row.state == "held" else None,
        "held_until": row.held_until if row.state == "held" else None,
        "onboarding_url": (
            _onboarding(row.council_id, row.method_id or "")
            if row.state == "held" and row.held_because == "onboarding"
            else None
        ),
        "failure": row.failure,
        "bank_reference": row.bank_reference,
        "paid_on": row.paid_on,
        "pay_by": pay_by,
        "exported_at": row.exported_at,
        "goes_with": row.goes_with,
        "created_at": row.made_at,
        "updated_at": row.changed_at,
    }


def entry(row: LedgerEntry, sides: list[Posting]) -> dict[str, Any]:
    """A ledger entry with its sides."""
    return {
        "id": row.id,
        "kind": row.kind,
        "source": row.source_id,
        "claim": row.claim_id,
        "person": row.person_id,
        "offer": row.offer_id,
        "at": row.at,
        "posted_at": row.posted_at,
        "period": row.period,
        "postings": [
            {
                "account": side.account,
                "debit_pence": max(side.amount_pence, 0),
                "credit_pence": max(-side.amount_pence, 0),
                "cost_centre": side.cost_centre,
                "subjective": side.subjective,
                "vat_code": side.vat_code,
                "category": side.category,
            }
            for side in sides
        ],
    }
