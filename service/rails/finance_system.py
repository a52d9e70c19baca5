"""What does the council's own finance system read? One plain CSV with a heading, one line for each payment.

Amounts stand there twice, in whole pence and in pounds. A system that wants other columns gets them from
the exports, which are mapped for each council.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

HEADING = (
    "batch_id",
    "line",
    "payment_id",
    "reference",
    "amount_pence",
    "amount",
    "currency",
    "pay_by",
    "cost_centre",
    "account_name",
    "sort_code",
    "account_number",
    "roll_number",
)


@dataclass(frozen=True)
class ToPay:
    """One payment for the finance system to make."""

    payment_id: str
    reference: str
    amount_pence: int
    pay_by: date | None
    cost_centre: str
    account_name: str = field(default="", repr=False)
    sort_code: str = field(default="", repr=False)
    account_number: str = field(default="", repr=False)
    roll_number: str = field(default="", repr=False)


def build(*, batch_id: str, payments: Sequence[ToPay]) -> bytes:
    """The whole file, in UTF-8 without a mark in front."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(HEADING)
    for number, one in enumerate(payments, start=1):
        lines.writerow(
            (
                batch_id,
                number,
                one.payment_id,
                one.reference,
                one.amount_pence,
                f"{one.amount_pence // 100}.{one.amount_pence % 100:02}",
                "GBP",
                one.pay_by.isoformat() if one.pay_by else "",
                one.cost_centre,
                _no_formula(one.account_name),
                one.sort_code,
                one.account_number,
                _no_formula(one.roll_number),
            )
        )
    return out.getvalue().encode()


def _no_formula(text: str) -> str:
    """A name that a spreadsheet would work out as a formula loses the sign in front."""
    return text.lstrip("=+-@\t\r ")
