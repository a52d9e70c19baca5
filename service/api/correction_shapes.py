"""How do corrections, overpayments and booked costs look from outside? Ids and figures only."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from service import events
from service.claims import queries as claims
from service.claims.tables import BookedCost, Claim, Correction
from service.payouts import overpaid_queries as overpaid
from service.payouts.overpaid_tables import Overpayment


def of_claim(session: Session, row: Claim) -> list[dict[str, Any]]:
    """Every correction of a claim, oldest first."""
    key = {"council_id": row.council_id, "claim_id": row.id}
    more = {one.correction_number: one.id for one in claims.differences(session, **key)}
    return [correction(session, one, more.get(one.number)) for one in claims.corrections(session, **key)]


def correction(session: Session, row: Correction, difference: str | None) -> dict[str, Any]:
    """One correction."""
    return {
        "id": row.id,
        "number": row.number,
        "because": row.because,
        "status": row.state,
        "attended": row.attended,
        "expenses": row.expenses,
        "reason": _said(session, row.council_id, row.event_id),
        "by": row.asked_by,
        "sums": row.sums,
        "difference": difference,
        "at": row.made_at,
        "applied_at": row.applied_at,
    }


def overpayment(session: Session, row: Overpayment) -> dict[str, Any]:
    """One overpayment, with the consent that stands and what came off later fees."""
    key = {"council_id": row.council_id, "overpayment_id": row.id}
    consent = overpaid.consent(session, **key)
    return {
        "id": row.id,
        "claim": row.claim_id,
        "person": row.person_id,
        "part": row.part,
        "status": row.state,
        "over_pence": row.over_pence,
        "written_off_pence": row.written_off_pence,
        "taken_pence": row.taken_pence,
        "left_pence": row.left_pence,
        "because": row.because,
        "reason": _said(session, row.council_id, row.reason_event_id),
        "noticed_by": row.noticed_by,
        "consent": {"most_pence": consent.most_pence, "given_at": consent.given_at} if consent else None,
        "takings": [
            {"payment": one.payout.id, "status": one.payout.state, "amount_pence": one.amount_pence}
            for one in overpaid.takings(session, **key)
        ],
        "noticed_at": row.noticed_at,
        "updated_at": row.changed_at,
    }


def booked(session: Session, row: BookedCost) -> dict[str, Any]:
    """One cost that the council paid itself."""
    return {
        "id": row.id,
        "person": row.person_id,
        "session": row.session_id,
        "category": row.category,
        "amount_pence": row.amount_pence,
        "reason": _said(session, row.council_id, row.reason_event_id),
        "by": row.booked_by,
        "booked_on": row.booked_on,
        "created_at": row.made_at,
    }


def _said(session: Session, council_id: str, event_id: int | None) -> str | None:
    if event_id is None:
        return None
    return events.words_of(session, council_id=council_id, event_ids=[event_id]).get(event_id)
