"""A statement of one's own money and a letter about it, for any days: to read, to print, and as a PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from service.days import london_day
from service.errors import Invalid, one_fault
from service.reports import papers, periods, person_statement
from service.reports.papers import Paper
from service.reports.periods import Period
from service.reports.statement_shapes import PersonStatement
from service.web import here
from service.web.answers import Answers
from service.web.typed_times import read_day

pages = Blueprint("statements", __name__)

USUAL = "this_tax_year"
MAKERS = {"statement": papers.statement_paper, "letter": papers.letter_paper}
PAPERS = "any(statement, letter)"


@dataclass(frozen=True)
class Asked:
    """The days that somebody asked for, and how an address says so. `name`: which of the named ones."""

    period: Period
    name: str
    query: str


@pages.before_request
def _place() -> None:
    g.place = "my"


@pages.get(f"/<{PAPERS}:paper>")
def show(paper: str) -> str:
    """The paper on the screen; printed, it is the paper and nothing else."""
    asked = asked_for(request.args)
    made = MAKERS[paper](found(asked.period))
    return render_template(
        f"person/{paper}.html",
        paper=made,
        asked=asked,
        names=periods.NAMES,
        address=f"{here.at()}/me/{paper}",
    )


@pages.get(f"/<{PAPERS}:paper>.pdf")
def as_pdf(paper: str) -> Response:
    """The same as a tagged PDF, to keep or to send on."""
    asked = asked_for(request.args)
    made = MAKERS[paper](found(asked.period))
    since, until = asked.period.since, asked.period.until
    return download(made, name=f"{paper}-{since}-to-{until}.pdf")


@pages.route(f"/<{PAPERS}:paper>/days", methods=["GET", "POST"])
def choose_days(paper: str) -> str | AnyResponse:
    """Days of one's own: from one to another."""
    answers = Answers(request.form)
    if request.method == "POST":
        days = days_typed(answers)
        if days is not None:
            return redirect(f"{here.at()}/me/{paper}?since={days.since}&until={days.until}", 303)
    return render_template("person/statement_days.html", answers=answers, back_to=f"{here.at()}/me/{paper}")


def asked_for(given: Mapping[str, str]) -> Asked:
    """The days that an address asks for: by name, or from one day to another. Raises `Invalid`."""
    if given.get("since") or given.get("until"):
        period = periods.between(_day(given, "since"), _day(given, "until"))
        return Asked(period, periods.DATES, f"since={period.since}&until={period.until}")
    name = given.get("period") or USUAL
    return Asked(periods.named(name, today=london_day(here.now())), name, f"period={name}")


def _day(given: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(given.get(name, ""))
    except ValueError as error:
        raise one_fault(f"/{name}", "These days are not real. Choose the days again.") from error


def days_typed(answers: Answers) -> Period | None:
    """The days that were typed, or None with a sentence at each that is wrong."""
    since = read_day(answers, "since", what="first day", like="6 4 2026")
    until = read_day(answers, "until", what="last day", like="5 4 2027")
    if since is None or until is None:
        return None
    try:
        return periods.between(since, until)
    except Invalid as refusal:
        answers.learn(refusal, {"/since": "since", "/until": "until"})
        return None


def found(period: Period) -> PersonStatement:
    """The statement of whoever looks. Raises `StatementDiffers`, after somebody was told."""
    with here.room() as session:
        return person_statement.statement(
            session, council_id=here.council_id(), person_id=here.me().id, period=period, now=here.now()
        )


def download(paper: Paper, *, name: str) -> Response:
    """A PDF that is kept by whoever asked, and by nobody on the way."""
    answer = Response(papers.pdf(paper, made_at=here.now()), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
