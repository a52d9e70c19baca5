"""What comes off a later fee, because the person said that it may? Never commits, never calls a rail.

Only fees are ever less, never costs that are repaid, and at most by half. What is taken is an entry of its
own in the ledger: the fee in full, less what settles the overpayment, is what leaves.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service import events, ids
from service.events import RULE
from service.ledger import actions as ledger
from service.ledger import queries as ledger_queries
from service.payouts import overpaid_model as model
from service.payouts import overpaid_queries as queries
from service.payouts import overpaying
from service.payouts.overpaid_tables import Offset, Overpayment
from service.payouts.tables import Obligation, Payout


def take_off(session: Session, payout: Payout, owed: Obligation, *, now: datetime) -> None:
    """Make a new payment less by what its person consented to. A fee that was given away stays whole."""
    if owed.fee_pence == 0 or (payout.give_to and payout.method_id is None):
        return
    for found in queries.of_person(session, council_id=owed.council_id, person_id=owed.person_id):
        if found.state != "agreed" or found.claim_id == owed.claim_id:
            continue
        row = session.get_one(
            Overpayment, (found.council_id, found.id), with_for_update=True, populate_existing=True
        )
        pence = _how_much(session, row, owed)
        if pence > 0:
            _plan(session, row, payout, pence, now=now)
            return


def _how_much(session: Session, row: Overpayment, owed: Obligation) -> int:
    consent = queries.consent(session, council_id=row.council_id, overpayment_id=row.id)
    if row.state != "agreed" or consent is None:
        return 0
    planned = queries.planned_pence(session, council_id=row.council_id, overpayment_id=row.id)
    return min(consent.most_pence, row.left_pence - planned, model.most_from(owed.fee_pence))


def _plan(session: Session, row: Overpayment, payout: Payout, pence: int, *, now: datetime) -> None:
    consent = queries.consent(session, council_id=row.council_id, overpayment_id=row.id)
    if consent is None:
        return
    session.add(
        Offset(
            council_id=row.council_id,
            id=ids.new("off"),
            overpayment_id=row.id,
            consent_id=consent.id,
            payout_id=payout.id,
            amount_pence=pence,
            made_at=now,
        )
    )
    payout.amount_pence -= pence
    session.flush()


def took(session: Session, payout: Payout, owed: Obligation, *, now: datetime) -> None:
    """A payment that was less has arrived: what came off is taken."""
    found = queries.offset_of(session, council_id=payout.council_id, payout_id=payout.id)
    if found is None:
        return
    row = _locked(session, found)
    overpaying.take(session, row, found.amount_pence, now=now)
    entry = model.offset(
        payout_id=payout.id,
        pence=found.amount_pence,
        cost_centre=owed.cost_centre,
        claim_id=payout.claim_id,
        person_id=payout.person_id,
    )
    ledger.post(session, council_id=payout.council_id, entry=entry, at=now)
    _tell(session, row, "overpayment.taken", found.amount_pence, now=now)


def gave_back(session: Session, payout: Payout, *, now: datetime) -> None:
    """A payment that was less came back: nothing was taken after all."""
    found = queries.offset_of(session, council_id=payout.council_id, payout_id=payout.id)
    if found is None:
        return
    row = _locked(session, found)
    overpaying.take(session, row, -found.amount_pence, now=now)
    posted = ledger_queries.entry(session, council_id=payout.council_id, kind="offset", source_id=payout.id)
    if posted is not None:
        undone = posted.reversed(kind="offset_return", source_id=payout.id)
        ledger.post(session, council_id=payout.council_id, entry=undone, at=now)
    _tell(session, row, "overpayment.given_back", found.amount_pence, now=now)


def _locked(session: Session, found: Offset) -> Overpayment:
    key = (found.council_id, found.overpayment_id)
    return session.get_one(Overpayment, key, with_for_update=True, populate_existing=True)


def _tell(session: Session, row: Overpayment, name: str, pence: int, *, now: datetime) -> None:
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.id,
        person_id=row.person_id,
        claim_id=row.claim_id,
        amount_pence=pence,
        actor=RULE,
        at=now,
        refs={"part": row.part},
    )
