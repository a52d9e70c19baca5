"""How do conditions on a line become steps? Eligibility, deadlines, and each expense's own `only_if`."""

from __future__ import annotations

from service.policy.facts import Vocabulary
from service.policy.model import Deadline, OnlyIf, Undecided
from service.policy.resolve import OnDay
from service.policy.steps import (
    NEEDS_PERSON,
    NOT_PAYABLE,
    OUTCOMES,
    Compare,
    Every,
    Fact,
    Given,
    Later,
    Mark,
    Not,
    OneOf,
    Say,
    Shown,
    Step,
    Suggest,
    Test,
    When,
    Word,
)

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
            steps += self._guarded(guard, self.only_if(one))
        return steps

    def _among(self, name: str, allowed: tuple[str, ...], known: str | None) -> list[Test]:
        if known is not None:
            return [] if known in allowed else [NEVER]
        return [Given(Fact("claim", name)), OneOf(Fact("claim", name), allowed)]

    def _guarded(self, guard: list[Test], steps: list[Step]) -> list[Step]:
        if NEVER in guard:
            return []
        return [When(Every(tuple(guard)), tuple(steps))] if guard else steps

    def only_if(self, one: OnlyIf) -> list[Step]:
        """Refuses or asks when the fact is not as wanted; asks, or lets it pass, when it was not said."""
        outcome = NEEDS_PERSON if one.otherwise == OUTCOMES[NEEDS_PERSON] else NOT_PAYABLE
        words = self.at.said(one.rule)
        if one.fact is None:
            return [Say(one.rule.clause, one.rule.key, words), Mark(outcome)]
        fact = self.fact(one.fact)
        wanted = Word(one.wanted)
        help_ = Suggest(fact, wanted, (one.change or self._change(one),))
        wrong: list[Step] = [Say(one.rule.clause, one.rule.key, words), Mark(outcome)]
        if outcome == NOT_PAYABLE or one.change:
            wrong.append(help_)
        unsaid: tuple[Step, ...] = ()
        if one.unsaid == "ask":
            name = self._name(one.fact)
            asked = self.at.said(one.rule, f" We still need to know this: {name[0].lower()}{name[1:]}.")
            unsaid = (Say(one.rule.clause, one.rule.key, asked), Mark(NEEDS_PERSON), help_)
        unlike = When(Compare("!=", fact, wanted), tuple(wrong))
        return [When(Given(fact), (unlike,), unsaid)]

    def _name(self, key: str) -> str:
        kinds = {**self.vocabulary.expense, **self.vocabulary.claim}
        return kinds[key].name

    def _change(self, one: OnlyIf) -> str:
        name = self._name(one.fact or "")
        if isinstance(one.wanted, bool):
            wanted = "true" if one.wanted else "not so"
            return f"It could be paid if this were {wanted}: {name[0].lower()}{name[1:]}."
        return f"It could be paid if this were '{one.wanted}': {name[0].lower()}{name[1:]}."

    def deadlines(self) -> list[Step]:
        """Refuses, or asks, when the claim came too late. What the register raised nobody had to claim."""
        return [self._deadline(one) for one in self.at.tree.deadlines]

    def _deadline(self, one: Deadline) -> Step:
        claimed, on = Fact("claim", "claimed_on"), Fact("claim", "on")
        last = Later(on, one.count, one.unit)
        outcome = NEEDS_PERSON if one.otherwise == OUTCOMES[NEEDS_PERSON] else NOT_PAYABLE
        words = self.at.said(one.rule, " The last day was ", Shown(last, "day"), ".")
        figures = (("last_day", last), ("claimed_on", claimed))
        late: list[Step] = [Say(one.rule.clause, one.rule.key, words, figures), Mark(outcome)]
        if outcome == NOT_PAYABLE:
            late.append(
                Suggest(claimed, last, ("It could be paid if it was claimed by ", Shown(last, "day"), "."))
            )
        had_to_claim = Not(OneOf(Fact("claim", "by_register"), (True,)))
        return When(Every((Given(claimed), had_to_claim, Compare(">", claimed, last))), tuple(late))


def gap(clause: str, rule: str, sentence: str, undecided: Undecided) -> tuple[Step, ...]:
    """The policy does not say: name the gap and leave it to a person."""
    words = f"{sentence} The policy leaves this open: {undecided.why}".strip()
    return (Say(clause, rule, (words,)), Mark(NEEDS_PERSON))
