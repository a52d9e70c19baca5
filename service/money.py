"""How is money written and read? Integer pence inside, pounds only at the edge."""

from __future__ import annotations

import re

from service.errors import one_fault

_POUNDS = re.compile(r"^£?\s*(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?$", re.ASCII)
_PENCE = re.compile(r"^(\d{1,9})\s*p$", re.ASCII)


def pounds(pence: int) -> str:
    """`123450` → `£1,234.50`; `2500` → `£25.00`; negative sums carry a minus sign."""
    sign = "-" if pence < 0 else ""
    whole, rest = divmod(abs(pence), 100)
    return f"{sign}£{whole:,}.{rest:02d}"


def parse_pounds(text: str, *, pointer: str = "") -> int:
    """`£1,234.50`, `12`, `4.5` (£4.50), `80p` → pence. Raises `Invalid` with what to type."""
    tidy = text.strip()
    if match := _PENCE.match(tidy):
        return int(match[1])
    if match := _POUNDS.match(tidy):
        return int(match[1].replace(",", "")) * 100 + int((match[2] or "").ljust(2, "0"))
    raise one_fault(pointer, "Write the amount in pounds and pence, like 4.10")
