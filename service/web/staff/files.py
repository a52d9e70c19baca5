"""Files of payments: what waits for one, building it, fetching it, and saying what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from service.councils import queries as councils
from service.days import is_working_day
from service.errors import Refused
from service.payouts import building, file_queries, filing, queries
from service.payouts.file_model import FILE_TRANSITIONS, FILE_WORDS, VERBS_OF_RAIL
from service.payouts.file_tables import BankFile
from service.people import queries as people
from service.rails import bacs_calendar, credentials
from service.rails.protocol import RAILS
from service.web import here, statuses, wording
from service.web.answers import Answers
from service.web.here import needs
from service.web.staff.file_shapes import FileLine, FilePage, FileRow, Sum
from service.web.staff.history import KINDS
from service.web.typed_times import moment, read_clock, read_day

pages = Blueprint("files", __name__, url_prefix="/files")
BUILT_FOR = ("bacs", "finance_system")
SHOWN = 300
YEARS = range(2000, 2190)
IN_A_FILE = statuses.Status("Waits for this file to be sent", "yellow")
COLOURS = {"submitted": "turquoise", "acknowledged": "turquoise", "rejected": "red"}


@pages.before_request
def _place() -> None:
    g.place = "files"


@pages.get("")
@needs("payments:files")
def all_of_them() -> str:
    """What waits for a file, and every file there is, the newest first."""
    with here.room() as session:
        waiting = file_queries.waiting(session, council_id=here.council_id(), rails=BUILT_FOR)
        rows = _rows(session, file_queries.page(session, council_id=here.council_id(), limit=100))
    named = [(one, RAILS[one.rail].name) for one in waiting]
    return render_template("staff/files.html", waiting=named, rows=rows)


@pages.route("/new/<any(bacs, finance_system):rail>", methods=["GET", "POST"])
@needs("payments:files")
def build(rail: str) -> str | Answer | tuple[str, int]:
    """Look at what would go in, choose the day, and build it."""
    answers = Answers(request.form if request.method == "POST" else _usual_day())
    if request.method == "POST":
        day = read_day(answers, "day") if rail == "bacs" else None
        if day and not (day.year in YEARS and is_working_day(day)):
            answers.fault("day", "Choose a working day: banks are closed on this one")
        if not answers.wrong:
            try:
                with here.room() as session:
                    row = building.build(
                        session,
                        council_id=here.council_id(),
                        rail=rail,
                        vault=here.vault(),
                        processing_day=bacs_calendar.working_day_before(day) if day else None,
                        actor=here.staff_actor(),
                        now=here.now(),
                    )
                return redirect(_at(row.id), 303)
            except Refused as refusal:
                answers.learn(refusal, {"/processing_day": "day"})
    with here.room() as session:
        waiting = file_queries.waiting(session, council_id=here.council_id(), rails=(rail,))
    first = bacs_calendar.entry_day(bacs_calendar.earliest_processing_day(here.now()))
    page = render_template(
        "staff/file_new.html",
        answers=answers,
        waiting=waiting[0] if waiting else None,
        rail=rail,
        name=RAILS[rail].name,
        first=first,
    )
    return (page, 422) if answers.wrong else page


def _usual_day() -> dict[str, str]:
    first = bacs_calendar.entry_day(bacs_calendar.earliest_processing_day(here.now()))
    return {"day-day": str(first.day), "day-month": str(first.month), "day-year": str(first.year)}


@pages.get("/<file_id>")
@needs("payments:files")
def show(file_id: str) -> str:
    """One file."""
    with here.room() as session:
        page = _page(session, file_queries.get(session, council_id=here.council_id(), file_id=file_id))
    return render_template("staff/file.html", page=page, see_claims=here.may("claims:read"))


@pages.get("/<file_id>/content")
@needs("payments:files")
def content(file_id: str) -> Response:
    """The file itself, to be saved."""
    with here.room() as session:
        row, found = filing.fetch(session, vault=here.vault(), **_deed(file_id))
    answer = Response(found, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/<file_id>/submitted")
@needs("payments:files")
def submitted(file_id: str) -> Answer:
    """I have sent this file."""
    with here.room() as session:
        filing.submit(session, **_deed(file_id))
    return redirect(_at(file_id), 303)


@pages.route("/<file_id>/sent-before", methods=["GET", "POST"])
@needs("payments:files")
def sent_before(file_id: str) -> str | Answer | tuple[str, int]:
    """I sent this file a while ago, before Bacs closed: when was it?"""
    answers = Answers(request.form)
    if request.method == "POST":
        day = read_day(answers, "day")
        clock = read_clock(answers, "clock", "Enter a time, like 4:30pm")
        if day and clock is not None:
            if day.year not in YEARS:
                answers.fault("day", "Enter a real day, like 27 3 2026")
            elif _submitted_at(file_id, moment(day, clock), answers):
                return redirect(_at(file_id), 303)
    with here.room() as session:
        page = _page(session, file_queries.get(session, council_id=here.council_id(), file_id=file_id))
    shown = render_template("staff/file_sent_before.html", answers=answers, page=page)
    return (shown, 422) if answers.wrong else shown


def _submitted_at(file_id: str, at: datetime, answers: Answers) -> bool:
    try:
        with here.room() as session:
            filing.submit(session, submitted_at=at, **_deed(file_id))
    except Refused as refusal:
        answers.learn(refusal, {"/submitted_at": "day"})
        return False
    return True


@pages.post("/<file_id>/acknowledged")
@needs("payments:files")
def acknowledged(file_id: str) -> Answer:
    """The finance system has taken this file."""
    with here.room() as session:
        filing.acknowledge(session, their_reference=request.form.get("reference", "")[:100], **_deed(file_id))
    return redirect(_at(file_id), 303)


@pages.route("/<file_id>/rejected", methods=["GET", "POST"])
@needs("payments:files")
def rejected(file_id: str) -> str | Answer | tuple[str, int]:
    """The whole file was rejected: say why, and be sure."""
    answers = Answers(request.form)
    if request.method == "POST":
        reason = answers.need("reason", "Say why, as the report or the bank puts it")
        if answers.one_of("sure", {"yes", "no"}, "Choose whether any payment in this file was made") == "no":
            answers.fault("sure", "Find out first. A file can be rejected only if no payment in it was made")
        if not answers.wrong:
            try:
                with here.room() as session:
                    filing.reject(session, reason=reason[:500], **_deed(file_id))
                return redirect(_at(file_id), 303)
            except Refused as refusal:
                answers.learn(refusal, {"/reason": "reason"})
    with here.room() as session:
        page = _page(session, file_queries.get(session, council_id=here.council_id(), file_id=file_id))
    shown = render_template("staff/file_rejected.html", answers=answers, page=page)
    return (shown, 422) if answers.wrong else shown


def _deed(file_id: str) -> dict[str, Any]:
    return {
        "council_id": here.council_id(),
        "file_id": file_id,
        "actor": here.staff_actor(),
        "now": here.now(),
    }


def _at(file_id: str) -> str:
    return f"{here.at()}/staff/files/{file_id}"


def _rows(session: Session, found: list[BankFile]) -> list[FileRow]:
    ids = [row.id for row in found]
    sums = file_queries.sections(session, council_id=here.council_id(), file_ids=ids)
    names = councils.names_of(session, council_id=here.council_id())
    return [
        FileRow(
            id=row.id,
            name=row.name,
            rail=RAILS[row.rail].name,
            status=statuses.Status(FILE_WORDS[row.state], COLOURS.get(row.state, "")),
            lines=row.lines,
            total_pence=row.total_pence,
            arrives=tuple(sorted({one.entry_day for one in sums[row.id] if one.entry_day})),
            built_at=row.built_at,
            by=who(row.built_by, names),
        )
        for row in found
    ]


def who(actor: str | None, names: dict[str, str]) -> str:
    """A stored actor in words: a name, or what kind of thing it was."""
    kind, _, subject = (actor or "").partition(":")
    return names.get(subject) or KINDS.get(kind, kind)


def _page(session: Session, row: BankFile) -> FilePage:
    (shown,) = _rows(session, [row])
    council_id = here.council_id()
    accounts = {
        one.id: f"Account ending {one.hint}"
        for one in credentials.listed(session, council_id=council_id, rail="bacs")
    }
    sums = file_queries.sections(session, council_id=council_id, file_ids=[row.id])[row.id]
    return FilePage(
        row=shown,
        filed=row.rail == "bacs",
        sums=tuple(
            Sum(
                one.processing_day,
                one.entry_day,
                accounts.get(one.origin or "", "An account no longer in use" if one.origin else ""),
                one.count,
                one.total_pence,
            )
            for one in sums
        ),
        lines=tuple(_lines(session, row)),
        facts=_facts(session, row),
        submit_by=row.submit_by if row.state == "built" else None,
        too_late=row.submit_by is not None and row.submit_by < here.now(),
        verbs=tuple(
            verb
            for verb in VERBS_OF_RAIL[row.rail]
            if (row.state, verb) in FILE_TRANSITIONS and not (verb == "reject" and row.accepted_at)
        ),
    )


def _lines(session: Session, row: BankFile) -> list[FileLine]:
    council_id = here.council_id()
    lines = file_queries.lines(session, council_id=council_id, file_id=row.id)[:SHOWN]
    payouts = {
        line.payout_id: queries.get(session, council_id=council_id, payout_id=line.payout_id)
        for line in lines
    }
    ids = {payout.person_id for payout in payouts.values()}
    named = people.by_ids(session, council_id=council_id, person_ids=ids)
    waits = row.state == "built" and row.rail == "bacs"
    return [
        FileLine(
            number=line.number,
            person=named[payout.person_id].name,
            claim_id=payout.claim_id,
            amount_pence=line.amount_pence,
            reference=line.reference,
            entry_day=line.entry_day,
            status=IN_A_FILE if waits and payout.state == "sending" else _status(payout.state),
        )
        for line in lines
        for payout in [payouts[line.payout_id]]
    ]


def _status(state: str) -> statuses.Status:
    return statuses.word(statuses.PAYMENT_FOR_STAFF, state)


def _facts(session: Session, row: BankFile) -> tuple[tuple[str, str], ...]:
    names = councils.names_of(session, council_id=here.council_id())
    happened = (
        ("Built", row.built_at, row.built_by, ""),
        ("Saved first", row.fetched_at, row.fetched_by, ""),
        ("Sent to the bank", row.submitted_at, row.submitted_by, ""),
        ("Accepted by Bacs", row.accepted_at, None, ""),
        ("Taken by the finance system", row.acknowledged_at, row.acknowledged_by, row.their_reference),
        ("Rejected whole", row.rejected_at, row.rejected_by, row.rejected_because),
    )
    return tuple(
        (
            what,
            ", ".join(part for part in (wording.day_and_time(at), who(by, names), more) if part),
        )
        for what, at, by, more in happened
        if at is not None
    )
