"""What does a policy consist of, once read? A typed tree: literals are whole numbers, names are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from service.policy.basis import FORMS as FORMS
from service.policy.basis import PLAIN as PLAIN
from service.policy.basis import Check as Check
from service.policy.basis import FromFact as FromFact
from service.policy.basis import Named as Named
from service.policy.basis import Place as Place
from service.policy.basis import Rule as Rule
from service.policy.basis import Undecided as Undecided
from service.policy.basis import Value as Value
from service.policy.counting import Advance as Advance
from service.policy.counting import Batch as Batch
from service.policy.counting import Counter as Counter
from service.policy.counting import Hardship as Hardship
from service.policy.counting import Limit as Limit
from service.policy.counting import Payer as Payer
from service.policy.counting import Route as Route
from service.policy.counting import TimeBasis as TimeBasis
from service.policy.kinds import FEE_NATURES as FEE_NATURES
from service.policy.kinds import Band as Band
from service.policy.kinds import Bands as Bands
from service.policy.kinds import Blocks as Blocks
from service.policy.kinds import Case as Case
from service.policy.kinds import Cases as Cases
from service.policy.kinds import Fee as Fee
from service.policy.kinds import Flat as Flat
from service.policy.kinds import Formula as Formula
from service.policy.kinds import Hourly as Hourly
from service.policy.kinds import Items as Items
from service.policy.kinds import Matrix as Matrix
from service.policy.kinds import Plateau as Plateau
from service.policy.kinds import SetFirst as SetFirst
from service.policy.kinds import Tier as Tier
from service.policy.kinds import Unpaid as Unpaid
from service.policy.language.literals import Quantity

ROUTES = ("direct", "payroll", "voucher", "cash_desk", "self_employed")
STATUTORY_FIELDS = ("health", "social care", "social housing", "social security", "child support", "none")
EXPENSE_NATURES = ("cost_repaid", "flat_sum")
PAYMENT_KINDS = ("bank_account", "stripe", "voucher", "charity", "cash_desk", "payroll", "none")
SIGNING_ROLES = ("policy_owner", "lead", "budget_holder", "approver", "finance")
MOST_CO_PRODUCERS = 20
TIME_KINDS = {
    "preparation": ("preparation_minutes", "preparation"),
    "travel": ("travel_minutes", "travel"),
    "training": ("training_minutes", "training"),
    "correspondence": ("correspondence_minutes", "correspondence"),
    "administration": ("administration_minutes", "administration"),
}


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
    source_date: str = ""
    source_hash: str = ""
    past_review: str = ""
    supersedes: str = ""


@dataclass(frozen=True)
class Rounding:
    """Step in pence and direction; or `undecided`, when the policy does not say."""

    step: int
    direction: str
    clause: str
    undecided: Undecided | None = None
    each: str = "line"
    sentence: str = ""
    rule: Rule | None = None


@dataclass(frozen=True)
class PaidTime:
    """How time beside the activity counts: `in full`, `no`, `included`, `at most`, `over`, `once over`."""

    rule: Rule
    time: str
    pay: str
    limit: Value | None
    rate: Value | None
    activities: tuple[str, ...]
    allowance: Value | None = None


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
    test: Check | None = None
    when: tuple[Check, ...] = ()
    unless: str = ""


@dataclass(frozen=True)
class Receipts:
    """When proof of spending is needed: always, or over a sum."""

    rule: Rule
    over: Value | None
    must_show: tuple[str, ...] = ()
    once: bool = False
    unless: str = ""


@dataclass(frozen=True)
class Cap:
    """The most that is paid: a sum `each` claim, hour, night, day or mile."""

    amount: Value | FromFact
    each: str


@dataclass(frozen=True)
class AwayBand:
    """The most for a meal by time away from home; bounds as in `Band`."""

    low: int
    high: int | None
    pay: Value


@dataclass(frozen=True)
class Clock:
    """A meal by the clock: left home before a time of day, or came back after one; minutes since midnight."""

    left_before: int | None
    back_after: int | None
    pay: Value


@dataclass(frozen=True)
class Expense:
    """A kind of cost. The fields that do not apply to its kind are empty."""

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
    engine: tuple[AwayBand, ...] = ()
    tiers: tuple[Tier, ...] = ()
    counter: str = ""
    clock: tuple[Clock, ...] = ()
    cases: tuple[tuple[tuple[Check, ...], Expense], ...] = ()
    sum: Formula | None = None
    only_while: bool = False
    access: bool = False


@dataclass(frozen=True)
class Deadline:
    """How long after the activity a claim may come."""

    rule: Rule
    count: int
    unit: str
    otherwise: str
    year_end: tuple[int, int, int, int] | None = None


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
    from_quarter_end: bool = False
    target: bool = False


# The days on which payments may go together.
RUN_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@dataclass(frozen=True)
class Runs:
    """Payments go together: on these days of the week, so many minutes after midnight in London."""

    days: tuple[str, ...]
    minute: int


@dataclass(frozen=True)
class SecondRelease:
    """Above these sums a second person lets one payment, or a whole run, go."""

    payment_above: Value | None
    run_above: Value | None


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
class SignOff:
    """Who must agree before a change counts: staff with each of these roles, and so many co-producers."""

    rule: Rule
    by: tuple[str, ...]
    co_producers: int


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
    """A whole policy. `forms` are other words for names and changes, by key: `activities.board.name`."""

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
    counters: Mapping[str, Counter] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    routes: tuple[Route, ...] = ()
    batches: tuple[Batch, ...] = ()
    hardship: Hardship | None = None
    advance: Advance | None = None
    payers: Mapping[str, Payer] = field(default_factory=dict)
    time_basis: TimeBasis | None = None
    barred: Rule | None = None
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    sure: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sign_off: SignOff | None = None
    runs: Runs | None = None
    second_release: SecondRelease | None = None
