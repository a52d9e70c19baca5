"""New versions of the region's base: what each would change here, and taking one on."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from service.days import london_day
from service.policy import queries as policies
from service.policy.life import STATES, Author
from service.regions import actions, queries
from service.web import here
from service.web.here import needs

pages = Blueprint("bases", __name__, url_prefix="/policy/bases")


@pages.get("")
@needs("policies:read")
def show() -> str:
    """Every version that is newer than ours, with its changes; and the draft just made of one."""
    g.place = "policy"
    today, made, council_id = london_day(here.now()), request.args.get("made"), here.council_id()
    with here.room() as session:
        offers = queries.offers(session, council_id=council_id, today=today)
        draft = (
            policies.standing(session, council_id=council_id, policy_id=made, today=today) if made else None
        )
    return render_template(
        "staff/bases.html",
        offers=offers,
        may_act=here.may("policies:write"),
        draft=draft,
        state=STATES[draft.state] if draft else "",
    )


@pages.post("/<base_id>/take-on")
@needs("policies:write")
def take_on(base_id: str) -> Response:
    """Make a draft of our own text on that version."""
    author = Author("staff", here.staff().id)
    with here.room() as session:
        draft = actions.take_on(
            session, council_id=here.council_id(), base_id=base_id, author=author, now=here.now()
        )
    return redirect(f"{here.at()}/staff/policy/bases?made={draft.id}", 303)
