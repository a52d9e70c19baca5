"""What happens when money has arrived, or has come back? Never commits, never calls a rail."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from service.claims import actions as claims
from service.days import london_day
from service.errors import Conflict, one_fault
from service.events import RULE, Actor
from service.ledger import actions as ledger
from service.ledger import queries as ledger_queries
from service.ledger.model import Entry, settlement
from service.payouts import offsetting, queries
from service.payouts.model import LEFT, OURS
from service.payouts.moving import PaymentHasMoved, locked, move, standing, tell
from service.payouts.orders import methods_of, overtaken
from service.payouts.stopping import give_up_if_not_owed
from service.payouts.tables import Obligation, Payout


class NotOursToReport(Conflict):
    """We pay it ourselves, so nobody else may report it paid."""

    title = "This payment is not paid by your finance system"


def report_paid(
    session: Session,
    *,
    council_id: str,
    payout_id: str,
    bank_reference: str,
    paid_on: date,
    actor: Actor,
    now: datetime,
) -> Payout:
    """Somebody outside has paid it and says so. The same report twice is one payment.

    Raises `NotOursToReport` for a rail on which we pay ourselves, `PaymentHasMoved` when it is not ready,
    `Invalid` for a missing reference or a day that is still to come.
    """
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    if payout.rail in OURS:
        raise NotOursToReport("We pay this one ourselves and ask the bank. There is nothing to report.")
    if not bank_reference.strip():
        raise one_fault("/bank_reference", "Give the reference that your bank or system uses")
    if paid_on > london_day(now):
        raise one_fault("/paid_on", "Give the day it was paid, today or earlier")
    if payout.state == "paid" and (payout.bank_reference, payout.paid_on) == (
        bank_reference.strip(),
        paid_on,
    ):
        return payout
    stopped = payout.state == "cancelled"
    if stopped:
        _make_way(session, payout, now=now)
    settle(
        session, payout=payout, bank_reference=bank_reference.strip(), paid_on=paid_on, actor=actor, now=now
    )
    if stopped:
        claims.mark_overpaid(session, council_id=council_id, claim_id=payout.claim_id, now=now)
    return payout


def _make_way(session: Session, payout: Payout, *, now: datetime) -> None:
    """A payment that we had called off was made all the same: nothing else is paid for what it settles."""
    owed = queries.obligation(session, council_id=payout.council_id, obligation_id=payout.obligation_id)
    other = standing(session, owed=owed)
    if other is not None and other.state in LEFT:
        raise PaymentHasMoved(
            f"This was called off, and {other.id} was paid instead. Both have left: look at them together."
        )
    if other is not None:
        move(session, council_id=other.council_id, payout_id=other.id, verb="cancel", actor=RULE, now=now)


def settle(
    session: Session, *, payout: Payout, bank_reference: str, paid_on: date, actor: Actor, now: datetime
) -> None:
    """The money has arrived: one balanced ledger entry, and both payment and claim say so."""
    move(session, council_id=payout.council_id, payout_id=payout.id, verb="paid", actor=actor, now=now)
    payout.bank_reference, payout.paid_on = bank_reference, paid_on
    owed = queries.obligation(session, council_id=payout.council_id, obligation_id=payout.obligation_id)
    entry = entry_for(payout=payout, owed=owed)
    ledger.post(session, council_id=payout.council_id, entry=entry, at=now)
    offsetting.took(session, payout, owed, now=now)
    claims.move(
        session, council_id=payout.council_id, claim_id=payout.claim_id, verb="pay", actor=actor, now=now
    )


def entry_for(*, payout: Payout, owed: Obligation) -> Entry:
    """What the ledger says of a payment that has arrived."""
    return settlement(
        payout_id=payout.id,
        claim_id=payout.claim_id,
        person_id=payout.person_id,
        rail=payout.rail,
        cost_centre=owed.cost_centre,
        fee_pence=payout.amount_pence - owed.expenses_pence,
        expenses_pence=owed.expenses_pence,
    )


def take_back(session: Session, *, payout: Payout, reason: str, actor: Actor, now: datetime) -> None:
    """The money came back: the entry is reversed, and the person can correct their details."""
    was_paid = payout.state == "paid"
    move(session, council_id=payout.council_id, payout_id=payout.id, verb="returned", actor=actor, now=now)
    payout.failure = reason
    if was_paid:
        posted = ledger_queries.entry(
            session, council_id=payout.council_id, kind="settlement", source_id=payout.id
        )
        if posted is not None:
            undone = posted.reversed(kind="return", source_id=payout.id)
            ledger.post(session, council_id=payout.council_id, entry=undone, at=now)
        offsetting.gave_back(session, payout, now=now)
        claims.move(
            session,
            council_id=payout.council_id,
            claim_id=payout.claim_id,
            verb="return",
            actor=actor,
            now=now,
        )
    give_up_if_not_owed(session, payout=payout, now=now)
    mind_new_details(session, payout=payout, now=now)


def mind_new_details(session: Session, *, payout: Payout, now: datetime) -> None:
    """Details that came while the old ones were being paid are used now that those have failed."""
    if payout.method_id and overtaken(
        payout, methods=methods_of(session, council_id=payout.council_id, payouts=[payout])
    ):
        tell(session, payout=payout, name="payout.overtaken", actor=RULE, now=now)
