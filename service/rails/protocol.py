"""What does the outside world of money look like from here? One protocol, one set of answers.

A rail is called with no database transaction open, under a key that stands in our own row beforehand.
Sending the same key again never pays twice. No answer is not a refusal: raise `NoAnswer`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from service.errors import Unavailable

# accepted: on its way · paid: arrived · refused: will never arrive · returned: arrived and came back ·
# absent: the rail has no such payment
OUTCOMES = ("accepted", "paid", "refused", "returned", "absent")


class NoAnswer(Unavailable):
    """The rail did not answer, so nobody knows whether it paid."""

    title = "The bank did not answer"


@dataclass(frozen=True)
class Order:
    """One payment to make: integer pence, our key, and where to."""

    council_id: str
    payment_id: str
    key: str
    amount_pence: int
    reference: str
    account_name: str = field(repr=False)
    sort_code: str = field(repr=False)
    account_number: str = field(repr=False)
    roll_number: str = field(default="", repr=False)


@dataclass(frozen=True)
class Answer:
    """What a rail says of a payment. `reason` is a plain sentence, for refusals and returns."""

    outcome: str
    rail_reference: str = ""
    reason: str = ""


class Rail(Protocol):
    """A rail that we call."""

    name: str

    def pay(self, order: Order) -> Answer:
        """Send one payment. Raises `NoAnswer`."""

    def find(self, *, council_id: str, key: str) -> Answer:
        """What became of the payment with this key; `absent` when it never arrived. Raises `NoAnswer`."""
