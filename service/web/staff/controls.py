"""Holding money back, and payments that go together: see, place, release, start."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from service.errors import Refused
from service.payouts import gates, holds, run_queries, runs
from service.payouts.holdbook import Hand
from service.payouts.model import IN_RUNS
from service.rails.protocol import RAILS
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.staff import control_reading

pages = Blueprint("controls", __name__, url_prefix="/payments")


@pages.before_request
def _place() -> None:
    g.place = "payments"


def _at(leaf: str = "") -> str:
    return f"{here.at()}/staff/payments{leaf}"


def _hand() -> Hand:
    return Hand(here.staff_actor())


@pages.get("/holds")
@needs("payments:read")
def all_holds() -> str:
    """What holds money back now, and what did."""
    with here.room() as session:
        rows = control_reading.holds(session, standing_only=False)
    standing = [row for row in rows if row.ended_at is None]
    return render_template(
        "staff/holds.html",
        standing=standing,
        ended=[row for row in rows if row.ended_at is not None],
        may_hold=here.may("payments:hold"),
    )


@pages.route("/holds/new", methods=["GET", "POST"])
@needs("payments:hold")
def place() -> str | Response | tuple[str, int]:
    """Hold money back: what, and why. One payment or one person comes in the address."""
    answers = Answers(request.form)
    scope, subject = request.args.get("scope", ""), request.args.get("subject", "")
    named = scope in ("payment", "person")
    if request.method == "POST":
        if not named:
            scope = answers.one_of("what", {"council", *RAILS}, "Choose what to hold")
            scope, subject = ("rail", scope) if scope in RAILS else (scope, "")
        answers.need("reason", "Say why, for those who come after you")
        if not answers.wrong:
            try:
                with here.room() as session:
                    holds.place(
                        session,
                        council_id=here.council_id(),
                        scope=scope,
                        subject=subject,
                        reason=answers["reason"][:500],
                        hand=_hand(),
                        now=here.now(),
                    )
                return redirect(_at("/holds"), 303)
            except Refused as refusal:
                answers.learn(refusal, {"/reason": "reason", "/subject": "what", "/scope": "what"})
    covers = ""
    if named:
        with here.room() as session:
            covers = control_reading.covers(session, scope=scope, subject=subject)
    ways = [{"value": rail, "text": f"All payments that go this way: {RAILS[rail].name}"} for rail in IN_RUNS]
    page = render_template("staff/hold_new.html", answers=answers, covers=covers, ways=ways)
    return (page, 422) if answers.wrong else page


@pages.route("/holds/<hold_id>/release", methods=["GET", "POST"])
@needs("payments:hold")
def release(hold_id: str) -> str | Response:
    """Release a hold, once somebody has read what then happens."""
    with here.room() as session:
        if request.method == "POST":
            holds.release(
                session, council_id=here.council_id(), hold_id=hold_id, hand=_hand(), now=here.now()
            )
            return redirect(_at("/holds"), 303)
        row = gates.get(session, council_id=here.council_id(), hold_id=hold_id)
        found = control_reading.hold(session, row)
    return render_template("staff/hold_release.html", hold=found)


@pages.get("/runs")
@needs("payments:read")
def all_runs() -> str:
    """Payment runs, the newest first, and what waits for the next."""
    with here.room() as session:
        rows = run_queries.page(session, council_id=here.council_id(), limit=control_reading.SHOWN)
        shown = [control_reading.run(session, row) for row in rows]
        waiting = control_reading.waiting(session)
    return render_template(
        "staff/runs.html", rows=shown, waiting=waiting, may_start=here.may("payments:hold")
    )


@pages.route("/runs/new/<rail>", methods=["GET", "POST"])
@needs("payments:hold")
def start(rail: str) -> str | Response:
    """Start a run now, once somebody has read what goes."""
    with here.room() as session:
        if request.method == "POST":
            row = runs.start_now(
                session, council_id=here.council_id(), rail=rail, hand=_hand(), now=here.now()
            )
            return redirect(_at(f"/runs/{row.id}"), 303)
        found = next((one for one in control_reading.waiting(session) if one[0] == rail), None)
    return render_template("staff/run_new.html", waits=found)


@pages.get("/runs/<run_id>")
@needs("payments:read")
def one_run(run_id: str) -> str:
    """What is in a run, its totals by cost centre, and its release."""
    with here.room() as session:
        row = run_queries.get(session, council_id=here.council_id(), run_id=run_id)
        shown, lines = control_reading.run(session, row), control_reading.lines(session, row)
        may = here.may("payments:hold")
        other = control_reading.somebody_else(session, row) if may and shown.waits else ""
    return render_template("staff/run.html", run=shown, lines=lines, may_release=may, other=other)


@pages.post("/runs/<run_id>/release")
@needs("payments:hold")
def release_run(run_id: str) -> Response:
    """A second person lets it go."""
    with here.room() as session:
        runs.release(
            session,
            council_id=here.council_id(),
            run_id=run_id,
            seen=request.form.get("seen", ""),
            hand=_hand(),
            now=here.now(),
        )
    return redirect(_at(f"/runs/{run_id}"), 303)
