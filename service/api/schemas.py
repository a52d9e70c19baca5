"""What does each call take, field by field? The OpenAPI description is made from these."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, fields, validate

from service.days import LONDON

PLAIN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TEXT = validate.Length(max=500)
NEAR = validate.Range(min=date(1990, 1, 1), max=date(2190, 1, 1), error="Give a day of our time.")
PENCE = validate.Range(min=0, max=100_000_00)


def says(words: str) -> dict[str, str]:
    """What the description says of a field, beyond its type."""
    return {"description": words}


def pence(**kwargs: Any) -> fields.Integer:
    """Whole pence: a number with a fraction, or a number as text, is refused."""
    return fields.Integer(strict=True, validate=PENCE, **kwargs)


# What a person who reads an answer should read, instead of the library's own words.
WORDS: dict[type[fields.Field[Any]], dict[str, str]] = {
    fields.Field: {"required": "This is needed.", "null": "This may not be empty."},
    fields.String: {"invalid": "Write this as text.", "invalid_utf8": "Write this as plain text."},
    fields.Integer: {"invalid": "Give a whole number.", "too_large": "This number is too large."},
    fields.Boolean: {"invalid": "Say true or false."},
    fields.Date: {"invalid": "Give a day like 2027-01-12."},
    fields.AwareDateTime: {
        "invalid": "Give a moment like 2027-01-12T10:00:00Z.",
        "invalid_awareness": "Say which time zone, like 2027-01-12T10:00:00Z.",
    },
    fields.Dict: {"invalid": "Give an object: names and values."},
    fields.List: {"invalid": "Give a list."},
    fields.Nested: {"type": "Give an object: names and values."},
}
for _field, _words in WORDS.items():
    _field.default_error_messages = {**_field.default_error_messages, **_words}


class Body(Schema):
    """What is sent. A field that nobody knows is refused, so that a slip of the keyboard is found."""

    error_messages: dict[str, str] = {  # noqa: RUF012 - the parent reads it as one of each schema
        "unknown": "We do not know this field. Check how it is spelt.",
        "type": "Send a JSON object.",
    }


class PageQuery(Schema):
    """How much of a list, and from where."""

    class Meta:
        unknown = EXCLUDE

    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=100))
    cursor = fields.String(load_default=None, metadata=says("next_cursor of the page before"))


class PersonIn(Body):
    """A person to add."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    email = fields.String(load_default="", validate=TEXT, allow_none=True)
    phone = fields.String(load_default="", validate=TEXT, allow_none=True)
    external_reference = fields.String(
        load_default=None, validate=TEXT, allow_none=True, metadata=says("Your own number for them")
    )
    organisation = fields.String(
        load_default="",
        validate=TEXT,
        allow_none=True,
        metadata=says("The organisation they come for, where a policy counts for each organisation"),
    )


class DayQuery(Schema):
    """For which day."""

    class Meta:
        unknown = EXCLUDE

    on = fields.Date(load_default=None, validate=NEAR, metadata=says("Like 2027-01-12. Today by itself"))


class MethodIn(Body):
    """How a person wants to be paid."""

    kind = fields.String(
        required=True,
        metadata=says(
            "One of payment_methods in /v1/policies/in_force, such as bank_account, voucher or none"
        ),
    )
    account_name = fields.String(load_default="", validate=TEXT, metadata=says("For bank_account and stripe"))
    sort_code = fields.String(
        load_default="", validate=TEXT, metadata=says("For bank_account and stripe: 6 digits")
    )
    account_number = fields.String(
        load_default="",
        validate=TEXT,
        metadata=says("For bank_account and stripe: 6 to 8 digits, or as the bank writes"),
    )
    roll_number = fields.String(
        load_default="", validate=TEXT, metadata=says("For an account at a building society")
    )
    charity = fields.String(load_default="", validate=TEXT, metadata=says("For charity: its name"))


class SessionIn(Body):
    """A session to plan. It may lie in the past. `facts` are extra facts that the policy asks for."""

    title = fields.String(required=True, validate=validate.Length(min=1, max=200))
    activity = fields.String(required=True, metadata=says("A key from activities of /v1/policies/in_force"))
    starts_at = fields.AwareDateTime(required=True, metadata=says("Like 2027-01-12T10:00:00Z"))
    ends_at = fields.AwareDateTime(required=True, metadata=says("Like 2027-01-12T11:00:00Z"))
    online = fields.Boolean(load_default=False)
    place = fields.String(load_default="", validate=TEXT, allow_none=True)
    cost_code = fields.String(
        load_default="",
        validate=TEXT,
        allow_none=True,
        metadata=says("Where it is booked. Empty: the council's usual one"),
    )
    budget = fields.String(load_default="", validate=TEXT, allow_none=True)
    facts = fields.Dict(
        load_default=dict,
        metadata=says("What the activity asks for beyond its length: see asks in /v1/policies/in_force"),
    )


class OfferIn(Body):
    """Whom to ask, in which role. Any further field is a fact for the policy, such as preparation_minutes."""

    class Meta:
        unknown = INCLUDE

    person = fields.String(required=True, metadata=says("A person's id"))
    role = fields.String(required=True, metadata=says("A key from the roles of the activity"))


class AcceptIn(Body):
    """A yes; to less than was offered, or given to somebody else."""

    accept_pence = pence(
        load_default=None,
        allow_none=True,
        metadata=says("Only when they take less than was offered; 0 for no fee"),
    )
    give_to = fields.String(
        load_default=None,
        allow_none=True,
        validate=TEXT,
        metadata=says("Only when the fee goes to a charity: its name"),
    )


class TickIn(Body):
    """One line of a register."""

    person = fields.String(required=True, metadata=says("A person's id"))
    attended = fields.Boolean(required=True, metadata=says("false takes a tick back"))
    minutes = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        metadata=says("Only when it differs from the length of the session"),
    )
    role = fields.String(
        load_default=None,
        allow_none=True,
        metadata=says("Only for somebody who was not asked, or did something else"),
    )


class RegisterIn(Body):
    """Who came. Safe to send again."""

    entries = fields.List(fields.Nested(TickIn), required=True, validate=validate.Length(max=500))


class FactsIn(Body):
    """Facts for the policy. `/v1/policies/in_force` lists the ones it knows."""

    class Meta:
        unknown = INCLUDE

    activity = fields.String(required=True, metadata=says("A key from activities of /v1/policies/in_force"))
    on = fields.Date(required=True, metadata=says("The day, like 2027-01-12"))
    expenses = fields.List(
        fields.Dict(),
        load_default=None,
        allow_none=True,
        metadata=says("Each {category, ...}, with what the category asks for in /v1/policies/in_force"),
    )


class ClaimIn(Body):
    """What somebody asks for: a session or facts, and expenses. `fee` false asks for the costs only."""

    person = fields.String(required=True, metadata=says("A person's id"))
    session = fields.String(
        load_default=None, allow_none=True, metadata=says("A session's id; or send facts")
    )
    facts = fields.Dict(load_default=dict, metadata=says("For something that was no session here"))
    expenses = fields.List(
        fields.Dict(),
        load_default=list,
        validate=validate.Length(max=100),
        metadata=says("Each {category, ...}, with what the category asks for in /v1/policies/in_force"),
    )
    fee = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata=says("false: the costs only. The fee of a session comes from its register"),
    )


class ClaimEdit(Body):
    """The costs as they should be."""

    expenses = fields.List(
        fields.Dict(),
        required=True,
        validate=validate.Length(max=100),
        metadata=says("All of them as they should be, not only what is new"),
    )


class SumIn(Body):
    """A sum for a line that the policy left open."""

    line = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0),
        metadata=says("Its place in lines of the assessment, from 0"),
    )
    amount_pence = pence(required=True)
    reason = fields.String(
        required=True, validate=validate.Length(min=1, max=2000), metadata=says("The person reads this")
    )


class ApproveIn(Body):
    """A yes. `by`: the person in your own system who decided. `sums`: for lines that the policy left open."""

    by = fields.String(
        load_default="", validate=TEXT, metadata=says("The person in your own system who decided")
    )
    sums = fields.List(
        fields.Nested(SumIn), load_default=list, metadata=says("One for each line that the policy left open")
    )


class RefuseIn(Body):
    """A no, with its clause and a reason that the person will read."""

    clause = fields.String(
        required=True,
        validate=validate.Length(min=1, max=100),
        metadata=says("The clause of the policy that says so"),
    )
    reason = fields.String(
        required=True, validate=validate.Length(min=1, max=2000), metadata=says("The person reads this")
    )
    by = fields.String(load_default="", validate=TEXT)


class AskIn(Body):
    """A question to the person."""

    question = fields.String(
        required=True, validate=validate.Length(min=1, max=2000), metadata=says("The person reads this")
    )
    by = fields.String(load_default="", validate=TEXT)


class ByIn(Body):
    """Who in your own system decided."""

    by = fields.String(load_default="", validate=TEXT)


class DraftIn(Body):
    """A policy as text."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=150_000))
    by = fields.String(load_default="", validate=TEXT)


class TakeOnIn(Body):
    """Who takes a version on, where a key speaks for several people."""

    by = fields.String(load_default="", validate=TEXT)


class SimulateIn(Body):
    """Which activities to try it on: a year, unless told. The last day counts too."""

    since = fields.Date(load_default=None, allow_none=True, validate=NEAR)
    until = fields.Date(load_default=None, allow_none=True, validate=NEAR)


class PublishIn(Body):
    """Who publishes, from which day (the text's own, unless told), and the hash they read."""

    by = fields.String(load_default="", validate=TEXT)
    effective_from = fields.Date(load_default=None, allow_none=True, validate=NEAR)
    hash = fields.String(load_default=None, allow_none=True, validate=TEXT)


class Moment(fields.AwareDateTime):
    """A moment; or a plain day, which stands for its first moment in London, or its last with `ends`."""

    def __init__(self, *, ends: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._ends = ends

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and PLAIN_DAY.fullmatch(value):
            time = f"{value}T{'23:59:59.999999' if self._ends else '00:00:00'}"
            try:
                return datetime.fromisoformat(time).replace(tzinfo=LONDON).astimezone(UTC)
            except (ValueError, OverflowError) as error:
                raise self.make_error("invalid", input=value, obj_type="datetime") from error
        return super()._deserialize(value, *args, **kwargs)


class ClaimsQuery(PageQuery):
    """Which claims."""

    status = fields.String(
        load_default=None,
        metadata=says("draft, submitted, needs_person, waiting, asked, approved, refused, withdrawn or paid"),
    )
    person = fields.String(load_default=None, metadata=says("A person's id"))
    session = fields.String(load_default=None, metadata=says("A session's id"))
    since = Moment(load_default=None, metadata=says("Changed at or after: a moment, or a plain day"))


class PaymentsQuery(PageQuery):
    """Which payments."""

    status = fields.String(
        load_default=None,
        metadata=says("ready, held, sending, unknown, sent, paid, failed, returned or cancelled"),
    )
    rail = fields.String(
        load_default=None, metadata=says("sandbox, bacs, finance_system, voucher, charity or cash_desk")
    )
    since = Moment(load_default=None, metadata=says("Changed at or after: a moment, or a plain day"))


class PaidIn(Body):
    """A report that somebody outside has paid."""

    bank_reference = fields.String(
        required=True,
        validate=validate.Length(min=1, max=100),
        metadata=says("As it stands on the bank statement"),
    )
    paid_on = fields.Date(required=True, metadata=says("Like 2027-01-12"))


class AsOfQuery(PageQuery):
    """The ledger as it stood at a moment."""

    as_of = Moment(
        load_default=None, ends=True, metadata=says("A moment, or the end of a plain day. Left out: now")
    )


class TrialBalanceQuery(AsOfQuery):
    """The balance of every account as it stood at a moment."""

    memorandum = fields.Boolean(
        load_default=False, metadata=says("Also what is only promised: commitments and their other side")
    )


class OnQuery(Schema):
    """A day."""

    class Meta:
        unknown = EXCLUDE

    on = fields.Date(load_default=None, metadata=says("Like 2027-01-12. Left out: today"))
