"""How do many claims take one step at once? In one order of locks, with few statements. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service import events
from service.allowances import actions as allowances
from service.claims.actions import ClaimHasMoved
from service.claims.model import ALLOWANCES, TRANSITIONS
from service.claims.tables import Claim
from service.db import among
from service.events import Actor, Happening


def lock_all(session: Session, *, council_id: str, claim_ids: Collection[str]) -> None:
    """Lock the rows of these claims, in the order of their ids, so that no ring of waiting forms."""
    query = select(Claim.id).where(Claim.council_id == council_id, among(Claim.id, claim_ids))
    session.execute(query.order_by(Claim.id).with_for_update())


def pay_all(
    session: Session, *, council_id: str, requests: Mapping[str, str], actor: Actor, now: datetime
) -> None:
    """The money for these claims has arrived. `requests`: claim id → whose work it follows.

    They must be locked. Raises `ClaimHasMoved`, for all of them, if one cannot take this step.
    """
    rows = session.execute(
        select(
            Claim.id, Claim.state, Claim.version, Claim.person_id, Claim.session_id, Claim.counted,
            (Claim.fee_pence + Claim.expenses_pence).label("total_pence"),
        )
        .where(Claim.council_id == council_id, among(Claim.id, requests))
        .order_by(Claim.id)
    ).all()  # fmt: skip
    happenings: list[Happening] = []
    for row in rows:
        if (row.state, "pay") not in TRANSITIONS:
            raise ClaimHasMoved(f"The claim {row.id} is {row.state}. It cannot be paid now.")
        happenings.append(
            Happening(
                name=TRANSITIONS[row.state, "pay"][1],
                subject_id=row.id,
                request_id=requests[row.id],
                person_id=row.person_id,
                session_id=row.session_id,
                claim_id=row.id,
                amount_pence=row.total_pence,
                refs={"version": row.version},
            )
        )
    for state in {row.state for row in rows}:
        like = [row.id for row in rows if row.state == state]
        session.execute(
            update(Claim)
            .where(Claim.council_id == council_id, among(Claim.id, like))
            .values(state=TRANSITIONS[state, "pay"][0], changed_at=now),
            execution_options={"synchronize_session": False},
        )
    counted = [row.id for row in rows if row.counted]
    if counted and ALLOWANCES["pay"] == "use":
        allowances.use_again(session, council_id=council_id, holders=counted, now=now)
    events.record_all(session, council_id=council_id, happenings=happenings, actor=actor, at=now)
