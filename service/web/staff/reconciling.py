"""Our payments beside each rail's own record: what differs, what to do, and the note that closes it."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from service.councils import queries as councils
from service.errors import Conflict, Invalid
from service.rails.protocol import RAILS
from service.reconciling import actions, queries
from service.reconciling.model import KINDS, STANDS, WHAT_TO_DO
from service.web import here, statuses
from service.web.answers import Answers
from service.web.here import needs
from service.web.staff import books_reading

pages = Blueprint("reconciliations", __name__, url_prefix="/reconciliations")


@pages.before_request
def _place() -> None:
    g.place = "reconciliations"


@pages.get("")
@needs("reconciliations:read")
def home() -> str:
    """What does not agree, and the last comparisons."""
    return _page(Answers())


@pages.get("/<reconciliation_id>")
@needs("reconciliations:read")
def show(reconciliation_id: str) -> Response:
    """One comparison: where a message leads. What is open stands on the one page."""
    with here.room() as session:
        queries.get(session, council_id=here.council_id(), reconciliation_id=reconciliation_id)
    return redirect(f"{here.at()}/staff/reconciliations", 303)


@pages.post("/findings/<finding_id>/close")
@needs("reconciliations:write")
def close(finding_id: str) -> Response | tuple[str, int]:
    """Say what it was, and close it."""
    answers, field = Answers(request.form), f"note-{finding_id}"
    try:
        with here.room() as session:
            actions.close(
                session,
                council_id=here.council_id(),
                finding_id=finding_id,
                note=answers[field],
                actor=here.staff_actor(),
                now=here.now(),
            )
        return redirect(f"{here.at()}/staff/reconciliations", 303)
    except Invalid as refusal:
        answers.learn(refusal, {"/note": field})
    except Conflict as refusal:
        answers.general.append(refusal.detail)
    return _page(answers), 422


def _page(answers: Answers) -> str:
    council_id = here.council_id()
    with here.room() as session:
        found = queries.findings(session, council_id=council_id, limit=200)
        done = queries.page(session, council_id=council_id, before=None, limit=30)
        names = councils.names_of(session, council_id=council_id)
        paid = books_reading.links(session, {row.payment_id for row in found})
    return render_template(
        "staff/reconciliations.html",
        answers=answers,
        waiting=[row for row in found if row.closed_at is None],
        closed=[row for row in found if row.closed_at is not None][:30],
        done=done,
        paid=paid,
        kinds=KINDS,
        what_to_do=WHAT_TO_DO,
        stands=STANDS,
        ours={state: status.word.lower() for state, status in statuses.PAYMENT_FOR_STAFF.items()},
        rails=RAILS,
        names=names,
        may_close=here.may("reconciliations:write"),
    )
