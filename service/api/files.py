"""Calls about files of payments, and about the reports that come back."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from flask_smorest import Blueprint

from service.api import answers, file_fields, schemas
from service.api.calls import actor, call, council_id, now, paged, read_cursor, session
from service.days import london_day
from service.payouts import building, file_queries, filing, importing
from service.payouts.building import Wanted
from service.payouts.file_queries import Section
from service.payouts.file_tables import BankFile, BankFileLine, BankImport, BankImportLine
from service.policy import queries as policies
from service.vault import Vault

routes = Blueprint(
    "Files", __name__, description="Files that carry payments away, and reports that come back."
)
BYTES = {"type": "string", "format": "binary"}


@routes.route("/files", methods=["GET"])
@call("payments:files")
@routes.arguments(schemas.PageQuery, location="query")
@routes.response(200, answers.page_of(file_fields.FileOut))
def list_files(query: dict[str, Any]) -> dict[str, Any]:
    """Files, the newest first."""
    after = read_cursor(query["cursor"], timed=False)
    rows = file_queries.page(
        session(), council_id=council_id(), after=after[0] if after else None, limit=query["limit"] + 1
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.id,))
    return {"data": _files(page), "next_cursor": following}


@routes.route("/files", methods=["POST"])
@call("payments:files", once_only=True)
@routes.arguments(file_fields.FileIn)
@routes.response(201, file_fields.FileOut)
def build_file(given: dict[str, Any]) -> dict[str, Any]:
    """Build a file of what is due on a rail. Its bytes are fixed from then on.

    A payment stands in one file. On `bacs` it is being sent from now on; it comes out only when the whole
    file is rejected. For `finance_system` it stays ready until it is reported paid.
    """
    row = building.build(
        session(),
        council_id=council_id(),
        rail=given["rail"],
        vault=_vault(),
        processing_day=given["processing_day"],
        wanted=[
            Wanted(one["id"], one["processing_day"], one["originating_account"]) for one in given["payments"]
        ],
        actor=actor(),
        now=now(),
    )
    return _one(row)


@routes.route("/files/<file_id>", methods=["GET"])
@call("payments:files")
@routes.response(200, file_fields.FileOut)
def get_file(file_id: str) -> dict[str, Any]:
    """One file: its sums by day and account, and who did what with it."""
    return _one(file_queries.get(session(), council_id=council_id(), file_id=file_id))


@routes.route("/files/<file_id>/payments", methods=["GET"])
@call("payments:files")
@routes.arguments(schemas.PageQuery, location="query")
@routes.response(200, answers.page_of(file_fields.FileLineOut))
def list_file_lines(query: dict[str, Any], file_id: str) -> dict[str, Any]:
    """The payments in a file, in its order."""
    after = read_cursor(query["cursor"], timed=False)
    file_queries.get(session(), council_id=council_id(), file_id=file_id)
    rows = [
        row
        for row in file_queries.lines(session(), council_id=council_id(), file_id=file_id)
        if after is None or f"{row.number:09}" > after[0]
    ]
    page, following = paged(
        rows[: query["limit"] + 1], limit=query["limit"], last=lambda row: (f"{row.number:09}",)
    )
    return {"data": [_line(row) for row in page], "next_cursor": following}


@routes.route("/files/<file_id>/content", methods=["GET"])
@call("payments:files")
@routes.response(200, BYTES, content_type="application/octet-stream")
def get_file_content(file_id: str) -> Response:
    """The file itself, byte for byte as it was built, every time.

    The first time it is refused while something in it is on hold. Once somebody has it, no hold counts.
    """
    row, content = filing.fetch(
        session(), council_id=council_id(), file_id=file_id, vault=_vault(), actor=actor(), now=now()
    )
    answer = Response(content, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.name}"'
    return answer


@routes.route("/files/<file_id>/submitted", methods=["POST"])
@call("payments:files", once_only=True)
@routes.arguments(file_fields.SubmittedIn)
@routes.response(200, file_fields.FileOut)
def file_submitted(given: dict[str, Any], file_id: str) -> dict[str, Any]:
    """Record that you sent a Bacs file: its payments are on their way."""
    return _one(
        filing.submit(session(), council_id=council_id(), file_id=file_id, actor=actor(), now=now(), **given)
    )


@routes.route("/files/<file_id>/acknowledged", methods=["POST"])
@call("payments:files", once_only=True)
@routes.arguments(file_fields.AcknowledgedIn)
@routes.response(200, file_fields.FileOut)
def file_acknowledged(given: dict[str, Any], file_id: str) -> dict[str, Any]:
    """Record that your finance system has taken a file. Calling one of its payments off is warned about."""
    return _one(
        filing.acknowledge(
            session(),
            council_id=council_id(),
            file_id=file_id,
            their_reference=given["reference"],
            actor=actor(),
            now=now(),
        )
    )


@routes.route("/files/<file_id>/rejected", methods=["POST"])
@call("payments:files", once_only=True)
@routes.arguments(file_fields.RejectedIn)
@routes.response(200, file_fields.FileOut)
def file_rejected(given: dict[str, Any], file_id: str) -> dict[str, Any]:
    """Record that the whole file was rejected, or will never be sent: its payments go into a new one."""
    return _one(
        filing.reject(session(), council_id=council_id(), file_id=file_id, actor=actor(), now=now(), **given)
    )


@routes.route("/imports", methods=["GET"])
@call("payments:files")
@routes.arguments(schemas.PageQuery, location="query")
@routes.response(200, answers.page_of(file_fields.ImportOut))
def list_imports(query: dict[str, Any]) -> dict[str, Any]:
    """Reports that were received, the newest first."""
    after = read_cursor(query["cursor"], timed=False)
    rows = file_queries.imports(
        session(), council_id=council_id(), after=after[0] if after else None, limit=query["limit"] + 1
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.id,))
    return {"data": [_import(row) for row in page], "next_cursor": following}


@routes.route("/imports", methods=["POST"])
@call("payments:files", once_only=True)
@routes.arguments(file_fields.ImportIn)
@routes.response(201, file_fields.ImportWholeOut)
def apply_import(given: dict[str, Any]) -> dict[str, Any]:
    """Read a report and do what it says, line by line; with `dry_run` only say what would be done.

    A report that cannot be read at all is refused and changes nothing. Of one that can, each line is done or
    listed alone: `unknown` lines fit no payment of ours, `refused` ones say why. The same report again
    changes nothing, and answers what was done the first time.
    """
    row = importing.receive(
        session(),
        council_id=council_id(),
        kind=given["kind"],
        name=given["name"],
        content=given["content"].encode(),
        vault=_vault(),
        actor=actor(),
        now=now(),
    )
    lines = importing.apply(
        session(),
        council_id=council_id(),
        import_id=row.id,
        vault=_vault(),
        terms=_terms(),
        actor=actor(),
        now=now(),
    )
    return _import(row) | {"lines": [_import_line(line) for line in lines]}


@routes.route("/imports/<import_id>", methods=["GET"])
@call("payments:files")
@routes.response(200, file_fields.ImportWholeOut)
def get_import(import_id: str) -> dict[str, Any]:
    """One report, with what became of each line."""
    row = file_queries.imported(session(), council_id=council_id(), import_id=import_id)
    lines = file_queries.import_lines(session(), council_id=council_id(), import_id=import_id)
    return _import(row) | {"lines": [_import_line(line) for line in lines]}


def _vault() -> Vault:
    return Vault(current_app.extensions["settings"].encryption_keys)


def _terms() -> dict[str, int]:
    on = london_day(now())
    judge = policies.in_force(session(), council_id=council_id(), on=on)
    return {"hold_hours": judge.policy.terms(on=on).get("hold_new_details_hours", 0)}


def _files(rows: list[BankFile]) -> list[dict[str, Any]]:
    sums = file_queries.sections(session(), council_id=council_id(), file_ids=[row.id for row in rows])
    return [_file(row, sums[row.id]) for row in rows]


def _one(row: BankFile) -> dict[str, Any]:
    return _files([row])[0]


SAME = (
    "id",
    "rail",
    "serial",
    "form",
    "name",
    "lines",
    "total_pence",
    "sha256",
    "submit_by",
    "built_by",
    "built_at",
    "submitted_by",
    "submitted_at",
    "accepted_at",
    "acknowledged_by",
    "acknowledged_at",
    "their_reference",
    "rejected_by",
    "rejected_at",
    "rejected_because",
)


def _file(row: BankFile, sums: list[Section]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SAME} | {
        "status": row.state,
        "bytes": row.size,
        "sections": [
            {
                "processing_day": one.processing_day,
                "entry_day": one.entry_day,
                "originating_account": one.origin,
                "count": one.count,
                "total_pence": one.total_pence,
            }
            for one in sums
        ],
    }


def _line(row: BankFileLine) -> dict[str, Any]:
    return {
        "line": row.number,
        "payment": row.payout_id,
        "amount_pence": row.amount_pence,
        "reference": row.reference,
        "processing_day": row.processing_day,
        "entry_day": row.entry_day,
        "outcome": row.outcome,
        "released_at": row.released_at,
    }


def _import(row: BankImport) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "sha256": row.sha256,
        "bytes": row.size,
        "received_by": row.received_by,
        "received_at": row.received_at,
        "applied_by": row.applied_by,
        "applied_at": row.applied_at,
    }


def _import_line(row: BankImportLine) -> dict[str, Any]:
    return {
        "line": row.number,
        "did": row.did,
        "words": row.words,
        "payment": row.payout_id,
        "file": row.file_id,
    }
