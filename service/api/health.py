"""Is the process alive, can it do its work, and how busy is it?"""

from __future__ import annotations

from collections.abc import Iterator

import redis
from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CollectorRegistry, Counter, generate_latest, multiprocess, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text

from service import deliveries, schema
from service.api.calls import database
from service.days import utc_now
from service.pulse import Pulse
from service.reports import books
from service.settings import QUEUES, Settings

routes = Blueprint("health", __name__)

REQUESTS = Counter("reciprocal_requests", "Requests answered", ["door", "method", "status"])


@routes.get("/healthz")
def alive() -> Response:
    """The process is alive."""
    return jsonify(status="ok")


@routes.get("/readyz")
def ready() -> tuple[Response, int]:
    """Database at the right shape, queue in reach: 200, else 503 with the part that is missing.

    `books` says what the last check of the ledger found. `work` says whether a worker has lately done a
    round of the clock. Pages and calls work without one: what they ask for waits.
    """
    queue, work = _queue_and_work()
    parts = {"database": _database(), "queue": queue}
    fine = all(found == "ok" for found in parts.values())
    found = {**parts, "work": work, "books": _books() if parts["database"] == "ok" else "not looked at"}
    return jsonify(status="ok" if fine else "waiting", **found), 200 if fine else 503


def _books() -> str:
    with database().crossing() as session:
        breaches, _ = books.figures(session)
    return f"breaches: {breaches}" if breaches else "ok"


def _database() -> str:
    try:
        with database().engine.connect() as connection:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is 503 and its name
        return f"out of reach: {type(error).__name__}"
    return "ok" if found == schema.head() else f"at {found}, this code needs {schema.head()}"


def _queue_and_work() -> tuple[str, str]:
    settings: Settings = current_app.extensions["settings"]
    try:
        return "ok", "ok" if Pulse(settings.redis_url).is_there() else "waiting"
    except redis.RedisError as error:
        return f"out of reach: {type(error).__name__}", "waiting"


class _Figures(Collector):
    """What is read from the database at the moment of asking; no process keeps a copy of it."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Queues, then the books."""
        jobs = GaugeMetricFamily(
            "reciprocal_queue_jobs", "Jobs by queue and state", labels=["queue", "state"]
        )
        oldest = GaugeMetricFamily(
            "reciprocal_queue_oldest_seconds", "Age of the oldest job", labels=["queue"]
        )
        people = GaugeMetricFamily(
            "reciprocal_queue_people", "People who wait behind a queue", labels=["queue"]
        )
        pence = GaugeMetricFamily(
            "reciprocal_queue_pence", "Pence that wait behind a queue", labels=["queue"]
        )
        with database().crossing() as session:
            for row in deliveries.figures(session, queues=QUEUES):
                for state in ("waiting", "running", "failed"):
                    jobs.add_metric([row.queue, state], getattr(row, state))
                oldest.add_metric([row.queue], row.age_seconds(utc_now()))
                people.add_metric([row.queue], row.people)
                pence.add_metric([row.queue], row.pence)
            breaches, oldest_check = books.figures(session)
        yield from (jobs, oldest, people, pence)
        yield GaugeMetricFamily(
            "reciprocal_book_breaches", "Places where money and records disagree", value=breaches
        )
        if oldest_check is not None:
            age = max((utc_now() - oldest_check).total_seconds(), 0)
            yield GaugeMetricFamily(
                "reciprocal_book_check_seconds", "Age of the oldest check of the books", value=age
            )


@routes.get("/metrics")
def metrics() -> Response:
    """Prometheus: requests answered, and every queue with its jobs, people and pence."""
    registry = CollectorRegistry()
    if values.ValueClass.__name__ == "MmapedValue":
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REQUESTS)
    registry.register(_Figures())
    return Response(generate_latest(registry), mimetype="text/plain; version=0.0.4")


def count(answer: Response) -> Response:
    """After each request: count it, by door and status."""
    door = "api" if request.path.startswith(("/v1", "/webhooks")) else "web"
    REQUESTS.labels(door, request.method, str(answer.status_code)).inc()
    return answer
