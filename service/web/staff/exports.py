"""Exports: choose, look at the first lines, build once, take the file; mappings; supplier references."""

from __future__ import annotations

from datetime import datetime, time

from flask import Blueprint, Response, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from service.errors import Conflict, Fault, Invalid, Refused
from service.exports import actions, queries
from service.exports import mapping as mappings
from service.exports.actions import Preview, Wanted
from service.exports.model import FIELDS, KINDS
from service.people import actions as people
from service.people import queries as person_queries
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.staff.shapes import Choice
from service.web.typed_times import moment, read_day

pages = Blueprint("exports", __name__, url_prefix="/exports")
PRESET, OWN = "preset:", "own:"
# How many mistakes of a mapping are told at once.
SAID = 5


@pages.before_request
def _place() -> None:
    g.place = "exports"


@pages.route("", methods=["GET", "POST"])
@needs("exports:read")
def home() -> str | AnyResponse | tuple[str, int]:
    """What was built, and a form for the next: look first, then build."""
    answers, preview = Answers(request.form), None
    if request.method == "POST":
        wanted = _wanted(answers)
        if wanted is not None and answers["do"] == "build":
            built = _build(answers, wanted)
            if built:
                return redirect(f"{_at()}#{built}", 303)
        elif wanted is not None:
            preview = _preview(answers, wanted)
    with here.room() as session:
        built_before = queries.page(session, council_id=here.council_id(), before=None, limit=50)
        choices = _mapping_choices(session)
    page = render_template(
        "staff/exports.html",
        answers=answers,
        preview=preview,
        rows=built_before,
        kinds=[Choice(key, name) for key, name in KINDS.items()],
        kind_names=KINDS,
        mappings=choices,
        may_build=here.may("exports:write"),
    )
    return (page, 422) if answers.wrong else page


def _wanted(answers: Answers) -> Wanted | None:
    kind = answers.one_of("kind", KINDS, "Choose what to export")
    with here.room() as session:
        offered = {choice.value for choice in _mapping_choices(session)}
        named = answers.one_of("mapping", offered, "Choose how it should look")
        text = _text(session, named) if named else ""
    until = _until(answers)
    if kind == "payroll":
        answers.need("label", "Say which payroll they go with, such as December 2026")
    if answers.wrong or until is None:
        return None
    return Wanted(kind=kind, mapping_text=text, until=until, label=answers["label"])


def _until(answers: Answers) -> datetime | None:
    """The end of the day that was typed, or now."""
    if not any(answers[f"until-{part}"] for part in ("day", "month", "year")):
        return here.now()
    day = read_day(answers, "until")
    return moment(day, time(23, 59, 59)) if day else None


def _text(session: Session, named: str) -> str:
    preset = named.removeprefix(PRESET) if named.startswith(PRESET) else None
    own = None if preset else named.removeprefix(OWN)
    return queries.mapping_text(session, council_id=here.council_id(), preset=preset, name=own)


def _build(answers: Answers, wanted: Wanted) -> str:
    if not here.may("exports:write"):
        answers.general.append("Your role may look at exports, and not build them.")
        return ""
    try:
        with here.room() as session:
            row = actions.build(
                session,
                council_id=here.council_id(),
                wanted=wanted,
                actor=here.staff_actor(),
                now=here.now(),
            )
        return row.id
    except Refused as refusal:
        answers.learn(refusal, {"/kind": "kind", "/mapping": "mapping", "/label": "label"})
        return ""


def _preview(answers: Answers, wanted: Wanted) -> Preview | None:
    try:
        with here.room() as session:
            return actions.preview(session, council_id=here.council_id(), wanted=wanted, now=here.now())
    except Refused as refusal:
        answers.learn(refusal, {"/kind": "kind", "/mapping": "mapping", "/label": "label"})
        return None


@pages.get("/<export_id>/content")
@needs("exports:read")
def content(export_id: str) -> Response:
    """The file, to the byte as it was built."""
    with here.room() as session:
        row = queries.get(session, council_id=here.council_id(), export_id=export_id)
        answer = Response(row.content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.file_name}"'
    return answer


@pages.route("/mappings", methods=["GET", "POST"])
@needs("exports:read")
def mapping() -> str | AnyResponse | tuple[str, int]:
    """A mapping's text: start from one that is there, change it, have it checked, keep it."""
    answers = Answers(request.form)
    checked = False
    if request.method == "POST":
        checked = _kept(answers)
        if checked and answers["do"] == "keep":
            return redirect(f"{_at()}/mappings?kept=yes", 303)
    with here.room() as session:
        choices = _mapping_choices(session)
        start = request.args.get("from", "")
        if request.method == "GET" and start in {choice.value for choice in choices}:
            answers = Answers({"text": _text(session, start)})
    page = render_template(
        "staff/export_mapping.html",
        answers=answers,
        choices=choices,
        checked=checked,
        kept=request.args.get("kept") == "yes",
        fields=FIELDS,
        may_keep=here.may("exports:write"),
    )
    return (page, 422) if answers.wrong else page


def _kept(answers: Answers) -> bool:
    """Whether the text holds; kept as well, where that was asked for."""
    try:
        mappings.read(answers["text"])
        if answers["do"] == "keep":
            if not here.may("exports:write"):
                answers.general.append("Your role may look at mappings, and not change them.")
                return False
            with here.room() as session:
                actions.keep_mapping(
                    session,
                    council_id=here.council_id(),
                    text=answers["text"],
                    actor=here.staff_actor(),
                    now=here.now(),
                )
    except Invalid as refusal:
        said = [_in_words(fault) for fault in refusal.errors]
        left = len(said) - SAID
        more = [f"And {left} more: mend these first."] if left > 0 else []
        answers.fault("text", " ".join(said[:SAID] + more))
    return not answers.wrong


def _in_words(fault: Fault) -> str:
    """`In column 1, field: There is no field moon here.`, for a place like `/columns/0/field`."""
    if fault.pointer == "/text":
        return fault.detail
    steps = fault.pointer.lstrip("/").split("/")
    named = [f"number {int(step) + 1}" if step.isdecimal() else step for step in steps]
    where = ", ".join(named).replace("columns, number", "column")
    detail = fault.detail
    if steps[-1] == "field":
        detail = detail.partition(" Choose one of ")[0] + " All fields are listed below."
    return f"In {where}: {detail}"


@pages.route("/suppliers", methods=["GET", "POST"])
@needs("exports:read")
def suppliers() -> str | AnyResponse | tuple[str, int]:
    """What the finance system calls each person."""
    answers = Answers(request.form if request.method == "POST" else request.args)
    if request.method == "POST" and _set_reference(answers):
        return redirect(f"{_at()}/suppliers?{request.query_string.decode()}#{answers['person']}", 303)
    with here.room() as session:
        found = person_queries.find(
            session, council_id=here.council_id(), words=request.args.get("q", ""), limit=100
        )
    page = render_template(
        "staff/suppliers.html",
        answers=answers,
        rows=found,
        q=request.args.get("q", ""),
        may_change=here.may("exports:write"),
    )
    return (page, 422) if answers.wrong else page


def _set_reference(answers: Answers) -> bool:
    if not here.may("exports:write"):
        answers.general.append("Your role may look at these, and not change them.")
        return False
    field = f"reference-{answers['person']}"
    try:
        with here.room() as session:
            people.set_supplier_reference(
                session,
                council_id=here.council_id(),
                person_id=answers["person"],
                given=answers[field],
                actor=here.staff_actor(),
                now=here.now(),
            )
    except Conflict as refusal:
        answers.fault(field, refusal.detail)
    except Invalid as refusal:
        answers.learn(refusal, {"/supplier_reference": field})
    return not answers.wrong


def _mapping_choices(session: Session) -> list[Choice]:
    own = queries.own_mappings(session, council_id=here.council_id())
    names = {name: mappings.read(text).name for name, text in mappings.presets().items()}
    return [Choice(f"{OWN}{row.name}", f"{row.name} (yours)") for row in own] + [
        Choice(f"{PRESET}{name}", words) for name, words in names.items()
    ]


def _at() -> str:
    return f"{here.at()}/staff/exports"
