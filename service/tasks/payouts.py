"""What follows a yes: money. The only place where a rail is called, with no transaction open."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service import events, log
from service.events import Event
from service.payouts import actions, queries, sending
from service.payouts.tables import Payout
from service.rails.protocol import Answer, NoAnswer
from service.tasks.delivery import follows
from service.tasks.hands import Hands

# A payment that has hung this long in sending, or whose fate is unknown, is asked after.
ASK_AFTER = timedelta(seconds=5)


@follows("payouts.open", queue="payouts")
def open_obligation(*, session: Session, event: Event, now: datetime) -> None:
    """A claim was approved: it is owed."""
    actions.open_obligation(session, council_id=event.council_id, claim_id=event.subject_id, now=now)


@follows("payouts.stop", queue="payouts")
def stop(*, session: Session, event: Event, now: datetime) -> None:
    """A tick was taken back after approval."""
    actions.stop(session, council_id=event.council_id, claim_id=event.subject_id, now=now)


@follows("payouts.follow_method", queue="payouts")
def follow_method(*, session: Session, event: Event, now: datetime) -> None:
    """A person said how they want to be paid."""
    actions.follow_method(session, council_id=event.council_id, person_id=event.person_id or "", now=now)


@follows("payouts.hold_stopped", queue="payouts")
def hold_stopped(*, session: Session, event: Event, now: datetime) -> None:
    """Somebody said that a change was not theirs: nothing leaves for this person."""
    actions.hold_stopped(session, council_id=event.council_id, person_id=event.person_id or "", now=now)


@follows("payouts.send", queue="payouts", staged=True)
def send(*, event: Event, hands: Hands, now: datetime) -> None:
    """A payment is ready: fix its key, commit, call the rail, write down what it says."""
    with hands.db.council(event.council_id) as session:
        call = sending.prepare(
            session, council_id=event.council_id, payout_id=event.subject_id, vault=hands.vault, now=now
        )
    if call is not None:
        place(hands, call)


@follows("payouts.hear", queue="payouts", staged=True)
def hear(*, event: Event, hands: Hands, now: datetime) -> None:
    """A rail told us something: ask it how the payment stands now, and write that down."""
    key, rail = event.refs["key"], hands.rails[event.refs["rail"]]
    with hands.db.council(event.council_id) as session:
        attempt = queries.attempt_by_key(session, council_id=event.council_id, key=key)
        if attempt is None:
            return
        payout = queries.get(session, council_id=event.council_id, payout_id=attempt.payout_id)
    answer = rail.find(sending.asked(payout, attempt))
    with hands.db.council(event.council_id) as session:
        sending.write_answer(session, council_id=event.council_id, key=key, answer=answer, now=now)


def place(hands: Hands, call: sending.Call) -> None:
    """Make one call to a rail and record the answer, or freeze the payment when there is none."""
    order = call.order
    log.get().info("rail.called", rail=call.rail, payout_id=order.payment_id, key=order.key)
    try:
        (answer,) = hands.rails[call.rail].pay([order])
    except NoAnswer:
        answer = Answer("lost")
    if answer.outcome == "lost":
        with hands.db.council(order.council_id) as session:
            sending.freeze(
                session,
                council_id=order.council_id,
                payout_id=order.payment_id,
                before=call.began_at,
                now=hands.clock(),
            )
        return
    with hands.db.council(order.council_id) as session:
        sending.write_answer(
            session,
            council_id=order.council_id,
            key=order.key,
            answer=answer,
            now=hands.clock(),
            fence=call.fence,
        )


def sweep(hands: Hands, *, council_id: str, now: datetime) -> int:
    """Decide payments that hang: ask the rail, send again under the same key, let run-out holds go."""
    with hands.db.council(council_id) as session:
        waiting = queries.to_look_at(session, council_id=council_id, before=now - ASK_AFTER, now=now)
    for payout in waiting:
        try:
            _look_at(hands, payout, now=now)
        except Exception:  # noqa: BLE001 - one that cannot be decided leaves the others to be decided
            log.get().error("payout.not_decided", payout_id=payout.id, exc_info=True)
    return len(waiting)


def _look_at(hands: Hands, payout: Payout, *, now: datetime) -> None:
    council_id = payout.council_id
    with hands.db.council(council_id) as session:
        history = events.of_claim(session, council_id=council_id, claim_id=payout.claim_id)
        log.begin_request(history[0].request_id if history else None)
        actions.release_due(session, council_id=council_id, payout_id=payout.id, now=now)
        sending.freeze(session, council_id=council_id, payout_id=payout.id, before=now - ASK_AFTER, now=now)
        attempts = queries.attempts(session, council_id=council_id, payout_id=payout.id)
    if not attempts:
        return
    key = attempts[-1].key
    try:
        answer = hands.rails[payout.rail].find(sending.asked(payout, attempts[-1]))
    except NoAnswer:
        return
    with hands.db.council(council_id) as session:
        if answer.outcome != "absent":
            sending.write_answer(session, council_id=council_id, key=key, answer=answer, now=now)
            return
        call = sending.prepare_again(
            session,
            council_id=council_id,
            payout_id=payout.id,
            vault=hands.vault,
            before=now - ASK_AFTER,
            now=now,
        )
    if call is not None:
        place(hands, call)
