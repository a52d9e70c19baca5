"""How do conditions on a line become steps? Eligibility, deadlines, and each expense's own `only_if`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

from service.policy.facts import DISTANCE_AND_TIME, Vocabulary
from service.policy.language.literals import Quantity
from service.policy.model import Check, Deadline, Named, OnlyIf, Rule, Undecided
from service.policy.resolve import OnDay
from service.policy.steps import (
    NEEDS_PERSON,
    NOT_PAYABLE,
    OUTCOMES,
    Compare,
    Every,
    Expression,
    Fact,
    Given,
    Later,
    Mark,
    Not,
    Number,
    OneOf,
    QuarterEnd,
    Say,
    Shown,
    Step,
    Suggest,
    Test,
    When,
    Word,
    YearEnd,
)
from service.policy.wording import words

SIGNS: dict[str, Literal["<", "<=", ">", ">="]] = {
    "over": ">",
    "under": "<",
    "at least": ">=",
    "at most": "<=",
}
HARDSHIP = Fact("claim", "hardship")
NEVER = Not(Every(()))


class Conditions:
    """Lowers conditions for lines of one kind on one day."""

    def __init__(self, at: OnDay, vocabulary: Vocabulary, *, expense: bool) -> None:
        self.at = at
        self.vocabulary = vocabulary
        self.expense = expense

    def fact(self, name: str) -> Fact:
        """The fact, looked for in the line first when an expense has one of that name."""
        if self.expense:
            return Fact("line" if name in self.vocabulary.expense else "claim", name)
        return Fact("line" if name in self.vocabulary.contribution else "claim", name)

    def eligibility(self, activity: str | None, role: str | None) -> list[Step]:
        """The policy-wide conditions that hold for these lines."""
        steps: list[Step] = []
        kind = "expenses" if self.expense else "fee"
        for one in self.at.tree.eligibility:
            if one.applies_to not in (kind, "everything"):
                continue
            if (
                not self.expense
                and one.fact in self.vocabulary.expense
                and one.fact not in self.vocabulary.claim
            ):
                continue
            guard: list[Test] = []
            if one.activities:
                guard += self._among("activity", one.activities, activity)
            if one.roles:
                guard += self._among("role", one.roles, role)
            guard += self._stretch(one)
            steps += self._guarded(guard, self.only_if(one))
        return steps

    def _among(self, name: str, allowed: tuple[str, ...], known: str | None) -> list[Test]:
        if known is not None:
            return [] if known in allowed else [NEVER]
        return [Given(Fact("claim", name)), OneOf(Fact("claim", name), allowed)]

    def _stretch(self, one: OnlyIf) -> list[Test]:
        """What must be so before the condition is asked at all, and what lets it pass."""
        found = [
            test for check in one.when for test in self.tests(check) if not one.fact or one.unsaid == "allow"
        ]
        if one.unless:
            found.append(Not(self._so(one.unless)))
        return found

    def _so(self, name: str) -> Test:
        """A yes or no is yes; a reason is given."""
        fact = self.fact(name)
        kinds = {**self.vocabulary.expense, **self.vocabulary.claim}
        return Given(fact) if kinds[name].unit == "text" else OneOf(fact, (True,))

    def tests(self, check: Check) -> tuple[Test, ...]:
        """A check of a fact as tests that hold only when the fact was given."""
        return check_tests(self.at, check, self.fact(check.name))

    def ask(self, check: Check, rule: Rule) -> Step:
        """Leaves it to a person when the fact that a check looks at was not given."""
        name = self._name(check.name)
        asked = self.at.said(rule, f" We still need to know this: {name[0].lower()}{name[1:]}.")
        return When(
            Not(Given(self.fact(check.name))), (Say(rule.clause, rule.key, asked), Mark(NEEDS_PERSON))
        )

    def _guarded(self, guard: list[Test], steps: list[Step]) -> list[Step]:
        if NEVER in guard:
            return []
        return [When(Every(tuple(guard)), tuple(steps))] if guard else steps

    def only_if(self, one: OnlyIf) -> list[Step]:
        """Refuses or asks when the fact is not as wanted; asks, or lets it pass, when it was not said."""
        outcome = NEEDS_PERSON if one.otherwise == OUTCOMES[NEEDS_PERSON] else NOT_PAYABLE
        words = self.at.said(one.rule)
        if one.when and one.unsaid == "ask" and one.fact:
            inner = self.only_if(replace(one, when=()))
            tests = tuple(test for check in one.when for test in self.tests(check))
            return [*(self.ask(check, one.rule) for check in one.when), When(Every(tests), tuple(inner))]
        if one.fact is None:
            return [Say(one.rule.clause, one.rule.key, words), Mark(outcome)]
        fact = self.fact(one.fact)
        wanted: Word | Number = self._nearest(one.test) if one.test else Word(one.wanted)
        help_ = Suggest(fact, wanted, (one.change or self._change(one),))
        wrong: list[Step] = [Say(one.rule.clause, one.rule.key, words), Mark(outcome)]
        if outcome == NOT_PAYABLE or one.change:
            wrong.append(help_)
        unsaid: tuple[Step, ...] = ()
        if one.unsaid == "ask":
            name = self._name(one.fact)
            asked = self.at.said(one.rule, f" We still need to know this: {name[0].lower()}{name[1:]}.")
            unsaid = (Say(one.rule.clause, one.rule.key, asked), Mark(NEEDS_PERSON), help_)
        if one.test and (one.test.operator == "is not" or isinstance(one.test.values[0], date)):
            wrong = [step for step in wrong if not isinstance(step, Suggest)]
            unsaid = tuple(step for step in unsaid if not isinstance(step, Suggest))
        like = Not(Every(self.tests(one.test))) if one.test else Compare("!=", fact, wanted)
        unlike = When(like, tuple(wrong))
        return [When(Given(fact), (unlike,), unsaid)]

    def _nearest(self, test: Check) -> Word | Number:
        """The value closest to what was said that passes, in the unit in which it is said."""
        value = test.values[0]
        if isinstance(value, (str, bool, date)):
            return Word(value)
        number = self.at.number(value)
        limit = 0 if isinstance(number, Undecided) else number
        shift = {"over": 1, "under": -1}.get(test.operator, 0)
        kinds = {**self.vocabulary.expense, **self.vocabulary.claim}
        scale = DISTANCE_AND_TIME.get(kinds[test.name].unit, 1)
        return Number(max((limit + shift * scale) // scale, 0))

    def _name(self, key: str) -> str:
        kinds = {**self.vocabulary.expense, **self.vocabulary.claim}
        return kinds[key].name

    def _change(self, one: OnlyIf) -> str:
        name = self._name(one.fact or "")
        if one.test is not None:
            return f"It could be paid if this were {self._wanted(one.test)}: {name[0].lower()}{name[1:]}."
        if isinstance(one.wanted, bool):
            wanted = "true" if one.wanted else "not so"
            return f"It could be paid if this were {wanted}: {name[0].lower()}{name[1:]}."
        return f"It could be paid if this were '{one.wanted}': {name[0].lower()}{name[1:]}."

    def _wanted(self, test: Check) -> str:
        """What a test asks for, such as `at least 16 years` or `standard or advance`."""
        number = self.at.value(test.values[0]) if isinstance(test.values[0], (Quantity, Named)) else None
        if isinstance(number, Quantity):
            return f"{test.operator} {words(number.number, number.unit)}"
        if test.operator != "is" or not all(isinstance(one, str) for one in test.values):
            return "otherwise"
        return " or ".join(str(one).replace("_", " ") for one in test.values)

    def deadlines(self) -> list[Step]:
        """Refuses, or asks, when the claim came too late. What the register raised nobody had to claim."""
        return [self._deadline(one) for one in self.at.tree.deadlines]

    def _deadline(self, one: Deadline) -> Step:
        claimed, on = Fact("claim", "claimed_on"), Fact("claim", "on")
        last = (
            YearEnd(on, one.count, one.unit, one.year_end) if one.year_end else Later(on, one.count, one.unit)
        )
        outcome = NEEDS_PERSON if one.otherwise == OUTCOMES[NEEDS_PERSON] else NOT_PAYABLE
        words = self.at.said(one.rule, " The last day was ", Shown(last, "day"), ".")
        figures = (("last_day", last), ("claimed_on", claimed))
        late: list[Step] = [Say(one.rule.clause, one.rule.key, words, figures), Mark(outcome)]
        if outcome == NOT_PAYABLE:
            late.append(
                Suggest(claimed, last, ("It could be paid if it was claimed by ", Shown(last, "day"), "."))
            )
        had_to_claim = Not(OneOf(Fact("claim", "by_register"), (True,)))
        tests: list[Test] = [Given(claimed), had_to_claim, Compare(">", claimed, last)]
        if self.lifts("deadlines"):
            tests.append(Not(Given(HARDSHIP)))
        return When(Every(tuple(tests)), tuple(late))

    def lifts(self, what: str) -> bool:
        """Whether a hardship lifts this."""
        hardship = self.at.tree.hardship
        return hardship is not None and what in hardship.lifts

    def batches(self, activity: str) -> list[Step]:
        """Refuses what is claimed before the end of its quarter."""
        claimed, ends = Fact("claim", "claimed_on"), QuarterEnd(Fact("claim", "on"))
        steps: list[Step] = []
        for one in self.at.tree.batches:
            if one.activities and activity not in one.activities:
                continue
            words = self.at.said(one.rule, " Nothing is due before ", Shown(ends, "day"), ".")
            help_ = Suggest(claimed, ends, ("It can be paid when it is claimed on ", Shown(ends, "day"), "."))
            early: tuple[Step, ...] = (
                Say(one.rule.clause, one.rule.key, words, (("due_on", ends),)),
                Mark(NOT_PAYABLE),
                help_,
            )
            later = Say(one.rule.clause, one.rule.key, self.at.said(one.rule))
            is_early = Compare("<", claimed, ends)
            steps.append(When(Given(claimed), (When(is_early, early, (later,)),)))
        return steps


def check_tests(at: OnDay, check: Check, item: Expression) -> tuple[Test, ...]:
    """One check as tests. A limit that nobody decided never holds."""
    given: tuple[Test, ...] = (Given(item),) if isinstance(item, Fact) else ()
    value = check.values[0]
    if check.operator in ("is", "is not"):
        words = tuple(one for one in check.values if isinstance(one, (str, bool)))
        found: Test = OneOf(item, words)
        return (*given, found if check.operator == "is" else Not(found))
    if isinstance(value, date):
        return (*given, Compare("<" if check.operator == "before" else ">=", item, Word(value)))
    limit = Undecided("") if isinstance(value, (str, bool)) else at.number(value)
    if isinstance(limit, Undecided):
        return (*given, OneOf(item, ()))
    return (*given, Compare(SIGNS[check.operator], item, Number(limit)))


def gap(clause: str, rule: str, sentence: str, undecided: Undecided) -> tuple[Step, ...]:
    """The policy does not say: name the gap and leave it to a person."""
    words = f"{sentence} The policy leaves this open: {undecided.why}".strip()
    return (Say(clause, rule, (words,)), Mark(NEEDS_PERSON))
