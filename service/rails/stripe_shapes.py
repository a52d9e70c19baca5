"""What passes between us and Stripe's rail, in our own words? Shapes, reasons, and the calls we began."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base
from service.errors import Refused
from service.rails.protocol import Answer

REASONS = {
    "payout_method_amount_limit_exceeded": "It is more than this account may be paid at once.",
    "payout_method_declined": "The bank did not take the payment.",
    "payout_method_does_not_exist": "The bank says there is no such account.",
    "payout_method_expired": "The bank details can no longer be used.",
    "payout_method_unsupported": "This account cannot be paid this way.",
    "payout_method_usage_frequency_limit_exceeded": "The account was paid too often in a short time.",
    "review_rejected": "Stripe looked at the payment and did not let it go.",
    "payout_method_canceled_by_customer": "The account was closed by its owner.",
    "payout_method_closed": "The account has been closed.",
    "payout_method_currency_unsupported": "The account does not take pounds.",
    "payout_method_holder_address_incorrect": "The address of the account's owner is not right.",
    "payout_method_holder_details_incorrect": "The details of the account's owner are not right.",
    "payout_method_holder_name_incorrect": "The name on the account is not right.",
    "payout_method_invalid_account_number": "The account number is not right.",
    "payout_method_restricted": "The account cannot take payments at the moment.",
    "recalled": "The payment was called back.",
}
NO_REASON = "The bank did not say why."


class StripeCall(Base):
    """A payment that we began to send, under its key and to its place. Never changed."""

    __tablename__ = "stripe_calls"
    __table_args__ = (ForeignKeyConstraint(["council_id"], ["councils.council_id"]),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    payment_id: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    called_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class NotTaken(Refused):
    """Stripe says no for good to something about a recipient; `detail` says why, plainly."""

    title = "Stripe did not take it"


@dataclass(frozen=True)
class Place:
    """Where at Stripe a payment goes: from which account, to whom, into what; `accepted`: the bank's answer
    about the name that a person has seen and accepted, or `match`.
    """

    financial_account: str
    recipient: str
    payout_method: str
    accepted: str

    def __str__(self) -> str:
        return f"{self.financial_account}|{self.recipient}|{self.payout_method}|{self.accepted}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place in an order; None when it holds none."""
        parts = text.split("|")
        return cls(*parts) if len(parts) == 4 else None


@dataclass(frozen=True)
class NameCheck:
    """What the bank says of a name: match, close_match, no_match or unavailable."""

    id: str
    result: str
    name_at_bank: str = field(default="", repr=False)


@dataclass(frozen=True)
class Seen:
    """A payment as Stripe has it now, and by what we know it."""

    payment_id: str
    key: str
    answer: Answer
