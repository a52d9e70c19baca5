"""Calls about the base that a region publishes: what a council could take on, and taking it on."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from service.api import answers, policies, schemas
from service.api.calls import call, caller, council_id, now, session
from service.days import london_day
from service.policy.life import Author
from service.regions import actions, queries
from service.regions.queries import Offered

routes = Blueprint("Bases", __name__, description="New versions of your region's base.")


@routes.route("/policies/bases", methods=["GET"])
@call("policies:read")
@routes.response(200, answers.BasesOut)
def list_bases() -> dict[str, Any]:
    """Versions of your region's base that are newer than the one you build on, and what each would change."""
    found = queries.offers(session(), council_id=council_id(), today=london_day(now()))
    return {"builds_on": found.pinned, "data": [_shape(one) for one in found.newer]}


@routes.route("/policies/bases/<base_id>/take_on", methods=["POST"])
@call("policies:write", once_only=True)
@routes.arguments(schemas.TakeOnIn, required=False)
@routes.response(201, answers.PolicyWholeOut)
def take_on_base(given: dict[str, Any], base_id: str) -> dict[str, Any]:
    """Make a draft of your own text on that version. Then check, simulate and publish it as any other."""
    author = Author(caller().kind, caller().id, given["by"])
    draft = actions.take_on(session(), council_id=council_id(), base_id=base_id, author=author, now=now())
    return policies.whole(draft.id)


def _shape(offered: Offered) -> dict[str, Any]:
    base = offered.base
    return {
        "id": base.id,
        "slug": base.slug,
        "version": base.version,
        "hash": base.hash,
        "effective_from": base.effective_from,
        "published_at": base.published_at,
        "text": base.text,
        "changes": [one.to_json() for one in offered.changes],
        "faults": [fault.to_json() for fault in offered.faults],
    }
