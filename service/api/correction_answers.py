"""What do answers about corrections, overpayments and booked costs hold? For the description."""

from __future__ import annotations

from marshmallow import Schema, fields


class CorrectionOut(Schema):
    """One correction of a claim that was agreed: what was paid, what is right, and what followed."""

    id = fields.String()
    number = fields.Integer()
    because = fields.String(metadata={"description": "register, asked, spent, or followed"})
    status = fields.String(metadata={"description": "waiting, applied or replaced"})
    attended = fields.Boolean()
    expenses = fields.List(fields.Dict())
    reason = fields.String(allow_none=True)
    by = fields.String()
    sums = fields.Dict(
        allow_none=True,
        metadata={"description": "by part (fee, expense): what was paid before, and what is right after"},
    )
    difference = fields.String(allow_none=True, metadata={"description": "the claim for what is owed more"})
    at = fields.DateTime()
    applied_at = fields.DateTime(allow_none=True)


class ConsentOut(Schema):
    """The person's yes: how much at most may come off each later fee."""

    most_pence = fields.Integer()
    given_at = fields.DateTime()


class TakingOut(Schema):
    """One payment that was, or will be, less."""

    payment = fields.String()
    status = fields.String()
    amount_pence = fields.Integer()


class OverpaymentOut(Schema):
    """What was paid too much for the fee or the costs of one claim, and what became of it."""

    id = fields.String()
    claim = fields.String()
    person = fields.String()
    part = fields.String(metadata={"description": "fee or expense"})
    status = fields.String(
        metadata={"description": "noted, asked, agreed, declined, written_off, settled or gone"}
    )
    over_pence = fields.Integer()
    written_off_pence = fields.Integer()
    taken_pence = fields.Integer()
    left_pence = fields.Integer()
    currency = fields.Constant("GBP")
    because = fields.String()
    reason = fields.String(allow_none=True)
    noticed_by = fields.String()
    consent = fields.Nested(ConsentOut, allow_none=True)
    takings = fields.List(fields.Nested(TakingOut))
    noticed_at = fields.DateTime()
    updated_at = fields.DateTime()


class BookedCostOut(Schema):
    """A cost that the council paid itself for somebody."""

    id = fields.String()
    person = fields.String()
    session = fields.String()
    category = fields.String()
    amount_pence = fields.Integer()
    currency = fields.Constant("GBP")
    reason = fields.String(allow_none=True)
    by = fields.String()
    booked_on = fields.Date()
    created_at = fields.DateTime()
