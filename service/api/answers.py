"""What does each call answer, field by field? The OpenAPI description is made from these."""

from __future__ import annotations

from marshmallow import Schema, fields

from service.api.correction_answers import CorrectionOut


class MethodOut(Schema):
    """How a person is paid. Account numbers are never shown whole."""

    kind = fields.String()
    status = fields.String(metadata={"description": "current, or proposed: waits for the person's yes"})
    shown = fields.String(metadata={"description": "what may be shown of it, such as the last four digits"})
    charity = fields.String(allow_none=True)
    usable_from = fields.DateTime()
    onboarding_url = fields.String(
        allow_none=True,
        metadata={"description": "for stripe: where the person gives Stripe their bank details"},
    )
    name_check = fields.String(
        allow_none=True,
        metadata={
            "description": "for stripe, what the bank said of the name: match, close_match, no_match or "
            "unavailable. Anything but a match waits for the person"
        },
    )
    checked = fields.String(
        allow_none=True,
        metadata={
            "description": "of bank details: valid, or not_checked where no table says whether sort code and "
            "account number go together"
        },
    )


class PersonOut(Schema):
    """A person."""

    id = fields.String()
    name = fields.String()
    email = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    external_reference = fields.String(allow_none=True)
    organisation = fields.String(allow_none=True)
    payment_method = fields.Nested(MethodOut, allow_none=True)
    created_at = fields.DateTime()


class AllowanceOut(Schema):
    """What somebody has used of what the policy counts, and what is kept for offers they said yes to."""

    counter = fields.String(metadata={"description": "its key under counters in the policy"})
    name = fields.String()
    counted_for = fields.String(metadata={"description": "person, or organisation"})
    period = fields.String(metadata={"description": "week, month, quarter, tax year, year or ever"})
    starts_on = fields.Date(allow_none=True)
    ends_on = fields.Date(allow_none=True, metadata={"description": "the first day that no longer counts"})
    used = fields.Integer(metadata={"description": "by claims"})
    reserved = fields.Integer(metadata={"description": "kept for offers that were accepted"})
    unit = fields.String(metadata={"description": "pence, minutes, tenths of a mile, days or count"})


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


class PaymentOut(Schema):
    """A payment."""

    id = fields.String()
    person = fields.String()
    claim = fields.String()
    amount_pence = fields.Integer()
    currency = fields.Constant("GBP")
    rail = fields.String()
    give_to = fields.String(allow_none=True, metadata={"description": "the charity that the person named"})
    reference = fields.String()
    status = fields.String()
    held_because = fields.String(allow_none=True)
    held_until = fields.DateTime(allow_none=True)
    onboarding_url = fields.String(
        allow_none=True,
        metadata={"description": "where the person gives Stripe their bank details, while it waits for that"},
    )
    failure = fields.String(allow_none=True)
    bank_reference = fields.String(allow_none=True)
    paid_on = fields.Date(allow_none=True)
    pay_by = fields.Date(allow_none=True)
    acknowledged_at = fields.DateTime(
        allow_none=True, metadata={"description": "when the finance system took the file it stands in"}
    )
    arrives_on = fields.Date(
        allow_none=True, metadata={"description": "the day on which its Bacs file puts it into the account"}
    )
    exported_at = fields.DateTime(
        allow_none=True, metadata={"description": "when your finance system or payroll was told to pay it"}
    )
    goes_with = fields.String(
        allow_none=True, metadata={"description": "the payroll that it goes with, such as December 2026"}
    )
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


class RiseOut(Schema):
    """One line that a later version of the policy changed: its place in the assessment, and both sums."""

    line = fields.Integer()
    before_pence = fields.Integer()
    after_pence = fields.Integer()


class ClaimOut(Schema):
    """A claim, with the assessment that counts and its payments."""

    id = fields.String()
    person = fields.String()
    session = fields.String(allow_none=True)
    offer = fields.String(allow_none=True)
    kind = fields.String(
        metadata={
            "description": "attendance, cancellation, expenses, other, advance, top_up: what a later"
            " version of the policy gives more, a draft until the person says yes; difference: what a"
            " correction comes to more than was paid; or rest: the part of a fee that the person put off"
        }
    )
    tops_up = fields.String(
        allow_none=True, metadata={"description": "the claim that a top_up comes on top of"}
    )
    top_up = fields.List(
        fields.Nested(RiseOut),
        allow_none=True,
        metadata={"description": "the lines of a top_up's assessment that changed, before and after"},
    )
    corrects = fields.String(
        allow_none=True, metadata={"description": "the claim of which a difference is a correction"}
    )
    difference = fields.Dict(
        allow_none=True,
        metadata={"description": "by part (fee, expense): what was paid before and what is right after"},
    )
    rest_of = fields.String(
        allow_none=True, metadata={"description": "the claim of whose fee a rest is the later part"}
    )
    put_off_pence = fields.Integer(
        metadata={
            "description": "how much of its fee the person put off: a claim of its own, a rest, carries it"
        }
    )
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
    corrections = fields.List(fields.Nested(CorrectionOut))
    payments = fields.List(fields.Nested(PaymentOut))
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class PostingOut(Schema):
    """One side of an entry."""

    account = fields.String()
    debit_pence = fields.Integer()
    credit_pence = fields.Integer()
    cost_centre = fields.String()
    subjective = fields.String()
    vat_code = fields.String()
    category = fields.String(metadata={"description": "What it was for, as the policy names it"})


class EntryOut(Schema):
    """A ledger entry: its sides add up to nothing."""

    id = fields.String()
    kind = fields.String()
    source = fields.String()
    claim = fields.String(allow_none=True)
    person = fields.String(allow_none=True)
    offer = fields.String(allow_none=True)
    at = fields.DateTime(metadata={"description": "When it happened"})
    posted_at = fields.DateTime(metadata={"description": "When the books had it: `as_of` counts by this"})
    period = fields.String(metadata={"description": "The accounting month, like 2026-11"})
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


class PolicyOut(Schema):
    """A policy version."""

    id = fields.String()
    slug = fields.String(allow_none=True)
    version = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    hash = fields.String()
    effective_from = fields.Date(allow_none=True)
    published_at = fields.DateTime(allow_none=True)
    state = fields.String(metadata={"description": "draft, simulated, signed_off, published or superseded"})


class FaultOut(Schema):
    """A mistake in a policy: where it stands, what is wrong, what to do."""

    file = fields.String()
    line = fields.Integer()
    clause = fields.String()
    what = fields.String()
    remedy = fields.String()


class ChangeOut(Schema):
    """One change from the version that counts today, as a sentence."""

    kind = fields.String()
    path = fields.List(fields.Raw())
    clause = fields.String()
    sentence = fields.String()
    was = fields.Raw()
    becomes = fields.Raw()


class SimulationOut(Schema):
    """What a text would have paid for stored claims. `answer` is there once the status is done."""

    id = fields.String()
    policy = fields.String()
    hash = fields.String()
    status = fields.String(metadata={"description": "waiting or done"})
    since = fields.Date()
    until = fields.Date()
    asked_at = fields.DateTime()
    done_at = fields.DateTime(allow_none=True)
    answer = fields.Dict(allow_none=True)
    sentences = fields.List(fields.String())


class PolicyWholeOut(PolicyOut):
    """A draft or a version with its text, its mistakes, and what it changes."""

    text = fields.String()
    faults = fields.List(fields.Nested(FaultOut))
    changes = fields.List(fields.Nested(ChangeOut))
    simulations = fields.List(fields.Nested(SimulationOut))


class BaseOut(Schema):
    """A version of the region's base that is newer than yours, and what it would change for you."""

    id = fields.String()
    slug = fields.String()
    version = fields.String()
    hash = fields.String()
    effective_from = fields.Date()
    published_at = fields.DateTime()
    text = fields.String(metadata={"description": "the base itself"})
    changes = fields.List(fields.Nested(ChangeOut))
    faults = fields.List(
        fields.Nested(FaultOut),
        metadata={
            "description": "what the checker says to your own text on it, such as examples to work again"
        },
    )


class BasesOut(Schema):
    """What your policy builds on, and the newer versions that your region published."""

    builds_on = fields.String(allow_none=True, metadata={"description": "the version that you pin today"})
    data = fields.List(fields.Nested(BaseOut))


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
