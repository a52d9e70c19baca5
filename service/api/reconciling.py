"""Calls about comparing our payments with a rail's own record."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from service.api import answers
from service.api import schemas_output as shapes
from service.api.calls import actor, call, council_id, now, paged, read_cursor, session
from service.api.schemas import PageQuery
from service.rails.protocol import BookLine
from service.reconciling import actions, queries
from service.reconciling.model import KINDS, WHAT_TO_DO
from service.reconciling.tables import ReconciliationFinding

routes = Blueprint(
    "Reconciliation", __name__, description="Our payments beside each rail's own record, once a day."
)


@routes.route("/reconciliations", methods=["GET"])
@call("reconciliations:read")
@routes.arguments(PageQuery, location="query")
@routes.response(200, answers.page_of(shapes.ReconciliationOut))
def list_reconciliations(query: dict[str, Any]) -> dict[str, Any]:
    """Comparisons, the newest first. A clean one has no mismatches."""
    after = read_cursor(query["cursor"], timed=False)
    rows = queries.page(
        session(), council_id=council_id(), before=after[0] if after else None, limit=query["limit"] + 1
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.id,))
    return {"data": page, "next_cursor": following}


@routes.route("/reconciliations", methods=["POST"])
@call("reconciliations:write", once_only=True)
@routes.arguments(shapes.ReconciliationIn)
@routes.response(201, shapes.ReconciliationOut)
def reconcile(given: dict[str, Any]) -> Any:
    """Hand in the record of a rail that we cannot read ourselves, such as a bank statement, and compare it.

    Name every payment that the record has since that moment: what is left out counts as not there.
    """
    lines = [BookLine(line["payment"], line["amount_pence"], line["status"]) for line in given["lines"]]
    return actions.reconcile(
        session(),
        council_id=council_id(),
        rail=given["rail"],
        lines=lines,
        since=given["since"],
        actor=actor(),
        now=now(),
    )


@routes.route("/reconciliations/<reconciliation_id>", methods=["GET"])
@call("reconciliations:read")
@routes.response(200, shapes.ReconciliationOut)
def get_reconciliation(reconciliation_id: str) -> Any:
    """One comparison."""
    return queries.get(session(), council_id=council_id(), reconciliation_id=reconciliation_id)


@routes.route("/reconciliation_findings", methods=["GET"])
@call("reconciliations:read")
@routes.arguments(shapes.FindingsQuery, location="query")
@routes.response(200, answers.page_of(shapes.FindingOut))
def list_findings(query: dict[str, Any]) -> dict[str, Any]:
    """What did not agree, the newest first, and what to do about each."""
    rows = queries.findings(session(), council_id=council_id(), open_only=query["open"])
    return {"data": [_shape(row) for row in rows], "next_cursor": None}


@routes.route("/reconciliation_findings/<finding_id>/close", methods=["POST"])
@call("reconciliations:write", once_only=True)
@routes.arguments(shapes.NoteIn)
@routes.response(200, shapes.FindingOut)
def close_finding(given: dict[str, Any], finding_id: str) -> dict[str, Any]:
    """Say what it was, and close it."""
    return _shape(
        actions.close(
            session(), council_id=council_id(), finding_id=finding_id, actor=actor(), now=now(), **given
        )
    )


def _shape(row: ReconciliationFinding) -> dict[str, Any]:
    return {
        "id": row.id,
        "reconciliation": row.reconciliation_id,
        "rail": row.rail,
        "kind": row.kind,
        "text": KINDS[row.kind],
        "what_to_do": WHAT_TO_DO[row.kind],
        "payment": row.payment_id,
        "ours": row.ours,
        "theirs": row.theirs,
        "ours_pence": row.ours_pence,
        "theirs_pence": row.theirs_pence,
        "found_at": row.found_at,
        "closed_at": row.closed_at,
        "note": row.note,
    }
