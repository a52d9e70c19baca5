"""Which rules are about the way, not the sum? Deadlines, approval, payment, warnings, terms."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf

from service.policy.facts import UNITS, FactKind, Vocabulary
from service.policy.language import literals
from service.policy.language.expenses import OUTCOMES
from service.policy.language.fields import Fields, Reading
from service.policy.language.literals import BadLiteral, Quantity
from service.policy.language.nodes import Listing, Mapping, Node, Text
from service.policy.model import (
    PAYMENT_KINDS,
    Alert,
    Approval,
    Check,
    Deadline,
    OwnFact,
    Promise,
    Rule,
    Term,
    Value,
)

PERIODS = ("days", "months", "working days")
LONGEST = {"days": 3660, "months": 120, "working days": 2600}
OPERATORS = ("over ", "under ", "at least ", "at most ")
SUMS = {"fee_pence": "pence", "expenses_pence": "pence", "total_pence": "pence"}
UNIT_OF_FACT = {
    "pence": "pence",
    "minutes": "minutes",
    "hours": "minutes",
    "miles": "tenths of a mile",
    "nights": "nights",
    "days": "days",
    "people": "people",
}
TERM_VALUES = {
    "hold_new_details": "minutes",
    "offer_needs": "who",
    "cancellation_notice": "minutes",
    "advance": "pence",
    "help_to_claim": "",
    "appeal": "",
    "who_may_vary": "",
}
ROUTES = ("direct", "payroll", "voucher")


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


def vocabulary_of(own: tuple[OwnFact, ...]) -> Vocabulary:
    """The common facts with these."""
    return Vocabulary.of((FactKind(fact.key, fact.name, fact.unit), fact.about) for fact in own)


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
        found.append(Deadline(fields.rule(values={"within": Quantity(count, unit)}), count, unit, otherwise))
    return tuple(found)


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


def read_payment(reading: Reading, document: Mapping) -> tuple[Promise | None, dict[str, str], str]:
    """The `payment:` section: the promise, the methods people may choose, the usual route."""
    node = document.entries.get("payment")
    if not isinstance(node, Mapping):
        reading.fault(
            node or document,
            "The policy does not say how people are paid.",
            'Add "payment:" with "methods:".',
        )
        return None, {}, "direct"
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
        found = Promise(promise.rule(values={"within": Quantity(count, unit)}), count, unit)
    fields.done()
    return found, methods, route


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
        table = fields.raw("when")
        checks: list[Check] = []
        if isinstance(table, Mapping):
            checks = [self._check(fields, name, node) for name, node in table.entries.items()]
        elif table is not None:
            fields.fault(
                f'"when" of "{fields.key}" holds no checks.', "Indent a fact and a test below it.", table
            )
        return Alert(key, fields.rule(), tuple(checks))

    def _check(self, fields: Fields, name: str, node: Node) -> Check:
        names = [*SUMS, "field", *self.vocabulary.claim]
        if not fields.known(name, names, "fact or sum", node):
            return Check("fee", "is", (True,))
        items = node.items if isinstance(node, Listing) else (node,)
        words = [item.value for item in items if isinstance(item, Text)]
        if getattr(self.vocabulary.claim.get(name), "unit", "") == "date":
            fields.fault(
                f"A warning cannot look at the day '{name}'.", "Give its amounts dated values.", node
            )
        unit = SUMS.get(name) or UNIT_OF_FACT.get(getattr(self.vocabulary.claim.get(name), "unit", ""), "")
        if unit and len(words) == 1:
            for operator in OPERATORS:
                if words[0].startswith(operator):
                    text = Text(words[0].removeprefix(operator), False, node.file, node.line)
                    return Check(name, operator.strip(), (fields.as_value(text, unit),))
            fields.fault(
                f"The test of '{name}' is not clear.", "Write it like over £20.00 or at most 2h.", node
            )
        for word in words:
            if name in self.known:
                fields.known(word, self.known[name], name, node)
        values: tuple[Value | str | bool, ...] = tuple(
            word == "true" if word in ("true", "false") else word for word in words
        )
        return Check(name, "is", values)


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
