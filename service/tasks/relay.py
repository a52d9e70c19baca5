"""How do events get from the database to the queue? In batches, at once, and again when the broker lost them.

The relay is a small process of its own: it listens for commits and also looks every second. What it handed
over is written down before it is published, so a crash between the two is mended by the second look.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
import redis
from sqlalchemy import text

from service import log
from service.days import utc_now
from service.db import Database
from service.settings import QUEUES, Settings
from service.tasks.delivery import TASKS, carry
from service.tasks.hands import Hands

BATCH = 2000

# Longer than any one piece of work takes; a worker that began it and is still silent has died.
STUCK = timedelta(seconds=30)

Publish = Callable[[str, str, list[tuple[str, int]]], None]


def steps(following: dict[str, tuple[str, ...]]) -> str:
    """The table of what follows what, as the database function reads it."""
    return json.dumps(
        {name: [[task, TASKS[task].queue] for task in tasks] for name, tasks in following.items()}
    )


def hand_over(
    db: Database,
    *,
    following: dict[str, tuple[str, ...]],
    publish: Publish,
    at: datetime,
    hand_again: timedelta,
    quiet: Sequence[str] = (),
    with_overdue: bool = True,
) -> int:
    """Hand every new or overdue delivery to `publish`, in batches of like ones. Answers how many.

    `hand_again`: how long something handed over may lie unbegun; in the queues named `quiet`, which stand
    empty at the broker, three seconds are enough to know that it was lost.
    `publish(task, queue, [(council_id, event_id), …])` may raise: what was not published is handed again.
    """
    with db.crossing() as session:
        fresh = session.execute(
            text("SELECT * FROM relay_fan_out(CAST(:next AS jsonb), :batch, :at)"),
            {"next": steps(following), "batch": BATCH, "at": at},
        ).all()
        overdue = (
            session.execute(
                text("SELECT * FROM relay_due(:at, :hand_again, :stuck, :quiet, :batch)"),
                {"at": at, "hand_again": hand_again, "stuck": STUCK, "quiet": list(quiet), "batch": BATCH},
            ).all()
            if with_overdue
            else []
        )
    rows = [*fresh, *overdue]
    batches: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for row in sorted(rows, key=lambda row: row.event_id):
        batches.setdefault((row.task, row.queue), []).append((row.council_id, row.event_id))
    for (task, queue), deliveries in batches.items():
        if TASKS[task].many:
            deliveries.sort()  # What is done at once is done for one council.
        size = TASKS[task].to_one_worker
        for start in range(0, len(deliveries), size):
            publish(task, queue, deliveries[start : start + size])
    return len(rows)


def drain(given: Hands, *, following: dict[str, tuple[str, ...]]) -> int:
    """Carry out all that waits, here and now, until nothing is left: for tests and the demonstration."""

    def carry_now(task: str, _queue: str, deliveries: list[tuple[str, int]]) -> None:
        carry(given, task=task, deliveries=deliveries)

    total = 0
    while count := hand_over(
        given.db, following=following, publish=carry_now, at=given.clock(), hand_again=timedelta(days=3650)
    ):
        total += count
    return total


def run(settings: Settings, *, following: dict[str, tuple[str, ...]], send_task: Callable[..., Any]) -> None:
    """The relay process: until it is told to stop."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    db = Database(settings.database_url, pool_size=1)
    db.check_walls()
    broker = redis.Redis.from_url(settings.redis_url, socket_timeout=5)

    def publish(task: str, queue: str, deliveries: list[tuple[str, int]]) -> None:
        send_task(task, kwargs={"deliveries": [list(d) for d in deliveries]}, queue=queue, retry=False)

    looked = 0.0

    def once() -> int:
        nonlocal looked
        overdue = time.monotonic() - looked >= settings.sweep_seconds
        looked = time.monotonic() if overdue else looked
        quiet = [queue for queue in QUEUES if not broker.llen(queue)] if overdue else []
        hand_again = timedelta(seconds=settings.hand_again_seconds)
        return hand_over(
            db,
            following=following,
            publish=publish,
            at=utc_now(),
            hand_again=hand_again,
            quiet=quiet,
            with_overdue=overdue,
        )

    while not stopping:
        try:
            _listen(settings, once, lambda: stopping)
        except Exception as error:  # noqa: BLE001 - database or broker away: the next look finds it all
            log.get().warning("relay.waiting", error=type(error).__name__)
            signal.sigtimedwait([], 1)
    db.close()


def _listen(settings: Settings, once: Callable[[], int], stopping: Callable[[], bool]) -> None:
    """Hand over at each commit that the database tells of, and look every second all the same."""
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute("LISTEN events")
        while not stopping():
            while once() >= BATCH:
                pass
            for _ in listener.notifies(timeout=settings.sweep_seconds, stop_after=1):
                pass
