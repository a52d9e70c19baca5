"""Calls about files for other systems, and what people are called there."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from service.api import answers
from service.api import schemas_output as shapes
from service.api.calls import actor, call, council_id, now, paged, read_cursor, session
from service.api.schemas import PageQuery
from service.api.shapes import payment as payment_shape
from service.errors import one_fault
from service.exports import actions, queries
from service.exports import mapping as mappings
from service.payouts import exporting as payout_exporting
from service.payouts import queries as payout_queries
from service.people import actions as people
from service.people import queries as person_queries
from service.people.tables import Person
from service.reports import remittance

routes = Blueprint(
    "Exports",
    __name__,
    description="Files for your finance system, payroll and general ledger. A payment is in exactly one "
    "export of a kind, and never both in one to be paid and in a journal of what we paid.",
)


@routes.route("/export_mappings", methods=["GET"])
@call("exports:read")
@routes.response(200, answers.page_of(shapes.MappingOut))
def list_mappings() -> dict[str, Any]:
    """The presets, and your own mappings."""
    presets = [
        _mapping(name, text, preset=True, version=1, changed_at=None)
        for name, text in mappings.presets().items()
    ]
    own = [
        _mapping(row.name, row.text, preset=False, version=row.version, changed_at=row.changed_at)
        for row in queries.own_mappings(session(), council_id=council_id())
    ]
    return {"data": presets + own, "next_cursor": None}


@routes.route("/export_mappings", methods=["PUT"])
@call("exports:write")
@routes.arguments(shapes.MappingIn)
@routes.response(200, shapes.MappingOut)
def put_mapping(given: dict[str, Any]) -> dict[str, Any]:
    """Keep a mapping under the name in its text. With `?dry_run=true` it is only checked."""
    row = actions.keep_mapping(
        session(), council_id=council_id(), text=given["text"], actor=actor(), now=now()
    )
    return _mapping(row.name, row.text, preset=False, version=row.version, changed_at=row.changed_at)


@routes.route("/exports", methods=["GET"])
@call("exports:read")
@routes.arguments(PageQuery, location="query")
@routes.response(200, answers.page_of(shapes.ExportOut))
def list_exports(query: dict[str, Any]) -> dict[str, Any]:
    """Exports, the newest first."""
    after = read_cursor(query["cursor"], timed=False)
    rows = queries.page(
        session(), council_id=council_id(), before=after[0] if after else None, limit=query["limit"] + 1
    )
    page, following = paged(rows, limit=query["limit"], last=lambda row: (row.id,))
    return {"data": page, "next_cursor": following}


@routes.route("/exports", methods=["POST"])
@call("exports:write", once_only=True)
@routes.arguments(shapes.ExportIn)
@routes.response(201, shapes.ExportOut)
def build_export(given: dict[str, Any]) -> Any:
    """Build an export of everything new, once. With `?dry_run=true` nothing is kept."""
    preset, name = given.pop("preset"), given.pop("mapping")
    if bool(preset) == bool(name):
        raise one_fault("/preset", "Name a preset, or a mapping of yours, and not both.")
    text = queries.mapping_text(session(), council_id=council_id(), preset=preset, name=name)
    wanted = actions.Wanted(mapping_text=text, **{**given, "until": given["until"] or now()})
    return actions.build(session(), council_id=council_id(), wanted=wanted, actor=actor(), now=now())


@routes.route("/exports/<export_id>", methods=["GET"])
@call("exports:read")
@routes.response(200, shapes.ExportOut)
def get_export(export_id: str) -> Any:
    """One export."""
    return queries.get(session(), council_id=council_id(), export_id=export_id)


@routes.route("/exports/<export_id>/content", methods=["GET"])
@call("exports:read")
@routes.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def get_content(export_id: str) -> Response:
    """The file, to the byte as it was built."""
    row = queries.get(session(), council_id=council_id(), export_id=export_id)
    answer = Response(row.content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.file_name}"'
    answer.set_etag(row.sha256)
    return answer


@routes.route("/payments/<payment_id>/remittance_advice", methods=["GET"])
@call("payments:read")
@routes.response(200, shapes.AdviceOut)
def get_advice(payment_id: str) -> Any:
    """What a payment pays, line by line, and why."""
    row = payout_queries.get(session(), council_id=council_id(), payout_id=payment_id)
    return remittance.advice(session(), council_id=council_id(), payout=row)


@routes.route("/remittance_advices", methods=["GET"])
@call("payments:read")
@routes.arguments(shapes.AdvicesQuery, location="query")
@routes.response(200, answers.page_of(shapes.AdviceOut))
def list_advices(query: dict[str, Any]) -> dict[str, Any]:
    """The advice of every payment that was paid on a day."""
    rows = remittance.of_day(
        session(), council_id=council_id(), paid_on=query["paid_on"], person_id=query["person"]
    )
    return {"data": rows, "next_cursor": None}


@routes.route("/payments/<payment_id>/taken_back_from_export", methods=["POST"])
@call("exports:write", once_only=True)
@routes.arguments(shapes.ReasonIn)
@routes.response(200, answers.PaymentOut)
def take_back(given: dict[str, Any], payment_id: str) -> dict[str, Any]:
    """Your finance system or payroll will not pay it after all: it is held here until somebody decides.

    Also of what stands in a file for it, or was ready before it was held, so that it may have been pulled.
    """
    row = payout_exporting.take_back_from_export(
        session(), council_id=council_id(), payout_id=payment_id, actor=actor(), now=now(), **given
    )
    days = payout_queries.promised_days(session(), council_id=council_id(), rows=[row])
    return payment_shape(row, pay_by=days[row.id])


@routes.route("/people/<person_id>/supplier_reference", methods=["GET"])
@call("exports:read")
@routes.response(200, shapes.SupplierReferenceOut)
def get_supplier_reference(person_id: str) -> dict[str, Any]:
    """What somebody is called in exports."""
    return _supplier(person_queries.get(session(), council_id=council_id(), person_id=person_id))


@routes.route("/people/<person_id>/supplier_reference", methods=["PUT"])
@call("exports:write")
@routes.arguments(shapes.SupplierReferenceIn)
@routes.response(200, shapes.SupplierReferenceOut)
def set_supplier_reference(given: dict[str, Any], person_id: str) -> dict[str, Any]:
    """Say what your finance system calls somebody."""
    row = people.set_supplier_reference(
        session(),
        council_id=council_id(),
        person_id=person_id,
        given=given["supplier_reference"],
        actor=actor(),
        now=now(),
    )
    return _supplier(row)


def _supplier(row: Person) -> dict[str, Any]:
    return {
        "person": row.id,
        "supplier_reference": row.known_as,
        "set": row.supplier_reference is not None,
    }


def _mapping(name: str, text: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kinds": list(mappings.read(text).kinds), "text": text, **more}
