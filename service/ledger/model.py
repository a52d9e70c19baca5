"""What is a ledger entry? Debits are positive, credits negative, and an entry that does not balance
cannot be.

How one obligation goes through the books:

    offer accepted       commitment          debit commitments      credit commitments_contra
    no longer open       commitment_release  the same, the other way round
    claim approved       accrual             debit fees, expenses   credit creditors
    claim stopped        accrual_reversal    the same, the other way round
    claim's sum changed  correction          the difference
    paid                 settlement          debit creditors        credit bank:<rail>
    came back            return              the same, the other way round
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# account → plain name. Bank accounts are one a rail: `bank:sandbox`, `bank:finance_system`, …
ACCOUNTS = {
    "fees": "Fees for people's time",
    "expenses": "Costs repaid to people",
    "overpayments": "Paid too much, open with people",
    "written_off": "Paid too much, let go",
    "booked": "Costs that the council booked itself",
    "creditors": "Agreed and not yet paid",
    "commitments": "Promised to people who said yes",
    "commitments_contra": "Promised to people who said yes, other side",
}

# Kept beside the accounts proper, in pairs of their own: nothing is owed yet, so no trial balance has them.
MEMORANDUM = ("commitments", "commitments_contra")

# What makes a claim owed, and takes it back.
ACCRUALS = ("accrual", "accrual_reversal", "correction")

KINDS = {
    "commitment": "Promised",
    "commitment_release": "No longer only promised",
    "accrual": "Agreed",
    "accrual_reversal": "Called off",
    "correction": "Changed",
    "settlement": "Paid",
    "return": "Came back",
    "overpayment": "Paid too much",
    "write_off": "Let go",
    "offset": "Taken off a fee, with the person's yes",
    "offset_return": "Not taken after all",
    "booked_cost": "Booked by the council",
}


@dataclass(frozen=True)
class Posting:
    """One side of an entry: `amount_pence` above nothing is a debit, below is a credit.

    `category` is what the money was for, as the policy names it. Codes left empty are found by it.
    """

    account: str
    amount_pence: int
    cost_centre: str
    subjective: str = ""
    category: str = ""
    vat_code: str = ""


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
    offer_id: str | None = None

    def __post_init__(self) -> None:
        if len(self.postings) < 2 or sum(p.amount_pence for p in self.postings) != 0:
            raise DoesNotBalance(f"{self.kind} of {self.source_id} does not balance.")
        if any(p.amount_pence == 0 for p in self.postings):
            raise DoesNotBalance(f"{self.kind} of {self.source_id} has an empty side.")

    def reversed(self, *, kind: str, source_id: str) -> Entry:
        """The entry that undoes this one, under the same codes."""
        undone = tuple(
            Posting(p.account, -p.amount_pence, p.cost_centre, p.subjective, p.category, p.vat_code)
            for p in self.postings
        )
        return Entry(kind, source_id, undone, self.claim_id, self.person_id, self.offer_id)


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
    """Money has left: nobody is owed it any more, and the bank account that paid has less."""
    pence = fee_pence + expenses_pence
    sides = (Posting("creditors", pence, cost_centre), Posting(f"bank:{rail}", -pence, cost_centre))
    return Entry("settlement", payout_id, sides, claim_id, person_id)


def commitment(*, offer_id: str, time: int, person_id: str, cost_centre: str, pence: int) -> Entry:
    """Somebody said yes to an offer, for the first, second, … `time`."""
    sides = (
        Posting("commitments", pence, cost_centre, category="fee"),
        Posting("commitments_contra", -pence, cost_centre, category="fee"),
    )
    return Entry("commitment", f"{offer_id}.{time}", sides, None, person_id, offer_id)


# (account, category) → pence: what a claim is owed for.
Owed = Mapping[tuple[str, str], int]


def difference(owed: Owed, standing: Iterable[Posting], *, cost_centre: str) -> tuple[Posting, ...]:
    """The sides that make the books say `owed` where they say `standing`; none when they say it already.

    What goes up is left to be coded anew; what goes down is taken from where, and as what, it stands.
    """
    missing = {key: pence for key, pence in owed.items() if pence}
    sides: list[Posting] = []
    for old in standing:
        key = (old.account, old.category)
        kept = 0
        if old.cost_centre == cost_centre and old.amount_pence * missing.get(key, 0) > 0:
            kept = min(old.amount_pence, missing[key], key=abs)
            missing[key] -= kept
        if gone := old.amount_pence - kept:
            sides.append(
                Posting(old.account, -gone, old.cost_centre, old.subjective, old.category, old.vat_code)
            )
    sides += [
        Posting(account, pence, cost_centre, category=category)
        for (account, category), pence in missing.items()
        if pence
    ]
    rest = sum(side.amount_pence for side in sides)
    return (*sides, Posting("creditors", -rest, cost_centre)) if rest else tuple(sides)
