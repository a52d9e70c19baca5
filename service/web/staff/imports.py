"""Reports that come back: read one in, see what it would change, then apply it. Each stays on record."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.councils import queries as councils
from service.days import london_day
from service.errors import Refused
from service.payouts import file_queries, importing, queries
from service.payouts.file_model import DONE, IMPORT_KINDS, LINE_WORDS, REFUSED, UNKNOWN
from service.payouts.file_tables import BankImport
from service.people import queries as people
from service.policy import queries as policies
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.staff.file_shapes import ImportLine, ImportRow
from service.web.staff.files import who
from service.web.statuses import Status

pages = Blueprint("imports", __name__, url_prefix="/files/reports")
COLOURS = {DONE: "green", UNKNOWN: "orange", REFUSED: "red"}
WOULD = {DONE: "Will be done"}


@pages.before_request
def _place() -> None:
    g.place = "files"


@pages.route("", methods=["GET", "POST"])
@needs("payments:files")
def all_of_them() -> str | Response | tuple[str, int]:
    """Read a report in; and every report that was."""
    answers = Answers(request.form)
    if request.method == "POST":
        kind = answers.one_of("kind", set(IMPORT_KINDS), "Choose what kind of report it is")
        given = request.files.get("report")
        sent = given.read() if given else b""
        if not sent:
            answers.fault("report", "Choose the file of the report")
        if not answers.wrong:
            try:
                with here.room() as session:
                    row = importing.receive(
                        session,
                        council_id=here.council_id(),
                        kind=kind,
                        name=(given.filename if given else "") or kind,
                        content=sent,
                        vault=here.vault(),
                        actor=here.staff_actor(),
                        now=here.now(),
                    )
                return redirect(f"{here.at()}/staff/files/reports/{row.id}", 303)
            except Refused as refusal:
                answers.learn(refusal, {"/content": "report", "/kind": "kind"})
    with here.room() as session:
        rows = [
            _row(session, one)
            for one in file_queries.imports(session, council_id=here.council_id(), limit=100)
        ]
    kinds = [{"value": kind, "text": name} for kind, name in IMPORT_KINDS.items()]
    page = render_template("staff/imports.html", answers=answers, rows=rows, kinds=kinds)
    return (page, 422) if answers.wrong else page


@pages.get("/<import_id>")
@needs("payments:files")
def show(import_id: str) -> str:
    """What a report would change; or, once it is applied, what it did."""
    with here.room() as session:
        row = file_queries.imported(session, council_id=here.council_id(), import_id=import_id)
        shown, applied = _row(session, row), row.applied_at
        found: list[Any] = (
            file_queries.import_lines(session, council_id=here.council_id(), import_id=import_id)
            if applied
            else importing.what_would_change(session, **_deed(session, import_id))
        )
        named = _named(session, [line.payout_id for line in found if line.payout_id])
        lines = [
            ImportLine(
                number=line.number,
                status=Status(
                    LINE_WORDS[line.did] if applied else WOULD.get(line.did, LINE_WORDS[line.did]),
                    COLOURS.get(line.did, "grey"),
                ),
                words=line.words,
                person=named.get(line.payout_id or "", ""),
            )
            for line in found
        ]
        changes = sum(line.did == DONE for line in found)
    return render_template("staff/import.html", row=shown, lines=lines, applied=applied, changes=changes)


@pages.post("/<import_id>/apply")
@needs("payments:files")
def apply(import_id: str) -> Response:
    """Do what the report says. Again, it changes nothing."""
    with here.room() as session:
        importing.apply(session, **_deed(session, import_id))
    return redirect(f"{here.at()}/staff/files/reports/{import_id}", 303)


def _deed(session: Session, import_id: str) -> dict[str, Any]:
    on = london_day(here.now())
    policy = policies.in_force(session, council_id=here.council_id(), on=on).policy
    return {
        "council_id": here.council_id(),
        "import_id": import_id,
        "vault": here.vault(),
        "terms": {"hold_hours": policy.terms(on=on).get("hold_new_details_hours", 0)},
        "actor": here.staff_actor(),
        "now": here.now(),
    }


def _row(session: Session, row: BankImport) -> ImportRow:
    names = councils.names_of(session, council_id=here.council_id())
    return ImportRow(
        id=row.id,
        name=row.name,
        kind=IMPORT_KINDS[row.kind],
        received_at=row.received_at,
        by=who(row.received_by, names),
        status=Status("Applied", "green") if row.applied_at else Status("Not applied yet", "orange"),
    )


def _named(session: Session, payout_ids: list[str]) -> dict[str, str]:
    """Payment id → the person's name."""
    council_id = here.council_id()
    rows = [queries.get(session, council_id=council_id, payout_id=one) for one in payout_ids]
    known = people.by_ids(session, council_id=council_id, person_ids={row.person_id for row in rows})
    return {row.id: known[row.person_id].name for row in rows}
