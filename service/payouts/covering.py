"""Which payments say that a hold covers them? Those that are ready, page by page; and no longer when it ends.

The gate alone decides whether a payment may leave; this lets the payment's own state say so to everybody who
looks at it or would pull it. Never commits.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from service import events
from service.events import SYSTEM
from service.payouts import gates
from service.payouts.gates import Hold
from service.payouts.model import HELD_BY, HOLD_SCOPES, PULLED, TRANSITIONS
from service.payouts.tables import Payout

# So many payments follow a hold in one transaction.
PAGE = 200


def cover_one(session: Session, *, payout: Payout, now: datetime) -> bool:
    """Whether a hold covers this ready payment; then it says so from now on. The row must be locked."""
    scope = gates.closed(
        session,
        council_id=payout.council_id,
        rail=payout.rail,
        person_id=payout.person_id,
        payout_id=payout.id,
    )
    if scope is None:
        return False
    offered_at = payout.offered_at
    _step(session, payout, verb="cover", because=HELD_BY[scope], now=now)
    # It became ready only just now, so nobody else can have seen it.
    payout.offered_at = offered_at
    return True


def withhold(session: Session, *, payout: Payout, because: str, now: datetime) -> None:
    """A first call was prepared and not made, because it may not leave now. The row must be locked."""
    _step(session, payout, verb="withhold", because=because, now=now)


def follow(session: Session, *, council_id: str, now: datetime, limit: int = PAGE) -> bool:
    """Let payments say what the holds that stand now mean for them. Answers whether more may be waiting.

    A payment on hold by itself is let go by the verb that ends its own hold. Rows that somebody else works on
    are passed by: whoever sends them reads the gate, and the clock comes round again. Safe to repeat.
    """
    holds = gates.standing(session, council_id=council_id)
    by_scope = {scope: _under(holds, scope) for scope in HOLD_SCOPES if scope != "payment"}
    covered = _rows(session, council_id, (Payout.state == "ready") & or_(*by_scope.values()), limit)
    for payout in covered:
        _step(session, payout, verb="cover", because=_because(holds, payout), now=now)
    no_more = [(Payout.held_because == HELD_BY[scope]) & ~under for scope, under in by_scope.items()]
    freed = _rows(session, council_id, (Payout.state == "held") & or_(*no_more), limit)
    for payout in freed:
        because = _because(holds, payout)
        if because is None:
            _step(session, payout, verb="uncover", because=None, now=now)
        else:
            payout.held_because, payout.changed_at = because, now
    return max(len(covered), len(freed)) == limit


def _because(holds: list[Hold], payout: Payout) -> str | None:
    scope = gates.covering(holds, rail=payout.rail, person_id=payout.person_id, payout_id=payout.id)
    return HELD_BY[scope] if scope else None


def _under(holds: list[Hold], scope: str) -> ColumnElement[bool]:
    """Whether a payment is covered by a hold of this scope, which is not that of single payments."""
    subjects = [hold.subject for hold in holds if hold.scope == scope]
    if scope in ("council", "everything"):
        return true() if subjects else false()
    return (Payout.person_id if scope == "person" else Payout.rail).in_(subjects)


def _rows(session: Session, council_id: str, which: ColumnElement[bool], limit: int) -> list[Payout]:
    query = select(Payout).where(Payout.council_id == council_id, which).order_by(Payout.made_at, Payout.id)
    locking = query.limit(limit).with_for_update(skip_locked=True)
    return list(session.scalars(locking.execution_options(populate_existing=True)))


def let_go(session: Session, *, payout: Payout, now: datetime) -> None:
    """What a held payment waited for has come. The row must be locked."""
    _step(session, payout, verb="uncover", because=None, now=now)


def wait(session: Session, *, payout: Payout, because: str, now: datetime) -> None:
    """A ready or held payment waits for this from now on. The row must be locked."""
    if payout.state == "ready":
        _step(session, payout, verb="cover", because=because, now=now)
    else:
        payout.held_because, payout.held_until, payout.changed_at = because, None, now


def _step(session: Session, payout: Payout, *, verb: str, because: str | None, now: datetime) -> None:
    payout.state, name = TRANSITIONS[payout.state, verb]
    if verb == "cover" and payout.rail in PULLED:
        payout.offered_at = now
    payout.held_because, payout.held_until, payout.changed_at = because, None, now
    payout.look_at, payout.looks = None, 0
    session.flush()
    events.record(
        session,
        council_id=payout.council_id,
        name=name,
        subject_id=payout.id,
        person_id=payout.person_id,
        claim_id=payout.claim_id,
        amount_pence=payout.amount_pence,
        actor=SYSTEM,
        at=now,
        refs={"payout_id": payout.id, "rail": payout.rail},
    )
