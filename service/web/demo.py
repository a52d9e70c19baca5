"""The demonstration's own pages: be anybody, and open the links in messages that never left.

Only there when the installation is a demonstration, where every person is made up.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from service.councils import actions as council_actions
from service.councils import queries as councils
from service.councils.model import ROLES
from service.notices import leaving
from service.notices import queries as notice_queries
from service.people import helping
from service.people import queries as people
from service.web import here
from service.web.pictures import PICTURES

pages = Blueprint("demo", __name__)


@pages.get("/demo")
def everybody() -> str:
    """Everybody of the demonstration, by council."""
    shown = []
    for brand in here.all_brands():
        with here.db().crossing() as outside:
            council_id = councils.council_id_of(outside, slug=brand.slug) or ""
        with here.db().council(council_id) as within:
            staff = councils.staff(within, council_id=council_id)
            found = people.find(within, council_id=council_id)
            helpers = [
                (row.id, row.name, f"helps {person.name}")
                for person in found
                for row in helping.of_person(within, council_id=council_id, person_id=person.id)
                if helping.in_force(row, now=here.now())
            ]
        shown.append(
            {
                "brand": brand,
                "staff": [(s.id, s.name, ", ".join(ROLES[role] for role in s.roles)) for s in staff],
                "people": [(p.id, p.name) for p in found],
                "helpers": helpers,
            }
        )
    return render_template("demo/everybody.html", councils=shown)


@pages.get("/demo/pictures")
def pictures() -> str:
    """Every picture that the Easy Read pages have."""
    return render_template("demo/pictures.html", pictures=[(n, *shows) for n, shows in PICTURES.items()])


@pages.post("/demo/<slug:slug>/<any(person, staff, helper):kind>/<subject_id>")
def be(kind: str, subject_id: str) -> Response:
    """Sign in as one of them, by a link of the ordinary kind."""
    council_id, at = here.council_id(), here.at()
    with here.room() as within:
        if kind == "person":
            people.get(within, council_id=council_id, person_id=subject_id)
        token = council_actions.make_link(
            within,
            council_id=council_id,
            kind=kind,
            subject_id=subject_id,
            goes_to=f"{at}/staff" if kind == "staff" else f"{at}/me",
            now=here.now(),
        )
    return redirect(f"/link/{token}", 303)


@pages.post("/demo/<slug:slug>/messages/<notice_id>")
def open_link(notice_id: str) -> Response:
    """Open a link of a message, as the person who got it would."""
    council_id = here.council_id()
    with here.room() as within:
        notice = notice_queries.get(within, council_id=council_id, notice_id=notice_id)
        make = leaving.stop_link if request.form.get("link") == "stop" else leaving.sign_in_link
        address = make(within, notice=notice, base_url="", now=here.now())
    return redirect(address, 303)
