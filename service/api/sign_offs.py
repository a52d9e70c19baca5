"""Calls about signing a draft off: who is asked to read it, who agreed, who did not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from service import events
from service.api.calls import call, council_id, now, session
from service.api.policies import author
from service.api.schemas import TEXT, Body, says
from service.days import london_day
from service.people import readers
from service.policy import queries, signing
from service.policy.tables import PolicySignOff

routes = Blueprint("Signing off", __name__, description="Who has read a draft of the policy and agreed.")


class AskReadersIn(Body):
    """Whom to ask to read a draft: people of this council, by their ids. Each gets a message."""

    people = fields.List(fields.String(validate=TEXT), required=True, validate=validate.Length(min=1, max=20))
    by = fields.String(load_default="", validate=TEXT)


class SignIn(Body):
    """An answer to a draft, in the name of this key's own person. People answer on their own page."""

    agrees = fields.Boolean(required=True)
    words = fields.String(load_default="", validate=validate.Length(max=2000))
    by = fields.String(load_default="", validate=TEXT)


class SignOffOut(Schema):
    """Somebody who was asked, or who answered. `agrees` is null until they do."""

    id = fields.String()
    kind = fields.String(metadata=says("person, staff or key"))
    who = fields.String(metadata=says("The id of the person, the member of staff or the key"))
    by = fields.String(metadata=says("The person whom a key named"))
    agrees = fields.Boolean(allow_none=True)
    words = fields.String(metadata=says("What they said; empty where it has been erased"))
    hash = fields.String(metadata=says("The text that they answered to"))
    asked_at = fields.DateTime(allow_none=True)
    answered_at = fields.DateTime(allow_none=True)


class SignOffsOut(Schema):
    """Everybody who was asked or answered. `missing` says in sentences who must still agree."""

    data = fields.List(fields.Nested(SignOffOut))
    missing = fields.List(fields.String())


@routes.route("/policies/<policy_id>/sign_offs", methods=["GET"])
@call("policies:read")
@routes.response(200, SignOffsOut)
def list_sign_offs(policy_id: str) -> dict[str, Any]:
    """Who was asked to read a draft, who agreed, who did not and why, and who is missing."""
    return _all(policy_id)


@routes.route("/policies/<policy_id>/sign_offs", methods=["POST"])
@call("policies:write", once_only=True)
@routes.arguments(AskReadersIn)
@routes.response(201, SignOffsOut)
def ask_readers(given: dict[str, Any], policy_id: str) -> dict[str, Any]:
    """Ask people to read what a draft changes. Each gets a message with a page on which they answer."""
    readers.ask(
        session(),
        council_id=council_id(),
        policy_id=policy_id,
        person_ids=given["people"],
        author=author(given["by"]),
        now=now(),
    )
    return _all(policy_id)


@routes.route("/policies/<policy_id>/sign_offs/answers", methods=["POST"])
@call("policies:read", once_only=True)
@routes.arguments(SignIn)
@routes.response(200, SignOffsOut)
def sign_off(given: dict[str, Any], policy_id: str) -> dict[str, Any]:
    """Agree to a draft, or do not: for a second person, or a role that the policy names."""
    signing.answer(
        session(),
        council_id=council_id(),
        policy_id=policy_id,
        signer=author(given["by"]),
        agrees=given["agrees"],
        words=given["words"],
        now=now(),
    )
    return _all(policy_id)


def _all(policy_id: str) -> dict[str, Any]:
    rows = queries.sign_offs(session(), council_id=council_id(), policy_id=policy_id)
    if queries.version(session(), council_id=council_id(), policy_id=policy_id) is not None:
        return {"data": _shapes(rows), "missing": []}
    draft = queries.draft(session(), council_id=council_id(), policy_id=policy_id)
    missing = queries.missing_of(session(), draft=draft, on=london_day(now()))
    return {"data": _shapes(rows), "missing": missing.words()}


def _shapes(rows: Sequence[PolicySignOff]) -> list[dict[str, Any]]:
    said = [row.event_id for row in rows if row.event_id is not None]
    words = events.words_of(session(), council_id=council_id(), event_ids=said)
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "who": row.signer_id,
            "by": row.signer_by,
            "agrees": row.agrees,
            "words": words.get(row.event_id or 0, ""),
            "hash": row.hash,
            "asked_at": row.asked_at,
            "answered_at": row.answered_at,
        }
        for row in rows
    ]
