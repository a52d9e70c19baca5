"""How do miles become steps? By vehicle, engine, passengers, and at rates that change as they mount up."""

from __future__ import annotations

from dataclasses import replace

from service.policy.facts import Vocabulary
from service.policy.lower_conditions import Conditions, gap
from service.policy.lower_kinds import MAIN, MILES, rounded, started, tiered
from service.policy.model import Check, Expense, Rule, Undecided, Value
from service.policy.resolve import OnDay
from service.policy.steps import (
    Arithmetic,
    Compare,
    Every,
    Expression,
    Fact,
    Given,
    Number,
    Number_,
    OrZero,
    Part,
    Pick,
    Say,
    Set,
    Shown,
    Slot,
    Step,
    StopIfMarked,
    When,
)

AMOUNT = Slot("amount")
CLAIMED = Fact("line", "amount_pence")
AS_MAIN = Set("amount", MAIN)


class MileageLowering:
    """Lowers mileage, and holds what every kind of cost needs."""

    def __init__(self, at: OnDay, vocabulary: Vocabulary, expense: Expense) -> None:
        self.at = at
        self.expense = expense
        self.rule = expense.rule
        self.conditions = Conditions(at, vocabulary, expense=True)

    def _say(self, rule: Rule, *words: Part, figures: tuple[tuple[str, Expression], ...] = ()) -> Say:
        return Say(rule.clause, rule.key, self.at.said(rule, *words), figures)

    def _open(self, undecided: Undecided) -> list[Step]:
        return [*gap(self.rule.clause, self.rule.key, self.at.sentence(self.rule), undecided)]

    def _number(self, value: Value | None) -> int | Undecided:
        return 0 if value is None else self.at.number(value)

    def _asked(self, name: str) -> Step:
        """Leaves it to a person when a fact of the whole claim is missing."""
        return self.conditions.ask(Check(name, "is", (True,)), self.rule)

    def _by_engine(self) -> list[Step]:
        chain: tuple[Step, ...] = ()
        engine, whole = Fact("line", "engine_cc"), self.expense
        for band in sorted(whole.engine, key=lambda one: one.low):
            self.expense = replace(whole, engine=(), rate=band.pay)
            chain = (When(Compare(">=", engine, Number(band.low)), tuple(self._mileage()), chain),)
        self.expense = whole
        return [*chain]

    def _in_steps(self, more: int) -> list[Step]:
        """Miles at a rate that changes as they mount up."""
        miles = Fact("line", "miles")
        extra: Number_ | None = None
        if more:
            sharing: Number_ = OrZero(Fact("line", "passengers"))
            if self.expense.passengers_at_most is not None:
                sharing = Pick("min", sharing, Number(self.expense.passengers_at_most))
            extra = Arithmetic("*", sharing, Number(more))
        start = started(self.expense.counter)
        steps = tiered(self.at, self.rule, self.expense.tiers, miles, start, MILES, extra)
        return [*steps, AS_MAIN, *self._asked_less()]

    def _mileage(self) -> list[Step]:
        if self.expense.engine:
            return self._by_engine()
        rate, more = self._number(self.expense.rate), self._number(self.expense.passenger)
        if isinstance(rate, Undecided):
            return self._open(rate)
        if isinstance(more, Undecided):
            return self._open(more)
        if self.expense.tiers:
            return self._in_steps(more)
        miles = Fact("line", "miles")
        if not more:
            return self._miles(miles, Number(rate), ())
        sharing: Number_ = OrZero(Fact("line", "passengers"))
        if self.expense.passengers_at_most is not None:
            sharing = Pick("min", sharing, Number(self.expense.passengers_at_most))
        words: tuple[Part, ...] = (
            " With ",
            Shown(Slot("sharing"), "people"),
            " sharing the car, it is ",
            Shown(Slot("rate"), "money"),
            " a mile.",
        )
        rate_ = Arithmetic("+", Number(rate), Arithmetic("*", Slot("sharing"), Number(more)))
        shared = Compare(">", Slot("sharing"), Number(0))
        beyond = self.expense.more_passengers
        limit = self.expense.passengers_at_most
        if beyond is not None and limit is not None:
            too_many = Compare(">", OrZero(Fact("line", "passengers")), Number(limit))
            before: list[Step] = [When(too_many, tuple(self._open(beyond))), StopIfMarked()]
        else:
            before = []
        return [
            *before,
            Set("sharing", sharing),
            Set("rate", rate_),
            When(
                shared,
                tuple(self._miles(miles, Slot("rate"), words)),
                tuple(self._miles(miles, Slot("rate"), ())),
            ),
        ]

    def _miles(self, miles: Fact, rate: Number_, before: tuple[Part, ...]) -> list[Step]:
        rule = self.rule
        top = Arithmetic("*", miles, rate)
        words: tuple[Part, ...] = (
            *before,
            " ",
            Shown(miles, "miles"),
            " at ",
            Shown(rate, "money"),
            " a mile is ",
            Shown(AMOUNT, "money"),
            ".",
        )
        figures: tuple[tuple[str, Expression], ...] = (
            ("tenths_of_a_mile", miles),
            ("rate_pence", rate),
            ("amount_pence", AMOUNT),
        )
        return [
            *rounded(self.at, "amount", top, 10, rule.clause),
            StopIfMarked(),
            self._say(rule, *words, figures=figures),
            *self._asked_less(),
        ]

    def _asked_less(self) -> list[Step]:
        """Never more than was asked for."""
        less = Every((Given(CLAIMED), Compare("<", CLAIMED, AMOUNT)))
        words = (" You asked for ", Shown(CLAIMED, "money"), ", so that is what is paid.")
        say = Say(
            self.rule.clause,
            self.rule.key,
            (words[0].strip() + " ", *words[1:]),
            (("claimed_pence", CLAIMED),),
        )
        return [When(less, (say, Set("amount", CLAIMED)))]
