"""How do payments meet a rail? The verbs before the call; the call is the task's, and `hearing` comes after.

First `prepare` fixes the keys in our own rows; that is committed; then `take_leave` looks once more, under
each attempt's fence, and writes down that the call is let go; then the rail is called with no transaction
open; then its answers are recorded. A crash between any two steps leaves each payment decidable alone: the
key stands, and the rail was never called, knows the key, or does not (`looking`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service import ids
from service.db import among, insert_all
from service.events import RULE, SYSTEM
from service.payouts import covering, funds, gates
from service.payouts.model import CALLED, TRY_AGAIN
from service.payouts.moving import tell
from service.payouts.orders import Call, methods_of, order_for, overtaken, places_of, waits_of
from service.payouts.tables import Attempt, Payout
from service.payouts.together import attempts_of, lock_all, move_all
from service.people.tables import PaymentMethod
from service.vault import Vault


def prepare(
    session: Session,
    *,
    council_id: str,
    rail: str,
    requests: Mapping[str, str],
    vault: Vault,
    now: datetime,
    purse: funds.Purse | None = None,
) -> list[Call]:
    """Fix the keys of payments that are ready, and answer the calls to make. Safe to repeat.

    `requests`: payment id → whose work it follows. Those that are not ready are passed over. What a
    hold covers, what waits for its person at the rail, and what the money in `purse` does not reach is held,
    and goes on by itself.
    """
    payouts = [
        payout
        for payout in lock_all(session, council_id=council_id, payout_ids=requests)
        if payout.state == "ready" and payout.rail == rail and rail in CALLED
    ]
    methods = methods_of(session, council_id=council_id, payouts=payouts)
    going = _those_that_go(session, council_id, payouts, methods, purse=purse, now=now)
    tries = _tries(session, council_id, going)
    rows = [_new_attempt(payout, tries.get(payout.id, 0) + 1, now) for payout in going]
    insert_all(session, Attempt, rows)
    move_all(
        session, council_id=council_id, payouts=going, verb="send", actor=RULE, now=now, requests=requests
    )
    keys = {row["payout_id"]: str(row["key"]) for row in rows}
    places = places_of(session, council_id=council_id, methods=methods)
    return [
        Call(
            rail=rail,
            order=order_for(
                payout=payout,
                key=keys[payout.id],
                method=methods.get(payout.method_id or ""),
                vault=vault,
                place=places.get(payout.method_id or "", ""),
            ),
            fence=1,
            person_id=payout.person_id,
            request_id=requests[payout.id],
        )
        for payout in going
    ]


def _those_that_go(
    session: Session,
    council_id: str,
    payouts: Sequence[Payout],
    methods: Mapping[str, PaymentMethod],
    *,
    purse: funds.Purse | None,
    now: datetime,
) -> list[Payout]:
    shut = gates.shut(session, council_id=council_id, payouts=payouts)
    waits = waits_of(session, council_id=council_id, methods=methods)
    going = []
    for payout in payouts:
        if payout.id in shut:
            covering.wait(session, payout=payout, because=shut[payout.id], now=now)
        elif overtaken(payout, methods=methods):
            payout.look_at = now + TRY_AGAIN
            tell(session, payout=payout, name="payout.overtaken", actor=RULE, now=now)
        elif payout.method_id in waits:
            covering.wait(session, payout=payout, because=waits[payout.method_id], now=now)
        else:
            going.append(payout)
    short = funds.beyond(session, payouts=going, purse=purse)
    funds.hold_back(session, payouts=[payout for payout in going if payout.id in short], now=now)
    session.flush()
    return [payout for payout in going if payout.id not in short]


def _tries(session: Session, council_id: str, payouts: Sequence[Payout]) -> dict[str, int]:
    query = (
        select(Attempt.payout_id, func.max(Attempt.number).label("number"))
        .where(Attempt.council_id == council_id, among(Attempt.payout_id, [payout.id for payout in payouts]))
        .group_by(Attempt.payout_id)
    )
    return {row.payout_id: row.number for row in session.execute(query)}


def _new_attempt(payout: Payout, number: int, now: datetime) -> dict[str, object]:
    attempt_id = ids.new("att")
    return {
        "council_id": payout.council_id,
        "id": attempt_id,
        "payout_id": payout.id,
        "number": number,
        "key": attempt_id,
        "fence": 1,
        "called_fence": 0,
        "sends": 1,
        "made_at": now,
        "called_at": now,
    }


def take_leave(session: Session, *, council_id: str, calls: Sequence[Call], now: datetime) -> list[Call]:
    """The last look before a rail is called: answers the calls that may be made now, and writes that down.

    A call counts only while its payment is being sent and its fence stands in the row: whoever slept through
    a decision finds another one there. What may not leave at this moment goes back to where it was. Who was
    let go before, and slept, hands in the calls as answered then: that they were not made stands in them.
    """
    if not calls:
        return []
    by_id = {call.order.payment_id: call for call in calls}
    payouts = lock_all(session, council_id=council_id, payout_ids=by_id)
    attempts = attempts_of(session, council_id=council_id, payout_ids=by_id)
    standing = [p for p in payouts if _stands(p, attempts[p.id], by_id[p.id])]
    shut = gates.shut(session, council_id=council_id, payouts=standing)
    methods = methods_of(session, council_id=council_id, payouts=standing)
    before = {p.id: _called_before(attempts[p.id], by_id[p.id]) for p in standing}
    back = [p for p in standing if p.id in shut or (not before[p.id] and overtaken(p, methods=methods))]
    going = {payout.id for payout in standing if payout not in back}
    session.execute(
        update(Attempt)
        .where(Attempt.council_id == council_id, among(Attempt.id, [attempts[one].id for one in going]))
        .values(called_fence=Attempt.fence, called_at=now),
        execution_options={"synchronize_session": False},
    )
    for payout in back:
        attempts[payout.id].called_fence = before[payout.id]
    _stand_back(session, council_id, back, attempts, methods, calls=by_id, shut=shut, now=now)
    return [
        replace(call, called_before=before[call.order.payment_id])
        for call in calls
        if call.order.payment_id in going
    ]


def _stands(payout: Payout, attempt: Attempt, call: Call) -> bool:
    same = (attempt.key, attempt.fence) == (call.order.key, call.fence)
    return payout.state == "sending" and same and attempt.outcome is None


def _called_before(attempt: Attempt, call: Call) -> int:
    """The fence of the last call with this key that may have been made. One that was only let go is none."""
    let_go_already = attempt.called_fence == call.fence and call.called_before is not None
    return (call.called_before or 0) if let_go_already else attempt.called_fence


def _stand_back(
    session: Session,
    council_id: str,
    payouts: Sequence[Payout],
    attempts: Mapping[str, Attempt],
    methods: Mapping[str, PaymentMethod],
    *,
    calls: Mapping[str, Call],
    shut: Mapping[str, str],
    now: datetime,
) -> None:
    """Payments whose call is not made after all. Never called: held, or ready again, and a new key the next
    time. Called before: as unknown as they were.
    """
    requests = {payout.id: calls[payout.id].request_id for payout in payouts}
    shared: dict[str, Any] = {"council_id": council_id, "actor": SYSTEM, "now": now, "requests": requests}
    fresh = [payout for payout in payouts if attempts[payout.id].called_fence == 0]
    for payout in payouts:
        attempt = attempts[payout.id]
        attempt.fence += 1
        if payout in fresh:
            attempt.outcome, attempt.answered_at = "withdrawn", now
        else:
            attempt.sends -= 1
    session.flush()
    ready = [payout for payout in fresh if payout.id not in shut]
    move_all(session, payouts=ready, verb="stand_back", also={"look_at": now + TRY_AGAIN}, **shared)
    move_all(session, payouts=[p for p in payouts if p not in fresh], verb="lose", **shared)
    for payout in fresh:
        if payout.id in shut:
            covering.withhold(session, payout=payout, because=shut[payout.id], now=now)
        elif overtaken(payout, methods=methods):
            tell(session, payout=payout, name="payout.overtaken", actor=RULE, now=now)
