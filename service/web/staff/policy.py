"""The policy in force, to be read: every rule as a sentence."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from service.days import london_day
from service.web import here
from service.web.here import needs
from service.web.person import reading
from service.web.policies import clauses_of

pages = Blueprint("policy", __name__, url_prefix="/policy")


@pages.get("")
@needs("policies:read")
def show() -> str:
    """The rules that hold today."""
    g.place = "policy"
    on = london_day(here.now())
    with here.room() as session:
        policy = reading.policy_on(session, here.council_id(), on)
    return render_template("staff/policy.html", policy=policy, clauses=clauses_of(policy, on=on))
