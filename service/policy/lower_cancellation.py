"""What is left of a fee when an activity is cancelled? A share of it, by the notice given."""

from __future__ import annotations

from service.policy.lower_conditions import gap
from service.policy.lower_kinds import rounded
from service.policy.model import (
    Activity,
    Undecided,
    Value,
)
from service.policy.resolve import OnDay
from service.policy.steps import (
    NEEDS_PERSON,
    Arithmetic,
    Compare,
    Every,
    Expression,
    Fact,
    Given,
    Mark,
    Number,
    Say,
    Set,
    Shown,
    Slot,
    Step,
    StopIfMarked,
    Test,
    When,
)

AMOUNT = Slot("amount")


class CancellationLowering:
    """Lowers the terms of cancellation for one activity."""

    at: OnDay
    activity: Activity

    def _cancelled(self) -> list[Step]:
        notice = Fact("claim", "notice_hours")
        chain: tuple[Step, ...]
        if not self.at.tree.cancellation:
            words = ("The policy does not say what is paid when an activity is cancelled.",)
            chain = (Say(self.activity.clause, f"activities.{self.activity.key}", words), Mark(NEEDS_PERSON))
            return [When(Given(notice), chain)]
        chain = ()
        for one in reversed(self.at.tree.cancellation):
            inner = self._cancelled_share(one.rule.key, one.share, notice)
            test: Test = Every(()) if one.under is None else Compare("<", notice, Number(one.under))
            chain = (When(test, inner, chain),)
        return [When(Given(notice), (StopIfMarked(), *chain))]

    def _cancelled_share(self, key: str, value: Value, notice: Fact) -> tuple[Step, ...]:
        rule = next(one.rule for one in self.at.tree.cancellation if one.rule.key == key)
        share = self.at.number(value)
        if isinstance(share, Undecided):
            return gap(rule.clause, rule.key, self.at.sentence(rule), share)
        top = Arithmetic("*", AMOUNT, Number(share))
        words = self.at.said(
            rule,
            " With ",
            Shown(notice, "time"),
            " of notice, ",
            Shown(Number(share), "percent"),
            " of ",
            Shown(AMOUNT, "money"),
            " is ",
            Shown(Slot("kept"), "money"),
            ".",
        )
        figures: tuple[tuple[str, Expression], ...] = (
            ("notice_minutes", notice),
            ("before_pence", AMOUNT),
            ("amount_pence", Slot("kept")),
        )
        return (
            *rounded(self.at, "kept", top, 10_000, rule.clause),
            StopIfMarked(),
            Say(rule.clause, rule.key, words, figures),
            Set("amount", Slot("kept")),
        )
