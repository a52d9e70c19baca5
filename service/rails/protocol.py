"""What does the outside world of money look like from here? One protocol, one set of answers.

A rail is called with no database transaction open, under keys that stand in our own rows beforehand.
Sending the same key again never pays twice. No answer is not a refusal: it is `lost`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from service.errors import Unavailable

# accepted: on its way · paid: arrived · refused: will never arrive · returned: arrived and came back ·
# absent: the rail has no such payment · lost: no answer, so nobody knows
OUTCOMES = ("accepted", "paid", "refused", "returned", "absent", "lost")

# How the money of a rail moves: we call it · we build a file that a person submits · somebody else pays it
# and reports it · a person here hands it over and says so · it is exported and never paid by us
CALLED, FILED, REPORTED, RECORDED, EXPORTED = "called", "filed", "reported", "recorded", "exported"


@dataclass(frozen=True)
class Manner:
    """How a rail works. `at_once`: orders in one call. `sends`: how often a key that never arrived is sent.

    `absent_counts_after`: how long after a call the rail's word that it has no such payment proves that none
    was made; sending the same key again comes first in any case. `key_lives`: how long after its first call a
    key may be sent again; None for ever. `refusal_stands`: a call that the rail refused can never pay under
    that key; where it may (a failed request is worked again), the key is kept until the rail's own list shows
    that it paid nothing. `look_at_least_every`: the longest wait between two questions after one payment.
    """

    name: str
    moves: str
    at_once: int = 1
    sends: int = 2
    absent_counts_after: timedelta = timedelta(seconds=5)
    key_lives: timedelta | None = None
    refusal_stands: bool = True
    look_at_least_every: timedelta = timedelta(minutes=10)


RAILS = {
    "sandbox": Manner("Pretend bank", CALLED, at_once=100),
    "stripe": Manner(
        "Stripe",
        CALLED,
        sends=1000,
        absent_counts_after=timedelta(days=30),
        key_lives=timedelta(days=29),
        refusal_stands=False,
    ),
    "bacs": Manner("Bacs file", FILED),
    "finance_system": Manner("The council's finance system", REPORTED),
    "voucher": Manner("Voucher", RECORDED),
    "charity": Manner("Charity", RECORDED),
    "cash_desk": Manner("Cash desk", RECORDED),
    "payroll": Manner("Payroll", EXPORTED),
    "none": Manner("Not paid", RECORDED),
}


class NoAnswer(Unavailable):
    """The rail did not answer, so nobody knows whether it paid."""

    title = "The bank did not answer"


@dataclass(frozen=True)
class Order:
    """One payment to make: integer pence, our key, and where to.

    `place` is the rail's own name for where the money goes (a recipient and their payout method), where the
    rail keeps the details itself; then the account's fields are empty.
    """

    council_id: str
    payment_id: str
    key: str
    amount_pence: int
    reference: str
    account_name: str = field(default="", repr=False)
    sort_code: str = field(default="", repr=False)
    account_number: str = field(default="", repr=False)
    roll_number: str = field(default="", repr=False)
    place: str = field(default="", repr=False)


@dataclass(frozen=True)
class Asked:
    """A payment that we ask a rail about: by our key, or by whatever else the rail may know it."""

    council_id: str
    payment_id: str
    key: str
    amount_pence: int
    called_at: datetime
    rail_reference: str = ""
    place: str = field(default="", repr=False)


@dataclass(frozen=True)
class Answer:
    """What a rail says of a payment. `reason` is a plain sentence, for refusals and returns."""

    outcome: str
    rail_reference: str = ""
    reason: str = ""


class Rail(Protocol):
    """A rail that we call. One that can answer many questions at once has `find_all` too (`AnswersMany`)."""

    name: str

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        """Send payments of one council, at most `at_once`: an answer for each, in their order.

        Raises `NoAnswer` where nobody knows of any of them.
        """

    def find(self, asked: Asked) -> Answer:
        """What became of a payment; `absent` when it never arrived. Raises `NoAnswer`."""


@runtime_checkable
class Funded(Protocol):
    """A rail that can say what it holds. One without this question is taken to hold enough."""

    def funds(self, *, council_id: str) -> int | None:
        """What this council's money there comes to, in pence; None for no limit. Raises `NoAnswer`."""


@runtime_checkable
class AnswersMany(Protocol):
    """A rail that is asked about many payments in one go."""

    def find_all(self, asked: Sequence[Asked]) -> list[Answer]:
        """What became of payments of one council: an answer for each, in their order. Raises `NoAnswer`."""


def ask(rail: Rail, asked: Sequence[Asked]) -> list[Answer]:
    """What became of payments of one council: an answer for each, `lost` where the rail gave none."""
    if isinstance(rail, AnswersMany):
        try:
            return rail.find_all(asked)
        except NoAnswer:
            return [Answer("lost") for _ in asked]
    return [_ask(rail, one) for one in asked]


def _ask(rail: Rail, asked: Asked) -> Answer:
    try:
        return rail.find(asked)
    except NoAnswer:
        return Answer("lost")


@dataclass(frozen=True)
class BookLine:
    """One line of a rail's own record. `stands`: as in `OUTCOMES`; `key` is ours where the rail keeps it."""

    payment_id: str
    amount_pence: int
    stands: str
    key: str = ""
    at: datetime | None = None


@runtime_checkable
class KeepsBook(Protocol):
    """A rail whose own record can be read, for the daily comparison."""

    def lines(self, *, council_id: str, since: datetime) -> Sequence[BookLine]:
        """Everything that the rail knows of this council since a moment. Raises `NoAnswer`."""
