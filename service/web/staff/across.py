"""A region's councils: which version of the base each builds on, and what a draft would have paid in each."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from service.days import london_day
from service.errors import NotFound
from service.policy import queries as policies
from service.reports import regional, regional_words, simulation_words
from service.web import here
from service.web.here import needs
from service.web.staff.shapes import CouncilTried, Tried

pages = Blueprint("across", __name__, url_prefix="/councils")


@pages.get("")
@needs("policies:read")
def show() -> str:
    """Every council of the region, and every trial of a draft, the newest first."""
    _only_a_region()
    today, region_id = london_day(here.now()), here.council_id()
    with here.room() as session:
        base = policies.in_force(session, council_id=region_id, on=today).policy.sources.main
        tried = [
            Tried(row.row.version or "", one.id, one.asked_at, one.done_at is not None)
            for row in policies.standings(session, council_id=region_id, today=today)
            for one in policies.simulations(session, council_id=region_id, policy_id=row.row.id)
        ]
    members = regional.members(here.db(), region_id=region_id, base=base, today=today)
    tried.sort(key=lambda one: one.asked_at, reverse=True)
    return render_template("staff/councils.html", members=members, tried=tried[:20])


@pages.get("/<simulation_id>")
@needs("policies:read")
def one(simulation_id: str) -> str:
    """What one draft would have paid, council by council."""
    _only_a_region()
    region_id = here.council_id()
    with here.room() as session:
        row = policies.simulation(session, council_id=region_id, simulation_id=simulation_id)
        standing = policies.standing(
            session, council_id=region_id, policy_id=row.policy_id, today=london_day(here.now())
        )
    answer = row.answer or {}
    councils = [
        CouncilTried(
            one["name"],
            one["fits"],
            simulation_words.difference(one["difference_pence"]) if one["fits"] else "",
            one,
            tuple(regional_words.of_council(one)),
        )
        for one in answer.get("councils", ())
    ]
    return render_template(
        "staff/across.html",
        version=standing.row.version,
        asked=row,
        answer=answer,
        councils=councils,
        headline=regional_words.sentences(answer)[0] if answer else "",
    )


def _only_a_region() -> None:
    g.place = "councils"
    if not here.here().brand.region:
        raise NotFound("Only a region has this page. Look at your own policy.")
