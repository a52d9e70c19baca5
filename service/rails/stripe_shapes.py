"""What passes between us and Stripe's rail, in our own words? Shapes, reasons, and the calls we began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base
from service.errors import Refused
from service.rails.protocol import Answer, BookLine, NameCheck, Order

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
class Seen:
    """A payment as Stripe has it now, and by what we know it."""

    payment_id: str
    key: str
    answer: Answer


def payment_body(order: Order, place: Place, *, check: str) -> Any:
    """What Stripe is told to pay; `check`: the id of this payment's own check of the name."""
    return {
        "amount": {"value": order.amount_pence, "currency": "gbp"},
        "from": {"financial_account": place.financial_account, "currency": "gbp"},
        "to": {
            "recipient": place.recipient,
            "payout_method": place.payout_method,
            "payout_method_options": {"bank_account": {"preferred_networks": ["fps"]}},
        },
        "recipient_verification": check,
        "recipient_notification": {"setting": "none"},
        "statement_descriptor": order.reference,
        "metadata": {"payment_id": order.payment_id, "key": order.key},
    }


def name_check_of(row: Any) -> NameCheck:
    """What the bank says of a name; the name that it has, where ours is close to it."""
    named = row.match_result_details.matched_name if row.match_result == "close_match" else ""
    return NameCheck(row.id, row.match_result, named or "")


def answer_of(row: Any) -> Answer:
    """How a payment stands. Raises `AttributeError` or `KeyError` where Stripe's answer cannot be read."""
    details = getattr(row, "status_details", None)
    reason = getattr(getattr(details, row.status, None), "reason", "") if details else ""
    told = REASONS.get(reason, NO_REASON)
    return {
        "processing": Answer("accepted", row.id),
        "posted": Answer("paid", row.id),
        "failed": Answer("refused", row.id, told),
        "canceled": Answer("refused", row.id, "The payment was called off at Stripe."),
        "returned": Answer("returned", row.id, told),
    }[row.status]


def line_of(row: Any) -> BookLine:
    """A payment as a line of Stripe's own record."""
    at = datetime.fromisoformat(row.created)
    stands = answer_of(row).outcome
    return BookLine(said_of(row, "payment_id"), row.amount.value, stands, key=said_of(row, "key"), at=at)


def said_of(row: Any, name: str) -> str:
    """What we wrote on a payment under this name; empty where we did not."""
    metadata = getattr(row, "metadata", None)
    return str(metadata.to_dict().get(name, "")) if metadata else ""
