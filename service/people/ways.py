"""How fast is each way of being paid, and what is it for benefits? For choosing between them, side by side.

What is said about benefits stands in `benefit_figures.yaml`; only what was read in its source is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from service.people.benefit_figures import FILE, STATED

# Rail → how long money takes on it. A bank account goes by whichever rail its council uses.
SPEED = {
    "sandbox": "On the day we send it.",
    "bacs": "On the second working day after we send it.",
    "finance_system": "When the council makes its next payments.",
    "stripe": "Some working days after we send it.",
    "voucher": "When we hand it over or send it to you.",
    "cash_desk": "When it is ready and you come for it.",
    "payroll": "With the next payroll, most often once a month.",
    "charity": "Nothing comes to you. We send it to the charity.",
    "none": "Nothing comes.",
}

# What somebody needs for it.
NEEDS = {
    "bank_account": "A bank or building society account.",
    "stripe": "A bank account. A company called Stripe sends the money for us.",
    "voucher": "A shop that takes it.",
    "cash_desk": "A way to our desk. If it costs you money, tell us first.",
    "payroll": "Your National Insurance number.",
    "charity": "The name of the charity.",
    "none": "Nothing. You can change your mind later.",
}


@dataclass(frozen=True)
class Way:
    """One way of being paid, as it stands beside the others. Empty where nothing is known for certain."""

    speed: str
    needs: str
    benefits: str
    source: str


def way(kind: str, *, rail: str) -> Way:
    """What is said of a kind of payment method that goes by this rail."""
    said = _said().get(kind, {})
    return Way(
        speed=SPEED.get(rail, ""),
        needs=NEEDS.get(kind, ""),
        benefits=said.get("text", ""),
        source=said.get("source", ""),
    )


@cache
def _said() -> dict[str, dict[str, Any]]:
    """Kind → what was read about it."""
    found = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))["ways"]
    return {one["kind"]: one for one in found if one["mark"] == STATED and one["source"]}
