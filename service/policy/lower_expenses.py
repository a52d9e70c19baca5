"""How does a rule of expenses become steps? One program for each category, on one day."""

from __future__ import annotations

from service.policy.lower_conditions import HARDSHIP, gap
from service.policy.lower_kinds import facts_in, formula, rounded
from service.policy.lower_mileage import AMOUNT, AS_MAIN, CLAIMED, MileageLowering
from service.policy.model import Cap, Expense, FromFact, Rule, Undecided
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
    Set,
    Share,
    Shown,
    Slot,
    Step,
    StopIfMarked,
    Suggest,
    Test,
    When,
    Word,
)

AGAIN = Fact("line", "_again")
COUNT_OF = {"hour": ("hours", "time", 60), "night": ("nights", "nights", 1), "day": ("days", "days", 1)}
COUNT_OF["meeting"] = ("meetings", "count", 1)


class ExpenseLowering(MileageLowering):
    """Lowers one category."""

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
        return self._needs(self.expense)

    def _needs(self, expense: Expense) -> tuple[str, ...]:
        kind = expense.kind
        if kind == "cases":
            return tuple(dict.fromkeys(name for _, one in expense.cases for name in self._needs(one)))
        if kind == "formula" and expense.sum is not None:
            line = self.conditions.vocabulary.expense
            return tuple(name for name in facts_in(expense.sum.sum) if name in line)
        if kind == "mileage" and expense.engine:
            return ("miles", "engine_cc")
        if expense.clock:
            left = any(row.left_before is not None for row in expense.clock)
            back = any(row.back_after is not None for row in expense.clock)
            return ("amount_pence", *(["left_at"] if left else []), *(["back_at"] if back else []))
        if expense.only_while:
            return ("amount_pence", "hours")
        if kind == "mileage":
            return ("miles",)
        if kind == "meal":
            return ("amount_pence", "hours_away")
        count = COUNT_OF[expense.each][0] if expense.each != "claim" else ""
        if kind == "flat":
            return (count,) if count else ()
        return ("amount_pence", count) if count else ("amount_pence",)

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
        receipts = self.expense.receipts
        if receipts.once:
            tests.append(Not(OneOf(Fact("line", "evidence_held"), (True,))))
        if receipts.unless:
            tests.append(Not(OneOf(self.conditions.fact(receipts.unless), (True,))))
        if over is not None:
            limit = self.at.number(over)
            if isinstance(limit, Undecided):
                return [*gap(rule.clause, rule.key, self.at.sentence(rule), limit)]
            tests.append(Compare(">", OrZero(CLAIMED), Number(limit)))
        help_ = Suggest(fact, Word(True), ("It can be paid if you send a receipt or ticket.",))
        figures: tuple[tuple[str, Expression], ...] = (("claimed_pence", OrZero(CLAIMED)),)
        missing = When(Every(tuple(tests)), (self._say(rule, figures=figures), Mark(NOT_PAYABLE), help_))
        return [missing, *(self._shows(rule, part) for part in receipts.must_show)]

    def _shows(self, rule: Rule, part: str) -> Step:
        """A receipt that is known not to show what it must."""
        fact = Fact("line", f"receipt_{part}")
        what = "the original" if part == "original" else f"one that shows the {part}"
        say = self._say(rule, f" The receipt has to be {what}.")
        help_ = Suggest(fact, Word(True), (f"It can be paid if you send {what}.",))
        return When(OneOf(fact, (False,)), (say, Mark(NOT_PAYABLE), help_))

    def _amount(self) -> list[Step]:
        if self.expense.kind == "cases":
            return self._cases()
        if self.expense.kind == "formula" and self.expense.sum is not None:
            facts = {name: self.conditions.fact(name) for name in facts_in(self.expense.sum.sum)}
            asked = [self._asked(name) for name, fact in facts.items() if fact.scope == "claim"]
            return [
                *asked,
                StopIfMarked(),
                *formula(self.at, self.rule, self.expense.sum, facts),
                AS_MAIN,
                *self._asked_less(),
            ]
        if self.expense.kind == "mileage":
            return self._mileage()
        if self.expense.kind == "flat":
            return self._flat()
        if self.expense.kind == "meal":
            return self._meal()
        return self._actual()

    # Kinds

    def _cases(self) -> list[Step]:
        """The first case whose checks hold. A fact that a check needs is asked for."""
        asked = {check.name: check for checks, _ in self.expense.cases for check in checks}
        whole = self.expense
        chain: tuple[Step, ...] = ()
        for checks, one in reversed(whole.cases):
            self.expense = one
            inner = tuple(self._amount())
            tests = tuple(test for check in checks for test in self.conditions.tests(check))
            chain = (When(Every(tests), inner, chain),) if tests else inner
        self.expense = whole
        return [*(self.conditions.ask(check, self.rule) for check in asked.values()), StopIfMarked(), *chain]

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
        if self.expense.only_while:
            return self._while_there()
        if cap is None:
            say = self._say(
                self.rule,
                " The cost was ",
                Shown(CLAIMED, "money"),
                ".",
                figures=(("claimed_pence", CLAIMED), ("amount_pence", CLAIMED)),
            )
            return [Set("amount", CLAIMED), say]
        if isinstance(cap.amount, FromFact):
            return self._up_to_fact(cap, cap.amount.name)
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

    def _up_to_fact(self, cap: Cap, name: str) -> list[Step]:
        """A limit that comes with the claim, such as what a similar service would cost."""
        fact = self.conditions.fact(name)
        most: Number_ = fact
        before: list[Step] = []
        if cap.each != "claim":
            count, _, size = COUNT_OF[cap.each]
            top = Arithmetic("*", Fact("line", count), fact)
            before = [*rounded(self.at, "most", top, size, self.rule.clause), StopIfMarked()]
            most = Slot("most")
        return [self._asked(name), StopIfMarked(), *before, Set("most", most), *self._capped(())]

    def _while_there(self) -> list[Step]:
        """The part of a cost for the time taking part, of the hours that it was for."""
        there, hours = Fact("claim", "minutes"), Fact("line", "hours")
        rounding = self.at.tree.rounding
        step = rounding.step if rounding and rounding.each == "line" else 1
        direction = rounding.direction if rounding else "down"
        top = Arithmetic("*", CLAIMED, there)
        part = Share(top, hours, step, direction)
        odd: tuple[Step, ...] = ()
        if rounding is None or rounding.undecided is not None:
            why = (
                rounding.undecided if rounding and rounding.undecided else Undecided("no rounding is stated.")
            )
            uneven = Compare("!=", Arithmetic("*", part, hours), top)
            odd = (When(uneven, tuple(self._open(why))), StopIfMarked())
        words: tuple[Part, ...] = (
            " It was for ", Shown(hours, "time"), ", and you took part for ", Shown(there, "time"),
            ". That part is ", Shown(AMOUNT, "money"), ".",
        )  # fmt: skip
        figures: tuple[tuple[str, Expression], ...] = (
            ("claimed_pence", CLAIMED),
            ("minutes", there),
            ("amount_pence", AMOUNT),
        )
        whole = self._say(self.rule, " The cost was ", Shown(CLAIMED, "money"), ".", figures=figures)
        longer = (
            *odd,
            Set("amount", Pick("min", part, CLAIMED)),
            self._say(self.rule, *words, figures=figures),
        )
        split = When(Compare(">", hours, there), longer, (Set("amount", CLAIMED), whole))
        return [self._asked("minutes"), StopIfMarked(), split]

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
        steps: list[Step] = [
            Set("amount", Pick("min", CLAIMED, Slot("most"))),
            When(Compare(">", CLAIMED, Slot("most")), (over,), (within,)),
        ]
        if not self.conditions.lifts("caps"):
            return steps
        lifted = self._say(self.rule, " The cost was ", Shown(CLAIMED, "money"), ".", figures=figures)
        return [When(Given(HARDSHIP), (Set("amount", CLAIMED), lifted), tuple(steps))]

    def _by_the_clock(self) -> list[Step]:
        """The sum of what each row allows, for leaving early and coming back late."""
        steps: list[Step] = [Set("most", Number(0))]
        for row in self.expense.clock:
            pay = self.at.number(row.pay)
            if row.left_before is not None:
                test = Compare("<", Fact("line", "left_at"), Number(row.left_before))
            else:
                test = Compare(">", Fact("line", "back_at"), Number(row.back_after or 0))
            more: tuple[Step, ...]
            if isinstance(pay, Undecided):
                more = tuple(self._open(pay))
            else:
                more = (Set("most", Arithmetic("+", Slot("most"), Number(pay))),)
            steps.append(When(test, more))
        none: tuple[Step, ...] = (self._say(self.rule), Mark(NOT_PAYABLE))
        return [
            *steps,
            StopIfMarked(),
            When(Compare(">", Slot("most"), Number(0)), tuple(self._capped(())), none),
        ]

    def _meal(self) -> list[Step]:
        if self.expense.clock:
            return self._by_the_clock()
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
