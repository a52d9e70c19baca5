"""Which rules say what costs are paid? Expenses, receipts, prior agreement, and conditions on all of them."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf

from service.policy.facts import FactKind, Vocabulary
from service.policy.language.fees import bounds, check_bands
from service.policy.language.fields import Fields, Reading
from service.policy.language.nodes import Mapping, Text
from service.policy.model import (
    EXPENSE_NATURES,
    Activity,
    AwayBand,
    Cap,
    Expense,
    OnlyIf,
    Receipts,
    Rule,
    Undecided,
)

EXPENSE_KINDS = ("actual", "mileage", "flat", "meal")
CAP_EACH = ("claim", "hour", "night", "day")
OUTCOMES = {"not payable": "not_payable", "needs a person": "needs_person"}


class ExpenseReader:
    """Reads expenses against what they may name."""

    def __init__(
        self,
        reading: Reading,
        *,
        vocabulary: Vocabulary,
        receipts: MappingOf[str, Receipts],
        agreement: MappingOf[str, Rule],
        activities: MappingOf[str, Activity],
    ) -> None:
        self.reading = reading
        self.vocabulary = vocabulary
        self.receipts = receipts
        self.agreement = agreement
        self.activities = activities

    def read(self, document: Mapping) -> dict[str, Expense]:
        """The `expenses:` section."""
        return {key: self._expense(key, fields) for key, fields in self.reading.each(document, "expenses")}

    def _expense(self, key: str, fields: Fields) -> Expense:
        name = fields.text("name")
        kind = fields.choice("kind", EXPENSE_KINDS)
        nature = fields.choice(
            "nature", EXPENSE_NATURES, default="flat_sum" if kind == "flat" else "cost_repaid"
        )
        rate = fields.value("rate", "pence") if kind == "mileage" else None
        passenger = fields.maybe("passenger", "pence") if kind == "mileage" else None
        at_most = fields.whole("passengers_at_most") if kind == "mileage" else None
        more = fields.inner("more_passengers") if kind == "mileage" else None
        beyond = Undecided(more.text("undecided")) if more else None
        if more:
            more.done()
        if kind == "flat":
            rate = fields.value("amount", "pence")
        cap, each = self._cap(fields, kind)
        away = self._away(fields) if kind == "meal" else ()
        receipts, agreed = self._proof(fields)
        only_if = self._conditions(fields)
        activities = fields.names("activities", self.activities, "activity")
        return Expense(
            key,
            name,
            fields.rule(),
            kind,
            nature,
            rate,
            passenger,
            at_most,
            beyond,
            cap,
            each,
            away,
            receipts,
            agreed,
            only_if,
            activities,
        )

    def _cap(self, fields: Fields, kind: str) -> tuple[Cap | None, str]:
        each = fields.choice("each", CAP_EACH, default="claim") if kind in ("actual", "flat") else "claim"
        amount = fields.maybe("at_most", "pence") if kind == "actual" else None
        if kind == "actual" and each != "claim" and amount is None:
            fields.fault(
                f'"{fields.key}" says "each: {each}" without a limit.', 'Add "at_most:" or remove "each:".'
            )
        return (Cap(amount, each) if amount is not None else None), each

    def _away(self, fields: Fields) -> tuple[AwayBand, ...]:
        found = []
        for row in fields.rows("bands"):
            low, high = bounds(row)
            pay = row.value("pay", "pence")
            row.done()
            found.append(AwayBand(low or 0, high, pay))
        check_bands(fields, [(band.low, band.high) for band in found])
        return tuple(found)

    def _proof(self, fields: Fields) -> tuple[Receipts | None, Rule | None]:
        receipt = fields.text("receipt")
        agreed = fields.text("agreed_first", default="no")
        receipts = rule = None
        if receipt not in ("no", "") and fields.known(receipt, self.receipts, "rule of receipts"):
            receipts = self.receipts[receipt]
        if agreed != "no" and fields.known(agreed, self.agreement, "rule of agreement"):
            rule = self.agreement[agreed]
        return receipts, rule

    def _conditions(self, fields: Fields) -> tuple[OnlyIf, ...]:
        if not fields.has("only_if"):
            return ()
        table = fields.raw("only_if")
        if not isinstance(table, Mapping):
            fields.fault(
                f'"only_if" of "{fields.key}" holds no rules.', "Indent a name and its rule below it.", table
            )
            return ()
        known = {**self.vocabulary.claim, **self.vocabulary.expense}
        found = []
        for key, node in table.entries.items():
            if isinstance(node, Mapping):
                inner = Fields(self.reading, node, key=f"{fields.key}.{key}", place=table.lines[key])
                found.append(read_only_if(inner, known, self.activities, {}, within=True))
        return tuple(found)


def read_only_if(
    fields: Fields,
    known: MappingOf[str, FactKind],
    activities: MappingOf[str, Activity],
    roles: MappingOf[str, str],
    *,
    within: bool,
) -> OnlyIf:
    """A condition. Without a `fact` it always refuses (for the activities and roles it names)."""
    applies_to = "expenses" if within else fields.choice("applies_to", ("fee", "expenses", "everything"))
    only = () if within else fields.names("activities", activities, "activity")
    parts = () if within else fields.names("roles", roles, "role")
    fact = fields.text("fact", default="") or None
    wanted: bool | str = True
    if fact:
        wanted = _wanted(fields)
        if fields.known(fact, known, "fact", fields.node.entries["fact"]):
            _check_wanted(fields, known[fact], wanted)
    elif not only and not parts:
        fields.fault(f'"{fields.key}" has no fact to look at.', 'Add "fact:", or name activities or roles.')
    otherwise = OUTCOMES[fields.choice("otherwise", tuple(OUTCOMES), default="not payable")]
    unsaid = fields.choice("unsaid", ("ask", "allow"), default="ask")
    change = fields.text("change", default="")
    return OnlyIf(fields.rule(), fact, wanted, otherwise, unsaid, change, applies_to, only, parts)


def _wanted(fields: Fields) -> bool | str:
    node = fields.raw("is")
    if not isinstance(node, Text):
        fields.fault(
            f'"{fields.key}" does not say what the fact must be.', 'Add "is: true", "is: false" or a word.'
        )
        return True
    return node.value == "true" if node.value in ("true", "false") else node.value


def _check_wanted(fields: Fields, kind: FactKind, wanted: bool | str) -> None:
    """A condition looks at a yes or no, or at a word; the two may not be mixed up."""
    if kind.unit not in ("yes or no", "text"):
        fields.fault(
            f"'{kind.key}' is a number of {kind.unit}, not a yes or no.", "Name a fact that is one or a word."
        )
    elif isinstance(wanted, bool) is (kind.unit == "text"):
        need = "a word" if kind.unit == "text" else "true or false"
        fields.fault(f"'{kind.key}' cannot be {str(wanted).lower()}.", f"Write {need}.")


def read_receipts(reading: Reading, document: Mapping) -> dict[str, Receipts]:
    """The `receipts:` section: when proof of spending is needed."""
    found = {}
    for key, fields in reading.each(document, "receipts"):
        over = fields.maybe("over", "pence")
        found[key] = Receipts(fields.rule(), over)
    return found


def read_agreement(reading: Reading, document: Mapping) -> dict[str, Rule]:
    """The `agreement:` section: what must be agreed before it is spent."""
    return {key: fields.rule() for key, fields in reading.each(document, "agreement")}
