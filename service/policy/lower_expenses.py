"""How does a rule of expenses become steps? One program for each category, on one day."""

from __future__ import annotations

from service.policy.facts import Vocabulary
from service.policy.lower_conditions import Conditions, gap
from service.policy.lower_fees import rounded
from service.policy.model import Expense, Rule, Undecided, Value
from service.policy.resolve import OnDay
from service.policy.steps import (
    NOT_PAYABLE,
    Arithmetic,
    Compare,
    Every,
    Expression,
    Fact,
    Given,
    Mark,
    Not,
    Number,
    Number_,
    OneOf,
    OrZero,
    Part,
    Pay,
    Pick,
    Program,
    Say,
    Set,
    Shown,
    Slot,
    Step,
    StopIfMarked,
    Suggest,
    Test,
    When,
    Word,
)

AMOUNT = Slot("amount")
CLAIMED = Fact("line", "amount_pence")
AGAIN = Fact("line", "_again")
COUNT_OF = {"hour": ("hours", "time", 60), "night": ("nights", "nights", 1), "day": ("days", "days", 1)}


class ExpenseLowering:
    """Lowers one category."""

    def __init__(self, at: OnDay, vocabulary: Vocabulary, expense: Expense) -> None:
        self.at = at
        self.expense = expense
        self.rule = expense.rule
        self.conditions = Conditions(at, vocabulary, expense=True)

    def program(self) -> Program:
        """All steps, from conditions to the sum."""
        steps = [*self.conditions.eligibility(None, None), *self.conditions.deadlines(), *self._activities()]
        for one in self.expense.only_if:
            steps += self.conditions.only_if(one)
        if self.expense.agreed_first:
            steps.append(self._agreed(self.expense.agreed_first))
        steps += [*self._receipt(), StopIfMarked(), *self._amount(), StopIfMarked(), Pay(AMOUNT)]
        return tuple(steps)

    def cover(self) -> Program:
        """Only the conditions that are known before anything is spent: who, what and where."""
        steps = [*self.conditions.eligibility(None, None), *self._activities()]
        for one in self.expense.only_if:
            steps += self.conditions.only_if(one)
        return tuple(step for step in steps if not _reads_line(step))

    def needs(self) -> tuple[str, ...]:
        """The measures without which there is no sum."""
        kind = self.expense.kind
        if kind == "mileage":
            return ("miles",)
        if kind == "meal":
            return ("amount_pence", "hours_away")
        count = COUNT_OF[self.expense.each][0] if self.expense.each != "claim" else ""
        if kind == "flat":
            return (count,) if count else ()
        return ("amount_pence", count) if count else ("amount_pence",)

    def _say(self, rule: Rule, *words: Part, figures: tuple[tuple[str, Expression], ...] = ()) -> Say:
        return Say(rule.clause, rule.key, self.at.said(rule, *words), figures)

    def _activities(self) -> list[Step]:
        if not self.expense.activities:
            return []
        fact = Fact("claim", "activity")
        names = ", ".join(self.at.tree.activities[key].name for key in self.expense.activities)
        other = Every((Given(fact), Not(OneOf(fact, self.expense.activities))))
        help_ = Suggest(fact, Word(self.expense.activities[0]), (f"This cost is paid for: {names}.",))
        return [When(other, (self._say(self.rule), Mark(NOT_PAYABLE), help_))]

    def _agreed(self, rule: Rule) -> Step:
        fact = Fact("line", "agreed_before")
        help_ = Suggest(fact, Word(True), ("It could be paid if it had been agreed before it was spent.",))
        return When(Not(OneOf(fact, (True,))), (self._say(rule), Mark(NOT_PAYABLE), help_))

    def _receipt(self) -> list[Step]:
        if self.expense.receipts is None:
            return []
        rule, over = self.expense.receipts.rule, self.expense.receipts.over
        fact = Fact("line", "receipt")
        tests: list[Test] = [Not(OneOf(fact, (True,)))]
        if over is not None:
            limit = self.at.number(over)
            if isinstance(limit, Undecided):
                return [*gap(rule.clause, rule.key, self.at.sentence(rule), limit)]
            tests.append(Compare(">", OrZero(CLAIMED), Number(limit)))
        help_ = Suggest(fact, Word(True), ("It can be paid if you send a receipt or ticket.",))
        figures: tuple[tuple[str, Expression], ...] = (("claimed_pence", OrZero(CLAIMED)),)
        return [When(Every(tuple(tests)), (self._say(rule, figures=figures), Mark(NOT_PAYABLE), help_))]

    def _amount(self) -> list[Step]:
        if self.expense.kind == "mileage":
            return self._mileage()
        if self.expense.kind == "flat":
            return self._flat()
        if self.expense.kind == "meal":
            return self._meal()
        return self._actual()

    def _open(self, undecided: Undecided) -> list[Step]:
        return [*gap(self.rule.clause, self.rule.key, self.at.sentence(self.rule), undecided)]

    def _number(self, value: Value | None) -> int | Undecided:
        return 0 if value is None else self.at.number(value)

    # Kinds

    def _mileage(self) -> list[Step]:
        rate, more = self._number(self.expense.rate), self._number(self.expense.passenger)
        if isinstance(rate, Undecided):
            return self._open(rate)
        if isinstance(more, Undecided):
            return self._open(more)
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

    def _flat(self) -> list[Step]:
        amount = self._number(self.expense.rate)
        if isinstance(amount, Undecided):
            return self._open(amount)
        if self.expense.each == "claim":
            again = When(
                Given(AGAIN), (self._say(self.rule, " It is in this claim already."), Mark(NOT_PAYABLE))
            )
            say = self._say(self.rule, figures=(("amount_pence", Number(amount)),))
            return [again, StopIfMarked(), Set("amount", Number(amount)), say, *self._asked_less()]
        name, how, size = COUNT_OF[self.expense.each]
        count = Fact("line", name)
        words: tuple[Part, ...] = (
            " ",
            Shown(count, how),
            " at ",
            Shown(Number(amount), "money"),
            " is ",
            Shown(AMOUNT, "money"),
            ".",
        )
        figures: tuple[tuple[str, Expression], ...] = (
            (name, count),
            ("rate_pence", Number(amount)),
            ("amount_pence", AMOUNT),
        )
        top = Arithmetic("*", count, Number(amount))
        return [*self._sized(top, size), self._say(self.rule, *words, figures=figures), *self._asked_less()]

    def _sized(self, top: Number_, size: int) -> list[Step]:
        if size == 1:
            return [Set("amount", top)]
        return [*rounded(self.at, "amount", top, size, self.rule.clause), StopIfMarked()]

    def _actual(self) -> list[Step]:
        cap = self.expense.cap
        if cap is None:
            say = self._say(
                self.rule,
                " The cost was ",
                Shown(CLAIMED, "money"),
                ".",
                figures=(("claimed_pence", CLAIMED), ("amount_pence", CLAIMED)),
            )
            return [Set("amount", CLAIMED), say]
        most = self.at.number(cap.amount)
        if isinstance(most, Undecided):
            return self._open(most)
        if cap.each == "claim":
            return [Set("most", Number(most)), *self._capped(())]
        name, how, size = COUNT_OF[cap.each]
        count = Fact("line", name)
        words: tuple[Part, ...] = (
            " For ",
            Shown(count, how),
            " that is up to ",
            Shown(Slot("most"), "money"),
            ".",
        )
        top = Arithmetic("*", count, Number(most))
        if size == 1:
            return [Set("most", top), *self._capped(words)]
        return [
            *rounded(self.at, "most", top, size, self.rule.clause),
            StopIfMarked(),
            *self._capped(words),
        ]

    def _capped(self, before: tuple[Part, ...]) -> list[Step]:
        figures: tuple[tuple[str, Expression], ...] = (
            ("claimed_pence", CLAIMED),
            ("cap_pence", Slot("most")),
            ("amount_pence", AMOUNT),
        )
        within = self._say(
            self.rule, *before, " The cost was ", Shown(CLAIMED, "money"), ".", figures=figures
        )
        over = self._say(
            self.rule,
            *before,
            " The cost was ",
            Shown(CLAIMED, "money"),
            ", and the most we can pay is ",
            Shown(Slot("most"), "money"),
            ".",
            figures=figures,
        )
        return [
            Set("amount", Pick("min", CLAIMED, Slot("most"))),
            When(Compare(">", CLAIMED, Slot("most")), (over,), (within,)),
        ]

    def _meal(self) -> list[Step]:
        away = Fact("line", "hours_away")
        chain: tuple[Step, ...] = ()
        for band in self.expense.away:
            inner: list[Step]
            most = self.at.number(band.pay)
            if isinstance(most, Undecided):
                inner = self._open(most)
            elif most == 0:
                inner = self._too_short(away)
            else:
                words: tuple[Part, ...] = (" You were away for ", Shown(away, "time"), ".")
                inner = [Set("most", Number(most)), *self._capped(words)]
            chain = (When(Compare(">=", away, Number(band.low)), tuple(inner), chain),)
        return [*chain]

    def _too_short(self, away: Fact) -> list[Step]:
        paid = [band.low for band in self.expense.away if self.at.number(band.pay) != 0]
        say = self._say(
            self.rule, " You were away for ", Shown(away, "time"), ".", figures=(("minutes_away", away),)
        )
        if not paid or paid[0] % 60:
            return [say, Mark(NOT_PAYABLE)]
        hours = paid[0] // 60
        help_ = Suggest(away, Number(hours), (f"A meal can be paid for from {hours} hours away from home.",))
        return [say, Mark(NOT_PAYABLE), help_]


def _reads_line(step: Step) -> bool:
    """Whether a step looks at the expense itself, which is not known beforehand."""
    return "scope='line'" in repr(step)
