"""What does a page show of a policy? Its rules as sentences, and plain names for what it knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from service.policy import reading
from service.policy.engine import Policy


@dataclass(frozen=True)
class Clause:
    """One rule of the policy, in words, with its number."""

    number: str
    text: str


def clauses_of(policy: Policy, *, on: date) -> list[Clause]:
    """Every rule that holds on that day, in the policy's own order."""
    return [Clause(number, text) for number, text in reading.clauses(policy, on=on)]


def names_of(policy: Policy, *, on: date, what: str) -> dict[str, str]:
    """Key → plain name of its `activities`, `roles` or `expense_categories`."""
    return {row["key"]: row["name"] for row in policy.catalogue(on=on)[what]}
