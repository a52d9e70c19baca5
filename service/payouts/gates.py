"""Does a hold stand between this payment and its rail? Read right before each call. Writes nothing.

A hold covers one payment, one person, one rail, one council or everything. While it stands nothing that it
covers is sent: the gate is read in a short transaction of its own, and a call that does not begin within
`LEASE` of that reading reads it again first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, literal, select, text, union_all
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.payouts.control_tables import PaymentHold
from service.payouts.model import HELD_BY, HOLD_SCOPES
from service.payouts.tables import Payout
from service.people import queries as people

# For so many seconds what was read at a gate may be acted upon.
LEASE = 0.5


@dataclass(frozen=True)
class Hold:
    """What one standing hold covers: `subject` is a payment, a person or a rail, or empty."""

    scope: str
    subject: str


def covering(holds: Iterable[Hold], *, rail: str, person_id: str, payout_id: str) -> str | None:
    """The widest scope of the holds that cover this payment, or None."""
    own = {"payment": payout_id, "person": person_id, "rail": rail, "council": "", "everything": ""}
    found = {hold.scope for hold in holds if own[hold.scope] == hold.subject}
    return next((scope for scope in HOLD_SCOPES if scope in found), None)


def closed(session: Session, *, council_id: str, rail: str, person_id: str, payout_id: str) -> str | None:
    """The scope of the hold that covers this payment, or None when it may go."""
    holds = standing(session, council_id=council_id, payout_ids=[payout_id])
    return covering(holds, rail=rail, person_id=person_id, payout_id=payout_id)


def closed_to(session: Session, *, council_id: str, rail: str, person_id: str) -> str | None:
    """The scope of the hold that covers all payments to a person by a rail, or None."""
    holds = standing(session, council_id=council_id)
    return covering(holds, rail=rail, person_id=person_id, payout_id="")


def closed_many(session: Session, *, council_id: str, payout_ids: Sequence[str]) -> dict[str, str]:
    """Payment id → the scope of the hold that covers it, for those of these that may not go."""
    holds = standing(session, council_id=council_id, payout_ids=payout_ids)
    if not holds:
        return {}
    query = select(Payout.id, Payout.rail, Payout.person_id).where(
        Payout.council_id == council_id, Payout.id.in_(payout_ids)
    )
    found = {
        payout_id: covering(holds, rail=rail, person_id=person_id, payout_id=payout_id)
        for payout_id, rail, person_id in session.execute(query)
    }
    return {payout_id: scope for payout_id, scope in found.items() if scope is not None}


def shut(session: Session, *, council_id: str, payouts: Sequence[Payout]) -> dict[str, str]:
    """Payment id → why it may not leave now: a hold covers it, or its person's money is stopped."""
    if not payouts:
        return {}
    held = closed_many(session, council_id=council_id, payout_ids=[payout.id for payout in payouts])
    whose = {payout.person_id for payout in payouts}
    stopped = people.stopped(session, council_id=council_id, person_ids=whose)
    because = {payout.id: "stopped" for payout in payouts if payout.person_id in stopped}
    return because | {payout_id: HELD_BY[scope] for payout_id, scope in held.items()}


def standing(session: Session, *, council_id: str, payout_ids: Sequence[str] = ()) -> list[Hold]:
    """Every hold that stands in a council, of those on single payments only these; and the one on all."""
    own = select(PaymentHold.scope, PaymentHold.subject).where(
        PaymentHold.council_id == council_id,
        PaymentHold.ended_at.is_(None),
        (PaymentHold.scope != "payment") | PaymentHold.subject.in_(payout_ids),
    )
    on_all = select(literal("everything"), literal("")).where(text("payments_stopped()"))
    return [Hold(scope, subject) for scope, subject in session.execute(union_all(own, on_all))]


def get(session: Session, *, council_id: str, hold_id: str) -> PaymentHold:
    """One hold, standing or ended. Raises `NotFound`."""
    found = session.get(PaymentHold, (council_id, hold_id))
    if found is None:
        raise NotFound("We cannot find that hold. Look at the list of holds.")
    return found


def page(
    session: Session, *, council_id: str, standing_only: bool, before: str | None = None, limit: int = 50
) -> list[PaymentHold]:
    """Holds, the newest first, before one that was seen already."""
    query = _of(council_id)
    if standing_only:
        query = query.where(PaymentHold.ended_at.is_(None))
    if before:
        query = query.where(PaymentHold.id < before)
    return list(session.scalars(query.order_by(PaymentHold.id.desc()).limit(limit)))


def on(session: Session, *, council_id: str, scope: str, subject: str) -> PaymentHold | None:
    """The hold that stands on exactly this, if one does."""
    query = _of(council_id).where(
        PaymentHold.scope == scope, PaymentHold.subject == subject, PaymentHold.ended_at.is_(None)
    )
    return session.scalars(query).first()


def last_on_everything(session: Session, *, council_id: str) -> PaymentHold | None:
    """What the switch did last, as this council has it on record."""
    query = _of(council_id).where(PaymentHold.scope == "everything").order_by(PaymentHold.id.desc())
    return session.scalars(query.limit(1)).first()


def _of(council_id: str) -> Select[PaymentHold]:
    return select(PaymentHold).where(PaymentHold.council_id == council_id)
