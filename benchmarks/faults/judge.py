"""Was everybody paid exactly once? The verdict comes from the rail's book of money moved, never from ours."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.fake_stripe import read
from tests.fake_stripe.book import payments


@dataclass
class Verdict:
    """`lost`: owed and never moved · `doubled`: moved more than once · `wrong`: another sum, another account,
    or our own records tell another story than the book.
    """

    moved: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing to complain of."""
        return not (self.lost or self.doubled or self.wrong)


def judge(book: Path, *, owed: dict[str, int], ours: dict[str, tuple[str, str, int]], ledger: int) -> Verdict:
    """`owed`: bank account → pence · `ours`: payment id → (bank account, status, pence) · `ledger`: pence
    that our ledger says have left by this rail.
    """
    lines = list(read(book))
    account_of = {line["object"]["id"]: line["number"] for line in lines if line["kind"] == "method"}
    method_of = {
        line["object"]["id"]: line["object"]["to"]["payout_method"]
        for line in lines
        if line["kind"] == "payment"
    }
    verdict, moved = Verdict(), Counter[str]()
    for payment_id, movements in payments(lines).items():
        standing = [one for one in movements if one.with_them]
        verdict.moved += len(standing)
        for one in standing:
            account = account_of[method_of[one.id]]
            moved[account] += 1
            if owed.get(account) != one.pence:
                verdict.wrong.append(f"{one.id}: {one.pence} pence to {account}")
            told = ours.get(payment_id)
            if told != (account, "paid", one.pence):
                verdict.wrong.append(f"{payment_id}: the book has {one.pence} to {account}, we say {told}")
    verdict.lost = [account for account in owed if not moved[account]]
    verdict.doubled = [account for account, times in moved.items() if times > 1]
    paid = {payment_id for payment_id, (_, status, _) in ours.items() if status == "paid"}
    there = {p for p, many in payments(lines).items() if any(one.with_them for one in many)}
    verdict.wrong += [f"{payment_id}: we say paid, the book does not know it" for payment_id in paid - there]
    total = sum(one.pence for many in payments(lines).values() for one in many if one.with_them)
    if total != ledger:
        verdict.wrong.append(f"the book moved {total} pence, our ledger says {ledger}")
    return verdict
