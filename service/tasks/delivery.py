"""How does an event reach its task? Each delivery is done once: its effect and its tick share a transaction.

Delivery may repeat (the broker lost it, a worker died); a delivery that is done is passed over, and every
verb is safe to repeat all the same. A task that must leave the database (to call a rail or a mail server) is
*staged*: it opens its own transactions, and its tick follows in one of its own. A task may take *many* events
of one council at once, with one tick for all; where that fails, each is tried alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from sqlalchemy import BigInteger, ColumnElement, any_, cast, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from service import log
from service.deliveries import Delivery
from service.errors import ReciprocalError, Refused, Unavailable
from service.events import Event
from service.tasks.hands import Hands, hands

TRIES = 8
LONGEST_WAIT = timedelta(minutes=5)

# As many deliveries go to one worker at once, unless a task says otherwise.
TO_ONE_WORKER = 50

InOne = Callable[..., None]


@dataclass(frozen=True)
class Task:
    """One thing that may follow an event. `work` takes keywords: event, now and session; or, staged, hands.

    With `many` it takes `council_id` and `events` instead of the event, so many at most; staged, it has the
    clock in its hands.
    """

    name: str
    queue: str
    work: InOne
    staged: bool
    many: int = 0

    @property
    def to_one_worker(self) -> int:
        """How many deliveries are handed to a worker in one message."""
        return self.many or TO_ONE_WORKER


TASKS: dict[str, Task] = {}


def follows(name: str, *, queue: str, staged: bool = False, many: int = 0) -> Callable[[InOne], InOne]:
    """Declare a task that events are delivered to, and its queue. `many`: it takes so many at once."""

    def declare(work: InOne) -> InOne:
        TASKS[name] = Task(name, queue, work, staged, many)

        def carry_batch(*, deliveries: list[list[Any]]) -> None:
            carry(
                hands(),
                task=name,
                deliveries=[(council_id, int(event_id)) for council_id, event_id in deliveries],
            )

        shared_task(name=name, ignore_result=True)(carry_batch)
        return work

    return declare


def carry(given: Hands, *, task: str, deliveries: Iterable[tuple[str, int]]) -> None:
    """Carry out one task for a batch of events: one that fails leaves the others done."""
    by_council: dict[str, list[int]] = {}
    for council_id, event_id in deliveries:
        by_council.setdefault(council_id, []).append(event_id)
    for council_id, event_ids in by_council.items():
        begun = _begin(given, council_id, task, event_ids)
        if not begun or not TASKS[task].many:
            for event_id in begun:
                _carry_alone(given, TASKS[task], council_id, event_id)
            continue
        many = TASKS[task].many
        for start in range(0, len(begun), many):
            _carry_many(given, TASKS[task], council_id, begun[start : start + many])


def _begin(given: Hands, council_id: str, task: str, event_ids: list[int]) -> list[int]:
    """Say that a worker is at it. Answers which of them are still to be done, in their order."""
    with given.db.council(council_id) as session:
        waiting = session.scalars(
            update(Delivery)
            .where(*_waiting(council_id, task, event_ids))
            .values(started_at=given.clock())
            .returning(Delivery.event_id)
        )
        return sorted(waiting)


def _carry_many(given: Hands, task: Task, council_id: str, event_ids: list[int]) -> None:
    try:
        _carry(given, task, council_id, event_ids)
    except Exception as error:  # noqa: BLE001 - whichever it was, each is tried alone
        if len(event_ids) == 1:
            _failed(given, task, council_id, event_ids[0], error)
            return
        log.get().warning("delivery.one_by_one", task=task.name, events=len(event_ids), exc_info=True)
        for event_id in event_ids:
            _carry_alone(given, task, council_id, event_id)


def _carry_alone(given: Hands, task: Task, council_id: str, event_id: int) -> None:
    try:
        _carry(given, task, council_id, [event_id])
    except Exception as error:  # noqa: BLE001 - one that fails leaves the others done, and is written down
        _failed(given, task, council_id, event_id, error)


def _failed(given: Hands, task: Task, council_id: str, event_id: int, error: Exception) -> None:
    log.get().warning(
        "delivery.failed", task=task.name, event_id=event_id, error=type(error).__name__, exc_info=True
    )
    _note_failure(given, task, council_id, event_id, error)


def _carry(given: Hands, task: Task, council_id: str, event_ids: list[int]) -> None:
    """Do the work and tick it off: in one transaction, or, staged, in those that the work opens itself."""
    if task.staged:
        _carry_staged(given, task, council_id, event_ids)
        return
    with given.db.council(council_id) as session:
        if events := _take(session, council_id, task.name, event_ids):
            _work(task, events, session=session, now=given.clock())
            _tick(session, task.name, events, given.clock())


def _carry_staged(given: Hands, task: Task, council_id: str, event_ids: list[int]) -> None:
    with given.db.council(council_id) as session:
        events = _take(session, council_id, task.name, event_ids)
        if not events:
            return
        _mark(session, task.name, events, started_at=given.clock())
    _work(task, events, hands=given, **({} if task.many else {"now": given.clock()}))
    with given.db.council(council_id) as session:
        _tick(session, task.name, events, given.clock())


def _work(task: Task, events: Sequence[Event], **given: Any) -> None:
    log.begin_request(events[0].request_id or None)
    if task.many:
        task.work(council_id=events[0].council_id, events=events, **given)
    else:
        (event,) = events
        task.work(event=event, **given)


def _waiting(council_id: str, task: str, event_ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.council_id == council_id,
        Delivery.event_id == any_(cast(list(event_ids), ARRAY(BigInteger))),
        Delivery.task == task,
        Delivery.state == "waiting",
    )


def _take(session: Session, council_id: str, task: str, event_ids: list[int]) -> list[Event]:
    """The events whose deliveries are still to be done and that nobody else is at; those are locked now."""
    query = select(Delivery.event_id).where(*_waiting(council_id, task, event_ids))
    taken = session.scalars(query.order_by(Delivery.event_id).with_for_update(skip_locked=True)).all()
    if not taken:
        return []
    found = select(Event).where(
        Event.council_id == council_id, Event.id == any_(cast(list(taken), ARRAY(BigInteger)))
    )
    return list(session.scalars(found.order_by(Event.id)))


def _mark(session: Session, task: str, events: Sequence[Event], **values: Any) -> None:
    waiting = _waiting(events[0].council_id, task, [event.id for event in events])
    session.execute(update(Delivery).where(*waiting).values(**values))


def _tick(session: Session, task: str, events: Sequence[Event], now: datetime) -> None:
    _mark(session, task, events, state="done", finished_at=now, error=None)


def _note_failure(given: Hands, task: Task, council_id: str, event_id: int, error: Exception) -> None:
    """Try again later and later, or stop and show it to operations. Errors not ours are named, not quoted.

    What is merely out of reach (a mail server, a bank) is tried for as long as it takes.
    """
    with given.db.council(council_id) as session:
        query = select(Delivery).where(*_waiting(council_id, task.name, [event_id]))
        delivery = session.scalars(query.with_for_update(skip_locked=True)).first()
        if delivery is None:
            return
        delivery.attempts += 1
        delivery.error = error.detail if isinstance(error, ReciprocalError) else type(error).__name__
        delivery.started_at = None
        out_of_reach = isinstance(error, Unavailable)
        if isinstance(error, Refused) or (delivery.attempts >= TRIES and not out_of_reach):
            delivery.state = "failed"
        else:
            wait = min(timedelta(seconds=2 ** min(delivery.attempts, 10)), LONGEST_WAIT)
            delivery.next_at = given.clock() + wait
