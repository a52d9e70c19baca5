"""Which rules are about the way, not the sum? Deadlines, approval, payment, warnings, terms."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace

from service.policy.facts import UNITS, FactKind, Vocabulary
from service.policy.language import literals
from service.policy.language.conditions import OUTCOMES, read_checks
from service.policy.language.counting import counter_facts, one_rule
from service.policy.language.fields import Fields, Reading
from service.policy.language.literals import BadLiteral, Quantity
from service.policy.language.nodes import Mapping, Text
from service.policy.model import (
    MOST_CO_PRODUCERS,
    PAYMENT_KINDS,
    ROUTES,
    RUN_DAYS,
    SIGNING_ROLES,
    Alert,
    Approval,
    Counter,
    Deadline,
    OwnFact,
    Promise,
    Rule,
    Runs,
    SecondRelease,
    SignOff,
    Term,
    Value,
)

MONTHS = tuple(calendar.month_name)
PERIODS = ("days", "months", "working days")
LONGEST = {"days": 3660, "months": 120, "working days": 2600}
SUM_FACTS = {
    "fee_pence": FactKind("fee_pence", "The fee", "pence"),
    "expenses_pence": FactKind("expenses_pence", "The costs", "pence"),
    "total_pence": FactKind("total_pence", "The whole sum", "pence"),
}
SUMS = {key: kind.unit for key, kind in SUM_FACTS.items()}
FIELD = FactKind("field", "Statutory field", "text")
TERM_VALUES = {
    "hold_new_details": "minutes",
    "offer_needs": "who",
    "cancellation_notice": "minutes",
    "advance": "pence",
    "help_to_claim": "",
    "appeal": "",
    "who_may_vary": "",
}


def read_own_facts(reading: Reading, document: Mapping) -> tuple[OwnFact, ...]:
    """The `facts:` section: what this policy asks beyond the common facts."""
    common = Vocabulary.of()
    found = []
    for key, fields in reading.each(document, "facts"):
        name = fields.text("name")
        unit = fields.choice("unit", UNITS)
        about = fields.choice("about", ("claim", "expense"))
        fields.done()
        if key in common.claim or key in common.expense:
            fields.fault(f"Every policy knows the fact '{key}' already.", "Use another name.")
        found.append(OwnFact(key, name, unit, about))
    return tuple(found)


def vocabulary_of(own: tuple[OwnFact, ...], counters: MappingOf[str, Counter]) -> Vocabulary:
    """The common facts with these, and what each counter stands at."""
    kinds = ((FactKind(fact.key, fact.name, fact.unit), fact.about) for fact in own)
    return Vocabulary.of(kinds, counter_facts(counters))


def period(fields: Fields, key: str) -> tuple[int, str]:
    """A count of days, months or working days."""
    text = fields.text(key)
    try:
        found = literals.quantity(text) if text else Quantity(1, "days")
    except BadLiteral as error:
        fields.fault(error.what, error.remedy)
        return 1, "days"
    if found.unit not in PERIODS:
        fields.fault(
            f"'{text}' is not a number of days.", "Write it like 14 days, 10 working days or 3 months."
        )
        return 1, "days"
    if found.number > LONGEST[found.unit]:
        fields.fault(f"'{text}' is longer than ten years.", "Check the number.")
        return 1, "days"
    return found.number, found.unit


def read_deadlines(reading: Reading, document: Mapping) -> tuple[Deadline, ...]:
    """The `deadlines:` section."""
    found = []
    for _, fields in reading.each(document, "deadlines"):
        count, unit = period(fields, "within")
        if unit == "working days":
            fields.fault("A deadline is counted in working days.", "Count it in days or months.")
        otherwise = OUTCOMES[fields.choice("otherwise", tuple(OUTCOMES), default="not payable")]
        year_end = _year_end(fields)
        rule = fields.rule(values={"within": Quantity(count, unit)})
        found.append(Deadline(rule, count, unit, otherwise, year_end))
    return tuple(found)


def _year_end(fields: Fields) -> tuple[int, int, int, int] | None:
    """`{after: 31 March, by: 15 April}`: what was done up to the first day is claimed by the second."""
    inner = fields.inner("year_end")
    if inner is None:
        return None
    ends, by = _day_of_year(inner, "after"), _day_of_year(inner, "by")
    inner.done()
    return (*ends, *by)


def _day_of_year(fields: Fields, key: str) -> tuple[int, int]:
    text = fields.text(key)
    match = re.match(r"^(\d{1,2}) ([A-Z][a-z]+)$", text)
    month = MONTHS.index(match[2]) if match and match[2] in MONTHS else 0
    if match and month and 1 <= int(match[1]) <= calendar.monthrange(2025, month)[1]:
        return month, int(match[1])
    fields.fault(f"'{text}' is not a day of the year.", "Write it like 15 April.")
    return 4, 15


def read_choice(reading: Reading, document: Mapping) -> Rule | None:
    """The `choice:` rule: people may take less, or nothing."""
    node = document.entries.get("choice")
    if node is None:
        return None
    if not isinstance(node, Mapping):
        reading.fault(node, "'choice' holds no rule.", "Indent its clause and sentence below it.")
        return None
    return Fields(reading, node, key="choice", place=document.lines["choice"]).rule()


def read_approval(reading: Reading, document: Mapping) -> tuple[Approval, ...]:
    """The `approval:` section, smallest limit first; the last has none."""
    found = []
    for _, fields in reading.each(document, "approval"):
        up_to = fields.maybe("up_to", "pence")
        who = fields.texts("who")
        if not who or ("automatic" in who and len(who) > 1):
            fields.fault(
                f'"{fields.key}" does not say who agrees.', 'Write "who: automatic" or "who: [approver]".'
            )
        found.append(Approval(fields.rule(), up_to, who or ("approver",)))
    return tuple(found)


def read_sign_off(reading: Reading, document: Mapping) -> SignOff | None:
    """The `sign_off:` rule: who must agree before a change of the policy counts."""
    fields = one_rule(reading, document, "sign_off")
    if fields is None:
        if node := document.entries.get("sign_off"):
            reading.fault(node, "'sign_off' holds no rule.", "Indent its clause and sentence below it.")
        return None
    by = fields.names("by", SIGNING_ROLES, "role of the staff")
    people = fields.whole("co_producers") if fields.has("co_producers") else 0
    if people is not None and people > MOST_CO_PRODUCERS:
        fields.fault(f"{people} co-producers are too many to ask.", f"Ask {MOST_CO_PRODUCERS} at most.")
    if not by and people == 0:
        fields.fault("The rule does not say who agrees.", 'Add "by: [policy_owner]" or "co_producers: 2".')
    rule = fields.rule(values={"co_producers": Quantity(people or 0, "count")})
    return SignOff(rule, by, people or 0)


@dataclass(frozen=True)
class Payment:
    """What the `payment:` section says."""

    promise: Promise | None
    methods: dict[str, str]
    route: str
    barred: Rule | None
    elsewhere: dict[str, str]
    runs: Runs | None = None
    second_release: SecondRelease | None = None


def read_payment(reading: Reading, document: Mapping) -> Payment:
    """The `payment:` section: the promise, the methods people may choose, the usual route."""
    node = document.entries.get("payment")
    if not isinstance(node, Mapping):
        reading.fault(
            node or document,
            "The policy does not say how people are paid.",
            'Add "payment:" with "methods:".',
        )
        return Payment(None, {}, "direct", None, {})
    fields = Fields(reading, node, key="payment", place=document.lines["payment"])
    route = fields.choice("route", ROUTES, default="direct")
    methods: dict[str, str] = {}
    table = fields.raw("methods")
    for kind, name in table.entries.items() if isinstance(table, Mapping) else ():
        if fields.known(kind, PAYMENT_KINDS, "payment method", name) and isinstance(name, Text):
            methods[kind] = name.value
    if not methods:
        fields.fault("The policy names no way to pay.", 'Add "methods:" with "bank_account: Bank transfer".')
    promise = fields.inner("promise")
    found = None
    if promise is None:
        fields.fault(
            "The policy does not say when people are paid.", 'Add "promise:" or "promise: {undecided: why}".'
        )
    elif promise.has("undecided"):
        promise.text("undecided")
        promise.done()
    else:
        count, unit = period(promise, "within")
        from_ = promise.choice("from", ("the claim", "the end of the quarter"), default="the claim")
        aim = promise.choice("as", ("promise", "target"), default="promise")
        rule = promise.rule(values={"within": Quantity(count, unit)})
        found = Promise(rule, count, unit, from_ != "the claim", aim == "target")
    other = fields.raw("elsewhere")
    entries = other.entries.items() if isinstance(other, Mapping) else ()
    elsewhere = {key: node.value for key, node in entries if isinstance(node, Text)}
    choice = fields.inner("other_ways")
    barred = choice.rule() if choice else None
    runs, second = _runs(fields), _second_release(fields)
    fields.done()
    return Payment(
        found,
        methods,
        route,
        replace(barred, key="payment.other_ways") if barred else None,
        elsewhere,
        runs,
        second,
    )


def _runs(fields: Fields) -> Runs | None:
    """`at once`, or `{on: [tuesday, thursday], at: "14:00"}`."""
    if not isinstance(fields.node.entries.get("runs"), Mapping):
        fields.choice("runs", ("at once",), default="at once")
        return None
    inner = fields.inner("runs")
    if inner is None:
        return None
    days = inner.names("on", RUN_DAYS, "day on which payments go")
    if not days:
        inner.fault("The policy does not say on which days payments go.", 'Add "on: [tuesday, thursday]".')
    at = inner.value("at", "time of day")
    if not isinstance(at, Quantity):
        inner.fault("The time of a payment run is not one time.", 'Write it like at: "14:00".')
    inner.done()
    known = tuple(day for day in RUN_DAYS if day in days)
    return Runs(known or ("monday",), at.number if isinstance(at, Quantity) else 0)


def _second_release(fields: Fields) -> SecondRelease | None:
    """`{payment_above: £500.00, run_above: £5000.00}`, or one of the two."""
    inner = fields.inner("second_release")
    if inner is None:
        return None
    found = SecondRelease(inner.maybe("payment_above", "pence"), inner.maybe("run_above", "pence"))
    if found == SecondRelease(None, None):
        inner.fault("The policy does not say above what sum.", 'Add "payment_above:" or "run_above:".')
    inner.done()
    return found


class WarningReader:
    """Reads warnings: words shown when every check of `when` holds."""

    def __init__(
        self, reading: Reading, vocabulary: Vocabulary, known: MappingOf[str, MappingOf[str, object]]
    ) -> None:
        self.reading = reading
        self.vocabulary = vocabulary
        self.known = known

    def read(self, document: Mapping) -> tuple[Alert, ...]:
        """The `warnings:` section."""
        return tuple(self._warning(key, fields) for key, fields in self.reading.each(document, "warnings"))

    def _warning(self, key: str, fields: Fields) -> Alert:
        known = {**self.vocabulary.claim, **SUM_FACTS, "field": FIELD}
        checks = read_checks(fields, "when", known, self.known)
        return Alert(key, fields.rule(), checks)


def read_terms(reading: Reading, document: Mapping) -> tuple[Term, ...]:
    """The `terms:` section: what other parts of the service, and the reader, need to know."""
    found = []
    for key, fields in reading.each(document, "terms"):
        value: Value | tuple[str, ...] | None = None
        if not fields.known(key, TERM_VALUES, "term"):
            continue
        if TERM_VALUES[key] == "who":
            value = fields.texts("who")
        elif TERM_VALUES[key]:
            value = fields.value("amount", TERM_VALUES[key])
        found.append(Term(key, fields.rule(), value))
    return tuple(found)
