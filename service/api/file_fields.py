"""What do the calls about files and reports take and answer, field by field?"""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.api.schemas import NEAR, Body, Moment, says
from service.payouts.file_model import IMPORT_KINDS

LONGEST_REPORT = 1_500_000


class ChosenIn(Body):
    """One payment for a file."""

    id = fields.String(required=True, metadata=says("The payment's id"))
    processing_day = fields.Date(
        load_default=None, validate=NEAR, metadata=says("Its own day, where it is not the file's")
    )
    originating_account = fields.String(
        load_default=None,
        metadata=says("Which of the council's accounts pays: the id that `reciprocal rail show` prints"),
    )


class FileIn(Body):
    """A file to build."""

    rail = fields.String(
        required=True,
        validate=validate.OneOf(("bacs", "finance_system"), error="Choose bacs or finance_system."),
        metadata=says("bacs or finance_system"),
    )
    processing_day = fields.Date(
        load_default=None,
        validate=NEAR,
        metadata=says("Bacs only: a working day up to 30 days ahead; people are paid one working day later"),
    )
    payments = fields.List(
        fields.Nested(ChosenIn),
        load_default=list,
        validate=validate.Length(max=20_000),
        metadata=says("Only these; everything that is due when left out"),
    )


class SubmittedIn(Body):
    """Who sends it is whoever calls."""

    submitted_at = Moment(load_default=None, metadata=says("When it was sent, if not just now"))


class RejectedIn(Body):
    """Why the whole file was rejected."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))


class AcknowledgedIn(Body):
    """What the finance system says when it has taken a file."""

    reference = fields.String(
        load_default="", validate=validate.Length(max=100), metadata=says("Their own reference for it")
    )


class ReturnedIn(Body):
    """What came back, and why."""

    reason = fields.String(
        required=True, validate=validate.Length(min=1, max=300), metadata=says("The person reads this")
    )


class ImportIn(Body):
    """A report as it was received."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(tuple(IMPORT_KINDS), error=f"Choose one of {', '.join(IMPORT_KINDS)}."),
        metadata=says(", ".join(IMPORT_KINDS)),
    )
    name = fields.String(load_default="", validate=validate.Length(max=120))
    content = fields.String(
        required=True,
        validate=validate.Length(min=1, max=LONGEST_REPORT),
        metadata=says("The whole report, as text"),
    )


class SectionOut(Schema):
    """What leaves one account on one day: a contra."""

    processing_day = fields.Date(allow_none=True)
    entry_day = fields.Date(allow_none=True)
    originating_account = fields.String(allow_none=True)
    count = fields.Integer()
    total_pence = fields.Integer()


class FileOut(Schema):
    """A file of payments."""

    id = fields.String()
    rail = fields.String()
    serial = fields.String()
    form = fields.String()
    name = fields.String()
    status = fields.String()
    lines = fields.Integer()
    total_pence = fields.Integer()
    currency = fields.Constant("GBP")
    sections = fields.List(fields.Nested(SectionOut))
    sha256 = fields.String()
    bytes = fields.Integer()
    submit_by = fields.DateTime(allow_none=True)
    built_by = fields.String()
    built_at = fields.DateTime()
    submitted_by = fields.String(allow_none=True)
    submitted_at = fields.DateTime(allow_none=True)
    accepted_at = fields.DateTime(allow_none=True)
    acknowledged_by = fields.String(allow_none=True)
    acknowledged_at = fields.DateTime(allow_none=True)
    their_reference = fields.String(allow_none=True)
    rejected_by = fields.String(allow_none=True)
    rejected_at = fields.DateTime(allow_none=True)
    rejected_because = fields.String(allow_none=True)


class FileLineOut(Schema):
    """One payment in a file."""

    line = fields.Integer()
    payment = fields.String()
    amount_pence = fields.Integer()
    reference = fields.String()
    processing_day = fields.Date(allow_none=True)
    entry_day = fields.Date(allow_none=True)
    outcome = fields.String(allow_none=True)
    released_at = fields.DateTime(allow_none=True)


class ImportLineOut(Schema):
    """What became of one line of a report."""

    line = fields.Integer()
    did = fields.String(metadata=says("done, already, unknown or refused"))
    words = fields.String()
    payment = fields.String(allow_none=True)
    file = fields.String(allow_none=True)


class ImportOut(Schema):
    """A report that was received."""

    id = fields.String()
    kind = fields.String()
    name = fields.String()
    sha256 = fields.String()
    bytes = fields.Integer()
    received_by = fields.String()
    received_at = fields.DateTime()
    applied_by = fields.String(allow_none=True)
    applied_at = fields.DateTime(allow_none=True)


class ImportWholeOut(ImportOut):
    """A report with what became of each line."""

    lines = fields.List(fields.Nested(ImportLineOut))
