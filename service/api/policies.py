"""Calls about the policy that counts."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from service.api import answers, schemas
from service.api.calls import call, council_id, now, session
from service.days import london_day
from service.policy import queries
from service.policy.tables import PolicyVersion

routes = Blueprint("Policies", __name__, description="What the policy says, and from which day.")


@routes.route("/policies", methods=["GET"])
@call("policies:read")
@routes.response(200, answers.page_of(answers.PolicyOut))
def list_policies() -> dict[str, Any]:
    """Every version this council has adopted, newest first."""
    rows = queries.all_versions(session(), council_id=council_id())
    return {"data": [_shape(row) for row in rows], "next_cursor": None}


@routes.route("/policies/in_force", methods=["GET"])
@call("policies:read")
@routes.arguments(schemas.OnQuery, location="query")
@routes.response(200, answers.InForceOut)
def policy_in_force(query: dict[str, Any]) -> dict[str, Any]:
    """The version that counts on a day (today, unless `on` says otherwise), and the words it knows."""
    on = query["on"] or london_day(now())
    judge = queries.in_force(session(), council_id=council_id(), on=on)
    rows = queries.all_versions(session(), council_id=council_id())
    version = next(row for row in rows if row.id == judge.id)
    return _shape(version) | judge.policy.catalogue(on=on)


def _shape(row: PolicyVersion) -> dict[str, Any]:
    return {
        "id": row.id,
        "slug": row.slug,
        "version": row.version,
        "name": row.name,
        "hash": row.hash,
        "effective_from": row.effective_from,
        "published_at": row.published_at,
    }
