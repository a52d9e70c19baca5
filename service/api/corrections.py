"""Calls about claims that were corrected after they were agreed, and about what was paid too much."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate

from service.api import answers, correction_shapes, schemas, shapes
from service.api.calls import actor, call, council_id, now, paged, read_cursor, seen, session, tagged
from service.api.correction_answers import BookedCostOut, OverpaymentOut
from service.claims import actions as claims
from service.claims import advancing, correcting
from service.claims.advancing import Before
from service.errors import one_fault
from service.payouts import overpaid_queries as queries
from service.payouts import overpaying
from service.payouts.overpaid_model import STATES
from service.payouts.overpaid_tables import Overpayment

routes = Blueprint(
    "Corrections",
    __name__,
    description="What was corrected after it was agreed: differences that are owed, and overpayments.",
)


class CorrectionIn(schemas.Body):
    """Every cost as it should be, and why."""

    expenses = fields.List(
        fields.Dict(),
        required=True,
        validate=validate.Length(max=100),
        metadata=schemas.says("All of them as they should be, not only what is new"),
    )
    reason = fields.String(
        required=True, validate=schemas.TEXT, metadata=schemas.says("The person reads this")
    )


class BeforeIn(schemas.Body):
    """A cost of somebody at a session that is met before the day, and why."""

    person = fields.String(required=True, metadata=schemas.says("A person's id"))
    session = fields.String(required=True, metadata=schemas.says("The id of a session that is to come"))
    category = fields.String(required=True, metadata=schemas.says("One of the policy's categories"))
    amount_pence = schemas.pence(required=True)
    reason = fields.String(required=True, validate=schemas.TEXT)


class WriteOffIn(schemas.Body):
    """Why it is let go."""

    reason = fields.String(required=True, validate=schemas.TEXT)


class OverpaymentsQuery(schemas.PageQuery):
    """Which overpayments to list."""

    status = fields.String(load_default=None, metadata=schemas.says(f"One of {', '.join(STATES)}"))


@routes.route("/claims/<claim_id>/corrections", methods=["POST"])
@call("claims:write", once_only=True)
@routes.arguments(CorrectionIn)
@routes.response(202, answers.ClaimOut)
def correct_claim(given: dict[str, Any], claim_id: str) -> Any:
    """Put the costs of an agreed claim right, with a reason.

    More is paid as a claim of its own (`kind` difference), less is noted as an overpayment. While money of
    the claim is on its way the correction waits. Minutes and role are corrected on the register.
    """
    correcting.ask(
        session(),
        council_id=council_id(),
        claim_id=claim_id,
        expenses=tuple(given["expenses"]),
        reason=given["reason"],
        actor=actor(),
        now=now(),
    )
    row = claims.locked(session(), council_id=council_id(), claim_id=claim_id)
    return shapes.claim(session(), row), None, tagged(row.tag)


@routes.route("/advances", methods=["POST"])
@call("claims:write", once_only=True)
@routes.arguments(BeforeIn)
@routes.response(201, answers.ClaimOut)
def hand_over(given: dict[str, Any]) -> Any:
    """Hand over money for a cost before the day. It is a claim (`kind` advance) and needs somebody's yes.

    Afterwards, send what was spent to `POST /v1/claims/{id}/corrections`: more is paid, less is noted.
    """
    row = advancing.hand_over(
        session(), council_id=council_id(), given=Before(**_before(given)), actor=actor(), now=now()
    )
    return shapes.claim(session(), row), None, tagged(row.tag)


@routes.route("/booked_costs", methods=["POST"])
@call("claims:write", once_only=True)
@routes.arguments(BeforeIn)
@routes.response(201, BookedCostOut)
def book(given: dict[str, Any]) -> dict[str, Any]:
    """Note a cost that the council booked and paid itself. No money goes to the person."""
    row = advancing.book(
        session(), council_id=council_id(), given=Before(**_before(given)), actor=actor(), now=now()
    )
    return correction_shapes.booked(session(), row)


def _before(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "person_id": given["person"],
        "session_id": given["session"],
        "category": given["category"],
        "amount_pence": given["amount_pence"],
        "reason": given["reason"],
    }


@routes.route("/overpayments", methods=["GET"])
@call("payments:read")
@routes.arguments(OverpaymentsQuery, location="query")
@routes.response(200, answers.page_of(OverpaymentOut))
def list_overpayments(query: dict[str, Any]) -> dict[str, Any]:
    """What was paid too much, and what became of it."""
    states = (query["status"],) if query["status"] else ()
    if states and states[0] not in STATES:
        raise one_fault("/query/status", f"Choose one of {', '.join(STATES)}")
    after = read_cursor(query["cursor"], timed=False)
    rows = queries.page(
        session(),
        council_id=council_id(),
        states=states,
        after=after[0] if after else None,
        limit=query["limit"] + 1,
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.id,))
    return {
        "data": [correction_shapes.overpayment(session(), row) for row in page],
        "next_cursor": following,
    }


@routes.route("/overpayments/<overpayment_id>", methods=["GET"])
@call("payments:read")
@routes.response(200, OverpaymentOut)
def get_overpayment(overpayment_id: str) -> Any:
    """One overpayment."""
    return _answer(queries.get(session(), council_id=council_id(), overpayment_id=overpayment_id))


@routes.route("/overpayments/<overpayment_id>/write_off", methods=["POST"])
@call("overpayments:decide", once_only=True, versioned=True)
@routes.arguments(WriteOffIn)
@routes.response(200, OverpaymentOut)
def write_off(given: dict[str, Any], overpayment_id: str) -> Any:
    """Let it go: the person keeps it. Needs If-Match. Not by whoever made the change that it comes from."""
    tag = seen(_locked(overpayment_id).tag)
    row = overpaying.write_off(
        session(),
        council_id=council_id(),
        overpayment_id=overpayment_id,
        reason=given["reason"],
        seen=tag,
        actor=actor(),
        now=now(),
    )
    return _answer(row)


@routes.route("/overpayments/<overpayment_id>/ask", methods=["POST"])
@call("overpayments:decide", once_only=True, versioned=False)
@routes.response(200, OverpaymentOut)
def ask_person(overpayment_id: str) -> Any:
    """Ask the person whether it may come off later fees. Only they can say yes, on their own page."""
    tag = seen(_locked(overpayment_id).tag, needed=False)
    row = overpaying.ask(
        session(), council_id=council_id(), overpayment_id=overpayment_id, seen=tag, actor=actor(), now=now()
    )
    return _answer(row)


def _locked(overpayment_id: str) -> Overpayment:
    return overpaying.locked(session(), council_id=council_id(), overpayment_id=overpayment_id)


def _answer(row: Overpayment) -> tuple[dict[str, Any], int | None, dict[str, str]]:
    return correction_shapes.overpayment(session(), row), None, tagged(row.tag)
