"""Webhooks: which systems are told of payments and claims, how each is doing, and what was sent there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from service.errors import Refused
from service.outgoing import actions, queries
from service.outgoing.calling import look_at
from service.outgoing.model import KINDS, TYPES, types_of
from service.web import here, statuses
from service.web.answers import Answers
from service.web.here import needs
from service.web.staff.history import WORDS

pages = Blueprint("webhooks", __name__, url_prefix="/webhooks")
STATES = {
    "working": statuses.Status("Working", "green"),
    "failing": statuses.Status("Not answering", "orange"),
    "disabled": statuses.Status("Switched off", "red"),
}
SENT = {
    "waiting": statuses.Status("Waits"),
    "delivered": statuses.Status("Delivered", "green"),
    "given_up": statuses.Status("Given up", "red"),
}
# How far back each choice of the form goes.
BACK = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}


@pages.before_request
def _place() -> None:
    g.place = "webhooks"


@pages.route("", methods=["GET", "POST"])
@needs("webhooks:read")
def home() -> str | tuple[str, int]:
    """Every endpoint, and a form for another."""
    answers, secret = Answers(request.form), ""
    if request.method == "POST":
        secret = _added(answers)
    with here.room() as session:
        rows = queries.endpoints(session, council_id=here.council_id())
        waiting = queries.waiting(session, council_id=here.council_id())
    page = render_template(
        "staff/webhooks.html",
        answers=Answers() if secret else answers,
        rows=rows,
        waiting=waiting,
        states=STATES,
        kinds=KINDS,
        ticked=set() if secret else set(request.form.getlist("events")),
        secret=secret,
        may_change=here.may("webhooks:write"),
        said=_said(),
    )
    return (page, 422) if answers.wrong else page


def _said() -> dict[str, str]:
    """What each kind of message is about, in the words of a claim's history. The first of several counts."""
    words = WORDS | {"claim.paid": "The whole claim is paid"}
    return {theirs: words.get(ours, "") for ours, theirs in reversed(TYPES.items())}


def _added(answers: Answers) -> str:
    """The new endpoint's secret, to be shown this once; or nothing, with a sentence of what to mend."""
    if not here.may("webhooks:write"):
        answers.general.append("Your role may look at webhooks, and not change them.")
        return ""
    try:
        look_at(answers.need("url", "Enter the address"), loopback=here.settings().demo)
        with here.room() as session:
            _, secret = actions.add(
                session,
                council_id=here.council_id(),
                url=answers["url"],
                types=request.form.getlist("events"),
                test=here.settings().demo,
                vault=here.vault(),
                actor=here.staff_actor(),
                now=here.now(),
            )
        return secret
    except Refused as refusal:
        fields = {f"/events/{number}": "events" for number in range(len(KINDS))}
        answers.learn(refusal, {"/url": "url", **fields})
        return ""


@pages.get("/<endpoint_id>")
@needs("webhooks:read")
def show(endpoint_id: str) -> str:
    """One endpoint, and what was sent there."""
    return _page(endpoint_id)


@pages.post("/<endpoint_id>/<any(rotate, enable, replay, remove):deed>")
@needs("webhooks:write")
def change(endpoint_id: str, deed: str) -> Response | str:
    """A new secret, switch it on, send again, or take it away."""
    given: dict[str, Any] = {
        "council_id": here.council_id(),
        "endpoint_id": endpoint_id,
        "actor": here.staff_actor(),
        "now": here.now(),
    }
    secret = ""
    with here.room() as session:
        if deed == "rotate":
            secret = actions.rotate(session, **given, vault=here.vault())
        elif deed == "enable":
            actions.enable(session, **given)
        elif deed == "replay":
            since = here.now() - BACK.get(request.form.get("back", ""), BACK["day"])
            actions.replay(session, **given, since=since)
        else:
            actions.take_away(session, **given)
    if secret:
        return _page(endpoint_id, secret)
    leaf = "" if deed == "remove" else f"/{endpoint_id}"
    return redirect(f"{here.at()}/staff/webhooks{leaf}", 303)


def _page(endpoint_id: str, secret: str = "") -> str:
    with here.room() as session:
        row = queries.get(session, council_id=here.council_id(), endpoint_id=endpoint_id)
        sent = queries.deliveries(
            session, council_id=here.council_id(), endpoint_id=endpoint_id, before=None, limit=100
        )
    return render_template(
        "staff/webhook.html",
        row=row,
        sent=sent,
        states=STATES,
        sent_states=SENT,
        types=TYPES,
        hears_of=types_of(row.events),
        secret=secret,
        may_change=here.may("webhooks:write"),
    )
