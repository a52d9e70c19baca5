"""The policy: what holds today, its drafts and versions, one of them whole, and writing a draft."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from service.days import london_day
from service.policy import actions, queries
from service.policy.faults import Fault
from service.policy.queries import NoPolicy
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.person import reading
from service.web.policies import clauses_of
from service.web.staff import policy_reading

pages = Blueprint("policy", __name__, url_prefix="/policy")
LONGEST = 150_000


@pages.before_request
def _place() -> None:
    g.place = "policy"


@pages.get("")
@needs("policies:read")
def show() -> str:
    """The rules that hold today, and every draft and version."""
    on = london_day(here.now())
    with here.room() as session:
        try:
            policy = reading.policy_on(session, here.council_id(), on)
        except NoPolicy:
            policy = None
        rows = policy_reading.rows(session)
    return render_template(
        "staff/policy.html",
        policy=policy,
        clauses=clauses_of(policy, on=on) if policy else (),
        rows=rows,
        may_write=here.may("policies:write"),
    )


@pages.route("/new", methods=["GET", "POST"])
@needs("policies:write")
def write() -> str | Response | tuple[str, int]:
    """Write a draft, starting from the text in force or from another draft."""
    if request.method == "GET":
        return render_template("staff/policy_write.html", answers=Answers({"text": _start()}), lines=())
    answers = Answers({"text": _typed()})
    text = _uploaded(answers) or answers.typed["text"]
    answers.typed = {"text": text}
    if not answers.wrong and not text.strip():
        answers.fault("text", "Write the policy, or choose a file that holds it")
    if not answers.wrong and len(text) > LONGEST:
        answers.fault("text", f"The text is longer than {LONGEST:,} letters. Take something out")
    if answers.wrong:
        return render_template("staff/policy_write.html", answers=answers, lines=()), 422
    keep = request.form.get("keep") == "yes"
    with here.room() as session:
        sources, faults = queries.checked(session, council_id=here.council_id(), text=text)
        if not faults or keep:
            draft = actions.write(
                session, council_id=here.council_id(), text=text, author=policy_reading.me(), now=here.now()
            )
            return redirect(f"{here.at()}/staff/policy/{draft.id}", 303)
    return _with_mistakes(answers, faults, main=sources.main)


@pages.get("/<policy_id>")
@needs("policies:read")
def one(policy_id: str) -> str:
    """A draft or a version: where it stands, what is wrong, what it changes, who has agreed."""
    return whole(policy_id, Answers(policy_reading.usual_period(london_day(here.now()))))


def whole(policy_id: str, answers: Answers) -> str:
    """The page of a draft or a version, with what was typed into its forms."""
    with here.room() as session:
        page = policy_reading.page(session, policy_id)
    return render_template("staff/policy_draft.html", page=page, answers=answers)


def _with_mistakes(answers: Answers, faults: list[Fault], *, main: str) -> tuple[str, int]:
    rows = policy_reading.fault_rows(faults, main=main)
    count = "1 mistake" if len(faults) == 1 else f"{len(faults)} mistakes"
    answers.fault("text", f"Mend {count} in the text. Below it, the lines to mend are marked.")
    answers.links = [(row.text, row.href) for row in rows]
    if len(faults) > len(rows):
        answers.general.append(f"{len(faults) - len(rows)} more. Mend these first.")
    lines = policy_reading.lines(answers.typed["text"], faults, main=main)
    return render_template("staff/policy_write.html", answers=answers, lines=lines), 422


def _start() -> str:
    """The text of the draft that is to be changed, else the one in force."""
    council_id, wanted = here.council_id(), request.args.get("from", "")
    with here.room() as session:
        if wanted:
            sources = queries.sources_of(session, council_id=council_id, policy_id=wanted)
            return sources.files[sources.main]
        try:
            on = london_day(here.now())
            sources = queries.in_force(session, council_id=council_id, on=on).policy.sources
        except NoPolicy:
            return ""
    return sources.files[sources.main]


def _typed() -> str:
    """What stands in the box. A browser sends its lines with other ends than files have."""
    return request.form.get("text", "").replace("\r\n", "\n")


def _uploaded(answers: Answers) -> str:
    """The text of a file that was chosen, if one was."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return ""
    try:
        return file.stream.read().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        answers.fault("file", "This file is not plain text. Save it as text (UTF-8), and choose it again")
        return ""
