"""How does one payment meet a rail? The verbs before and after the call; the call itself is the task's.

First `prepare` fixes the key in our own row; that is committed; then the rail is called with no transaction
open; then `write_answer` records what it said. A crash between any two steps leaves a payment that
`prepare` or the sweeper can decide: the key stands, the rail knows it or does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service import ids
from service.days import london_day
from service.events import RULE, SYSTEM, Actor
from service.payouts import queries
from service.payouts.actions import give_up_if_not_owed, locked, move
from service.payouts.model import CALLED, TRANSITIONS
from service.payouts.settling import settle, take_back
from service.payouts.tables import Attempt, Payout
from service.people import queries as people
from service.people import recipients
from service.people.model import BankDetails
from service.rails.protocol import RAILS, Answer, Asked, Order
from service.vault import Vault


@dataclass(frozen=True)
class Call:
    """A call that may be made now: to which rail, with what order, under which fence, begun when."""

    rail: str
    order: Order
    fence: int
    began_at: datetime


def prepare(session: Session, *, council_id: str, payout_id: str, vault: Vault, now: datetime) -> Call | None:
    """Fix the key of a ready payment and answer the call to make, or None when there is none to make.

    A payment found in the middle of a call has an unknown fate: it is frozen for the sweeper.
    """
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    if payout.state == "sending":
        move(session, council_id=council_id, payout_id=payout_id, verb="lose", actor=SYSTEM, now=now)
    if payout.state != "ready" or payout.rail not in CALLED:
        return None
    tries = queries.attempts(session, council_id=council_id, payout_id=payout_id)
    attempt_id = ids.new("att")
    attempt = Attempt(
        council_id=council_id,
        id=attempt_id,
        payout_id=payout_id,
        number=len(tries) + 1,
        key=attempt_id,
        fence=1,
        sends=1,
        outcome=None,
        rail_reference=None,
        made_at=now,
        called_at=now,
        answered_at=None,
    )
    session.add(attempt)
    move(session, council_id=council_id, payout_id=payout_id, verb="send", actor=RULE, now=now)
    return _call(session, payout, attempt, vault)


def prepare_again(
    session: Session, *, council_id: str, payout_id: str, vault: Vault, before: datetime, now: datetime
) -> Call | None:
    """The rail says it never had this payment: send it again under the same key, or give up and say so.

    Nothing happens when it was called since `before`: the rail was asked too early to know of that call.
    """
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    attempt = queries.attempts(session, council_id=council_id, payout_id=payout_id)[-1]
    if payout.state != "unknown" or attempt.called_at > before:
        return None
    if attempt.sends >= RAILS[payout.rail].sends:
        gone = Answer("refused", reason="The payment never arrived at the bank. Nothing was paid.")
        _apply(session, payout, attempt, gone, now=now)
        return None
    attempt.sends, attempt.fence, attempt.called_at = attempt.sends + 1, attempt.fence + 1, now
    move(session, council_id=council_id, payout_id=payout_id, verb="send_again", actor=SYSTEM, now=now)
    return _call(session, payout, attempt, vault)


def freeze(session: Session, *, council_id: str, payout_id: str, before: datetime, now: datetime) -> None:
    """The rail did not answer a call that began by `before`: nothing else may be paid until it does.

    A later call is left alone: whoever makes it still waits for its answer. Safe to repeat.
    """
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    tries = queries.attempts(session, council_id=council_id, payout_id=payout_id)
    if payout.state == "sending" and tries[-1].called_at <= before:
        move(session, council_id=council_id, payout_id=payout_id, verb="lose", actor=SYSTEM, now=now)


def write_answer(
    session: Session, *, council_id: str, key: str, answer: Answer, now: datetime, fence: int | None = None
) -> None:
    """Record what a rail said of the payment with this key. Late, repeated and stale answers change nothing.

    `fence`: the one under which the call was made; None for an answer that was asked for.
    """
    attempt = queries.attempt_by_key(session, council_id=council_id, key=key)
    if attempt is None or (fence is not None and attempt.fence != fence):
        return
    payout = locked(session, council_id=council_id, payout_id=attempt.payout_id)
    _apply(session, payout, attempt, answer, now=now)


def _apply(session: Session, payout: Payout, attempt: Attempt, answer: Answer, *, now: datetime) -> None:
    if answer.outcome == "returned" and payout.state in ("sending", "unknown"):
        _apply(session, payout, attempt, Answer("accepted", answer.rail_reference), now=now)
    if (payout.state, answer.outcome) not in TRANSITIONS:
        return
    attempt.outcome, attempt.answered_at = answer.outcome, now
    attempt.rail_reference = answer.rail_reference or attempt.rail_reference
    actor = Actor("rail", payout.rail)
    if answer.outcome == "paid":
        settle(
            session,
            payout=payout,
            bank_reference=attempt.rail_reference or "",
            paid_on=london_day(now),
            actor=actor,
            now=now,
        )
    elif answer.outcome == "returned":
        take_back(session, payout=payout, reason=answer.reason, actor=actor, now=now)
    else:
        payout.failure = answer.reason or None
        move(
            session,
            council_id=payout.council_id,
            payout_id=payout.id,
            verb=answer.outcome,
            actor=actor,
            now=now,
        )
        if answer.outcome == "refused":
            give_up_if_not_owed(session, payout=payout, now=now)


def asked(payout: Payout, attempt: Attempt) -> Asked:
    """The question to a rail about one attempt."""
    return Asked(
        council_id=payout.council_id,
        payment_id=payout.id,
        key=attempt.key,
        amount_pence=payout.amount_pence,
        called_at=attempt.called_at,
        rail_reference=attempt.rail_reference or "",
    )


def _call(session: Session, payout: Payout, attempt: Attempt, vault: Vault) -> Call:
    method = people.method(session, council_id=payout.council_id, method_id=payout.method_id or "")
    if method.kind == recipients.KIND:
        place = recipients.place(session, council_id=payout.council_id, method_id=method.id)
        order = Order(
            council_id=payout.council_id,
            payment_id=payout.id,
            key=attempt.key,
            amount_pence=payout.amount_pence,
            reference=payout.reference,
            place=place,
        )
        return Call(payout.rail, order, attempt.fence, attempt.called_at)
    if method.details_sealed is None:
        raise ValueError(f"{payout.id} has no bank details to be sent to.")
    details = BankDetails(**vault.open(method.details_sealed))
    order = Order(
        council_id=payout.council_id,
        payment_id=payout.id,
        key=attempt.key,
        amount_pence=payout.amount_pence,
        reference=payout.reference,
        account_name=details.account_name,
        sort_code=details.sort_code,
        account_number=details.account_number,
        roll_number=details.roll_number,
    )
    return Call(payout.rail, order, attempt.fence, attempt.called_at)
