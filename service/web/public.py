"""Pages that anybody may read: what this is, how money is worked out, privacy, accessibility, cookies."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from service.days import london_day
from service.policy import queries as policies
from service.web.here import all_councils, here, now, room
from service.web.policies import clauses_of

pages = Blueprint("public", __name__)

# The accessibility statement says when it was written and when somebody last went through it.
WRITTEN = date(2026, 11, 22)
LOOKED_AT = date(2026, 11, 22)
KNOWN_FAULTS = (
    "Nobody outside the team that makes this service has tested it yet, with or without a screen reader.",
    "Easy Read and Welsh are drafts. You see them once a reader who knows has checked them.",
    "There is no version in British Sign Language.",
)
BY_COUNCIL = {
    "privacy": "Privacy notice",
    "accessibility": "Accessibility statement",
    "how-we-work-out-your-money": "How we work out your money",
}


@pages.get("/")
def home() -> str:
    """The first page: which council asked you?"""
    return render_template("public/home.html", councils=all_councils())


@pages.get("/<slug:slug>", strict_slashes=False)
def council_home() -> str:
    """A council's first page: two doors."""
    return render_template("public/home.html")


@pages.get("/cookies")
@pages.get("/<slug:slug>/cookies")
def cookies() -> str:
    """The one cookie."""
    return render_template("public/cookies.html")


@pages.get("/privacy")
@pages.get("/accessibility")
@pages.get("/how-we-work-out-your-money")
def choose() -> str:
    """A page that each council has its own of."""
    leaf = request.path.removeprefix("/")
    return render_template("public/choose.html", title=BY_COUNCIL[leaf], leaf=leaf, councils=all_councils())


@pages.get("/<slug:slug>/privacy")
def privacy() -> str:
    """The council's privacy notice."""
    return render_template("public/privacy.html")


@pages.get("/<slug:slug>/accessibility")
def accessibility() -> str:
    """The council's accessibility statement."""
    return render_template(
        "public/accessibility.html",
        nation=here().nation,
        known_faults=KNOWN_FAULTS,
        prepared=WRITTEN,
        looked_at=LOOKED_AT,
    )


@pages.get("/<slug:slug>/how-we-work-out-your-money")
def how_we_work_out() -> str:
    """How sums come about, with the council's own rules."""
    on = london_day(now())
    with room() as session:
        policy = policies.in_force(session, council_id=here().council_id, on=on).policy
    return render_template(
        "public/how_we_work_out.html",
        clauses=clauses_of(policy, on=on),
        policy_name=policy.name,
        policy_from=policy.effective_from,
    )
