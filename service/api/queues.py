"""Calls for the people who look after the queues."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from service import deliveries
from service.api import answers
from service.api.calls import actor, call, council_id, now, session
from service.errors import NotFound
from service.settings import QUEUES

routes = Blueprint("Queues", __name__, description="What waits, what stopped, and who waits behind it.")


@routes.route("/queues", methods=["GET"])
@call("queues:read")
@routes.response(200, answers.QueuesOut)
def list_queues() -> dict[str, Any]:
    """Every queue with its figures, and the jobs of this council that stopped."""
    rows = deliveries.figures(session(), queues=QUEUES)
    stopped = deliveries.failed(session(), council_id=council_id())
    return {
        "data": [
            {
                "queue": row.queue,
                "waiting": row.waiting,
                "running": row.running,
                "failed": row.failed,
                "oldest_seconds": row.age_seconds(now()),
                "people_waiting": row.people,
                "pence_waiting": row.pence,
            }
            for row in rows
        ],
        "failed": [
            {
                "id": f"{delivery.event_id}.{delivery.task}",
                "task": delivery.task,
                "queue": delivery.queue,
                "event": event.name,
                "subject": event.subject_id,
                "attempts": delivery.attempts,
                "error": delivery.error,
            }
            for delivery, event in stopped
        ],
    }


@routes.route("/queues/jobs/<job_id>/retry", methods=["POST"])
@call("queues:write", once_only=True)
@routes.response(200)
def retry_job(job_id: str) -> dict[str, str]:
    """Put a stopped job back in its queue."""
    event_id, task = _read(job_id)
    if not deliveries.retry(
        session(), council_id=council_id(), event_id=event_id, task=task, actor=actor(), now=now()
    ):
        raise NotFound("That job is not stopped any more. Look at the list again.")
    return {"id": job_id, "status": "waiting"}


@routes.route("/queues/jobs/<job_id>/dismiss", methods=["POST"])
@call("queues:write", once_only=True)
@routes.response(200)
def dismiss_job(job_id: str) -> dict[str, str]:
    """Set a stopped job aside, for good."""
    event_id, task = _read(job_id)
    if not deliveries.dismiss(
        session(), council_id=council_id(), event_id=event_id, task=task, actor=actor(), now=now()
    ):
        raise NotFound("That job is not stopped any more. Look at the list again.")
    return {"id": job_id, "status": "dismissed"}


def _read(job_id: str) -> tuple[int, str]:
    number, _, task = job_id.partition(".")
    if not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise NotFound("There is no such job.")
    return int(number), task
