"""What do payments do when their rail has said something of them? Never commits, never calls a rail.

What is usual is written down of many at once; anything else is decided for each payment alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.days import london_day
from service.db import among
from service.events import SYSTEM, Actor
from service.payouts import queries
from service.payouts.model import TRANSITIONS, TRY_AGAIN
from service.payouts.moving import locked, move
from service.payouts.settling import mind_new_details, settle, take_back
from service.payouts.stopping import give_up_if_not_owed
from service.payouts.tables import Attempt, Payout
from service.payouts.together import lock_all, move_all, settle_all
from service.rails.protocol import RAILS, Answer

# What is written down of many payments at once. One whose answer was lost is frozen, and no other.
USUAL = ("accepted", "paid", "lost")


@dataclass(frozen=True)
class Said:
    """What a rail said of the payment with a key. `fence`: of the call; None where we asked."""

    key: str
    answer: Answer
    fence: int | None = None
    request_id: str = ""


def write_answers(
    session: Session, *, council_id: str, rail: str, said: Sequence[Said], now: datetime
) -> None:
    """Record what a rail said of many payments, each `USUAL` or lost. Late and stale answers change nothing.

    A lost one freezes only its own payment. Raises, for all of them, where one cannot be written.
    """
    by_key = {one.key: one for one in said}
    mine = (Attempt.council_id == council_id, among(Attempt.key, by_key))
    payout_ids = session.scalars(select(Attempt.payout_id).where(*mine)).all()
    with_claims = any(one.answer.outcome == "paid" for one in said)
    payouts = lock_all(session, council_id=council_id, payout_ids=payout_ids, with_claims=with_claims)
    attempts = {attempt.payout_id: attempt for attempt in session.scalars(select(Attempt).where(*mine))}
    actor, requests = Actor("rail", rail), {}
    taken: dict[str, list[Payout]] = {"accepted": [], "paid": [], "lost": []}
    for payout in payouts:
        one = by_key[attempts[payout.id].key]
        verb = "lose" if one.answer.outcome == "lost" else one.answer.outcome
        if one.fence in (None, attempts[payout.id].fence) and (payout.state, verb) in TRANSITIONS:
            taken[one.answer.outcome].append(payout)
            requests[payout.id] = one.request_id
    shared: dict[str, Any] = {"council_id": council_id, "now": now, "requests": requests}
    move_all(session, payouts=taken["lost"], verb="lose", actor=SYSTEM, **shared)
    heard = [*taken["accepted"], *taken["paid"]]
    _note(session, council_id, [by_key[attempts[payout.id].key] for payout in heard], now)
    move_all(
        session, payouts=taken["accepted"], verb="accepted", actor=actor, also={"failure": None}, **shared
    )
    if taken["paid"]:
        keys = [attempts[payout.id].key for payout in taken["paid"]]
        settle_all(session, payouts=taken["paid"], keys=keys, actor=actor, **shared)


def _note(session: Session, council_id: str, said: Sequence[Said], now: datetime) -> None:
    query = text(
        "UPDATE attempts a SET outcome = t.outcome, answered_at = :now,"
        " rail_reference = coalesce(nullif(t.reference, ''), a.rail_reference)"
        " FROM unnest(CAST(:keys AS text[]), CAST(:outcomes AS text[]), CAST(:refs AS text[]))"
        " AS t(key, outcome, reference) WHERE a.council_id = :council_id AND a.key = t.key"
    )
    if said:
        answers = [one.answer for one in said]
        given = {
            "keys": [one.key for one in said],
            "outcomes": [answer.outcome for answer in answers],
            "refs": [answer.rail_reference for answer in answers],
        }
        session.execute(query, {"council_id": council_id, "now": now, **given})


def write_answer(
    session: Session, *, council_id: str, key: str, answer: Answer, now: datetime, fence: int | None = None
) -> None:
    """Record what a rail said of the payment with this key. Late, repeated and stale answers change nothing.

    `fence`: the one under which the call was made; None for an answer that was asked for.
    """
    attempt = queries.attempt_by_key(session, council_id=council_id, key=key)
    if attempt is None:
        return
    payout = locked(session, council_id=council_id, payout_id=attempt.payout_id)
    session.refresh(attempt)
    if fence is not None and attempt.fence != fence:
        return
    if answer.outcome == "not_sent":
        if fence is not None and payout.state in ("sending", "unknown"):
            stand_back(session, payout=payout, attempt=attempt, now=now)
        return
    if answer.outcome == "refused" and fence is not None and not RAILS[payout.rail].refusal_stands:
        _doubt(session, payout, attempt, answer, now=now)
        return
    apply(session, payout=payout, attempt=attempt, answer=answer, now=now)


def stand_back(session: Session, *, payout: Payout, attempt: Attempt, now: datetime) -> None:
    """Under the newest key of a locked payment nothing was ever sent: it is ready again, under a new one.

    What may stand in its way is seen when it is tried again.
    """
    attempt.fence, attempt.outcome, attempt.answered_at = attempt.fence + 1, "withdrawn", now
    key = {"council_id": payout.council_id, "payout_id": payout.id}
    move(session, **key, verb="stand_back", actor=SYSTEM, now=now)
    payout.look_at = now + TRY_AGAIN


def _doubt(session: Session, payout: Payout, attempt: Attempt, answer: Answer, *, now: datetime) -> None:
    """A refusal after which the rail may still work the same key: its own list has the last word."""
    if payout.state != "sending":
        return
    attempt.outcome, attempt.answered_at = "refused", now
    payout.failure = answer.reason or None
    move(session, council_id=payout.council_id, payout_id=payout.id, verb="lose", actor=SYSTEM, now=now)


def apply(session: Session, *, payout: Payout, attempt: Attempt, answer: Answer, now: datetime) -> None:
    """Let a locked payment follow what its rail says of it, if that is news."""
    if answer.outcome == "returned" and payout.state in ("sending", "unknown"):
        on_its_way = Answer("accepted", answer.rail_reference)
        apply(session, payout=payout, attempt=attempt, answer=on_its_way, now=now)
    verb = "lose" if answer.outcome == "lost" else answer.outcome
    if (payout.state, verb) not in TRANSITIONS:
        return
    actor = Actor("rail", payout.rail)
    key = {"council_id": payout.council_id, "payout_id": payout.id}
    if verb == "lose":
        move(session, **key, verb=verb, actor=SYSTEM, now=now)
        return
    attempt.outcome, attempt.answered_at = answer.outcome, now
    attempt.rail_reference = answer.rail_reference or attempt.rail_reference
    if answer.outcome == "paid":
        arrived = attempt.rail_reference or ""
        settle(session, payout=payout, bank_reference=arrived, paid_on=london_day(now), actor=actor, now=now)
    elif answer.outcome == "returned":
        take_back(session, payout=payout, reason=answer.reason, actor=actor, now=now)
    else:
        payout.failure = answer.reason or None
        move(session, **key, verb=answer.outcome, actor=actor, now=now)
        if answer.outcome == "refused":
            give_up_if_not_owed(session, payout=payout, now=now)
            mind_new_details(session, payout=payout, now=now)
