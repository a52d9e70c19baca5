"""Calls about people and how they are paid."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from service.allowances import queries as allowances
from service.api import answers, schemas, shapes
from service.api.calls import actor, call, caller, council_id, now, paged, read_cursor, session
from service.days import london_day
from service.errors import one_fault
from service.people import actions, queries
from service.policy import queries as policies
from service.rails.stripe_access import access_of
from service.vault import Vault

routes = Blueprint("People", __name__, description="Co-producers, and how each wants to be paid.")


@routes.route("/people", methods=["GET"])
@call("people:read")
@routes.arguments(schemas.PageQuery, location="query")
@routes.response(200, answers.page_of(answers.PersonOut))
def list_people(query: dict[str, Any]) -> dict[str, Any]:
    """Everybody, in the order they were added."""
    after = read_cursor(query["cursor"], timed=False)
    rows = queries.page(
        session(), council_id=council_id(), after=after[0] if after else None, limit=query["limit"] + 1
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.id,))
    return {"data": shapes.people_page(session(), page), "next_cursor": following}


@routes.route("/people", methods=["POST"])
@call("people:write", once_only=True)
@routes.arguments(schemas.PersonIn)
@routes.response(201, answers.PersonOut)
def add_person(given: dict[str, Any]) -> dict[str, Any]:
    """Add a person."""
    row = actions.add(
        session(),
        council_id=council_id(),
        name=given["name"],
        email=given["email"] or "",
        phone=given["phone"] or "",
        external_reference=given["external_reference"],
        organisation=given["organisation"] or "",
        actor=actor(),
        now=now(),
    )
    return shapes.person(session(), row)


@routes.route("/people/<person_id>", methods=["GET"])
@call("people:read")
@routes.response(200, answers.PersonOut)
def get_person(person_id: str) -> dict[str, Any]:
    """One person."""
    return shapes.person(session(), queries.get(session(), council_id=council_id(), person_id=person_id))


@routes.route("/people/<person_id>/allowances", methods=["GET"])
@call("people:read")
@routes.arguments(schemas.DayQuery, location="query")
@routes.response(200, answers.page_of(answers.AllowanceOut))
def list_allowances(query: dict[str, Any], person_id: str) -> dict[str, Any]:
    """What a person has used, and what is kept for them, of what the policy counts around a day.

    What is counted for their organisation is here too. What nobody has used yet is not listed.
    """
    row = queries.get(session(), council_id=council_id(), person_id=person_id)
    own = allowances.of_person(
        session(),
        council_id=council_id(),
        person_id=person_id,
        organisation=row.organisation,
        on=query["on"] or london_day(now()),
    )
    return {"data": [shapes.allowance(one, person_id=person_id) for one in own], "next_cursor": None}


@routes.route("/people/<person_id>/payment_method", methods=["PUT"])
@call("people:write")
@routes.arguments(schemas.MethodIn)
@routes.response(200, answers.MethodOut)
@routes.alt_response(202, schema=answers.MethodOut, description="Waits until the person confirms it.")
def set_payment_method(given: dict[str, Any], person_id: str) -> Any:
    """Record how a person wants to be paid. The first counts at once; a change waits for the person's yes.

    In the sandbox, at sort code 108800, the account number chooses what happens: 00012345 paid; 00000002
    refused, no such account; 00000003 paid, then returned; 00000004 no answer, though it was paid;
    00000005 no
    answer, and it never arrived; 00000006 slow; 00000007 its webhook comes twice. Any other account is paid.

    By `stripe` without bank details the answer carries `onboarding_url`, where the person gives them to
    Stripe. The bank is asked whether the name fits; unless it does, payments wait for the person's own yes.
    """
    if given["kind"] == "stripe":
        _require_stripe()
    on = london_day(now())
    judge = policies.in_force(session(), council_id=council_id(), on=on)
    method = actions.set_method(
        session(),
        council_id=council_id(),
        person_id=person_id,
        given=actions.MethodGiven(**given),
        allowed=[row["kind"] for row in judge.policy.catalogue(on=on)["payment_methods"]],
        hold_hours=judge.policy.terms(on=on).get("hold_new_details_hours", 0),
        vault=Vault(current_app.extensions["settings"].encryption_keys),
        actor=actor(),
        now=now(),
        modulus=current_app.extensions["modulus"],
    )
    return shapes.payment_method(session(), method), 200 if method.state == "current" else 202


def _require_stripe() -> None:
    """Stripe only where the council has an account there, and by a test key only Stripe's own sandbox."""
    settings = current_app.extensions["settings"]
    access = access_of(
        session(), council_id=council_id(), settings=settings, vault=Vault(settings.encryption_keys)
    )
    if access is None:
        raise one_fault("/kind", "This council has no account at Stripe. Choose another way to be paid.")
    if caller().test and not access.test:
        raise one_fault("/kind", "A test key reaches only Stripe's sandbox, and this council pays for real.")
