"""Which rules say what costs are paid? Expenses, receipts, prior agreement, and conditions on all of them."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import replace
from typing import Any

from service.policy.facts import FactKind, Vocabulary
from service.policy.language.conditions import read_checks, read_only_if
from service.policy.language.fee_kinds import check_last, read_tiers, whole
from service.policy.language.fees import bounds, check_bands
from service.policy.language.fields import Fields, Reading
from service.policy.language.formulas import read_formula
from service.policy.language.nodes import Mapping
from service.policy.model import (
    EXPENSE_NATURES,
    Activity,
    AwayBand,
    Cap,
    Check,
    Clock,
    Counter,
    Expense,
    Formula,
    OnlyIf,
    Receipts,
    Rule,
    Undecided,
)

EXPENSE_KINDS = ("actual", "mileage", "flat", "meal", "cases", "formula")
FLAT_EACH = ("claim", "hour", "night", "day", "meeting")
SHOWS = ("original", "date", "cost", "journey", "registration")
CAP_EACH = ("claim", "hour", "night", "day")


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
        counters: MappingOf[str, Counter],
    ) -> None:
        self.reading = reading
        self.vocabulary = vocabulary
        self.receipts = receipts
        self.agreement = agreement
        self.activities = activities
        self.counters = counters

    def read(self, document: Mapping) -> dict[str, Expense]:
        """The `expenses:` section."""
        return {key: self._expense(key, fields) for key, fields in self.reading.each(document, "expenses")}

    def _expense(self, key: str, fields: Fields) -> Expense:
        name = fields.spoken("name")
        kind = fields.choice("kind", EXPENSE_KINDS)
        nature = fields.choice(
            "nature", EXPENSE_NATURES, default="flat_sum" if kind == "flat" else "cost_repaid"
        )
        known = {**self.vocabulary.claim, **self.vocabulary.expense}
        measures = self._measures(fields, kind)
        cases = self._cases(key, name, nature, fields, known) if kind == "cases" else ()
        formula = read_formula(fields, "sum", known) if kind == "formula" else None
        receipts, agreed = self._proof(fields)
        only_if = self._conditions(fields)
        activities = fields.names("activities", self.activities, "activity")
        access = fields.choice("access", ("true", "false"), default="false") == "true"
        rule = fields.rule()
        total = Formula(rule, nature, formula, None, None) if formula else None
        return replace(
            measures,
            key=key,
            name=name,
            rule=rule,
            nature=nature,
            receipts=receipts,
            agreed_first=agreed,
            only_if=only_if,
            activities=activities,
            cases=tuple((checks, replace(one, rule=rule)) for checks, one in cases),
            sum=total,
            access=access,
        )

    def _measures(self, fields: Fields, kind: str) -> Expense:
        """What the sum is worked out from: rates, limits and tables."""
        if kind == "mileage":
            return self._mileage(fields)
        if kind == "flat":
            each = fields.choice("each", FLAT_EACH, default="claim")
            return self._plain(fields, kind, each=each, rate=fields.value("amount", "pence"))
        if kind == "meal" and fields.has("clock"):
            return self._plain(fields, kind, clock=self._clock(fields))
        if kind == "meal":
            return self._plain(fields, kind, away=self._away(fields))
        if kind != "actual":
            return self._plain(fields, kind)
        only_while = (
            fields.choice("only_while", ("taking part",), default="") if fields.has("only_while") else ""
        )
        fields.used.add("only_while")
        cap, each = self._cap(fields)
        return self._plain(fields, kind, cap=cap, each=each, only_while=bool(only_while))

    def _plain(self, fields: Fields, kind: str, **more: Any) -> Expense:
        """An expense with nothing but its measures; the rest is filled in later."""
        blank = Rule(fields.key, fields.clause, "", fields.place)
        return replace(Expense("", "", blank, kind, "cost_repaid"), **more)

    def _mileage(self, fields: Fields) -> Expense:
        tiers, counter = read_tiers(fields, "tenths of a mile", self.counters, "miles")
        engine = self._engine(fields) if fields.has("by_engine") else ()
        fields.used.add("by_engine")
        rate = tiers[0].rate if tiers else engine[0].pay if engine else fields.value("rate", "pence")
        passenger = fields.maybe("passenger", "pence")
        at_most = fields.whole("passengers_at_most")
        more = fields.inner("more_passengers")
        beyond = Undecided(more.text("undecided")) if more else None
        if more:
            more.done()
        return self._plain(
            fields,
            "mileage",
            rate=rate,
            passenger=passenger,
            passengers_at_most=at_most,
            more_passengers=beyond,
            engine=engine,
            tiers=tiers,
            counter=counter,
        )

    def _engine(self, fields: Fields) -> tuple[AwayBand, ...]:
        """Rates by the size of the engine: every size falls in exactly one row."""
        found = []
        for row in fields.rows("by_engine"):
            low, high = bounds(row, "count")
            found.append(AwayBand(low or 0, high, row.value("rate", "pence")))
            row.done()
        check_bands(fields, [(band.low, band.high) for band in found], say="{}cc".format)
        return tuple(found)

    def _clock(self, fields: Fields) -> tuple[Clock, ...]:
        """Meals by the time of leaving home or coming back."""
        found = []
        for row in fields.rows("clock"):
            before = whole(row, "left_before", "time of day", needed=False)
            after = whole(row, "back_after", "time of day", needed=False)
            if (before is None) is (after is None):
                row.fault(
                    "A row is by the time of leaving or of coming back.", "Write left_before or back_after."
                )
            row.text("name", default="")
            found.append(Clock(before, after, row.value("pay", "pence")))
            row.done()
        return tuple(found)

    def _cases(
        self, key: str, name: str, nature: str, fields: Fields, known: MappingOf[str, FactKind]
    ) -> tuple[tuple[tuple[Check, ...], Expense], ...]:
        """Another rate or limit by what is known; the last case holds for everything else."""
        found = []
        for row in fields.rows("cases"):
            checks = read_checks(row, "when", known, {"activity": self.activities})
            kind = row.choice("kind", ("actual", "mileage", "flat"), default="actual")
            one = replace(self._measures(row, kind), key=key, name=name, nature=nature)
            row.done()
            found.append((checks, one))
        check_last(fields, [bool(checks) for checks, _ in found])
        return tuple(found)

    def _cap(self, fields: Fields) -> tuple[Cap | None, str]:
        each = fields.choice("each", CAP_EACH, default="claim")
        known = {**self.vocabulary.claim, **self.vocabulary.expense}
        amount = fields.value_or_fact("at_most", "pence", known) if fields.has("at_most") else None
        fields.used.add("at_most")
        if each != "claim" and amount is None:
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


def read_receipts(reading: Reading, document: Mapping, vocabulary: Vocabulary) -> dict[str, Receipts]:
    """The `receipts:` section: when proof of spending is needed."""
    found = {}
    for key, fields in reading.each(document, "receipts"):
        over = fields.maybe("over", "pence")
        shows = fields.names("must_show", SHOWS, "part of a receipt")
        once = fields.choice("once", ("true", "false"), default="false") == "true"
        unless = fields.text("unless", default="")
        if unless:
            fields.known(unless, {**vocabulary.claim, **vocabulary.expense}, "fact")
        found[key] = Receipts(fields.rule(), over, shows, once, unless)
    return found


def read_agreement(reading: Reading, document: Mapping) -> dict[str, Rule]:
    """The `agreement:` section: what must be agreed before it is spent."""
    return {key: fields.rule() for key, fields in reading.each(document, "agreement")}
