"""Calls about the ledger: statements, accounting months and codes. What was posted stays as it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from service.api.calls import actor, call, council_id, now, paged, read_cursor, session
from service.api.schemas import TEXT, Body, Moment, OnQuery, PageQuery, says
from service.days import london_day
from service.ledger import codes, periods, queries, statements

routes = Blueprint("Ledger", __name__, description="Statements, accounting months, and codes of lines.")
CODE = validate.Length(min=1, max=codes.LONGEST)


class StatementQuery(PageQuery):
    """Which postings. Times count by when an entry was posted, so a past statement never changes."""

    account = fields.String(load_default="", metadata=says("Like creditors. Left out: every account proper"))
    cost_centre = fields.String(load_default="", metadata=says("Left out: every cost centre"))
    since = Moment(load_default=None, metadata=says("Posted at or after: a moment, or a plain day"))
    until = Moment(
        load_default=None,
        ends=True,
        metadata=says("Posted up to and with: a moment, or the end of a plain day. Left out: now"),
    )


class MovementOut(Schema):
    """One posting, and what stands after it."""

    entry = fields.String(attribute="entry_id")
    kind = fields.String()
    claim = fields.String(attribute="claim_id", allow_none=True)
    person = fields.String(attribute="person_id", allow_none=True)
    at = fields.DateTime()
    posted_at = fields.DateTime()
    period = fields.String()
    account = fields.String()
    category = fields.String()
    cost_centre = fields.String()
    subjective = fields.String()
    vat_code = fields.String()
    debit_pence = fields.Function(lambda row: max(row.amount_pence, 0), metadata={"type": "integer"})
    credit_pence = fields.Function(lambda row: max(-row.amount_pence, 0), metadata={"type": "integer"})
    balance_pence = fields.Integer(metadata=says("What stands after it: a debit above nothing"))


class StatementOut(Schema):
    """Opening and closing stand debit above nothing, credit below."""

    opening_pence = fields.Integer()
    debit_pence = fields.Integer()
    credit_pence = fields.Integer()
    closing_pence = fields.Integer()
    until = fields.DateTime()
    data = fields.List(fields.Nested(MovementOut), attribute="movements")
    next_cursor = fields.String(allow_none=True)


class CloseIn(Body):
    """Who closes a month."""

    by = fields.String(load_default="", validate=TEXT, metadata=says("The person in your own system"))


class ReopenIn(CloseIn):
    """Why a closed month is opened again, and who does it: not the one who closed it."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))


class PeriodOut(Schema):
    """An accounting month that was closed at least once."""

    period = fields.String()
    status = fields.String(attribute="state", metadata=says("closed, or open again"))
    closed_by = fields.String()
    closed_at = fields.DateTime()
    reopened_by = fields.String(allow_none=True)
    reopened_at = fields.DateTime(allow_none=True)


class PeriodsOut(Schema):
    """Months, the newest first. A month that is not here is open."""

    data = fields.List(fields.Nested(PeriodOut))


class CodeIn(Body):
    """The codes of a line, from a day on."""

    subjective = fields.String(required=True, validate=CODE)
    vat_code = fields.String(load_default="OS", validate=CODE, metadata=says("OS: outside the scope"))
    starts_on = fields.Date(load_default=None, metadata=says("Like 2027-04-01. Left out: today"))


class CodeOut(Schema):
    """The codes that a line is posted under."""

    line = fields.String(metadata=says("A category of the policy, fee, expense, creditors or bank"))
    subjective = fields.String()
    vat_code = fields.String()
    starts_on = fields.Date()
    own = fields.Boolean(metadata=says("Set by the council itself; else from the common list"))


class CodesOut(Schema):
    """Every line with its codes, by name."""

    data = fields.List(fields.Nested(CodeOut))


@routes.route("/ledger/statements", methods=["GET"])
@call("ledger:read")
@routes.arguments(StatementQuery, location="query")
@routes.response(200, StatementOut)
def statement(query: dict[str, Any]) -> dict[str, Any]:
    """What stood, what moved, and what stands then, on an account, a cost centre, or all of them."""
    until = queries.moment(session(), council_id=council_id(), as_of=query["until"])
    after = read_cursor(query["cursor"], timed=True)
    found = statements.statement(
        session(),
        council_id=council_id(),
        wanted=statements.Wanted(query["account"], query["cost_centre"], query["since"], until),
        after=(after[0], after[1]) if after else None,
        limit=query["limit"] + 1,
    )
    page, following = paged(found.movements, limit=query["limit"], last=lambda row: row.place)
    return {**vars(found), "movements": page, "until": until, "next_cursor": following}


@routes.route("/ledger/periods", methods=["GET"])
@call("ledger:read")
@routes.response(200, PeriodsOut)
def list_periods() -> dict[str, Any]:
    """Accounting months that were ever closed."""
    return {"data": periods.listed(session(), council_id=council_id())}


@routes.route("/ledger/periods/<period>/close", methods=["POST"])
@call("ledger:write", once_only=True)
@routes.arguments(CloseIn)
@routes.response(200, PeriodOut)
def close_period(given: dict[str, Any], period: str) -> Any:
    """Take no more entries for a month like 2026-11. What still happens counts in the first open one."""
    return periods.close(
        session(), council_id=council_id(), period=period, by=given["by"], actor=actor(), now=now()
    )


@routes.route("/ledger/periods/<period>/reopen", methods=["POST"])
@call("ledger:write", once_only=True)
@routes.arguments(ReopenIn)
@routes.response(200, PeriodOut)
def reopen_period(given: dict[str, Any], period: str) -> Any:
    """Take entries for a closed month again. Only somebody else than who closed it may."""
    return periods.reopen(
        session(), council_id=council_id(), period=period, actor=actor(), now=now(), **given
    )


@routes.route("/ledger/codes", methods=["GET"])
@call("ledger:read")
@routes.arguments(OnQuery, location="query")
@routes.response(200, CodesOut)
def list_codes(query: dict[str, Any]) -> dict[str, Any]:
    """The subjective and VAT code of every line on a day."""
    on: date = query["on"] or london_day(now())
    return {"data": codes.listed(session(), council_id=council_id(), on=on)}


@routes.route("/ledger/codes/<line>", methods=["PUT"])
@call("ledger:write")
@routes.arguments(CodeIn)
@routes.response(200, CodeOut)
def set_code(given: dict[str, Any], line: str) -> Any:
    """Post a line under these codes from a day on. What was posted stays as it is."""
    given["starts_on"] = given["starts_on"] or london_day(now())
    return codes.set_code(session(), council_id=council_id(), line=line, actor=actor(), now=now(), **given)
