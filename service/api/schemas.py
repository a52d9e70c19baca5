"""What goes in and out, field by field. The OpenAPI description is made from these."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, fields, validate

TEXT = validate.Length(max=500)
PENCE = validate.Range(min=0, max=100_000_00)


def pence(**kwargs: Any) -> fields.Integer:
    """Whole pence: a number with a fraction, or a number as text, is refused."""
    return fields.Integer(strict=True, validate=PENCE, **kwargs)


class PageQuery(Schema):
    """How much of a list, and from where."""

    class Meta:
        unknown = EXCLUDE

    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=100))
    cursor = fields.String(load_default=None)


class PersonIn(Schema):
    """A person to add."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    email = fields.String(load_default="", validate=TEXT, allow_none=True)
    phone = fields.String(load_default="", validate=TEXT, allow_none=True)
    external_reference = fields.String(load_default=None, validate=TEXT, allow_none=True)


class MethodOut(Schema):
    """How a person is paid. Account numbers are never shown whole."""

    kind = fields.String()
    status = fields.String(metadata={"description": "current, or proposed: waits for the person's yes"})
    shown = fields.String(metadata={"description": "what may be shown of it, such as the last four digits"})
    charity = fields.String(allow_none=True)
    usable_from = fields.DateTime()


class PersonOut(Schema):
    """A person."""

    id = fields.String()
    name = fields.String()
    email = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    external_reference = fields.String(allow_none=True)
    payment_method = fields.Nested(MethodOut, allow_none=True)
    created_at = fields.DateTime()


class MethodIn(Schema):
    """How a person wants to be paid."""

    kind = fields.String(required=True)
    account_name = fields.String(load_default="", validate=TEXT)
    sort_code = fields.String(load_default="", validate=TEXT)
    account_number = fields.String(load_default="", validate=TEXT)
    roll_number = fields.String(load_default="", validate=TEXT)
    charity = fields.String(load_default="", validate=TEXT)


class SessionIn(Schema):
    """A session to plan. It may lie in the past. `facts` are extra facts that the policy asks for."""

    title = fields.String(required=True, validate=validate.Length(min=1, max=200))
    activity = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    online = fields.Boolean(load_default=False)
    place = fields.String(load_default="", validate=TEXT, allow_none=True)
    cost_code = fields.String(load_default="", validate=TEXT, allow_none=True)
    budget = fields.String(load_default="", validate=TEXT, allow_none=True)
    facts = fields.Dict(load_default=dict)


class SessionOut(Schema):
    """A session."""

    id = fields.String()
    title = fields.String()
    activity = fields.String()
    starts_at = fields.DateTime()
    ends_at = fields.DateTime()
    online = fields.Boolean()
    place = fields.String(allow_none=True)
    cost_code = fields.String(allow_none=True)
    budget = fields.String(allow_none=True)
    status = fields.String(metadata={"description": "planned or cancelled"})
    created_at = fields.DateTime()


class OfferIn(Schema):
    """Whom to ask, in which role. Any further field is a fact for the policy, such as preparation_minutes."""

    class Meta:
        unknown = INCLUDE

    person = fields.String(required=True)
    role = fields.String(required=True)


class AcceptIn(Schema):
    """A yes; to less than was offered, or given to somebody else."""

    accept_pence = pence(load_default=None, allow_none=True)
    give_to = fields.String(load_default=None, allow_none=True, validate=TEXT)


class OfferOut(Schema):
    """An offer: what will be paid and why, before anyone says yes."""

    id = fields.String()
    session = fields.String()
    person = fields.String()
    role = fields.String()
    status = fields.String(metadata={"description": "made, accepted, declined or cancelled"})
    fee_pence = fields.Integer()
    accept_pence = fields.Integer(allow_none=True)
    give_to = fields.String(allow_none=True)
    assessment = fields.Dict()
    covers = fields.List(fields.Dict(), metadata={"description": "costs that are covered, and up to what"})
    created_at = fields.DateTime()
    answered_at = fields.DateTime(allow_none=True)


class TickIn(Schema):
    """One line of a register."""

    person = fields.String(required=True)
    attended = fields.Boolean(required=True)
    minutes = fields.Integer(load_default=None, allow_none=True, strict=True)
    role = fields.String(load_default=None, allow_none=True)


class RegisterIn(Schema):
    """Who came. Safe to send again."""

    entries = fields.List(fields.Nested(TickIn), required=True, validate=validate.Length(max=500))


class TickOut(Schema):
    """One line of a register, as it stands."""

    person = fields.String()
    attended = fields.Boolean()
    minutes = fields.Integer(allow_none=True)
    role = fields.String(allow_none=True)


class RegisterOut(Schema):
    """The register as it stands. The claims follow by themselves."""

    session = fields.String()
    entries = fields.List(fields.Nested(TickOut))


class FactsIn(Schema):
    """Facts for the policy. `/v1/policies/in_force` lists the ones it knows."""

    class Meta:
        unknown = INCLUDE

    activity = fields.String(required=True)
    on = fields.Date(required=True)
    expenses = fields.List(fields.Dict(), load_default=None, allow_none=True)


class ClaimIn(Schema):
    """What somebody asks for: a session or facts, and expenses. `fee` false asks for the costs only."""

    person = fields.String(required=True)
    session = fields.String(load_default=None, allow_none=True)
    facts = fields.Dict(load_default=dict)
    expenses = fields.List(fields.Dict(), load_default=list, validate=validate.Length(max=100))
    fee = fields.Boolean(load_default=None, allow_none=True)


class ClaimEdit(Schema):
    """The costs as they should be."""

    expenses = fields.List(fields.Dict(), required=True, validate=validate.Length(max=100))


class PaymentOut(Schema):
    """A payment."""

    id = fields.String()
    person = fields.String()
    claim = fields.String()
    amount_pence = fields.Integer()
    currency = fields.Constant("GBP")
    rail = fields.String()
    reference = fields.String()
    status = fields.String()
    held_because = fields.String(allow_none=True)
    failure = fields.String(allow_none=True)
    bank_reference = fields.String(allow_none=True)
    paid_on = fields.Date(allow_none=True)
    pay_by = fields.Date(allow_none=True)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class DecisionOut(Schema):
    """What somebody, or the rule, decided."""

    kind = fields.String()
    role = fields.String()
    by = fields.String()
    clause = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    at = fields.DateTime()


class ClaimOut(Schema):
    """A claim, with the assessment that counts and its payments."""

    id = fields.String()
    person = fields.String()
    session = fields.String(allow_none=True)
    offer = fields.String(allow_none=True)
    kind = fields.String()
    status = fields.String()
    facts = fields.Dict()
    expenses = fields.List(fields.Dict())
    fee_pence = fields.Integer()
    expenses_pence = fields.Integer()
    total_pence = fields.Integer()
    overpaid_pence = fields.Integer()
    currency = fields.Constant("GBP")
    pay_by = fields.Date(allow_none=True)
    assessment = fields.Dict(allow_none=True)
    decisions = fields.List(fields.Nested(DecisionOut))
    payments = fields.List(fields.Nested(PaymentOut))
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class SumIn(Schema):
    """A sum for a line that the policy left open."""

    line = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    amount_pence = pence(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000))


class ApproveIn(Schema):
    """A yes. `by`: the person in your own system who decided. `sums`: for lines that the policy left open."""

    by = fields.String(load_default="", validate=TEXT)
    sums = fields.List(fields.Nested(SumIn), load_default=list)


class RefuseIn(Schema):
    """A no, with its clause and a reason that the person will read."""

    clause = fields.String(required=True, validate=validate.Length(min=1, max=100))
    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    by = fields.String(load_default="", validate=TEXT)


class AskIn(Schema):
    """A question to the person."""

    question = fields.String(required=True, validate=validate.Length(min=1, max=2000))
    by = fields.String(load_default="", validate=TEXT)


class ByIn(Schema):
    """Who in your own system decided."""

    by = fields.String(load_default="", validate=TEXT)


class ClaimsQuery(PageQuery):
    """Which claims."""

    status = fields.String(load_default=None)
    person = fields.String(load_default=None)
    session = fields.String(load_default=None)
    since = fields.AwareDateTime(load_default=None)


class PaymentsQuery(PageQuery):
    """Which payments."""

    status = fields.String(load_default=None)
    rail = fields.String(load_default=None)
    since = fields.AwareDateTime(load_default=None)


class PaidIn(Schema):
    """A report that somebody outside has paid."""

    bank_reference = fields.String(required=True, validate=validate.Length(min=1, max=100))
    paid_on = fields.Date(required=True)


class AsOfQuery(PageQuery):
    """The ledger as it stood at a moment."""

    as_of = fields.AwareDateTime(load_default=None)


class PostingOut(Schema):
    """One side of an entry."""

    account = fields.String()
    debit_pence = fields.Integer()
    credit_pence = fields.Integer()
    cost_centre = fields.String()
    subjective = fields.String()


class EntryOut(Schema):
    """A ledger entry: its sides add up to nothing."""

    id = fields.String()
    kind = fields.String()
    source = fields.String()
    claim = fields.String(allow_none=True)
    person = fields.String(allow_none=True)
    at = fields.DateTime()
    postings = fields.List(fields.Nested(PostingOut))


class BalanceOut(Schema):
    """What stands on one account."""

    account = fields.String()
    debit_pence = fields.Integer()
    credit_pence = fields.Integer()


class TrialBalanceOut(Schema):
    """Every account. The two totals are always the same."""

    data = fields.List(fields.Nested(BalanceOut))
    total_debit_pence = fields.Integer()
    total_credit_pence = fields.Integer()


class OnQuery(Schema):
    """A day."""

    class Meta:
        unknown = EXCLUDE

    on = fields.Date(load_default=None)


class PolicyOut(Schema):
    """A policy version."""

    id = fields.String()
    slug = fields.String()
    version = fields.String()
    name = fields.String()
    hash = fields.String()
    effective_from = fields.Date()
    published_at = fields.DateTime()


class InForceOut(PolicyOut):
    """The version that counts on a day, with everything a client needs to build its form."""

    activities = fields.List(fields.Dict())
    roles = fields.List(fields.Dict())
    expense_categories = fields.List(fields.Dict())
    payment_methods = fields.List(fields.Dict())
    facts = fields.List(fields.Dict())


class QueueOut(Schema):
    """One queue: how many jobs, people and pence wait there."""

    queue = fields.String()
    waiting = fields.Integer()
    running = fields.Integer()
    failed = fields.Integer()
    oldest_seconds = fields.Integer()
    people_waiting = fields.Integer()
    pence_waiting = fields.Integer()


class FailedJobOut(Schema):
    """A job that stopped."""

    id = fields.String()
    task = fields.String()
    queue = fields.String()
    event = fields.String()
    subject = fields.String()
    attempts = fields.Integer()
    error = fields.String(allow_none=True)


class QueuesOut(Schema):
    """Every queue, and what stopped in your council."""

    data = fields.List(fields.Nested(QueueOut))
    failed = fields.List(fields.Nested(FailedJobOut))


def page_of(row: type[Schema]) -> type[Schema]:
    """A page of such rows."""
    return Schema.from_dict(
        {"data": fields.List(fields.Nested(row)), "next_cursor": fields.String(allow_none=True)},
        name=f"PageOf{row.__name__}",
    )
