"""Calls about sessions, offers and registers."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from service.api import answers, schemas, shapes
from service.api.calls import actor, call, council_id, now, paged, read_cursor, session
from service.sessions import actions, queries

routes = Blueprint("Sessions", __name__, description="Sessions, offers made before the day, and who came.")


@routes.route("/sessions", methods=["GET"])
@call("sessions:read")
@routes.arguments(schemas.PageQuery, location="query")
@routes.response(200, answers.page_of(answers.SessionOut))
def list_sessions(query: dict[str, Any]) -> dict[str, Any]:
    """Every session, in the order they were added."""
    after = read_cursor(query["cursor"], timed=False)
    rows = queries.page(
        session(), council_id=council_id(), after=after[0] if after else None, limit=query["limit"] + 1
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.id,))
    return {"data": [shapes.occasion(row) for row in page], "next_cursor": following}


@routes.route("/sessions", methods=["POST"])
@call("sessions:write", once_only=True)
@routes.arguments(schemas.SessionIn)
@routes.response(201, answers.SessionOut)
def plan_session(given: dict[str, Any]) -> dict[str, Any]:
    """Plan a session. It may lie in the past."""
    words = {name: given[name] or "" for name in ("place", "cost_code", "budget")}
    row = actions.plan(
        session(),
        council_id=council_id(),
        given=actions.NewSession(**{**given, **words}),
        actor=actor(),
        now=now(),
    )
    return shapes.occasion(row)


@routes.route("/sessions/<session_id>", methods=["GET"])
@call("sessions:read")
@routes.response(200, answers.SessionOut)
def get_session(session_id: str) -> dict[str, Any]:
    """One session."""
    return shapes.occasion(queries.get(session(), council_id=council_id(), session_id=session_id))


@routes.route("/sessions/<session_id>", methods=["DELETE"])
@call("sessions:write")
@routes.response(200, answers.SessionOut)
def delete_session(session_id: str) -> dict[str, Any]:
    """Cancel a session and every offer that stands."""
    return _cancel(session_id)


@routes.route("/sessions/<session_id>/cancel", methods=["POST"])
@call("sessions:write", once_only=True)
@routes.response(200, answers.SessionOut)
def cancel_session(session_id: str) -> dict[str, Any]:
    """Cancel a session and every offer that stands."""
    return _cancel(session_id)


def _cancel(session_id: str) -> dict[str, Any]:
    row = actions.cancel(session(), council_id=council_id(), session_id=session_id, actor=actor(), now=now())
    return shapes.occasion(row)


@routes.route("/sessions/<session_id>/offers", methods=["GET"])
@call("sessions:read")
@routes.response(200, answers.page_of(answers.OfferOut))
def list_offers(session_id: str) -> dict[str, Any]:
    """Every offer made for a session."""
    queries.get(session(), council_id=council_id(), session_id=session_id)
    rows = queries.offers(session(), council_id=council_id(), session_id=session_id)
    return {"data": [shapes.offer(session(), row) for row in rows], "next_cursor": None}


@routes.route("/sessions/<session_id>/offers", methods=["POST"])
@call("sessions:write", once_only=True)
@routes.arguments(schemas.OfferIn)
@routes.response(201, answers.OfferOut)
def make_offer(given: dict[str, Any], session_id: str) -> dict[str, Any]:
    """Offer somebody a place, with what will be paid and why."""
    facts = {name: value for name, value in given.items() if name not in ("person", "role")}
    row = actions.offer(
        session(),
        council_id=council_id(),
        session_id=session_id,
        given=actions.NewOffer(person_id=given["person"], role=given["role"], facts=facts),
        actor=actor(),
        now=now(),
    )
    return shapes.offer(session(), row)


@routes.route("/offers/<offer_id>", methods=["GET"])
@call("sessions:read")
@routes.response(200, answers.OfferOut)
def get_offer(offer_id: str) -> dict[str, Any]:
    """One offer."""
    return shapes.offer(session(), queries.offer(session(), council_id=council_id(), offer_id=offer_id))


@routes.route("/offers/<offer_id>/accept", methods=["POST"])
@call("sessions:write", once_only=True)
@routes.arguments(schemas.AcceptIn)
@routes.response(200, answers.OfferOut)
def accept_offer(given: dict[str, Any], offer_id: str) -> dict[str, Any]:
    """Pass on a person's yes; to less than was offered, or given to somebody else."""
    row = actions.accept(
        session(), council_id=council_id(), offer_id=offer_id, actor=actor(), now=now(), **given
    )
    return shapes.offer(session(), row)


@routes.route("/offers/<offer_id>/decline", methods=["POST"])
@call("sessions:write", once_only=True)
@routes.response(200, answers.OfferOut)
def decline_offer(offer_id: str) -> dict[str, Any]:
    """Pass on a person's no. The offer stays on record."""
    row = actions.decline(session(), council_id=council_id(), offer_id=offer_id, actor=actor(), now=now())
    return shapes.offer(session(), row)


@routes.route("/sessions/<session_id>/register", methods=["GET"])
@call("sessions:read")
@routes.response(200, answers.RegisterOut)
def get_register(session_id: str) -> dict[str, Any]:
    """The register as it stands."""
    queries.get(session(), council_id=council_id(), session_id=session_id)
    rows = queries.register(session(), council_id=council_id(), session_id=session_id)
    return {"session": session_id, "entries": [shapes.tick(row) for row in rows]}


@routes.route("/sessions/<session_id>/register", methods=["PUT"])
@call("sessions:write")
@routes.arguments(schemas.RegisterIn)
@routes.response(200, answers.RegisterOut)
def put_register(given: dict[str, Any], session_id: str) -> dict[str, Any]:
    """Say who came. Safe to send again; an un-tick is always accepted; the claims follow by themselves."""
    ticks = [actions.Tick(e["person"], e["attended"], e["minutes"], e["role"]) for e in given["entries"]]
    rows = actions.tick_register(
        session(), council_id=council_id(), session_id=session_id, ticks=ticks, actor=actor(), now=now()
    )
    return {"session": session_id, "entries": [shapes.tick(row) for row in rows]}
