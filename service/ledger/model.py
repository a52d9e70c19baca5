"""What is a ledger entry? Debits are positive, credits negative, and an entry that does not balance
cannot be.
"""

from __future__ import annotations

from dataclasses import dataclass

# account → plain name. Bank accounts are one a rail: `bank:sandbox`, `bank:finance_system`, …
ACCOUNTS = {
    "fees": "Fees for people's time",
    "expenses": "Costs repaid to people",
    "overpayments": "Paid too much, open with people",
    "written_off": "Paid too much, let go",
    "booked": "Costs that the council booked itself",
}


@dataclass(frozen=True)
class Posting:
    """One side of an entry: `amount_pence` above nothing is a debit, below is a credit."""

    account: str
    amount_pence: int
    cost_centre: str
    subjective: str = ""


class DoesNotBalance(ValueError):
    """Debits and credits differ, or there are fewer than two sides."""


@dataclass(frozen=True)
class Entry:
    """One balanced entry. Cannot be built otherwise."""

    kind: str
    source_id: str
    postings: tuple[Posting, ...]
    claim_id: str | None = None
    person_id: str | None = None

    def __post_init__(self) -> None:
        if len(self.postings) < 2 or sum(p.amount_pence for p in self.postings) != 0:
            raise DoesNotBalance(f"{self.kind} of {self.source_id} does not balance.")
        if any(p.amount_pence == 0 for p in self.postings):
            raise DoesNotBalance(f"{self.kind} of {self.source_id} has an empty side.")

    def reversed(self, *, kind: str, source_id: str) -> Entry:
        """The entry that undoes this one."""
        undone = tuple(
            Posting(p.account, -p.amount_pence, p.cost_centre, p.subjective) for p in self.postings
        )
        return Entry(kind, source_id, undone, self.claim_id, self.person_id)


def settlement(
    *,
    payout_id: str,
    claim_id: str,
    person_id: str,
    rail: str,
    cost_centre: str,
    fee_pence: int,
    expenses_pence: int,
) -> Entry:
    """Money has left: debit what it was for, credit the bank account that paid."""
    sides = [Posting("fees", fee_pence, cost_centre), Posting("expenses", expenses_pence, cost_centre)]
    paid = [side for side in sides if side.amount_pence]
    bank = Posting(f"bank:{rail}", -(fee_pence + expenses_pence), cost_centre)
    return Entry("settlement", payout_id, (*paid, bank), claim_id, person_id)
