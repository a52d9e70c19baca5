"""What becomes of payments that stand still? Looked at again, ever more rarely, until their fate is known.

A page of them is taken at a time, the longest due first, and each is given its next look before anything is
asked: so none starves behind others that cannot be decided, and two sweepers never take the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from service import events
from service.events import SYSTEM
from service.payouts import gates, queries
from service.payouts.hearing import apply, stand_back
from service.payouts.model import BY_THE_CLOCK, CALLED, FIRST_LOOK, OPEN_FATE, look_after
from service.payouts.moving import locked
from service.payouts.orders import Call, asked, calls_again, methods_of, overtaken, waits_of
from service.payouts.tables import Attempt, Payout
from service.payouts.together import attempts_of, lock_all, move_all
from service.rails.protocol import RAILS, Answer, Asked
from service.vault import Vault


@dataclass
class Due:
    """A page of payments that are due. `requests`: payment id → whose work it follows.

    `ready` were kept from leaving, `held` have waited long enough, `uncalled` are being sent and their rail
    was not called, and by rail what is to be `asked`. `never_sent`: what was found out not to have been.
    """

    requests: dict[str, str] = field(default_factory=dict)
    ready: dict[str, list[str]] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    uncalled: dict[str, list[str]] = field(default_factory=dict)
    asked: dict[str, list[Asked]] = field(default_factory=dict)
    never_sent: set[str] = field(default_factory=set)


def take_page(session: Session, *, council_id: str, limit: int, now: datetime) -> Due:
    """The next payments that are due, each with its next look written down.

    A call that began long ago and has no answer is frozen here: nothing else may be paid until there is one.
    """
    query = (
        select(Payout)
        .where(
            Payout.council_id == council_id,
            or_(
                and_(Payout.look_at <= now, Payout.state.in_((*OPEN_FATE, "ready"))),
                and_(
                    Payout.state == "held",
                    Payout.held_because.in_(BY_THE_CLOCK),
                    Payout.held_until <= now,
                    or_(Payout.look_at.is_(None), Payout.look_at <= now),
                ),
            ),
        )
        .order_by(Payout.look_at.asc().nulls_first(), Payout.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    page = list(session.scalars(query))
    claim_ids = {payout.claim_id for payout in page}
    begun = events.first_requests(session, council_id=council_id, claim_ids=claim_ids)
    due = Due(requests={payout.id: begun.get(payout.claim_id, "") for payout in page})
    attempts = attempts_of(session, council_id=council_id, payout_ids=due.requests)
    for payout in page:
        payout.looks += 1
        payout.look_at = now + look_after(rail=payout.rail, looks=payout.looks)
    session.flush()
    _freeze(session, council_id, page, attempts, due.requests, now=now)
    for payout in page:
        _sort(due, payout, attempts.get(payout.id), now=now)
    return due


def _sort(due: Due, payout: Payout, attempt: Attempt | None, *, now: datetime) -> None:
    if payout.state == "held":
        due.held.append(payout.id)
    elif payout.state == "ready":
        due.ready.setdefault(payout.rail, []).append(payout.id)
    elif attempt is None or payout.rail not in CALLED:
        return
    elif payout.state == "sending":
        if attempt.called_fence < attempt.fence and attempt.called_at <= now - FIRST_LOOK:
            due.uncalled.setdefault(payout.rail, []).append(payout.id)
    else:
        due.asked.setdefault(payout.rail, []).append(asked(payout, attempt))


def _freeze(
    session: Session,
    council_id: str,
    page: Collection[Payout],
    attempts: Mapping[str, Attempt],
    requests: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    silent = [
        payout
        for payout in page
        if payout.state == "sending"
        and payout.rail in CALLED
        and attempts[payout.id].called_fence == attempts[payout.id].fence
        and attempts[payout.id].called_at <= now - FIRST_LOOK
    ]
    move_all(
        session, council_id=council_id, payouts=silent, verb="lose", actor=SYSTEM, now=now, requests=requests
    )


def send_again(
    session: Session,
    *,
    council_id: str,
    payout_ids: Collection[str],
    vault: Vault,
    requests: Mapping[str, str],
    now: datetime,
    never_sent: Collection[str] = (),
) -> tuple[list[Call], list[str]]:
    """The rail never had these payments, or was not called for them: the calls to make, under their keys.

    And the ids of those to be given up (`give_up`), one by one. The others wait for their next look. What
    was called since `FIRST_LOOK` is left alone: the rail was asked too early to know of that call.
    `never_sent`: those for which the rail proves that we asked it for nothing. Where their keys can do no
    more they are ready again.
    """
    payouts = lock_all(session, council_id=council_id, payout_ids=payout_ids)
    attempts = attempts_of(session, council_id=council_id, payout_ids=payout_ids)
    again, over, back = _sorted_out(session, council_id, payouts, attempts, never_sent, now=now)
    for payout in back:
        stand_back(session, payout=payout, attempt=attempts[payout.id], now=now)
    for payout in again:
        attempt = attempts[payout.id]
        attempt.fence, attempt.called_at = attempt.fence + 1, now
        attempt.sends += payout.state == "unknown"
    session.flush()
    lost = [payout for payout in again if payout.state == "unknown"]
    move_all(
        session,
        council_id=council_id,
        payouts=lost,
        verb="send_again",
        actor=SYSTEM,
        now=now,
        requests=requests,
    )
    calls = calls_again(
        session,
        council_id=council_id,
        payouts=again,
        attempts=attempts,
        requests=requests,
        vault=vault,
    )
    return calls, over


def _sorted_out(
    session: Session,
    council_id: str,
    payouts: Collection[Payout],
    attempts: Mapping[str, Attempt],
    never_sent: Collection[str],
    *,
    now: datetime,
) -> tuple[list[Payout], list[str], list[Payout]]:
    """Those to be sent again, the ids of those to be given up, and those that are ready again."""
    methods = methods_of(session, council_id=council_id, payouts=list(payouts))
    waits = waits_of(session, council_id=council_id, methods=methods)
    shut = gates.closed_many(session, council_id=council_id, payout_ids=[payout.id for payout in payouts])
    again: list[Payout] = []
    over: list[str] = []
    back: list[Payout] = []
    for payout in payouts:
        attempt = attempts[payout.id]
        if payout.id in shut or attempt.called_at > now - FIRST_LOOK:
            continue
        if payout.state == "sending" and attempt.called_fence < attempt.fence:
            again.append(payout)
        elif payout.state == "unknown":
            moved_on = overtaken(payout, methods=methods)
            stuck = moved_on or payout.method_id in waits or not _key_is_good(payout, attempt, now=now)
            if payout.id in never_sent and stuck and attempt.outcome is None:
                back.append(payout)
            elif _proves_nothing_paid(payout, attempt, moved_on=moved_on, now=now):
                over.append(payout.id)
            elif _key_is_good(payout, attempt, now=now) and not moved_on:
                again.append(payout)
    return again, over, back


def give_up(session: Session, *, council_id: str, payout_id: str, now: datetime) -> None:
    """A payment that its rail never had, and will not have: say so. Nothing happens if that is not so now."""
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    attempt = queries.attempts(session, council_id=council_id, payout_id=payout_id)[-1]
    methods = methods_of(session, council_id=council_id, payouts=[payout])
    moved_on = overtaken(payout, methods=methods)
    if payout.state != "unknown" or not _proves_nothing_paid(payout, attempt, moved_on=moved_on, now=now):
        return
    reason = payout.failure if attempt.outcome == "refused" else None
    gone = Answer("refused", reason=reason or "The payment never arrived at the bank. Nothing was paid.")
    apply(session, payout=payout, attempt=attempt, answer=gone, now=now)


def _proves_nothing_paid(payout: Payout, attempt: Attempt, *, moved_on: bool, now: datetime) -> bool:
    """Whether "we have no such payment" settles it: its key was refused, or sent for as long as may be."""
    if attempt.outcome == "refused":
        return True
    if now - attempt.called_at < RAILS[payout.rail].absent_counts_after:
        return False
    return moved_on or not _key_is_good(payout, attempt, now=now)


def _key_is_good(payout: Payout, attempt: Attempt, *, now: datetime) -> bool:
    manner = RAILS[payout.rail]
    lives = manner.key_lives is None or now - attempt.made_at < manner.key_lives
    return lives and attempt.sends < manner.sends
