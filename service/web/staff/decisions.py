"""Claims that wait for a person, and one claim with everything needed to decide it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypedDict

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.approvals import actions, disagreeing
from service.approvals import queries as approvals
from service.approvals.actions import LineSum
from service.approvals.model import Decider
from service.claims import queries as claims
from service.claims.model import AGREED
from service.claims.queries import Filter
from service.days import london_day
from service.errors import Invalid, Moved, NotFound
from service.money import parse_pounds
from service.receipts import queries as receipts
from service.web import here, statuses
from service.web.answers import Answers
from service.web.here import needs
from service.web.person import sending
from service.web.staff import reading
from service.web.staff.shapes import ClaimRow

pages = Blueprint("decisions", __name__)
TABS = {
    "waiting": ("Waiting for you", ("waiting", "needs_person")),
    "again": ("Look again", ("waiting", "needs_person", "asked")),
    "asked": ("Question asked", ("asked",)),
    "on-its-way": ("Agreed", ("approved",)),
    "refused": ("Not agreed", ("refused",)),
}
# In these somebody also finds the agreed claims with a part of which their person does not agree.
LOOK_AGAIN = ("waiting", "again")
MOST = 200


@pages.before_request
def _place() -> None:
    g.place = "approvals"


@pages.get("/approvals")
@needs("claims:approve")
def waiting() -> str:
    """What waits for a person, the longest first."""
    wanted = request.args.get("show", "waiting")
    tab = wanted if wanted in TABS else "waiting"
    council_id = here.council_id()
    with here.room() as session:
        once = approvals.refused_once(session, council_id=council_id) if tab == "again" else None
        wanted_rows = Filter(states=TABS[tab][1], claim_ids=once)
        rows = claims.page(session, council_id=council_id, wanted=wanted_rows, after=None, limit=MOST)
        shown = reading.claim_rows(session, rows, council_id=council_id, today=london_day(here.now()))
        if tab in LOOK_AGAIN:
            shown += _disagreed(session, council_id)
    tabs = [{"name": name, "href": f"?show={key}", "current": key == tab} for key, (name, _) in TABS.items()]
    nothing = "Nothing waits for you." if tab == "waiting" else "None."
    return render_template("staff/approvals.html", title="Approvals", rows=shown, tabs=tabs, nothing=nothing)


def _disagreed(session: Session, council_id: str) -> list[ClaimRow]:
    wanted = Filter(states=AGREED, claim_ids=disagreeing.waiting(session, council_id=council_id))
    rows = claims.page(session, council_id=council_id, wanted=wanted, after=None, limit=MOST)
    shown = reading.claim_rows(session, rows, council_id=council_id, today=london_day(here.now()))
    return [replace(row, status=statuses.DISAGREED) for row in shown]


@pages.get("/claims/<claim_id>")
@needs("claims:read")
def show(claim_id: str) -> str:
    """One claim: what was asked for, what the policy says, what happened, and the decision."""
    return _render(claim_id, Answers())


@pages.get("/receipts/<receipt_id>")
@needs("claims:read")
def receipt(receipt_id: str) -> Response:
    """The receipt that somebody sent with a claim. That it was looked at is written down."""
    with here.room() as session:
        row = receipts.get(session, council_id=here.council_id(), receipt_id=receipt_id)
        if row.claim_id is None:
            raise NotFound("This receipt has not been sent to you. Look at the claim again.")
        return sending.as_attachment(session, row, actor=here.staff_actor())


@pages.post("/claims/<claim_id>/approve")
@needs("claims:approve")
def approve(claim_id: str) -> str | Response | tuple[str, int]:
    """Say yes."""
    answers = Answers(request.form)
    sums = _sums(answers)

    def say(session: Session) -> None:
        actions.approve(session, sums=sums, **_decision(claim_id))

    return _decide(claim_id, answers, say, {}, opened="")


@pages.post("/claims/<claim_id>/refuse")
@needs("claims:approve")
def refuse(claim_id: str) -> str | Response | tuple[str, int]:
    """Say no, with the rule and a reason that the person reads."""
    answers = Answers(request.form)
    with here.room() as session:
        known = reading.clause_numbers(session, council_id=here.council_id(), claim_id=claim_id)
    if answers["clause"] and answers["clause"] not in known:
        answers.fault("clause", "Choose one of the rules of the policy")

    def say(session: Session) -> None:
        clause, reason = answers["clause"], answers["reason"]
        actions.refuse(session, clause=clause, reason=reason, **_decision(claim_id))

    return _decide(claim_id, answers, say, {"/clause": "clause", "/reason": "reason"}, opened="refuse")


@pages.post("/claims/<claim_id>/ask")
@needs("claims:approve")
def ask(claim_id: str) -> str | Response | tuple[str, int]:
    """Ask the person something first."""
    answers = Answers(request.form)

    def say(session: Session) -> None:
        actions.ask(session, question=answers["question"], **_decision(claim_id))

    return _decide(claim_id, answers, say, {"/question": "question"}, opened="ask")


@pages.post("/claims/<claim_id>/looked-again")
@needs("claims:approve")
def looked_again(claim_id: str) -> str | Response | tuple[str, int]:
    """Answer somebody who does not agree with a part of what was agreed."""
    answers = Answers(request.form)

    def say(session: Session) -> None:
        disagreeing.answer(
            session,
            council_id=here.council_id(),
            claim_id=claim_id,
            decider=_decider(),
            words=answers["found"],
            now=here.now(),
        )

    return _decide(claim_id, answers, say, {"/answer": "found"}, opened="")


class _Decision(TypedDict):
    council_id: str
    claim_id: str
    decider: Decider
    seen: str
    now: datetime


def _decision(claim_id: str) -> _Decision:
    """Who decides what, on which version, and when: the same for every decision."""
    return {
        "council_id": here.council_id(),
        "claim_id": claim_id,
        "decider": _decider(),
        "seen": request.form.get("seen", ""),
        "now": here.now(),
    }


def _decider() -> Decider:
    caller = here.staff()
    return Decider("staff", caller.id, roles=caller.approves_as)


def _decide(
    claim_id: str, answers: Answers, say: Callable[[Session], None], fields: dict[str, str], *, opened: str
) -> str | Response | tuple[str, int]:
    if answers.wrong:
        return _render(claim_id, answers, opened=opened)
    try:
        with here.room() as session:
            say(session)
    except Moved:
        return _render(claim_id, answers, opened=opened, moved=True), 412
    except Invalid as refusal:
        answers.learn(refusal, fields | {f"/sums/{n}": f"sum-{n}" for n in range(50)})
        return _render(claim_id, answers, opened=opened)
    return redirect(f"{here.at()}/staff/claims/{claim_id}", 303)


def _sums(answers: Answers) -> tuple[LineSum, ...]:
    """What was decided for each line that the policy left open."""
    found = []
    for name in [key for key in request.form if key.startswith("sum-")]:
        number = name.removeprefix("sum-")
        typed = answers.need(name, "Enter how much is right, like 4.10")
        why = answers.need(f"why-{number}", "Say why, in words for the person")
        if not (typed and why and number.isdigit()):
            continue
        try:
            found.append(LineSum(int(number[:4]), parse_pounds(typed), why))
        except Invalid as refusal:
            answers.learn(refusal, {"": name})
    return tuple(found)


def _render(claim_id: str, answers: Answers, *, opened: str = "", moved: bool = False) -> str:
    with here.room() as session:
        page = reading.decision_page(
            session,
            council_id=here.council_id(),
            claim_id=claim_id,
            decider=_decider(),
            today=london_day(here.now()),
        )
    return render_template(
        "staff/approval.html",
        page=page,
        answers=answers,
        opened=opened,
        moved=moved,
        typed=any(answers[name] for name in request.form if name not in ("seen", "csrf_token")),
        may_decide=here.may("claims:approve"),
        may_correct=here.may("claims:write"),
    )
