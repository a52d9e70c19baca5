"""How does a rule of fees become steps? One program for each activity and role, on one day."""

from __future__ import annotations

from collections.abc import Iterable

from service.policy.facts import Vocabulary
from service.policy.lower_cancellation import CancellationLowering
from service.policy.lower_conditions import Conditions, gap
from service.policy.lower_kinds import HOURS, MAIN, kind_needs, lower_kind, rounded, started, tiered
from service.policy.model import (
    TIME_KINDS,
    Activity,
    Band,
    Bands,
    Blocks,
    Cases,
    Fee,
    Flat,
    Formula,
    Hourly,
    Items,
    Matrix,
    PaidTime,
    Plateau,
    SetFirst,
    Undecided,
    Unpaid,
    Value,
)
from service.policy.resolve import OnDay
from service.policy.steps import (
    NEEDS_PERSON,
    NOT_PAYABLE,
    Arithmetic,
    Compare,
    Every,
    Expression,
    Fact,
    Given,
    Mark,
    Number,
    Number_,
    OrZero,
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

COUNTED, AMOUNT, PART = Slot("counted"), Slot("amount"), Slot("part")
ATTENDED = Fact("line", "minutes")


class FeeLowering(CancellationLowering):
    """Lowers the fee for one activity and role."""

    def __init__(self, at: OnDay, vocabulary: Vocabulary, activity: Activity, role: str) -> None:
        self.at = at
        self.activity = activity
        self.role = role
        self.conditions = Conditions(at, vocabulary, expense=False)

    def program(self) -> Program:
        """All steps, from conditions to the sum."""
        key = self.activity.pays.get(self.role)
        if key is None:
            return self._silent()
        fee = self.at.tree.fees[key]
        steps = self.conditions.eligibility(self.activity.key, self.role)
        steps += self.conditions.deadlines()
        steps += self.conditions.batches(self.activity.key)
        if isinstance(fee, Unpaid):
            steps += self.unpaid(fee)
            if all(isinstance(self.at.tree.fees[one], Unpaid) for one in self.activity.pays.values()):
                steps = _unhelped(steps)
        else:
            steps.append(StopIfMarked())
            steps += self._kind(fee)
            steps += self._cancelled()
        return (*steps, StopIfMarked(), Pay(AMOUNT if not isinstance(fee, Unpaid) else Number(0)))

    def _kind(self, fee: Fee) -> list[Step]:
        """The steps that set the amount."""
        if isinstance(fee, Hourly):
            return self._hourly(fee)
        if isinstance(fee, Bands):
            return self._bands(fee)
        if isinstance(fee, Flat):
            return self._flat(fee)
        if isinstance(fee, Unpaid):
            return self.unpaid(fee)
        if isinstance(fee, Matrix):
            return self._bands(fee.rows[self.role])
        if isinstance(fee, Cases):
            return self._cases(fee)
        return lower_kind(self.at, fee, self.time)

    def _cases(self, fee: Cases) -> list[Step]:
        """The first case whose checks hold. A fact that a check needs is asked for."""
        asked = {check.name: check for case in fee.cases for check in case.checks}
        chain: tuple[Step, ...] = ()
        for case in reversed(fee.cases):
            inner = tuple(self._kind(self.at.tree.fees[case.pay]))
            tests = tuple(test for check in case.checks for test in self.conditions.tests(check))
            chain = (When(Every(tests), inner, chain),) if tests else inner
        return [
            *(self.conditions.ask(check, fee.rule) for check in asked.values()),
            StopIfMarked(),
            Say(fee.rule.clause, fee.rule.key, self.at.said(fee.rule)),
            *chain,
            StopIfMarked(),
        ]

    def needs(self) -> tuple[str, ...]:
        """The measures without which there is no sum: asked for as a fact, never guessed."""
        fee = self.at.tree.fees.get(self.activity.pays.get(self.role, ""))
        if isinstance(fee, Cases):
            found = [one for case in fee.cases for one in self._needs(self.at.tree.fees[case.pay])]
            return tuple(dict.fromkeys(found))
        return self._needs(fee)

    def _needs(self, fee: Fee | None) -> tuple[str, ...]:
        if isinstance(fee, (Blocks, Plateau, Items, SetFirst, Formula)):
            return kind_needs(fee)
        if isinstance(fee, Matrix):
            return ("minutes",)
        if isinstance(fee, Hourly) or (isinstance(fee, Bands) and fee.undecided is None):
            return ("minutes",)
        if isinstance(fee, Flat) and fee.each != "session":
            return (f"{fee.each}s",)
        return ()

    def _silent(self) -> Program:
        role, name = self.at.tree.roles[self.role], self.activity.name
        words = f"The policy does not say what this role is paid for this activity: {role}, {name}."
        return (
            Say(self.activity.clause, f"activities.{self.activity.key}", (words,)),
            Mark(NEEDS_PERSON),
            StopIfMarked(),
            Pay(Number(0)),
        )

    def unpaid(self, fee: Unpaid) -> list[Step]:
        steps: list[Step] = [Say(fee.rule.clause, fee.rule.key, self.at.said(fee.rule)), Mark(NOT_PAYABLE)]
        for role, key in self.activity.pays.items():
            if not isinstance(self.at.tree.fees[key], Unpaid):
                name = self.at.tree.roles[role]
                words = f"There is a fee for another role in this activity: {name}."
                return [*steps, Suggest(Fact("line", "role"), Word(role), (words,))]
        return steps

    # Time

    def time(self, basis: bool) -> list[Step]:
        """Counts the paid time. `basis` says that the fee is worked out from time at all."""
        steps: list[Step] = [*self._basis(), Set("amount", Number(0))]
        for kind, (name, plain) in TIME_KINDS.items():
            fact = Fact("line", name)
            rule = self._paid_time(kind)
            some = Compare(">", OrZero(fact), Number(0))
            if rule is None:
                words = (
                    "The policy does not say whether ",
                    f"{plain} time is paid. There was ",
                    Shown(fact, "time"),
                    " of it.",
                )
                inner: list[Step] = [
                    Say(self.activity.clause, f"activities.{self.activity.key}", words, ((name, fact),)),
                    Mark(NEEDS_PERSON),
                ]
            else:
                inner = self._counted(rule, fact, basis)
            steps.append(When(some, tuple(inner)))
        return steps

    def _basis(self) -> list[Step]:
        """The time that counts: attended, unless the policy says that it is the time scheduled."""
        plain: list[Step] = [Set("counted", OrZero(ATTENDED))]
        basis, planned = self.at.tree.time_basis, Fact("line", "scheduled_minutes")
        if basis is None:
            return plain
        words = self.at.said(
            basis.rule, " It was planned for ", Shown(planned, "time"), ", and it was ",
            Shown(OrZero(ATTENDED), "time"), ".",
        )  # fmt: skip
        figures = (("scheduled_minutes", planned), ("attended_minutes", OrZero(ATTENDED)))
        told = Say(basis.rule.clause, basis.rule.key, words, figures)
        differ = Every((Given(planned), Compare("!=", planned, OrZero(ATTENDED))))
        if basis.counts == "attended":
            return [*plain, When(differ, (told,))]
        return [*plain, When(differ, (told, Set("counted", planned)))]

    def _paid_time(self, kind: str) -> PaidTime | None:
        rules = [rule for rule in self.at.tree.paid_time if rule.time == kind]
        own = [rule for rule in rules if self.activity.key in rule.activities]
        return next(iter(own or [rule for rule in rules if not rule.activities]), None)

    def _counted(self, rule: PaidTime, fact: Fact, basis: bool) -> list[Step]:
        clause, key, name = rule.rule.clause, rule.rule.key, fact.name
        if rule.pay in ("no", "included"):
            return [Say(clause, key, self.at.said(rule.rule), ((name, fact),))]
        limit = self.at.number(rule.limit) if rule.limit is not None else 0
        if isinstance(limit, Undecided):
            return [*gap(clause, key, self.at.sentence(rule.rule), limit)]
        if rule.allowance is not None:
            return self._allowance(rule, rule.allowance, fact)
        part, test = _part(rule.pay, fact, limit)
        taken: list[Step] = [Set("part", part)]
        if rule.rate is not None:
            taken += self._at_own_rate(rule, name)
        elif basis:
            words = self.at.said(rule.rule, " That adds ", Shown(PART, "time"), ".")
            taken += [
                Set("counted", Arithmetic("+", COUNTED, PART)),
                Say(clause, key, words, ((name, PART),)),
            ]
        else:
            why = Undecided("this fee is not worked out by time, and no rate is given for it.")
            taken += gap(clause, key, self.at.sentence(rule.rule), why)
        if test is None:
            return taken
        return [When(test, tuple(taken), (Say(clause, key, self.at.said(rule.rule), ((name, fact),)),))]

    def _allowance(self, rule: PaidTime, value: Value, fact: Fact) -> list[Step]:
        """One sum for all such time, however long it took."""
        pence = self.at.number(value)
        if isinstance(pence, Undecided):
            return [*gap(rule.rule.clause, rule.rule.key, self.at.sentence(rule.rule), pence)]
        figures: tuple[tuple[str, Expression], ...] = ((fact.name, fact), ("amount_pence", Number(pence)))
        return [
            Set("amount", Arithmetic("+", AMOUNT, Number(pence))),
            Say(rule.rule.clause, rule.rule.key, self.at.said(rule.rule), figures),
        ]

    def _at_own_rate(self, rule: PaidTime, name: str) -> list[Step]:
        rate = self.at.number(rule.rate or Undecided("there is no rate."))
        clause, key = rule.rule.clause, rule.rule.key
        if isinstance(rate, Undecided):
            return [*gap(clause, key, self.at.sentence(rule.rule), rate)]
        top = Arithmetic("*", PART, Number(rate))
        words = self.at.said(
            rule.rule,
            " ",
            Shown(PART, "time"),
            " at ",
            Shown(Number(rate), "money"),
            " an hour is ",
            Shown(Slot("extra"), "money"),
            ".",
        )
        figures: tuple[tuple[str, Expression], ...] = (
            (name, PART),
            ("rate_pence", Number(rate)),
            ("amount_pence", Slot("extra")),
        )
        return [
            *rounded(self.at, "extra", top, 60, clause),
            Set("amount", Arithmetic("+", AMOUNT, Slot("extra"))),
            Say(clause, key, words, figures),
        ]

    # Kinds

    def _hourly(self, fee: Hourly) -> list[Step]:
        if fee.tiers:
            start = started(fee.counter)
            steps = tiered(self.at, fee.rule, fee.tiers, COUNTED, start, HOURS)
            return [*self.time(True), StopIfMarked(), *steps, Set("amount", Arithmetic("+", AMOUNT, MAIN))]
        rate = self.at.number(fee.rate)
        if isinstance(rate, Undecided):
            return [*gap(fee.rule.clause, fee.rule.key, self.at.sentence(fee.rule), rate)]
        top = Arithmetic("*", COUNTED, Number(rate))
        words = self.at.said(
            fee.rule,
            " ",
            Shown(COUNTED, "time"),
            " at ",
            Shown(Number(rate), "money"),
            " an hour is ",
            Shown(Slot("main"), "money"),
            ".",
        )
        figures: tuple[tuple[str, Expression], ...] = (
            ("minutes", COUNTED),
            ("rate_pence", Number(rate)),
            ("amount_pence", Slot("main")),
        )
        return [
            *self.time(True),
            StopIfMarked(),
            *rounded(self.at, "main", top, 60, fee.rule.clause),
            StopIfMarked(),
            Say(fee.rule.clause, fee.rule.key, words, figures),
            Set("amount", Arithmetic("+", AMOUNT, Slot("main"))),
        ]

    def _bands(self, fee: Bands) -> list[Step]:
        if fee.undecided:
            return self._named_bands(fee, fee.undecided)
        chain: tuple[Step, ...] = ()
        for band in sorted(fee.bands, key=lambda one: one.low or 0):
            chain = (When(Compare(">=", COUNTED, Number(band.low or 0)), self._band(fee, band, True), chain),)
        return [*self.time(True), StopIfMarked(), *chain, StopIfMarked()]

    def _named_bands(self, fee: Bands, undecided: Undecided) -> list[Step]:
        length = Fact("line", "length")
        chain = gap(fee.rule.clause, fee.rule.key, self.at.sentence(fee.rule), undecided)
        for band in reversed(fee.bands):
            chain = (When(Compare("==", length, Word(band.name)), self._band(fee, band, False), chain),)
        unsaid = gap(fee.rule.clause, fee.rule.key, self.at.sentence(fee.rule), undecided)
        return [*self.time(False), When(Given(length), chain, unsaid), StopIfMarked()]

    def _band(self, fee: Bands, band: Band, timed: bool) -> tuple[Step, ...]:
        pay = self.at.number(band.pay)
        if isinstance(pay, Undecided):
            return gap(fee.rule.clause, fee.rule.key, self.at.sentence(fee.rule), pay)
        name = f"a {band.name.replace('_', ' ')}" if band.name else "this"
        start = (
            (" ", Shown(COUNTED, "time"), f" counts as {name}, so it is ")
            if timed
            else (f" For {name} it is ",)
        )
        words = self.at.said(fee.rule, *start, Shown(Number(pay), "money"), ".")
        figures: tuple[tuple[str, Expression], ...] = (("amount_pence", Number(pay)),)
        if timed:
            figures = (("minutes", COUNTED), *figures)
        return (
            Set("amount", Arithmetic("+", AMOUNT, Number(pay))),
            Say(fee.rule.clause, fee.rule.key, words, figures),
        )

    def _flat(self, fee: Flat) -> list[Step]:
        amount = self.at.number(fee.amount)
        if isinstance(amount, Undecided):
            return [*gap(fee.rule.clause, fee.rule.key, self.at.sentence(fee.rule), amount)]
        each = Number(amount)
        if fee.each == "session":
            words = self.at.said(fee.rule)
            figures: tuple[tuple[str, Expression], ...] = (("amount_pence", each),)
            sum_: Number_ = each
        else:
            unit = f"{fee.each}s"
            count = Fact("line", unit)
            sum_ = Arithmetic("*", count, each)
            words = self.at.said(
                fee.rule,
                " ",
                Shown(count, unit),
                " at ",
                Shown(each, "money"),
                " is ",
                Shown(Slot("main"), "money"),
                ".",
            )
            figures = ((unit, count), ("rate_pence", each), ("amount_pence", Slot("main")))
        return [
            *self.time(False),
            Set("main", sum_),
            Set("amount", Arithmetic("+", AMOUNT, Slot("main"))),
            Say(fee.rule.clause, fee.rule.key, words, figures),
        ]


def _unhelped(steps: Iterable[Step]) -> list[Step]:
    """The same steps without any change that would help: where no role is paid, none does."""
    return [
        When(step.test, tuple(_unhelped(step.then)), tuple(_unhelped(step.otherwise)))
        if isinstance(step, When)
        else step
        for step in steps
        if not isinstance(step, Suggest)
    ]


def _part(pay: str, fact: Fact, limit: int) -> tuple[Number_, Test | None]:
    if pay == "at most":
        return Pick("min", fact, Number(limit)), None
    if pay == "over":
        return Arithmetic("-", fact, Number(limit)), Compare(">", fact, Number(limit))
    if pay == "once over":
        return fact, Compare(">", fact, Number(limit))
    return fact, None
