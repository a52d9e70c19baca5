"""How are the queues? Jobs, people and pence, for the operations page, the API and the metrics."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class QueueFigures:
    """One queue. `oldest_seconds`: how long the oldest job has waited or been failed."""

    queue: str
    waiting: int = 0
    running: int = 0
    failed: int = 0
    oldest_seconds: int = 0
    people_waiting: int = 0
    pence_waiting: int = 0


def figures(session: Session, *, queues: tuple[str, ...], now: datetime) -> list[QueueFigures]:
    """Every queue, the empty ones too. Counts and sums over the whole service; no names, no ids."""
    found = {name: QueueFigures(name) for name in queues}
    for row in session.execute(text("SELECT * FROM queue_figures()")):
        known = found.get(row.queue, QueueFigures(row.queue))
        age = max(int((now - row.oldest).total_seconds()), 0)
        counted = {row.state: row.jobs} if row.state in ("waiting", "running", "failed") else {}
        found[row.queue] = replace(
            known,
            oldest_seconds=max(known.oldest_seconds, age),
            people_waiting=known.people_waiting + row.people,
            pence_waiting=known.pence_waiting + int(row.pence),
            **counted,
        )
    return list(found.values())
