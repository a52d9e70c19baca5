"""Pages for staff: plan, invite, tick, agree, pay, and see that the machine works."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from service.councils import actions as councils
from service.web import here
from service.web.staff import (
    across,
    bases,
    before,
    cancelling,
    controls,
    correct,
    decisions,
    enter_claim,
    exports,
    files,
    handed_over,
    helping,
    imports,
    inviting,
    ledger,
    letters,
    lost,
    machine,
    messages,
    outgoing,
    overpaid,
    payments,
    people,
    policy_life,
    questions,
    reached,
    reconciling,
    register,
    safety,
    sessions,
)
from service.web.staff.shapes import Place

# Which scope opens which place, in the order of the navigation; a group's stand together under its name.
PLACES = (
    ("sessions", "Sessions", "sessions:read", ""),
    ("questions", "Questions", "sessions:write", ""),
    ("approvals", "Approvals", "claims:approve", ""),
    ("payments", "Payments", "payments:read", "Money"),
    ("overpaid", "Paid too much", "overpayments:decide", "Money"),
    ("files", "Bank files", "payments:files", "Money"),
    ("ledger", "Ledger", "ledger:read", "Money"),
    ("exports", "Exports", "exports:read", "Money"),
    ("reconciliations", "Reconciliation", "reconciliations:read", "Money"),
    ("people", "People", "people:write", ""),
    ("policy", "Policy", "policies:read", ""),
    ("councils", "Councils", "policies:read", ""),
    ("messages", "Messages", "people:write", ""),
    ("machine", "Machine", "queues:read", ""),
    ("webhooks", "Webhooks", "webhooks:read", ""),
)
# Places that only a region has.
OF_A_REGION = {"councils"}
PARTS = (
    sessions,
    register,
    before,
    inviting,
    cancelling,
    questions,
    decisions,
    correct,
    controls,
    payments,
    overpaid,
    handed_over,
    imports,
    files,
    ledger,
    exports,
    reconciling,
    outgoing,
    people,
    lost,
    safety,
    helping,
    enter_claim,
    bases,
    across,
    policy_life,
    messages,
    letters,
    reached,
    machine,
)


def pages() -> Blueprint:
    """Everything under `/<council>/staff`. Nobody sees any of it without being signed in as staff."""
    door = Blueprint("staff", __name__, url_prefix="/<slug:slug>/staff")
    door.before_request(_signed_in)
    door.add_url_rule("/", "home", home, strict_slashes=False)
    door.add_url_rule("/sign-out", "sign_out", sign_out, methods=["GET", "POST"])
    for part in PARTS:
        door.register_blueprint(part.pages)
    return door


def home() -> Response | str:
    """The first place that somebody's roles open."""
    if not g.places:
        return render_template("staff/no_places.html")
    return redirect(g.places[0].href, 303)


def sign_out() -> str | Response:
    """Leave this browser."""
    g.place = "out"
    if request.method == "POST":
        if request.form.get("where") == "everywhere":
            with here.room() as session:
                councils.sign_staff_out(
                    session, council_id=here.council_id(), staff_id=here.staff().id, now=here.now()
                )
        here.sign_out("staff")
        return redirect(here.at(), 303)
    return render_template("staff/sign_out.html", elsewhere=here.is_in_elsewhere("staff"))


def _signed_in() -> None:
    here.staff()
    at = here.at()
    g.places = _grouped(
        (Place(key, name, f"{at}/staff/{key}"), group)
        for key, name, scope, group in PLACES
        if here.may(scope) and (key not in OF_A_REGION or here.here().brand.region)
    )


def _grouped(opened: Iterable[tuple[Place, str]]) -> tuple[Place, ...]:
    """Put places of one group under its name. A group of one is that place itself."""
    places: list[Place] = []
    for group, several in groupby(opened, key=itemgetter(1)):
        inside = tuple(place for place, _ in several)
        if group and len(inside) > 1:
            places.append(Place(group, group, inside[0].href, inside))
        else:
            places.extend(inside)
    return tuple(places)
