"""Asking many people at once: a list; what would happen with each line, and to what sum; then send.

The list travels with the page, so nothing that was typed is lost, and nothing is stored before it is sent.
"""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from flask import session as cookie
from werkzeug.wrappers import Response

from service.errors import Conflict, Invalid, Moved
from service.sessions import invited_list, inviting, queries
from service.sessions.inviting import Plan
from service.web import here, wording
from service.web.answers import Answers
from service.web.here import needs
from service.web.person import reading
from service.web.staff.sessions import asks_for, read_facts, roles_for
from service.web.staff.shapes import Choice
from service.web.statuses import Status

pages = Blueprint("inviting", __name__, url_prefix="/sessions/<session_id>/invite")
FIELDS = {"/list": "list"}
# In the order in which they stand on the page: what needs mending first.
VERDICTS = {
    inviting.WRONG: Status("Needs mending", "red"),
    inviting.TWICE: Status("Twice on this list", "grey"),
    inviting.ASKED: Status("Asked already", "grey"),
    inviting.NEW: Status("New person", "turquoise"),
    inviting.KNOWN: Status("Known person", "green"),
}


@pages.before_request
def _place() -> None:
    g.place = "sessions"


@pages.route("", methods=["GET", "POST"])
@needs("sessions:write")
def invite(session_id: str) -> str | Response | tuple[str, int]:
    """A list; then what would happen with each line; then everybody is asked."""
    answers = Answers(request.form)
    plan: Plan | None = None
    if request.method == "POST":
        answers = _with_file(answers)
        plan = _plan(session_id, answers)
        sending = request.form.get("step") == "send"
        if plan and sending and _sent(session_id, answers) and not plan.wrong:
            return redirect(f"{here.at()}/staff/sessions/{session_id}", 303)
        if plan and sending and not answers.wrong:
            # Everybody in order was asked: what needs mending stays, to be mended here.
            left = invited_list.kept(answers["list"], numbers={row.line.number for row in plan.wrong})
            answers = Answers({**answers.typed, "list": left})
            plan = _plan(session_id, answers)
    page = _page(session_id, answers, plan)
    return (page, 422) if answers.wrong else page


def _with_file(answers: Answers) -> Answers:
    """The answers with the lines of an uploaded file below those that were pasted."""
    given = request.files.get("file")
    content = given.read() if given else b""
    if not content:
        return answers
    try:
        text = invited_list.decoded(content)
    except Invalid as refusal:
        answers.learn(refusal, {"/list": "file"})
        return answers
    pasted = answers["list"]
    return Answers({**answers.typed, "list": f"{pasted}\n{text}" if pasted else text})


def _plan(session_id: str, answers: Answers) -> Plan | None:
    """What would happen, or None with the reason beside its field."""
    if answers.wrong:
        return None
    with here.room() as session:
        roles, asks = roles_for(session, session_id), asks_for(session, session_id)
        facts = read_facts(answers, asks)
        if answers["role"]:
            answers.one_of("role", {role.value for role in roles}, "Choose a role")
        if answers.wrong:
            return None
        try:
            return inviting.check(
                session,
                council_id=here.council_id(),
                session_id=session_id,
                lines=invited_list.read(answers["list"], roles=_words_for(roles)),
                default_role=answers["role"],
                facts=facts,
            )
        except (Invalid, Conflict) as refusal:
            answers.learn(refusal, FIELDS)
            return None


def _sent(session_id: str, answers: Answers) -> bool:
    """Ask everybody whose line is in order. Not if anything changed since the page was shown."""
    try:
        with here.room() as session:
            roles = roles_for(session, session_id)
            done = inviting.invite(
                session,
                council_id=here.council_id(),
                session_id=session_id,
                lines=invited_list.read(answers["list"], roles=_words_for(roles)),
                default_role=answers["role"],
                facts=read_facts(answers, asks_for(session, session_id)),
                seen=answers["seen"],
                actor=here.staff_actor(),
                now=here.now(),
            )
    except (Invalid, Conflict, Moved) as refusal:
        answers.learn(refusal, FIELDS)
        return False
    cookie["asked_now"] = f"{wording.people(len(done.to_ask)).capitalize()} asked. Each gets a message."
    return True


def _words_for(roles: list[Choice]) -> set[str]:
    return {word for role in roles for word in (role.value, role.text)}


def _page(session_id: str, answers: Answers, plan: Plan | None) -> str:
    with here.room() as session:
        held = queries.get(session, council_id=here.council_id(), session_id=session_id)
        title = reading.occasion_of(session, held).title
        roles, asks = roles_for(session, session_id), asks_for(session, session_id)
    order = list(VERDICTS)
    rows = sorted(plan.rows, key=lambda row: (order.index(row.verdict), row.line.number)) if plan else []
    return render_template(
        "staff/invite.html",
        answers=answers,
        session_id=session_id,
        title=title,
        cancelled=held.cancelled_at is not None,
        roles=roles,
        role_names={role.value: role.text for role in roles},
        asks=asks,
        plan=plan,
        rows=rows,
        words=VERDICTS,
        counts=_counts(plan),
        asked_now=cookie.pop("asked_now", ""),
        may_add=here.may("people:write"),
    )


def _counts(plan: Plan | None) -> list[tuple[Status, int]]:
    if plan is None:
        return []
    found = [(status, sum(row.verdict == key for row in plan.rows)) for key, status in VERDICTS.items()]
    return [(status, number) for status, number in found if number]
