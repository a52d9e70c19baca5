"""How does an event reach its task? Each delivery is done once: its effect and its tick share a transaction.

Delivery may repeat (the broker lost it, a worker died); a delivery that is done is passed over, and every
verb is safe to repeat all the same. A task that must leave the database (to call a rail or a mail server) is
*staged*: it opens its own transactions, and its tick follows in one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service import log
from service.deliveries import Delivery
from service.errors import ReciprocalError, Refused, Unavailable
from service.events import Event
from service.tasks.hands import Hands, hands

TRIES = 8
LONGEST_WAIT = timedelta(minutes=5)

InOne = Callable[..., None]


@dataclass(frozen=True)
class Task:
    """One thing that may follow an event. `work` takes keywords: event, now and
    session; or, staged, hands."""

    name: str
    queue: str
    work: InOne
    staged: bool


TASKS: dict[str, Task] = {}


def follows(name: str, *, queue: str, staged: bool = False) -> Callable[[InOne], InOne]:
    """Declare a task that events are delivered to, and its queue."""

    def declare(work: InOne) -> InOne:
        TASKS[name] = Task(name, queue, work, staged)

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
    """Carry out one task for a batch of events, each alone: one that fails leaves the others done."""
    by_council: dict[str, list[int]] = {}
    for council_id, event_id in deliveries:
        by_council.setdefault(council_id, []).append(event_id)
    for council_id, event_ids in by_council.items():
        _mark_started(given, council_id, task, event_ids)
        for event_id in event_ids:
            _carry_one(given, TASKS[task], council_id, event_id)


def _mark_started(given: Hands, council_id: str, task: str, event_ids: list[int]) -> None:
    with given.db.council(council_id) as session:
        session.execute(
            update(Delivery)
            .where(
                Delivery.council_id == council_id,
                Delivery.task == task,
                Delivery.event_id.in_(event_ids),
                Delivery.state == "waiting",
            )
            .values(started_at=given.clock())
        )


def _carry_one(given: Hands, task: Task, council_id: str, event_id: int) -> None:
    try:
        if task.staged:
            _carry_staged(given, task, council_id, event_id)
        else:
            with given.db.council(council_id) as session:
                delivery = _take(session, council_id, event_id, task.name)
                if delivery is not None:
                    event = _event(session, council_id, event_id)
                    task.work(session=session, event=event, now=given.clock())
                    _tick(delivery, given.clock())
    except Exception as error:  # noqa: BLE001 - one that fails leaves the others done, and is written down
        log.get().warning(
            "delivery.failed", task=task.name, event_id=event_id, error=type(error).__name__, exc_info=True
        )
        _note_failure(given, task, council_id, event_id, error)


def _carry_staged(given: Hands, task: Task, council_id: str, event_id: int) -> None:
    with given.db.council(council_id) as session:
        begun = _take(session, council_id, event_id, task.name)
        if begun is None:
            return
        begun.started_at = given.clock()
        event = _event(session, council_id, event_id)
    task.work(event=event, hands=given, now=given.clock())
    with given.db.council(council_id) as session:
        delivery = _take(session, council_id, event_id, task.name)
        if delivery is not None:
            _tick(delivery, given.clock())


def _take(session: Session, council_id: str, event_id: int, task: str) -> Delivery | None:
    """The delivery, locked, if it is still to be done and nobody else is at it."""
    query = select(Delivery).where(
        Delivery.council_id == council_id,
        Delivery.event_id == event_id,
        Delivery.task == task,
        Delivery.state == "waiting",
    )
    return session.scalars(query.with_for_update(skip_locked=True)).first()


def _event(session: Session, council_id: str, event_id: int) -> Event:
    event = session.get_one(Event, (council_id, event_id))
    log.begin_request(event.request_id or None)
    return event


def _tick(delivery: Delivery, now: datetime) -> None:
    delivery.state, delivery.finished_at, delivery.error = "done", now, None


def _note_failure(given: Hands, task: Task, council_id: str, event_id: int, error: Exception) -> None:
    """Try again later and later, or stop and show it to operations. Errors not ours are named, not quoted.

    What is merely out of reach (a mail server, a bank) is tried for as long as it takes.
    """
    with given.db.council(council_id) as session:
        delivery = _take(session, council_id, event_id, task.name)
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
