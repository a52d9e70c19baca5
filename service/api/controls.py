"""Calls about holding money back: holds on a payment, a person, a rail or the whole council."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from service.api.answers import page_of
from service.api.calls import actor, call, council_id, now, paged, read_cursor, session
from service.api.schemas import TEXT, Body, ByIn, PageQuery, says
from service.payouts import gates, holds
from service.payouts.control_tables import PaymentHold
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
