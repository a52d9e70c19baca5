"""My own line: "tell me before I would pass this sum in a week or a month", and what I choose then.

Theirs alone. Nobody who works here can see that there is a line, or where; a day that the person chose for a
payment is seen, and why it was chosen is not.
"""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from flask import session as cookie
from werkzeug.wrappers import Response

from service.days import london_day
from service.errors import Invalid
from service.money import parse_pounds, pounds
from service.people import lines
from service.people.benefit_figures import Figure, as_of
from service.people.lines_model import MONTH, STARTS, WEEKDAYS, Line
from service.web import here
from service.web.answers import Answers
from service.web.person import line_reading
from service.web.person.shapes import Choice

pages = Blueprint("line", __name__, url_prefix="/line")
OTHER = "other"

# Where the answer about the start is kept until the sum is there: in no address, so that no log has it.
KEPT = "line"


@pages.before_request
def _place() -> None:
    g.place = "my"


@pages.get("/", strict_slashes=False)
def show() -> str:
    """The lines that somebody set, what they count, and what comes."""
    with here.room() as session:
        page = line_reading.page(session)
    return render_template("person/line/show.html", page=page)


@pages.route("/new", methods=["GET", "POST"])
def new() -> str | Response:
    """A week or a month."""
    answers = Answers(request.form)
    if request.method == "POST" and (per := answers.one_of("per", set(STARTS), "Choose a week or a month")):
        return redirect(f"{here.at()}/me/line/{per}", 303)
    return render_template("person/line/per.html", answers=answers)


@pages.route("/<any(week, month):per>", methods=["GET", "POST"])
def start(per: str) -> str | Response:
    """On which day it starts."""
    answers = Answers(request.form)
    if request.method == "POST":
        sentence = "Enter a day from 1 to 31" if per == MONTH else "Choose a day of the week"
        typed = answers.whole("starts", sentence, most=STARTS[per][1])
        if typed is not None and typed >= STARTS[per][0]:
            cookie[here.ANSWERS] = {**cookie.get(here.ANSWERS, {}), KEPT: {per: typed}}
            return redirect(f"{here.at()}/me/line/{per}/amount", 303)
        answers.fault("starts", sentence)
    else:
        standing = _standing(per)
        answers = Answers({"starts": str(standing.starts)} if standing else {})
    days = [Choice(str(number), name) for number, name in enumerate(WEEKDAYS)]
    return render_template("person/line/start.html", answers=answers, per=per, days=days)


@pages.route("/<any(week, month):per>/amount", methods=["GET", "POST"])
def amount(per: str) -> str | Response:
    """How much, from a published figure or their own."""
    answers, starts = Answers(request.form), cookie.get(here.ANSWERS, {}).get(KEPT, {}).get(per)
    figures = {one.key: one for one in lines.presets(per=per, on=london_day(here.now()))}
    if not isinstance(starts, int):
        return redirect(f"{here.at()}/me/line/{per}", 303)
    if request.method == "POST":
        pence = _read_amount(answers, figures)
        if pence is not None:
            with here.room() as session:
                lines.put(
                    session,
                    council_id=here.council_id(),
                    person_id=here.me().id,
                    per=per,
                    amount_pence=pence,
                    starts=starts,
                    now=here.now(),
                )
            return redirect(f"{here.at()}/me/line", 303)
    elif standing := _standing(per):
        answers = Answers({"choice": OTHER, "amount": pounds(standing.amount_pence)[1:]})
    return render_template(
        "person/line/amount.html",
        answers=answers,
        per=per,
        figures=list(figures.values()),
        as_of=as_of(),
    )


@pages.post("/<any(week, month):per>/take-away")
def take_away(per: str) -> Response:
    """No line any more."""
    with here.room() as session:
        lines.take_away(
            session, council_id=here.council_id(), person_id=here.me().id, per=per, now=here.now()
        )
    return redirect(f"{here.at()}/me/line", 303)


def _standing(per: str) -> Line | None:
    with here.room() as session:
        found = lines.of_person(session, council_id=here.council_id(), person_id=here.me().id)
    return next((line for line in found if line.per == per), None)


def _read_amount(answers: Answers, figures: dict[str, Figure]) -> int | None:
    """The sum that was chosen or typed, or None with what to mend."""
    choice = OTHER
    if figures:
        choice = answers.one_of("choice", {*figures, OTHER}, "Choose a sum, or enter your own")
    if choice in figures:
        return figures[choice].amount_pence
    if choice != OTHER or not answers.need("amount", "Enter your own sum, like 120 or 95.50"):
        return None
    try:
        return parse_pounds(answers["amount"])
    except Invalid as refusal:
        answers.learn(refusal, {"": "amount"})
        return None
