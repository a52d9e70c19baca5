"""What is a formula, once read? Values and facts joined by plus, minus and times: it always ends.

Every node knows its unit, so that pounds are never added to hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.policy.basis import Value


@dataclass(frozen=True)
class Worth:
    """A literal or an amount."""

    value: Value
    unit: str


@dataclass(frozen=True)
class Known:
    """A fact, in its inner unit."""

    name: str
    unit: str


@dataclass(frozen=True)
class Joined:
    """Two terms with `+`, `-` or `*` between them."""

    sign: Literal["+", "-", "*"]
    left: Term
    right: Term
    unit: str


Term = Worth | Known | Joined
