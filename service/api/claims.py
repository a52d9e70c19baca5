"""Calls about claims, and about what a policy would say."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from service.api import answers, schemas, shapes
from service.api.calls import actor, call, caller, council_id, now, paged, read_cursor, seen, session, tagged
from service.approvals import actions as approvals
from service.approvals.model import Decider
from service.claims import actions, queries, topping
from service.claims.drafting import NewClaim
from service.claims.model import STATES
from service.claims.tables import Claim
from service.errors import one_fault
from service.policy import queries as policies

routes = Blueprint("Claims", __name__, description="What is asked for, what the policy says, and who agreed.")


@routes.route("/assessments", methods=["POST"])
@call("claims:read")
@routes.arguments(schemas.FactsIn)
@routes.response(200)
def assess(given: dict[str, Any]) -> dict[str, Any]:
    """What the policy would say to these facts. Nothing is stored."""
    judge = policies.in_force(session(), council_id=council_id(), on=given["on"])
    facts = {name: value for name, value in given.items() if value is not None} | {
        "on": given["on"].isoformat()
    }
    return judge.assess(facts)


@routes.route("/claims", methods=["GET"])
@call("claims:read")
@routes.arguments(schemas.ClaimsQuery, location="query")
@routes.response(200, answers.page_of(answers.ClaimOut))
def list_claims(query: dict[str, Any]) -> dict[str, Any]:
    """Claims, by the moment they last changed, so that a reader can follow with `since` or the cursor."""
    states = (query["status"],) if query["status"] else ()
    if states and states[0] not in STATES:
        raise one_fault("/query/status", f"Choose one of {', '.join(STATES)}")
    wanted = queries.Filter(states, query["person"], query["session"], query["since"])
    after = read_cursor(query["cursor"], timed=True)
    rows = queries.page(
        session(),
        council_id=council_id(),
        wanted=wanted,
        after=(after[0], after[1]) if after else None,
        limit=query["limit"] + 1,
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.changed_at, row.id))
    return {"data": shapes.claims_page(session(), page), "next_cursor": following}


@routes.route("/claims", methods=["POST"])
@call("claims:write", once_only=True)
@routes.arguments(schemas.ClaimIn)
@routes.response(201, answers.ClaimOut)
def make_claim(given: dict[str, Any]) -> Any:
    """Ask for money for somebody, as they asked for it."""
    new = NewClaim(
        person_id=given["person"],
        session_id=given["session"],
        facts=given["facts"],
        expenses=tuple(given["expenses"]),
        with_fee=given["fee"],
    )
    return _answer(actions.submit(session(), council_id=council_id(), given=new, actor=actor(), now=now()))


@routes.route("/claims/<claim_id>", methods=["GET"])
@call("claims:read")
@routes.response(200, answers.ClaimOut)
def get_claim(claim_id: str) -> Any:
    """One claim, with the reasons for every sum."""
    return _answer(queries.get(session(), council_id=council_id(), claim_id=claim_id))


@routes.route("/claims/<claim_id>", methods=["PATCH"])
@call("claims:write", versioned=True)
@routes.arguments(schemas.ClaimEdit)
@routes.response(200, answers.ClaimOut)
def edit_claim(given: dict[str, Any], claim_id: str) -> Any:
    """Change the costs, until somebody has agreed them. Needs If-Match."""
    row = actions.edit(
        session(),
        council_id=council_id(),
        claim_id=claim_id,
        expenses=tuple(given["expenses"]),
        seen=seen(_locked(claim_id).tag),
        actor=actor(),
        now=now(),
    )
    return _answer(row)


@routes.route("/claims/<claim_id>/approve", methods=["POST"])
@call("claims:approve", once_only=True, versioned=True)
@routes.arguments(schemas.ApproveIn)
@routes.response(200, answers.ClaimOut)
def approve_claim(given: dict[str, Any], claim_id: str) -> Any:
    """Say yes. Needs If-Match. The key that made or changed a claim may not approve it."""
    sums = tuple(approvals.LineSum(**row) for row in given["sums"])
    row = approvals.approve(
        session(),
        council_id=council_id(),
        claim_id=claim_id,
        decider=_decider(given["by"]),
        seen=seen(_locked(claim_id).tag),
        sums=sums,
        now=now(),
    )
    return _answer(row)


@routes.route("/claims/<claim_id>/refuse", methods=["POST"])
@call("claims:approve", once_only=True, versioned=False)
@routes.arguments(schemas.RefuseIn)
@routes.response(200, answers.ClaimOut)
def refuse_claim(given: dict[str, Any], claim_id: str) -> Any:
    """Say no, with the clause and a reason that the person will read."""
    row = approvals.refuse(
        session(),
        council_id=council_id(),
        claim_id=claim_id,
        decider=_decider(given["by"]),
        seen=seen(_locked(claim_id).tag, needed=False),
        clause=given["clause"],
        reason=given["reason"],
        now=now(),
    )
    return _answer(row)


@routes.route("/claims/<claim_id>/ask", methods=["POST"])
@call("claims:approve", once_only=True, versioned=False)
@routes.arguments(schemas.AskIn)
@routes.response(200, answers.ClaimOut)
def ask_about_claim(given: dict[str, Any], claim_id: str) -> Any:
    """Ask the person something before deciding."""
    row = approvals.ask(
        session(),
        council_id=council_id(),
        claim_id=claim_id,
        decider=_decider(given["by"]),
        seen=seen(_locked(claim_id).tag, needed=False),
        question=given["question"],
        now=now(),
    )
    return _answer(row)


@routes.route("/claims/<claim_id>/submit", methods=["POST"])
@call("claims:write", once_only=True)
@routes.response(200, answers.ClaimOut)
def submit_claim(claim_id: str) -> Any:
    """The person says yes to a top-up that they were offered. Say no with `withdraw`."""
    return _answer(
        topping.accept(session(), council_id=council_id(), claim_id=claim_id, actor=actor(), now=now())
    )


@routes.route("/claims/<claim_id>/withdraw", methods=["POST"])
@call("claims:write", once_only=True)
@routes.arguments(schemas.ByIn, required=False)
@routes.response(200, answers.ClaimOut)
def withdraw_claim(_: dict[str, Any], claim_id: str) -> Any:
    """Take a claim back, before anybody has agreed it."""
    return _answer(
        actions.withdraw(session(), council_id=council_id(), claim_id=claim_id, actor=actor(), now=now())
    )


def _locked(claim_id: str) -> Claim:
    return actions.locked(session(), council_id=council_id(), claim_id=claim_id)


def _decider(by: str) -> Decider:
    return Decider(caller().kind, caller().id, caller().approves_as, by)


def _answer(row: Claim) -> tuple[dict[str, Any], int | None, dict[str, str]]:
    """A claim with its ETag, under the status that the route declares."""
    return shapes.claim(session(), row), None, tagged(row.tag)
