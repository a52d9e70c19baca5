"""What do all councils pay somebody, in one place? Only where this browser is signed in, side by side.

Each council's figures are read within its own walls, one after the other, and only the page that goes to the
person has them together. Nothing is joined, stored or told: no council learns that there is another.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from service.reports import papers, periods, person_statement
from service.reports.papers import Paper
from service.reports.person_statement import StatementDiffers
from service.reports.statement_shapes import PersonStatement, sums_of
from service.web import here
from service.web.answers import Answers
from service.web.brand import Brand
from service.web.person.statements import Asked, asked_for, days_typed

pages = Blueprint("my_money", __name__, url_prefix="/my-money")


@dataclass(frozen=True)
class Place:
    """One council that pays the person. Without a statement, `trouble` says why."""

    brand: Brand
    statement: PersonStatement | None
    paper: Paper | None
    trouble: str = ""

    @property
    def at(self) -> str:
        """Where its pages begin."""
        return f"/{self.brand.slug}"


@pages.get("")
def show() -> str:
    """Every council that this browser is signed in to, each apart, and the sum of them."""
    asked = asked_for(request.args)
    places = [
        _place(brand, council_id, person_id, asked) for council_id, person_id, brand in here.my_places()
    ]
    known = {place.brand.slug for place in places}
    return render_template(
        "person/my_money.html",
        places=places,
        asked=asked,
        names=periods.NAMES,
        in_all=_in_all(places),
        names_known=sorted({place.statement.person for place in places if place.statement}),
        others=[brand for brand in here.all_councils() if brand.slug not in known],
    )


@pages.route("/days", methods=["GET", "POST"])
def choose_days() -> str | Response:
    """Days of one's own: from one to another."""
    answers = Answers(request.form)
    if request.method == "POST":
        found = days_typed(answers)
        if found is not None:
            return redirect(f"/my-money?since={found.since}&until={found.until}", 303)
    return render_template("person/statement_days.html", answers=answers, back_to="/my-money")


def _place(brand: Brand, council_id: str, person_id: str, asked: Asked) -> Place:
    try:
        with here.db().council(council_id) as within:
            found = person_statement.statement(
                within, council_id=council_id, person_id=person_id, period=asked.period, now=here.now()
            )
    except StatementDiffers as refusal:
        return Place(brand, None, None, refusal.detail)
    return Place(brand, found, papers.statement_paper(found))


def _in_all(places: list[Place]) -> tuple[tuple[str, ...], ...]:
    """All of them added up, for this page alone; nothing where one of them is not known."""
    known = [place.statement for place in places if place.statement is not None]
    if len(known) != len(places) or len(known) < 2:
        return ()
    return papers.sum_rows(sums_of(tuple(line for one in known for line in one.paid)), "Paid in all")
