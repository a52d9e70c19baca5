"""How the machine is doing: for each queue, what waits and failed, and who and how much waits behind it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service import deliveries
from service.errors import NotFound
from service.people import queries as people
from service.reports import books
from service.settings import QUEUES
from service.web import here
from service.web.here import needs
from service.web.staff import books_reading
from service.web.staff.shapes import StoppedJob

pages = Blueprint("machine", __name__, url_prefix="/machine")


@pages.get("")
@needs("queues:read")
def show() -> str:
    """Queues, and jobs of this council that gave up."""
    g.place = "machine"
    with here.room() as session:
        figures = deliveries.figures(session, queues=QUEUES)
        stopped = _stopped(session)
        check = books.last_check(session, council_id=here.council_id())
        told = books_reading.told(session, check.found if check else ())
    return render_template(
        "staff/machine.html",
        queues=figures,
        now=here.now(),
        stopped=stopped,
        check=check,
        told=told,
        may_act=here.may("queues:write"),
    )


@pages.post("/retry")
@needs("queues:write")
def retry() -> Response:
    """Put a stopped job back in its queue."""
    return _leave(deliveries.retry)


@pages.post("/dismiss")
@needs("queues:write")
def dismiss() -> Response:
    """Set a stopped job aside, for good."""
    return _leave(deliveries.dismiss)


def _leave(verb: Callable[..., bool]) -> Response:
    event_id, task = _job()
    with here.room() as session:
        left = verb(
            session,
            council_id=here.council_id(),
            event_id=event_id,
            task=task,
            actor=here.staff_actor(),
            now=here.now(),
        )
    if not left:
        raise NotFound("That job is not stopped any more. Look at the list again.")
    return redirect(f"{here.at()}/staff/machine", 303)


def _job() -> tuple[int, str]:
    number, _, task = request.form.get("job", "").partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise NotFound("There is no such job. Look at the list again.")
    return int(number), task


def _stopped(session: Session) -> list[StoppedJob]:
    council_id = here.council_id()
    found = deliveries.failed(session, council_id=council_id)
    named = people.by_ids(
        session, council_id=council_id, person_ids={event.person_id for _, event in found if event.person_id}
    )
    return [
        StoppedJob(
            ref=f"{delivery.event_id}.{delivery.task}",
            task=delivery.task,
            queue=delivery.queue,
            error=delivery.error or "No reason was noted.",
            at=event.at,
            attempts=delivery.attempts,
            person=named[event.person_id].name if event.person_id in named else "",
            pence=event.amount_pence,
        )
        for delivery, event in found
    ]
