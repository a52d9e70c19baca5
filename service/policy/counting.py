"""Which rules look past one line of a claim? Counters, limits, routes, and what may be lifted or advanced."""

from __future__ import annotations

from dataclasses import dataclass

from service.policy.basis import Check, FromFact, Place, Rule, Value


@dataclass(frozen=True)
class Batch:
    """Claims are taken at the end of each quarter."""

    rule: Rule
    activities: tuple[str, ...]


@dataclass(frozen=True)
class Counter:
    """What mounts up over a period for a person or an organisation, and is handed in as a fact."""

    key: str
    name: str
    counts: str
    each: str
    per: str
    activities: tuple[str, ...]
    categories: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Limit:
    """The most of something over a period, or in one claim; `beyond` says what happens past it."""

    rule: Rule
    counter: str
    counts: str
    at_most: Value | FromFact
    beyond: str
    activities: tuple[str, ...]
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """How the money must go when every check holds: through payroll, by voucher, and so on."""

    rule: Rule
    checks: tuple[Check, ...]
    route: str


@dataclass(frozen=True)
class Hardship:
    """Who may lift which limits, for a reason."""

    rule: Rule
    lifts: tuple[str, ...]
    who: tuple[str, ...]


@dataclass(frozen=True)
class Advance:
    """Money handed over beforehand and settled with the claim."""

    rule: Rule
    at_most: Value | None


@dataclass(frozen=True)
class Payer:
    """One of several bodies that share the policy, and whom to ask there."""

    key: str
    name: str
    contact: str


@dataclass(frozen=True)
class TimeBasis:
    """Which time counts: the time `attended`, or the time `scheduled`."""

    rule: Rule
    counts: str
