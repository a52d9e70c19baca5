"""What stands on a person's statement? Shapes and sums only, no storage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from service.reports.periods import Period

# Why somebody did not take money.
TOOK_LESS, SAID_NO, NOT_PAID = (
    "You chose to take less",
    "You said no to the offer",
    "You asked not to be paid",
)


@dataclass(frozen=True)
class StatementLine:
    """One payment, or (`came_back`) its way back, then with every figure below nothing.

    `on`: the day it was paid or came back. `taken_pence`: what came off the fee, with the person's yes.
    `amount_pence` is fee, costs and flat sums together, less what was taken.
    """

    payment_id: str
    claim_id: str
    title: str
    worked_on: date | None
    due_on: date | None
    on: date
    came_back: bool
    fee_pence: int
    costs_pence: int
    flat_pence: int
    taken_pence: int
    amount_pence: int
    how: str
    reference: str
    given_to: str = ""


@dataclass(frozen=True)
class Due:
    """What was agreed and has not been paid, as things stand now."""

    claim_id: str
    title: str
    worked_on: date | None
    due_on: date | None
    amount_pence: int


@dataclass(frozen=True)
class NotTaken:
    """Money that the person did not take. `why`: what they chose."""

    title: str
    worked_on: date | None
    why: str
    amount_pence: int


@dataclass(frozen=True)
class Sums:
    """Fee, costs and flat sums apart; `total_pence` is what arrived."""

    fee_pence: int
    costs_pence: int
    flat_pence: int
    taken_pence: int
    total_pence: int


def sums_of(lines: tuple[StatementLine, ...]) -> Sums:
    """The lines together."""
    return Sums(
        fee_pence=sum(line.fee_pence for line in lines),
        costs_pence=sum(line.costs_pence for line in lines),
        flat_pence=sum(line.flat_pence for line in lines),
        taken_pence=sum(line.taken_pence for line in lines),
        total_pence=sum(line.amount_pence for line in lines),
    )


@dataclass(frozen=True)
class PersonStatement:
    """What one council paid one person in a period, what is to come, and what they did not take."""

    council: str
    contact_name: str
    contact_email: str
    contact_phone: str
    person: str
    known_as: str
    period: Period
    made_on: date
    paid: tuple[StatementLine, ...]
    given: tuple[StatementLine, ...]
    due: tuple[Due, ...]
    not_taken: tuple[NotTaken, ...]
    ways: tuple[str, ...] = field(default=())

    @property
    def sums(self) -> Sums:
        """What was paid to the person."""
        return sums_of(self.paid)

    @property
    def given_sums(self) -> Sums:
        """What was given away for them."""
        return sums_of(self.given)

    @property
    def left_pence(self) -> int:
        """Everything that left, to the person and to others for them: what the ledger says too."""
        return self.sums.total_pence + self.given_sums.total_pence

    @property
    def due_pence(self) -> int:
        """What is still to come."""
        return sum(one.amount_pence for one in self.due)
