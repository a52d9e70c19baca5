"""What we keep about the person: to read, to take away, and to have erased."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from service.days import london_day
from service.own_data import actions, packing, queries, retention
from service.own_data.model import GOES, HELD
from service.web import here
from service.web.answers import Answers

pages = Blueprint("own_data", __name__, url_prefix="/my-data")


@pages.before_request
def _place() -> None:
    g.place = "my"


@pages.get("")
def show() -> str:
    """What is kept, part by part, and what the person can do about it."""
    key = {"council_id": here.council_id(), "person_id": here.me().id}
    with here.room() as session:
        found = queries.everything(session, **key)
        wish = queries.wish(session, **key)
    parts = [(held.name, len(found[held.table])) for held in HELD if found[held.table]]
    return render_template("person/my_data.html", parts=parts, wish=wish)


@pages.post("/take")
def take() -> Response:
    """All of it as a zip, made at once and kept nowhere."""
    with here.room() as session:
        made = packing.packed(
            session,
            council_id=here.council_id(),
            person_id=here.me().id,
            keeping=here.receipts(),
            actor=here.me().actor,
            now=here.now(),
        )
    answer = Response(made, mimetype="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="what-we-keep-about-you.zip"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.route("/erase", methods=["GET", "POST"])
def erase() -> str | AnyResponse:
    """What goes, what must stay and why, what is still open; and then the person's own yes."""
    answers = Answers(request.form)
    key = {"council_id": here.council_id(), "person_id": here.me().id}
    if request.method == "POST":
        answers.one_of("sure", {"yes"}, "Tick the box if you want us to erase what we keep about you")
        if not answers.wrong:
            with here.room() as session:
                actions.ask(session, **key, actor=here.me().actor, now=here.now())
            return redirect(f"{here.at()}/me/my-data/erase", 303)
    today = london_day(here.now())
    with here.room() as session:
        last = queries.last_paid_on(session, **key)
        stays = retention.kept(session, council_id=here.council_id(), last_paid_on=last, today=today)
        still_open = queries.still_open(session, **key, now=here.now())
        wish = queries.wish(session, **key)
    return render_template(
        "person/erase.html", answers=answers, goes=GOES, stays=stays, still_open=still_open, wish=wish
    )


@pages.post("/erase/take-back")
def take_back() -> AnyResponse:
    """The person would rather stay."""
    with here.room() as session:
        actions.take_back(
            session,
            council_id=here.council_id(),
            person_id=here.me().id,
            actor=here.me().actor,
            now=here.now(),
        )
    return redirect(f"{here.at()}/me/my-data", 303)
