"""Where is it written that a hold stands, and that it ended? Rows and their events; moves no payment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service import events, ids
from service.db import among
from service.events import RULE, Actor
from service.payouts import gates
from service.payouts.control_tables import PaymentHold
from service.payouts.model import OVER
from service.payouts.tables import Payout


@dataclass(frozen=True)
class Hand:
    """Whose hand it is. `by` is the person in the caller's own system, where a key speaks for several."""

    actor: Actor
    by: str = ""

    @property
    def who(self) -> tuple[str, str]:
        """Two of the same are the same person."""
        return str(self.actor), self.by.strip().lower()


def write(
    session: Session, *, council_id: str, scope: str, subject: str, reason: str, hand: Hand, now: datetime
) -> PaymentHold:
    """Write down that a hold stands; the one that stands there already is enough."""
    there = gates.on(session, council_id=council_id, scope=scope, subject=subject)
    if there is not None:
        return there
    row = PaymentHold(
        council_id=council_id,
        scope=scope,
        subject=subject,
        reason=reason,
        placed_by=str(hand.actor),
        placed_for=hand.by.strip(),
        placed_at=now,
    )
    return _add(session, row, actor=hand.actor, now=now)


def _add(session: Session, row: PaymentHold, *, actor: Actor, now: datetime) -> PaymentHold:
    row.id, row.ended_by, row.ended_for, row.ended_at = ids.new("hld"), None, None, None
    session.add(row)
    session.flush()
    tell(session, council_id=row.council_id, name="hold.placed", row=row, actor=actor, now=now)
    return row


def carry_over(
    session: Session, *, payout: Payout, of_claims: Collection[str], ending: Collection[str], now: datetime
) -> None:
    """What somebody holds stays held when it is laid out anew: a hold goes over from a payment that is over.

    `of_claims`: whose payments this one comes after. `ending`: those of them whose own hold ends with that;
    on others another payment comes after them still. Who placed it, when and why stays.
    """
    query = (
        select(PaymentHold, Payout.claim_id)
        .join(Payout, (Payout.council_id == PaymentHold.council_id) & (Payout.id == PaymentHold.subject))
        .where(
            PaymentHold.council_id == payout.council_id,
            PaymentHold.scope == "payment",
            PaymentHold.ended_at.is_(None),
            among(Payout.claim_id, of_claims),
            Payout.state.in_(OVER),
        )
        .order_by(PaymentHold.id)
    )
    key = {"council_id": payout.council_id, "scope": "payment", "subject": payout.id}
    for row, claim_id in session.execute(query).all():
        if gates.on(session, **key) is None:
            placed = {"placed_by": row.placed_by, "placed_for": row.placed_for, "placed_at": row.placed_at}
            _add(session, PaymentHold(**key, reason=row.reason, **placed), actor=RULE, now=now)
        if claim_id in ending:
            strike(session, row=row, hand=Hand(RULE), now=now)


def strike(session: Session, *, row: PaymentHold, hand: Hand, now: datetime) -> None:
    """Write down that it ended. Safe to repeat."""
    session.refresh(row, with_for_update=True)
    if row.ended_at is not None:
        return
    row.ended_by, row.ended_for, row.ended_at = str(hand.actor), hand.by.strip(), now
    session.flush()
    tell(session, council_id=row.council_id, name="hold.ended", row=row, actor=hand.actor, now=now)


def tell(
    session: Session, *, council_id: str, name: str, row: PaymentHold, actor: Actor, now: datetime
) -> None:
    """The event of a hold. The reason stands in the row, where it may be erased."""
    events.record(
        session,
        council_id=council_id,
        name=name,
        subject_id=row.id,
        person_id=row.subject if row.scope == "person" else None,
        actor=actor,
        at=now,
        refs={"scope": row.scope, "subject": row.subject},
    )


def stop_everything(session: Session, *, reason: str, hand: Hand, now: datetime) -> int:
    """Place the hold on everything, in every council at once, from outside all walls. Answers in how many."""
    found = session.scalar(
        text("SELECT stop_payments(:id, :reason, :who, :whom, :now)"),
        {"id": ids.new("hld"), "reason": reason, "who": str(hand.actor), "whom": hand.by, "now": now},
    )
    return int(found or 0)


def let_everything_go(session: Session, *, hand: Hand, now: datetime) -> int:
    """End the hold on everything, in every council at once. Answers in how many it stood."""
    found = session.scalar(
        text("SELECT let_payments_go(:who, :whom, :now)"),
        {"who": str(hand.actor), "whom": hand.by, "now": now},
    )
    return int(found or 0)


def tell_of_everything(session: Session, *, council_id: str, actor: Actor, at: datetime) -> None:
    """Record in one council what the switch did to it at that moment, if anything."""
    last = gates.last_on_everything(session, council_id=council_id)
    moment = (last.ended_at or last.placed_at) if last else None
    if last is not None and moment == at:
        name = "hold.ended" if last.ended_at else "hold.placed"
        tell(session, council_id=council_id, name=name, row=last, actor=actor, now=at)
