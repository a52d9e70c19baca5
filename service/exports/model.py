"""What is in an export: which payments, in which lines, under which fields? Rules only, no storage.

accounts_payable   payments that the council's own system pays: it is told of each once
payroll            payments that payroll pays: it is told of each once
journal            money that we have moved ourselves, and what came back: for the general ledger
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from service.rails.protocol import CALLED, EXPORTED, FILED, RAILS, RECORDED, REPORTED

KINDS = {
    "accounts_payable": "Payments for the finance system to pay",
    "journal": "Journal of what we paid",
    "payroll": "Payments that go with payroll",
}
# Kind → how the rails move whose payments go into it. No rail is in two kinds, so nothing is paid twice.
MOVES_OF = {
    "accounts_payable": (REPORTED,),
    "journal": (CALLED, FILED, RECORDED),
    "payroll": (EXPORTED,),
}
MOST_ITEMS = 20_000
OUTSIDE_THE_SCOPE = "OS"

# What a field holds, and where it is known: of the whole export, of one payment, or of one line.
TEXT, DAY, PENCE, NUMBER = "text", "day", "pence", "number"
FIELDS: dict[str, tuple[str, str, str]] = {
    "batch": ("export", TEXT, "the number of this export"),
    "batch_date": ("export", DAY, "the day it is built"),
    "label": ("export", TEXT, "the name given to it, such as a payroll month"),
    "count_lines": ("export", NUMBER, "how many lines follow"),
    "count_payments": ("export", NUMBER, "how many payments are in it"),
    "total": ("export", PENCE, "all payments together"),
    "total_debits": ("export", PENCE, "all debits together"),
    "total_credits": ("export", PENCE, "all credits together"),
    "payment_number": ("payment", NUMBER, "1, 2, 3 … through the export"),
    "payment_id": ("payment", TEXT, "our number for the payment"),
    "claim_id": ("payment", TEXT, "our number for the claim"),
    "supplier_reference": ("payment", TEXT, "what the payee is called in the finance system"),
    "payee_name": ("payment", TEXT, "the payee's name"),
    "invoice_reference": ("payment", TEXT, "unique for each payee"),
    "invoice_date": ("payment", DAY, "the day it was agreed"),
    "date_worked": ("payment", DAY, "the day that it is for"),
    "date_paid": ("payment", DAY, "the day it was paid"),
    "pay_by": ("payment", DAY, "the day it was promised by"),
    "gross": ("payment", PENCE, "the payment as a whole"),
    "net": ("payment", PENCE, "the payment without VAT"),
    "vat": ("payment", PENCE, "VAT: nothing, for people who are not registered"),
    "method": ("payment", TEXT, "how it is paid"),
    "bank_reference": ("payment", TEXT, "what stands on the statement"),
    "currency": ("payment", TEXT, "GBP"),
    "period": (
        "payment",
        NUMBER,
        "the month it counts in, like 202611: in a journal that of the ledger, else of the batch date",
    ),
    "type": ("payment", TEXT, "STANDARD, or CREDIT below nothing"),
    "line_number": ("line", NUMBER, "1, 2, 3 … within the payment"),
    "row_number": ("line", NUMBER, "1, 2, 3 … through the export"),
    "account": ("line", TEXT, "fees, expenses, or bank and its rail"),
    "category": ("line", TEXT, "what it was for, as the policy names it"),
    "cost_centre": ("line", TEXT, "the cost centre"),
    "subjective": ("line", TEXT, "the subjective code"),
    "vat_code": ("line", TEXT, "OS: outside the scope"),
    "amount": ("line", PENCE, "debits above nothing, credits below"),
    "debit": ("line", PENCE, "the amount of a debit, else nothing"),
    "credit": ("line", PENCE, "the amount of a credit, else nothing"),
    "description": ("line", TEXT, "what it is for, without a name"),
}
LEVELS = {"export": 0, "payment": 1, "line": 2}

Value = str | int | date | None
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Line:
    """One coded part of a payment. Debits above nothing, credits below."""

    account: str
    pence: int
    cost_centre: str
    category: str = ""
    subjective: str = ""
    vat_code: str = ""
    description: str = ""


@dataclass(frozen=True)
class Item:
    """One thing to export, once for its kind. `facts`: fields of the payment; `pence`: what it comes to."""

    source_id: str
    pence: int
    facts: Row
    lines: tuple[Line, ...] = field(default=())


@dataclass(frozen=True)
class Batch:
    """Everything of one export, ready to be laid out."""

    number: str
    on: date
    label: str
    items: tuple[Item, ...]

    @property
    def total_pence(self) -> int:
        """All payments together."""
        return sum(item.pence for item in self.items)


def rails_of(kind: str) -> tuple[str, ...]:
    """The rails whose payments go into exports of a kind."""
    return tuple(name for name, manner in RAILS.items() if manner.moves in MOVES_OF[kind] and name != "none")


def rows(batch: Batch, *, each: str, group_by: Sequence[str] = ()) -> list[Row]:
    """What the lines of a file are made of: one row each `payment`, `line` or `group` of lines."""
    payments = [_of_payment(batch, number, item) for number, item in enumerate(batch.items, 1)]
    if each == "payment":
        return [{**row, "row_number": number} for number, row in enumerate(payments, 1)]
    lines = [
        {**payment, **_of_line(number, line)}
        for payment, item in zip(payments, batch.items, strict=True)
        for number, line in enumerate(item.lines, 1)
    ]
    if each == "group":
        lines = _grouped(lines, group_by)
    return [{**row, "row_number": number} for number, row in enumerate(lines, 1)]


def totals(batch: Batch, lines: Iterable[Row]) -> Row:
    """The fields of the export as a whole. `lines`: the rows of the file that the totals stand in."""
    found = list(lines)
    sides = [line.pence for item in batch.items for line in item.lines]
    return {
        "batch": batch.number,
        "batch_date": batch.on,
        "label": batch.label,
        "count_lines": len(found),
        "count_payments": len(batch.items),
        "total": batch.total_pence,
        "total_debits": sum(pence for pence in sides if pence > 0),
        "total_credits": -sum(pence for pence in sides if pence < 0),
    }


def _of_payment(batch: Batch, number: int, item: Item) -> dict[str, Value]:
    return {
        "batch": batch.number,
        "batch_date": batch.on,
        "label": batch.label,
        "payment_number": number,
        "gross": item.pence,
        "net": item.pence,
        "vat": 0,
        "currency": "GBP",
        "period": int(f"{batch.on:%Y%m}"),
        "type": "STANDARD" if item.pence >= 0 else "CREDIT",
        **item.facts,
    }


def _of_line(number: int, line: Line) -> dict[str, Value]:
    return {
        "line_number": number,
        "account": line.account,
        "category": line.category,
        "cost_centre": line.cost_centre,
        "subjective": line.subjective,
        "vat_code": line.vat_code or OUTSIDE_THE_SCOPE,
        "description": line.description,
        **_sides(line.pence),
    }


def _sides(pence: int) -> dict[str, Value]:
    return {"amount": pence, "debit": max(pence, 0) or None, "credit": max(-pence, 0) or None}


def _grouped(lines: Sequence[dict[str, Value]], group_by: Sequence[str]) -> list[dict[str, Value]]:
    """Lines of one month that are alike in these fields become one with their sum. Without 0 sums."""
    sums: dict[tuple[Value, ...], int] = {}
    group_by = [*(name for name in group_by if name != "period"), "period"]
    for line in lines:
        key = tuple(line.get(name) for name in group_by)
        pence = line["amount"]
        sums[key] = sums.get(key, 0) + (pence if isinstance(pence, int) else 0)
    common = ("batch", "batch_date", "label", "currency")
    whole = {name: line[name] for line in lines[:1] for name in common}
    return [
        {**whole, **dict(zip(group_by, key, strict=True)), **_sides(pence)}
        for key, pence in sums.items()
        if pence
    ]
