"""Calls about holding money back, and about payment runs."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from service.api.answers import page_of
from service.api.calls import actor, call, council_id, now, paged, read_cursor, seen, session, tagged
from service.api.schemas import TEXT, Body, ByIn, PageQuery, says
from service.payouts import gates, holds, run_queries, runs
from service.payouts.control_tables import PaymentHold, PaymentRun
from service.payouts.holdbook import Hand

routes = Blueprint(
    "Holds and runs", __name__, description="What holds money back, and which payments go together."
)


class HoldIn(Body):
    """What to hold, and why. `subject`: the payment's or person's id, or the rail; left out for a council."""

    scope = fields.String(required=True, metadata=says("payment, person, rail or council"))
    subject = fields.String(load_default="", validate=TEXT)
    reason = fields.String(required=True, validate=TEXT)
    by = fields.String(load_default="", validate=TEXT, metadata=says("Who in your own system decided"))


class HoldOut(Schema):
    """A hold. It stands while `ended_at` is null. `everything` is the switch of whoever runs the service."""

    id = fields.String()
    scope = fields.String(metadata=says("payment, person, rail, council or everything"))
    subject = fields.String(allow_none=True)
    reason = fields.String()
    placed_by = fields.String(metadata=says("What placed it: a key, a member of staff, the service"))
    placed_for = fields.String(metadata=says("Whom they named"))
    placed_at = fields.DateTime()
    ended_by = fields.String(allow_none=True)
    ended_for = fields.String(allow_none=True)
    ended_at = fields.DateTime(allow_none=True)


class HoldsQuery(PageQuery):
    """Which holds."""

    standing = fields.String(
        load_default="true",
        validate=validate.OneOf(("true", "false"), error="Say true or false."),
        metadata=says("false: also those that have ended"),
    )


@routes.route("/holds", methods=["GET"])
@call("payments:read")
@routes.arguments(HoldsQuery, location="query")
@routes.response(200, page_of(HoldOut))
def list_holds(query: dict[str, Any]) -> dict[str, Any]:
    """Holds that stand, the newest first; with `standing=false` also those that have ended."""
    before = read_cursor(query["cursor"], timed=False)
    rows = gates.page(
        session(),
        council_id=council_id(),
        standing_only=query["standing"] == "true",
        before=before[0] if before else None,
        limit=query["limit"] + 1,
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.id,))
    return {"data": [_hold(row) for row in page], "next_cursor": following}


@routes.route("/holds", methods=["POST"])
@call("payments:hold", once_only=True)
@routes.arguments(HoldIn)
@routes.response(201, HoldOut)
def place_hold(given: dict[str, Any]) -> dict[str, Any]:
    """Hold back what this covers. Nothing of it is sent until the hold is released."""
    row = holds.place(
        session(),
        council_id=council_id(),
        scope=given["scope"],
        subject=given["subject"],
        reason=given["reason"],
        hand=Hand(actor(), given["by"]),
        now=now(),
    )
    return _hold(row)


@routes.route("/holds/<hold_id>", methods=["GET"])
@call("payments:read")
@routes.response(200, HoldOut)
def get_hold(hold_id: str) -> dict[str, Any]:
    """One hold, standing or ended."""
    return _hold(gates.get(session(), council_id=council_id(), hold_id=hold_id))


@routes.route("/holds/<hold_id>/release", methods=["POST"])
@call("payments:hold", once_only=True)
@routes.arguments(ByIn, required=False)
@routes.response(200, HoldOut)
def release_hold(given: dict[str, Any], hold_id: str) -> dict[str, Any]:
    """Release a hold. What it covered goes on by itself."""
    hand = Hand(actor(), given["by"])
    return _hold(holds.release(session(), council_id=council_id(), hold_id=hold_id, hand=hand, now=now()))


class RunsQuery(PageQuery):
    """Which runs: all of them, the newest first."""


class RunIn(Body):
    """On which rail to start a run now, of everything that waits there for the next one."""

    rail = fields.String(required=True, metadata=says("sandbox, stripe, bacs or finance_system"))
    by = fields.String(load_default="", validate=TEXT, metadata=says("Who in your own system decided"))


class CentreOut(Schema):
    """What a run takes from one cost centre."""

    cost_centre = fields.String()
    total_pence = fields.Integer()


class RunOut(Schema):
    """Payments that go together. Its status is read from its payments; `over`: not all of them arrived."""

    id = fields.String()
    rail = fields.String()
    status = fields.String(metadata=says("opening, waiting, going, paid or over"))
    count = fields.Integer()
    total_pence = fields.Integer()
    currency = fields.Constant("GBP")
    cost_centres = fields.List(fields.Nested(CentreOut))
    payments = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata=says("How many of its payments stand how")
    )
    due_at = fields.DateTime()
    second_above_pence = fields.Integer(
        allow_none=True, metadata=says("The limit above which a second person had to release it")
    )
    opened_by = fields.String()
    opened_for = fields.String()
    opened_at = fields.DateTime()
    released_by = fields.String(allow_none=True)
    released_for = fields.String(allow_none=True)
    released_at = fields.DateTime(allow_none=True)


@routes.route("/runs", methods=["GET"])
@call("payments:read")
@routes.arguments(RunsQuery, location="query")
@routes.response(200, page_of(RunOut))
def list_runs(query: dict[str, Any]) -> dict[str, Any]:
    """Payment runs, the newest first."""
    before = read_cursor(query["cursor"], timed=False)
    rows = run_queries.page(
        session(), council_id=council_id(), before=before[0] if before else None, limit=query["limit"] + 1
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.id,))
    return {"data": [_run(row) for row in page], "next_cursor": following}


@routes.route("/runs", methods=["POST"])
@call("payments:hold", once_only=True)
@routes.arguments(RunIn)
@routes.response(201, RunOut)
def start_run(given: dict[str, Any]) -> Any:
    """Start a run now. It is filled first; above the policy's limit a second person then releases it."""
    hand = Hand(actor(), given["by"])
    row = runs.start_now(session(), council_id=council_id(), rail=given["rail"], hand=hand, now=now())
    return _run(row), None, tagged(row.tag)


@routes.route("/runs/<run_id>", methods=["GET"])
@call("payments:read")
@routes.response(200, RunOut)
def get_run(run_id: str) -> Any:
    """One run."""
    row = run_queries.get(session(), council_id=council_id(), run_id=run_id)
    return _run(row), None, tagged(row.tag)


@routes.route("/runs/<run_id>/release", methods=["POST"])
@call("payments:hold", once_only=True, versioned=True)
@routes.arguments(ByIn, required=False)
@routes.response(200, RunOut)
def release_run(given: dict[str, Any], run_id: str) -> Any:
    """A second person lets a run go: nobody who opened it, or agreed to a claim in it. Needs If-Match."""
    row = run_queries.get(session(), council_id=council_id(), run_id=run_id)
    row = runs.release(
        session(),
        council_id=council_id(),
        run_id=run_id,
        seen=seen(row.tag),
        hand=Hand(actor(), given["by"]),
        now=now(),
    )
    return _run(row), None, tagged(row.tag)


def _run(row: PaymentRun) -> dict[str, Any]:
    found = run_queries.summary(session(), run=row)
    return {
        "id": row.id,
        "rail": row.rail,
        "status": found.standing,
        "count": found.count,
        "total_pence": found.total_pence,
        "cost_centres": [
            {"cost_centre": centre, "total_pence": pence} for centre, pence in found.cost_centres.items()
        ],
        "payments": found.states,
        "due_at": row.due_at,
        "second_above_pence": row.second_above_pence,
        "opened_by": row.opened_by,
        "opened_for": row.opened_for,
        "opened_at": row.opened_at,
        "released_by": row.released_by,
        "released_for": row.released_for,
        "released_at": row.released_at,
    }


def _hold(row: PaymentHold) -> dict[str, Any]:
    return {
        "id": row.id,
        "scope": row.scope,
        "subject": row.subject or None,
        "reason": row.reason,
        "placed_by": row.placed_by,
        "placed_for": row.placed_for,
        "placed_at": row.placed_at,
        "ended_by": row.ended_by,
        "ended_for": row.ended_for,
        "ended_at": row.ended_at,
    }
