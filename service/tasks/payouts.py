"""What follows a yes: money. The only place where a rail is called, with no transaction open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from service import log
from service.events import Event, first_requests
from service.payouts import actions, hearing, looking, owing, queries, sending, stopping
from service.payouts.gates import LEASE
from service.payouts.hearing import Said
from service.payouts.orders import Call, asked
from service.rails.protocol import NO_NEWS, RAILS, Answer, Asked, NoAnswer, ask
from service.tasks.controls import apart
from service.tasks.delivery import follows
from service.tasks.hands import Hands
from service.tasks.purses import purse_of
from service.tasks.recipients import put_to_person

# As many payments are sent, or heard of, in one go.
MANY = 100

# So often in vain, and the machine is too slow to call at all: the sweeper tries later.
LOOKS_BEFORE_A_CALL = 20

# A sweep takes pages of so many payments, and no further page after so many seconds.
PAGE = 100
SWEEP_FOR = 10.0

One = TypeVar("One")


@follows("payouts.open", queue="payouts")
def open_obligation(*, session: Session, event: Event, now: datetime) -> None:
    """A claim was approved: it is owed."""
    owing.open_obligation(session, council_id=event.council_id, claim_id=event.subject_id, now=now)


@follows("payouts.stop", queue="payouts")
def stop(*, session: Session, event: Event, now: datetime) -> None:
    """A tick was taken back after approval."""
    stopping.stop(session, council_id=event.council_id, claim_id=event.subject_id, now=now)


@follows("payouts.follow_method", queue="payouts")
def follow_method(*, session: Session, event: Event, now: datetime) -> None:
    """A person said how they want to be paid."""
    actions.follow_method(session, council_id=event.council_id, person_id=event.person_id or "", now=now)


@follows("payouts.hold_stopped", queue="payouts")
def hold_stopped(*, session: Session, event: Event, now: datetime) -> None:
    """Somebody said that a change was not theirs: nothing leaves for this person."""
    stopping.hold_stopped(session, council_id=event.council_id, person_id=event.person_id or "", now=now)


@follows("payouts.send", queue="payouts", staged=True, many=MANY)
def send(*, council_id: str, events: Sequence[Event], hands: Hands) -> None:
    """Payments are ready: fix their keys, commit, call the rail, write down what it says."""
    requests = {event.subject_id: event.request_id for event in events}
    with hands.db.council(council_id) as session:
        ready = queries.ready_by_rail(session, council_id=council_id, payout_ids=requests)
    for rail, payout_ids in ready.items():
        _send(hands, council_id, rail, payout_ids, requests)


def _send(
    hands: Hands, council_id: str, rail: str, payout_ids: Sequence[str], requests: Mapping[str, str]
) -> None:
    purse = purse_of(hands, council_id=council_id, rail=rail)
    for chunk in _chunks(payout_ids, RAILS[rail].at_once):
        with hands.db.council(council_id) as session:
            calls = sending.prepare(
                session,
                council_id=council_id,
                rail=rail,
                requests={payout_id: requests[payout_id] for payout_id in chunk},
                vault=hands.vault,
                now=hands.clock(),
                purse=purse,
            )
        place(hands, council_id=council_id, calls=calls)


@follows("payouts.hear", queue="payouts", staged=True, many=MANY)
def hear(*, council_id: str, events: Sequence[Event], hands: Hands) -> None:
    """A rail told us something: ask it how those payments stand now, and write that down."""
    keys = {str(event.refs["key"]) for event in events}
    if not ask_after(hands, council_id=council_id, keys=keys):
        raise NoAnswer("The bank does not answer. We ask again later.")


def ask_after(hands: Hands, *, council_id: str, keys: Collection[str]) -> bool:
    """Ask the rails how the payments with these keys stand, and write that down. Whether all answered."""
    all_answered = True
    with hands.db.council(council_id) as session:
        known = queries.attempts_by_key(session, council_id=council_id, keys=keys)
        claim_ids = {payout.claim_id for payout, _ in known}
        begun = first_requests(session, council_id=council_id, claim_ids=claim_ids)
    requests = {attempt.key: begun.get(payout.claim_id, "") for payout, attempt in known}
    by_rail: dict[str, list[Asked]] = {}
    for payout, attempt in known:
        by_rail.setdefault(payout.rail, []).append(asked(payout, attempt))
    for rail, questions in by_rail.items():
        answers = ask(hands.rails[rail], questions)
        said = [
            Said(question.key, answer, request_id=requests[question.key])
            for question, answer in zip(questions, answers, strict=True)
            if answer.outcome not in NO_NEWS
        ]
        record(hands, council_id=council_id, rail=rail, said=said)
        all_answered = all_answered and all(answer.outcome != "lost" for answer in answers)
    return all_answered


def place(hands: Hands, *, council_id: str, calls: Sequence[Call]) -> None:
    """Call the rail for payments of one council whose keys stand, and record what it answers.

    An answer that is lost freezes its own payment, and no other.
    """
    rail = calls[0].rail if calls else ""
    for chunk in _chunks(calls, RAILS[rail].at_once if rail else 1):
        looked, going = _with_leave(hands, council_id, chunk)
        if not going:
            continue
        log.get().info("rail.called", rail=rail, payments=len(going), keys=[one.order.key for one in going])
        try:
            answers = hands.rails[rail].pay(
                [replace(one.order, still=_still(hands, council_id, one, looked)) for one in going]
            )
        except NoAnswer:
            answers = [Answer("lost") for _ in going]
        for one, answer in zip(going, answers, strict=True):
            if answer.doubt is not None:
                put_to_person(hands, order=one.order, check=answer.doubt)
        said = [
            Said(one.order.key, answer, fence=one.fence, request_id=one.request_id)
            for one, answer in zip(going, answers, strict=True)
        ]
        record(hands, council_id=council_id, rail=rail, said=said)


def _with_leave(hands: Hands, council_id: str, calls: Sequence[Call]) -> tuple[float, Sequence[Call]]:
    """When was looked, and those calls that may be made by it. Whoever slept on the way here looks again."""
    for _ in range(LOOKS_BEFORE_A_CALL):
        looked = hands.ticks()
        with hands.db.council(council_id) as session:
            calls = sending.take_leave(session, council_id=council_id, calls=calls, now=hands.clock())
        if not calls or hands.ticks() - looked <= LEASE:
            return looked, calls
    return looked, []


def _still(hands: Hands, council_id: str, call: Call, looked: float) -> Callable[[], bool]:
    """Whether a call that was let go may begin now: what was seen at `looked` counts for `LEASE`."""

    def still() -> bool:
        nonlocal looked
        if hands.ticks() - looked <= LEASE:
            return True
        looked, going = _with_leave(hands, council_id, [call])
        return bool(going)

    return still


def record(hands: Hands, *, council_id: str, rail: str, said: Sequence[Said]) -> None:
    """Write down what a rail said: what is usual in one commit, anything else, and what fails so, alone."""
    usual = [one for one in said if one.answer.outcome in hearing.USUAL]
    alone = [one for one in said if one.answer.outcome not in hearing.USUAL]
    try:
        with hands.db.council(council_id) as session:
            hearing.write_answers(session, council_id=council_id, rail=rail, said=usual, now=hands.clock())
    except Exception:  # noqa: BLE001 - whichever it was, each is written down alone
        log.get().warning("answers.one_by_one", rail=rail, answers=len(usual), exc_info=True)
        alone = [*usual, *alone]
    for one in alone:
        try:
            log.begin_request(one.request_id or None)
            with hands.db.council(council_id) as session:
                hearing.write_answer(
                    session,
                    council_id=council_id,
                    key=one.key,
                    answer=one.answer,
                    now=hands.clock(),
                    fence=one.fence,
                )
        except Exception:  # noqa: BLE001 - one that cannot be written leaves the others to be written
            log.get().error("payout.not_decided", key=one.key, exc_info=True)


def sweep(hands: Hands, *, council_id: str, now: datetime) -> int:
    """Decide payments that hang: ask the rail, send again under the same key, let run-out holds go."""
    began, taken = hands.ticks(), 0
    while hands.ticks() - began < SWEEP_FOR:
        with hands.db.council(council_id) as session:
            due = looking.take_page(session, council_id=council_id, limit=PAGE, now=now)
        taken += len(due.requests)
        _look_at(hands, council_id, due, now=now)
        if len(due.requests) < PAGE:
            break
    return taken


def _look_at(hands: Hands, council_id: str, due: looking.Due, *, now: datetime) -> None:
    for payout_id in due.held:
        _release(hands, council_id, payout_id, due, now=now)
    for rail, payout_ids in due.ready.items():
        apart(rail, partial(_send, hands, council_id, rail, payout_ids, due.requests))
    for payout_ids in due.uncalled.values():
        _send_again(hands, council_id, payout_ids, due, now=now)
    for rail, questions in due.asked.items():
        answers = _ask_each(hands, rail, questions)
        said = [
            Said(question.key, answer, request_id=due.requests[question.payment_id])
            for question, answer in answers
            if answer.outcome not in NO_NEWS
        ]
        record(hands, council_id=council_id, rail=rail, said=said)
        absent = {q.payment_id: a.outcome for q, a in answers if a.outcome in ("absent", "not_sent")}
        due.never_sent.update(one for one, outcome in absent.items() if outcome == "not_sent")
        _send_again(hands, council_id, list(absent), due, now=now)


def _ask_each(hands: Hands, rail: str, questions: Sequence[Asked]) -> list[tuple[Asked, Answer]]:
    """Ask a rail; where it cannot even be asked about one payment, that one waits for its next look."""
    try:
        return list(zip(questions, ask(hands.rails[rail], questions), strict=True))
    except Exception:  # noqa: BLE001 - one that cannot be asked about leaves the others to be decided
        if len(questions) > 1:
            return [pair for one in questions for pair in _ask_each(hands, rail, [one])]
        log.get().error("payout.not_decided", payout_id=questions[0].payment_id, exc_info=True)
        return []


def _send_again(
    hands: Hands, council_id: str, payout_ids: Sequence[str], due: looking.Due, *, now: datetime
) -> None:
    if not payout_ids:
        return
    try:
        with hands.db.council(council_id) as session:
            calls, over = looking.send_again(
                session,
                council_id=council_id,
                payout_ids=payout_ids,
                vault=hands.vault,
                requests=due.requests,
                never_sent=due.never_sent,
                now=now,
            )
        place(hands, council_id=council_id, calls=calls)
        for payout_id in over:
            log.begin_request(due.requests[payout_id] or None)
            with hands.db.council(council_id) as session:
                looking.give_up(session, council_id=council_id, payout_id=payout_id, now=now)
    except Exception:  # noqa: BLE001 - one that cannot be decided leaves the others to be decided
        if len(payout_ids) == 1:
            log.get().error("payout.not_decided", payout_id=payout_ids[0], exc_info=True)
            return
        for payout_id in payout_ids:
            _send_again(hands, council_id, [payout_id], due, now=now)


def _release(hands: Hands, council_id: str, payout_id: str, due: looking.Due, *, now: datetime) -> None:
    try:
        log.begin_request(due.requests[payout_id] or None)
        with hands.db.council(council_id) as session:
            actions.release_due(session, council_id=council_id, payout_id=payout_id, now=now)
    except Exception:  # noqa: BLE001 - one that cannot be released leaves the others to be decided
        log.get().error("payout.not_decided", payout_id=payout_id, exc_info=True)


def _chunks(these: Sequence[One], size: int) -> Iterator[Sequence[One]]:
    for start in range(0, len(these), size):
        yield these[start : start + size]
