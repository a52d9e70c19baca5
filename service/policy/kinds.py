"""In which ways can somebody's time be paid? The kinds of rules of fees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.policy.basis import Check, Rule, Undecided, Value
from service.policy.formulas import Term as Term_

FEE_NATURES = ("fee", "flat_sum")


@dataclass(frozen=True)
class Tier:
    """A rate that holds up to a count of minutes or tenths of a mile; the last has no limit."""

    up_to: int | None
    rate: Value


@dataclass(frozen=True)
class Hourly:
    """Paid by the hour, to the minute. With tiers, the rate changes as the counted hours mount up."""

    rule: Rule
    nature: str
    rate: Value
    tiers: tuple[Tier, ...] = ()
    counter: str = ""


@dataclass(frozen=True)
class Band:
    """One row of a table. Bounds are whole minutes, low included, high not; both None when undecided."""

    name: str
    low: int | None
    high: int | None
    pay: Value


@dataclass(frozen=True)
class Bands:
    """Paid by bands of time. `undecided` says why the named bands have no hours."""

    rule: Rule
    nature: str
    bands: tuple[Band, ...]
    undecided: Undecided | None


@dataclass(frozen=True)
class Flat:
    """One sum, whatever the length; `each` is `session`, `day` or `night`."""

    rule: Rule
    nature: str
    amount: Value
    each: str


@dataclass(frozen=True)
class Unpaid:
    """No fee, and the rule that says so."""

    rule: Rule
    nature: str


@dataclass(frozen=True)
class Blocks:
    """A sum for each block of time; a part of a block `counts` as one, or does not."""

    rule: Rule
    nature: str
    block: int
    pay: Value
    part_counts: bool
    at_most: int | None


@dataclass(frozen=True)
class Plateau:
    """Paid by the hour up to a length of time, and one sum beyond it."""

    rule: Rule
    nature: str
    rate: Value
    up_to: int
    then: Value


@dataclass(frozen=True)
class Items:
    """A price for each `item`, or one for the whole `request`; empty when the policy does not say which."""

    rule: Rule
    nature: str
    pay: Value
    per: str
    at_most: int | None


@dataclass(frozen=True)
class Matrix:
    """Role by length: a row of bands for each role."""

    rule: Rule
    nature: str
    rows: Mapping[str, Bands]


@dataclass(frozen=True)
class SetFirst:
    """A sum that the project sets before it offers, the same for everyone; `each` is what it is for."""

    rule: Rule
    nature: str
    each: str
    at_least: Value | None
    at_most: Value | None


@dataclass(frozen=True)
class Case:
    """The rule of fees that pays when every check holds; the last case has none."""

    checks: tuple[Check, ...]
    pay: str


@dataclass(frozen=True)
class Cases:
    """Another rule of fees pays, by what is known of the claim."""

    rule: Rule
    nature: str
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Formula:
    """A sum worked out by an expression of the policy's own, for the odd case."""

    rule: Rule
    nature: str
    sum: Term_
    at_least: Value | None
    at_most: Value | None


Fee = Hourly | Bands | Flat | Unpaid | Blocks | Plateau | Items | Matrix | SetFirst | Cases | Formula
