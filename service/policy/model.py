"""What does a policy consist of, once read? A typed tree: literals are whole numbers, names are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from service.policy.language.literals import Quantity

STATUTORY_FIELDS = ("health", "social care", "social housing", "social security", "child support", "none")
FEE_NATURES = ("fee", "flat_sum")
EXPENSE_NATURES = ("cost_repaid", "flat_sum")
PAYMENT_KINDS = ("bank_account", "stripe", "voucher", "charity", "cash_desk", "payroll", "none")
TIME_KINDS = {
    "preparation": ("preparation_minutes", "preparation"),
    "travel": ("travel_minutes", "travel"),
    "training": ("training_minutes", "training"),
}


@dataclass(frozen=True)
class Undecided:
    """A gap left on purpose: the policy does not say, and why."""

    why: str


@dataclass(frozen=True)
class Named:
    """An amount of the policy or of a reference table, by name."""

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
    """What every rule has: key (`fees.standard`), clause, plain sentence, place, and the values it names."""

    key: str
    clause: str
    sentence: str
    place: Place
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Amount:
    """A value by date; each holds from its date until the next. `at_least` names an outside floor for it."""

    key: str
    name: str
    unit: str
    clause: str
    series: tuple[tuple[date, Quantity | Undecided], ...]
    at_least: str | None
    place: Place
    inferred: tuple[date, ...] = ()


@dataclass(frozen=True)
class Header:
    """The first lines of a policy."""

    slug: str
    version: str
    name: str
    status: str
    source: str
    effective_from: date
    effective_to: date | None
    review_by: date | None
    nation: str
    week_starts: str


@dataclass(frozen=True)
class Rounding:
    """Step in pence and direction; or `undecided`, when the policy does not say."""

    step: int
    direction: str
    clause: str
    undecided: Undecided | None = None


@dataclass(frozen=True)
class Hourly:
    """Paid by the hour, to the minute."""

    rule: Rule
    nature: str
    rate: Value


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


Fee = Hourly | Bands | Flat | Unpaid


@dataclass(frozen=True)
class PaidTime:
    """How time beside the activity counts: `in full`, `no`, `included`, `at most`, `over`, `once over`."""

    rule: Rule
    time: str
    pay: str
    limit: Value | None
    rate: Value | None
    activities: tuple[str, ...]


@dataclass(frozen=True)
class Several:
    """Several contributions in one day: all of them (`sum`) or the `highest` one."""

    rule: Rule
    pay: str


@dataclass(frozen=True)
class Activity:
    """Something people are paid for, and what each role in it is paid by."""

    key: str
    name: str
    clause: str
    field: str
    pays: Mapping[str, str]
    pays_files: Mapping[str, str]
    several: Several | None
    place: Place


@dataclass(frozen=True)
class OnlyIf:
    """A condition: `fact` must be `wanted`. `unsaid` is `ask` or `allow`; `otherwise` an outcome."""

    rule: Rule
    fact: str | None
    wanted: bool | str
    otherwise: str
    unsaid: str
    change: str
    applies_to: str = "expenses"
    activities: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Receipts:
    """When proof of spending is needed: always, or over a sum."""

    rule: Rule
    over: Value | None


@dataclass(frozen=True)
class Cap:
    """The most that is paid: a sum `each` claim, hour, night, day or mile."""

    amount: Value
    each: str


@dataclass(frozen=True)
class AwayBand:
    """The most for a meal by time away from home; bounds as in `Band`."""

    low: int
    high: int | None
    pay: Value


@dataclass(frozen=True)
class Expense:
    """A kind of cost: `actual`, `mileage`, `flat` or `meal`. The fields that do not apply are empty."""

    key: str
    name: str
    rule: Rule
    kind: str
    nature: str
    rate: Value | None = None
    passenger: Value | None = None
    passengers_at_most: int | None = None
    more_passengers: Undecided | None = None
    cap: Cap | None = None
    each: str = "claim"
    away: tuple[AwayBand, ...] = ()
    receipts: Receipts | None = None
    agreed_first: Rule | None = None
    only_if: tuple[OnlyIf, ...] = ()
    activities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deadline:
    """How long after the activity a claim may come."""

    rule: Rule
    count: int
    unit: str
    otherwise: str


@dataclass(frozen=True)
class Notice:
    """Cancellation terms: the share of the fee paid when notice is under a limit; the last has no limit."""

    rule: Rule
    under: int | None
    share: Value


@dataclass(frozen=True)
class Approval:
    """Who must agree, up to a total; the last step has no limit."""

    rule: Rule
    up_to: Value | None
    who: tuple[str, ...]


@dataclass(frozen=True)
class Promise:
    """When the money is promised: a count of days, working days or months from the claim."""

    rule: Rule
    count: int
    unit: str


@dataclass(frozen=True)
class Check:
    """One test of a warning: a fact or a sum, an operator (`is`, `over`, `under`, …) and values."""

    name: str
    operator: str
    values: tuple[Value | str | bool, ...]


@dataclass(frozen=True)
class Alert:
    """Words that go with an answer when all of its checks hold."""

    code: str
    rule: Rule
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Term:
    """A promise or setting about the process that other parts of the service read."""

    key: str
    rule: Rule
    value: Value | tuple[str, ...] | None


@dataclass(frozen=True)
class OwnFact:
    """A fact that this policy asks for beyond those that every policy knows."""

    key: str
    name: str
    unit: str
    about: str


@dataclass(frozen=True)
class Example:
    """A worked example: facts in, pounds out, and how a person works it by hand."""

    name: str
    facts: Mapping[str, object]
    expect: Mapping[str, object]
    worked: str
    place: Place


@dataclass(frozen=True)
class Tree:
    """A whole policy."""

    main: str
    header: Header
    amounts: Mapping[str, Amount]
    rounding: Rounding | None
    wage_floor: Value | None
    own_facts: tuple[OwnFact, ...]
    roles: Mapping[str, str]
    activities: Mapping[str, Activity]
    several: Several | None
    fees: Mapping[str, Fee]
    paid_time: tuple[PaidTime, ...]
    cancellation: tuple[Notice, ...]
    eligibility: tuple[OnlyIf, ...]
    expenses: Mapping[str, Expense]
    deadlines: tuple[Deadline, ...]
    choice: Rule | None
    approval: tuple[Approval, ...]
    promise: Promise | None
    methods: Mapping[str, str]
    route: str
    warnings: tuple[Alert, ...]
    terms: tuple[Term, ...]
    examples: tuple[Example, ...]
