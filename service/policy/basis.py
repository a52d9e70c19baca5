"""What is every rule made of? A place, a clause, a sentence, and the values and tests that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from service.policy.language.literals import Quantity

PLAIN, FORMS = "plain", ("cy", "easy")


@dataclass(frozen=True)
class Undecided:
    """A gap left on purpose: the policy does not say, and why."""

    why: str


@dataclass(frozen=True)
class Named:
    """An amount of the policy or of a reference table, by name."""

    name: str


@dataclass(frozen=True)
class FromFact:
    """A sum that comes with the claim: a fact, by name."""

    name: str


Value = Quantity | Named | Undecided


@dataclass(frozen=True)
class Place:
    """Where a rule stands in its file; `files` are all layers that say something about it."""

    file: str
    line: int
    files: frozenset[str]


@dataclass(frozen=True)
class Rule:
    """What every rule has: key (`fees.standard`), clause, plain sentence, place, and the values it names.

    `forms` are the same sentence in Welsh (`cy`) or Easy Read (`easy`), where somebody wrote them.
    """

    key: str
    clause: str
    sentence: str
    place: Place
    values: Mapping[str, Value] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """One test: a fact or a sum, an operator (`is`, `is not`, `over`, `before`, …) and values."""

    name: str
    operator: str
    values: tuple[Value | str | bool | date, ...]
