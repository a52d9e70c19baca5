"""Calls about policies: what counts, drafts, what they would have paid, and publishing them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_smorest import Blueprint

from service.api import answers, schemas
from service.api.calls import call, caller, council_id, now, session
from service.days import london_day
from service.policy import actions, queries
from service.policy.life import Author
from service.policy.queries import Standing
from service.policy.tables import PolicySimulation
from service.reports import regional_words, simulation, simulation_words

routes = Blueprint("Policies", __name__, description="What the policy says, and from which day.")
YEAR = timedelta(days=365)


@routes.route("/policies", methods=["GET"])
@call("policies:read")
@routes.response(200, answers.page_of(answers.PolicyOut))
def list_policies() -> dict[str, Any]:
    """Drafts that are not published, then every version this council has adopted; the newest first."""
    rows = queries.standings(session(), council_id=council_id(), today=london_day(now()))
    return {"data": [_shape(row) for row in rows], "next_cursor": None}


@routes.route("/policies", methods=["POST"])
@call("policies:write", once_only=True)
@routes.arguments(schemas.DraftIn)
@routes.response(201, answers.PolicyWholeOut)
def write_draft(given: dict[str, Any]) -> dict[str, Any]:
    """Keep a text as a draft. Mistakes are listed, and a draft with mistakes cannot be published."""
    row = actions.write(
        session(), council_id=council_id(), text=given["text"], author=author(given["by"]), now=now()
    )
    return whole(row.id)


@routes.route("/policies/in_force", methods=["GET"])
@call("policies:read")
@routes.arguments(schemas.OnQuery, location="query")
@routes.response(200, answers.InForceOut)
def policy_in_force(query: dict[str, Any]) -> dict[str, Any]:
    """The version that counts on a day (today, unless `on` says otherwise), and the words it knows."""
    on = query["on"] or london_day(now())
    judge = queries.in_force(session(), council_id=council_id(), on=on)
    return _shape(_standing(judge.id)) | judge.policy.catalogue(on=on)


@routes.route("/policies/<policy_id>", methods=["GET"])
@call("policies:read")
@routes.response(200, answers.PolicyWholeOut)
def get_policy(policy_id: str) -> dict[str, Any]:
    """A draft or a version: its text, its mistakes, its changes as sentences, and its simulations."""
    return whole(policy_id)


@routes.route("/policies/<policy_id>/simulations", methods=["POST"])
@call("policies:write", once_only=True)
@routes.arguments(schemas.SimulateIn, required=False)
@routes.response(201, answers.SimulationOut)
@routes.alt_response(202, schema=answers.SimulationOut, description="Begun: Location says where it stands.")
def simulate_policy(given: dict[str, Any], policy_id: str) -> Any:
    """Try a draft on past claims: what it would have paid, who gains, who loses, and why."""
    until = given["until"] or london_day(now())
    row = simulation.ask(
        session(),
        council_id=council_id(),
        policy_id=policy_id,
        since=given["since"] or until - YEAR,
        until=until,
        author=author(""),
        now=now(),
    )
    where = {"Location": f"/v1/policies/{policy_id}/simulations/{row.id}"}
    return _simulated(row), 201 if row.done_at else 202, where


@routes.route("/policies/<policy_id>/simulations/<simulation_id>", methods=["GET"])
@call("policies:read")
@routes.response(200, answers.SimulationOut)
def get_simulation(policy_id: str, simulation_id: str) -> dict[str, Any]:
    """Where a simulation stands, and what it found."""
    return _simulated(
        queries.simulation_of(
            session(), council_id=council_id(), policy_id=policy_id, simulation_id=simulation_id
        )
    )


@routes.route("/policies/<policy_id>/publish", methods=["POST"])
@call("policies:write", once_only=True)
@routes.arguments(schemas.PublishIn, required=False)
@routes.response(200, answers.PolicyOut)
def publish_policy(given: dict[str, Any], policy_id: str) -> dict[str, Any]:
    """Put a draft in force: the very text that was simulated, without mistakes, by a second person."""
    row = actions.publish(
        session(),
        council_id=council_id(),
        policy_id=policy_id,
        author=author(given["by"]),
        now=now(),
        effective_from=given["effective_from"],
        seen_hash=given["hash"],
    )
    return _shape(_standing(row.id))


def author(by: str) -> Author:
    """The key that calls, and for whom it speaks."""
    return Author(caller().kind, caller().id, by, caller().roles)


def _standing(policy_id: str) -> Standing:
    return queries.standing(session(), council_id=council_id(), policy_id=policy_id, today=london_day(now()))


def _shape(standing: Standing) -> dict[str, Any]:
    row = standing.row
    return {
        "id": row.id,
        "slug": row.slug,
        "version": row.version,
        "name": row.name,
        "hash": row.hash,
        "effective_from": row.effective_from,
        "published_at": standing.published_at,
        "state": standing.state,
    }


def whole(policy_id: str) -> dict[str, Any]:
    """A draft or a version with all that is known of it."""
    standing = _standing(policy_id)
    row = standing.row
    told = queries.changes(session(), council_id=council_id(), policy_id=policy_id, on=london_day(now()))
    tried = queries.simulations(session(), council_id=council_id(), policy_id=policy_id)
    return _shape(standing) | {
        "text": row.sources["files"][row.sources["main"]],
        "faults": standing.faults,
        "changes": [one.to_json() for one in told],
        "simulations": [_simulated(one) for one in tried[:10]],
    }


def _simulated(row: PolicySimulation) -> dict[str, Any]:
    return {
        "id": row.id,
        "policy": row.policy_id,
        "hash": row.hash,
        "status": "done" if row.done_at else "waiting",
        "since": row.since,
        "until": row.until,
        "asked_at": row.asked_at,
        "done_at": row.done_at,
        "answer": row.answer,
        "sentences": _said(row.answer) if row.answer else [],
    }


def _said(answer: dict[str, Any]) -> list[str]:
    """A region's answer is by council, a council's by person."""
    return regional_words.sentences(answer) if "councils" in answer else simulation_words.sentences(answer)
