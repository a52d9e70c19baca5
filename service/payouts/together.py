"""How do many payments take one step at once? In one order of locks, with few statements. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from service import events
from service.claims import together as claims
from service.days import london_day
from service.db import among
from service.events import Actor, Happening
from service.ledger import actions as ledger
from service.payouts import offsetting, overpaid_queries
from service.payouts.model import TRANSITIONS
from service.payouts.moving import PaymentHasMoved, step
from service.payouts.settling import entry_for
from service.payouts.tables import Attempt, Obligation, Payout


def lock_all(
    session: Session, *, council_id: str, payout_ids: Collection[str], with_claims: bool = False
) -> list[Payout]:
    """These payments with their rows locked, in the order of their ids.

    Who goes on to change their claims too takes those first, all of them; who does not may leave them.
    """
    mine = (Payout.council_id == council_id, among(Payout.id, payout_ids))
    if with_claims:
        claim_ids = session.scalars(select(Payout.claim_id).where(*mine)).all()
        claims.lock_all(session, council_id=council_id, claim_ids=claim_ids)
    query = select(Payout).where(*mine).order_by(Payout.id).with_for_update()
    return list(session.scalars(query, execution_options={"populate_existing": True}))


def attempts_of(session: Session, *, council_id: str, payout_ids: Collection[str]) -> dict[str, Attempt]:
    """Payment id → its last try at a rail, for those that were ever tried."""
    query = (
        select(Attempt)
        .ext(distinct_on(Attempt.payout_id))
        .where(Attempt.council_id == council_id, among(Attempt.payout_id, payout_ids))
        .order_by(Attempt.payout_id, Attempt.number.desc())
    )
    found = session.scalars(query, execution_options={"populate_existing": True})
    return {attempt.payout_id: attempt for attempt in found}


def move_all(
    session: Session,
    *,
    council_id: str,
    payouts: Sequence[Payout],
    verb: str,
    actor: Actor,
    now: datetime,
    requests: Mapping[str, str],
    also: Mapping[str, Any] | None = None,
) -> None:
    """Take locked payments one step along `TRANSITIONS`, each with its event. Raises `PaymentHasMoved`.

    `requests`: payment id → whose work it follows. `also`: further columns and their values.
    """
    happenings: list[Happening] = []
    alike: dict[tuple[str, str], list[Payout]] = {}
    for payout in payouts:
        if (payout.state, verb) not in TRANSITIONS:
            raise PaymentHasMoved(f"{payout.id} is {payout.state}. Look at it again first.")
        alike.setdefault((payout.rail, payout.state), []).append(payout)
        happenings.append(
            Happening(
                name=TRANSITIONS[payout.state, verb][1],
                subject_id=payout.id,
                request_id=requests.get(payout.id, ""),
                person_id=payout.person_id,
                claim_id=payout.claim_id,
                amount_pence=payout.amount_pence,
                refs={"payout_id": payout.id, "rail": payout.rail},
            )
        )
    for (rail, state), rows in alike.items():
        values = step(rail=rail, state=state, verb=verb, now=now)
        session.execute(
            update(Payout)
            .where(Payout.council_id == council_id, among(Payout.id, [row.id for row in rows]))
            .values(**(values | dict(also or {}))),
            execution_options={"synchronize_session": False},
        )
        for row in rows:
            for name, value in values.items():
                set_committed_value(row, name, value)
    events.record_all(session, council_id=council_id, happenings=happenings, actor=actor, at=now)


def settle_all(
    session: Session,
    *,
    council_id: str,
    payouts: Sequence[Payout],
    keys: Sequence[str],
    actor: Actor,
    now: datetime,
    requests: Mapping[str, str],
) -> None:
    """The money of these payments has arrived, as `settle` has it for one. They and their claims are locked.

    `keys`: of the attempts that paid them, whose references are written down already.
    """
    reference = (
        select(Attempt.rail_reference)
        .where(Attempt.council_id == council_id, Attempt.payout_id == Payout.id, among(Attempt.key, keys))
        .scalar_subquery()
    )
    also = {"bank_reference": func.coalesce(reference, ""), "paid_on": london_day(now)}
    move_all(
        session,
        council_id=council_id,
        payouts=payouts,
        verb="paid",
        actor=actor,
        now=now,
        requests=requests,
        also=also,
    )
    query = select(Obligation).where(
        Obligation.council_id == council_id, among(Obligation.id, {p.obligation_id for p in payouts})
    )
    owed = {row.id: row for row in session.scalars(query)}
    entries = [entry_for(payout=payout, owed=owed[payout.obligation_id]) for payout in payouts]
    ledger.post_all(session, council_id=council_id, entries=entries, at=now)
    less = overpaid_queries.offsets_of(session, council_id=council_id, payout_ids=[p.id for p in payouts])
    for payout in payouts:
        if payout.id in less:
            offsetting.took(session, payout, owed[payout.obligation_id], now=now)
    theirs = {payout.claim_id: requests.get(payout.id, "") for payout in payouts}
    claims.pay_all(session, council_id=council_id, requests=theirs, actor=actor, now=now)
