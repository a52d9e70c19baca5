"""What do the calls for other systems take and answer: webhooks, exports, remittance, reconciliation?"""

from __future__ import annotations

from datetime import UTC, datetime

from marshmallow import EXCLUDE, Schema, fields, validate

from service.api.schemas import NEAR, TEXT, Body, PageQuery, pence, says
from service.rails.protocol import RAILS

OUR_TIME = validate.Range(
    min=datetime(1990, 1, 1, tzinfo=UTC),
    max=datetime(2190, 1, 1, tzinfo=UTC),
    error="Give a moment of our time.",
)


class EndpointIn(Body):
    """Where to send webhooks, and which."""

    url = fields.String(
        required=True,
        validate=validate.Length(min=1, max=500),
        metadata=says("https, on the open internet. A test key may name this machine, also by http"),
    )
    events = fields.List(
        fields.String(validate=TEXT),
        load_default=list,
        validate=validate.Length(max=50),
        metadata=says("Such as payment.paid or claim.approved. All of them, where none is named"),
    )


class EndpointOut(Schema):
    """An endpoint of outgoing webhooks."""

    id = fields.String()
    url = fields.String()
    events = fields.List(fields.String())
    status = fields.String(metadata=says("working, failing, or disabled after five days without an answer"))
    waiting = fields.Integer(metadata=says("messages that wait to be sent"))
    failing_since = fields.DateTime(allow_none=True)
    last_error = fields.String(allow_none=True)
    created_at = fields.DateTime()


class EndpointSecretOut(EndpointOut):
    """An endpoint with a secret that is shown this once."""

    secret = fields.String(
        allow_none=True, metadata=says("whsec_…, for a Standard Webhooks library. Shown once, then never")
    )


class ReplayIn(Body):
    """From when on."""

    since = fields.AwareDateTime(required=True, validate=OUR_TIME, metadata=says("Like 2027-01-12T10:00:00Z"))


class ReplayOut(Schema):
    """How much is sent again."""

    id = fields.String()
    messages = fields.Integer()


class WebhookDeliveryOut(Schema):
    """One message to one endpoint."""

    id = fields.String(metadata=says("its webhook-id, the same at every try"))
    type = fields.String()
    subject = fields.String()
    status = fields.String(metadata=says("waiting, delivered or given_up"))
    attempts = fields.Integer()
    answer_status = fields.Integer(allow_none=True)
    error = fields.String(allow_none=True)
    next_at = fields.DateTime(allow_none=True)
    delivered_at = fields.DateTime(allow_none=True)
    happened_at = fields.DateTime()


class DeliveriesQuery(PageQuery):
    """A page of deliveries."""


class ReconciliationOut(Schema):
    """One comparison of our payments on a rail with the rail's own record."""

    id = fields.String()
    rail = fields.String()
    day = fields.Date()
    since = fields.DateTime()
    made_at = fields.DateTime()
    ours = fields.Integer(metadata=says("payments of ours that were compared"))
    theirs = fields.Integer(metadata=says("lines in their record"))
    agreed = fields.Integer()
    mismatches = fields.Integer()


class BookLineIn(Body):
    """One line of the record."""

    payment = fields.String(required=True, validate=validate.Length(min=1, max=100))
    amount_pence = pence(required=True)
    status = fields.String(
        required=True, validate=validate.OneOf(("accepted", "paid", "refused", "returned"))
    )


class ReconciliationIn(Body):
    """The record of a rail since a moment."""

    rail = fields.String(required=True, validate=validate.OneOf(tuple(RAILS)))
    since = fields.AwareDateTime(required=True, validate=OUR_TIME, metadata=says("Like 2027-01-12T10:00:00Z"))
    lines = fields.List(fields.Nested(BookLineIn), required=True, validate=validate.Length(max=10_000))


class FindingsQuery(Schema):
    """Which of what did not agree."""

    class Meta:
        unknown = EXCLUDE

    open = fields.Boolean(load_default=False, metadata=says("Only what nobody has closed yet"))


class NoteIn(Body):
    """What somebody found out."""

    note = fields.String(required=True, validate=validate.Length(min=1, max=500))


class FindingOut(Schema):
    """One thing that does not agree."""

    id = fields.String()
    reconciliation = fields.String()
    rail = fields.String()
    kind = fields.String()
    text = fields.String()
    what_to_do = fields.String()
    payment = fields.String()
    ours = fields.String(metadata=says("how it stands with us; absent: we do not know it"))
    theirs = fields.String(metadata=says("accepted, paid, refused, returned, or absent"))
    ours_pence = fields.Integer(allow_none=True)
    theirs_pence = fields.Integer(allow_none=True)
    found_at = fields.DateTime()
    closed_at = fields.DateTime(allow_none=True)
    note = fields.String(allow_none=True)


class SupplierReferenceIn(Body):
    """What your finance system calls somebody."""

    supplier_reference = fields.String(
        required=True,
        validate=validate.Length(max=30),
        metadata=says("Nobody else may have it. An empty text goes back to the one that we make"),
    )


class SupplierReferenceOut(Schema):
    """What somebody is called in exports."""

    person = fields.String()
    supplier_reference = fields.String()
    set = fields.Boolean(metadata=says("false: we made it, since none was set"))


class MappingIn(Body):
    """A mapping: which columns, in which order, written how."""

    text = fields.String(
        required=True,
        validate=validate.Length(min=1, max=65_536),
        metadata=says("YAML, or JSON. Its `name` is its name; copy a preset and change it"),
    )


class MappingOut(Schema):
    """A mapping."""

    name = fields.String()
    preset = fields.Boolean(metadata=says("comes with the service, and is called by this name"))
    kinds = fields.List(fields.String())
    text = fields.String()
    version = fields.Integer()
    changed_at = fields.DateTime(allow_none=True)


class ReasonIn(Body):
    """Why."""

    reason = fields.String(
        required=True, validate=validate.Length(min=1, max=500), metadata=says("Who said so, and why")
    )


class ExportIn(Body):
    """What to export, and how."""

    kind = fields.String(
        required=True,
        metadata=says(
            "accounts_payable: for your system to pay; journal: what we paid; payroll: goes with payroll"
        ),
    )
    preset = fields.String(load_default=None, allow_none=True, validate=TEXT)
    mapping = fields.String(
        load_default=None, allow_none=True, validate=TEXT, metadata=says("The name of your own mapping")
    )
    since = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        validate=OUR_TIME,
        metadata=says("Nothing from before. By itself: all that is new"),
    )
    until = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        validate=OUR_TIME,
        metadata=says("Only from before this moment. By itself: now"),
    )
    label = fields.String(
        load_default="",
        validate=validate.Length(max=60),
        metadata=says("Such as December 2026. Payroll needs one"),
    )


class ExportOut(Schema):
    """A file that was built once. Its content is the same for ever."""

    id = fields.String()
    kind = fields.String()
    batch = fields.String()
    mapping = fields.String()
    label = fields.String()
    since = fields.DateTime(allow_none=True)
    until = fields.DateTime()
    items = fields.Integer()
    total_pence = fields.Integer()
    file_name = fields.String()
    media_type = fields.String()
    sha256 = fields.String()
    built_at = fields.DateTime()


class AdvicesQuery(Schema):
    """Of which day."""

    class Meta:
        unknown = EXCLUDE

    paid_on = fields.Date(required=True, validate=NEAR, metadata=says("Like 2027-01-12"))
    person = fields.String(load_default=None, metadata=says("Only what was paid to this person"))


class AdviceReasonOut(Schema):
    """One sentence of the policy."""

    text = fields.String()
    clause = fields.String()


class AdviceLineOut(Schema):
    """One thing that is paid."""

    what = fields.String()
    amount_pence = fields.Integer()
    reasons = fields.List(fields.Nested(AdviceReasonOut))


class AdviceOut(Schema):
    """A remittance advice: what a payment pays, from whom, and why. Its lines come to its amount."""

    payment = fields.String(attribute="payment_id")
    claim = fields.String(attribute="claim_id")
    person = fields.String(attribute="person_id")
    name = fields.String(attribute="person")
    supplier_reference = fields.String(attribute="known_as")
    council = fields.String()
    title = fields.String()
    worked_on = fields.Date(allow_none=True)
    status = fields.String()
    rail = fields.String()
    goes_with = fields.String(allow_none=True)
    give_to = fields.String(allow_none=True)
    paid_on = fields.Date(allow_none=True)
    reference = fields.String()
    bank_reference = fields.String(allow_none=True)
    amount_pence = fields.Integer()
    currency = fields.Constant("GBP")
    settled_pence = fields.Integer(metadata=says("what has left for it and not come back, by the ledger"))
    lines = fields.List(fields.Nested(AdviceLineOut))
