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
    Suggest,
    Test,
    When,
)
from service.policy.wording import time

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
            *(() if share else self._with_less_notice(key, notice)),
            Set("amount", Slot("kept")),
        )

    def _with_less_notice(self, key: str, notice: Fact) -> tuple[Step, ...]:
        """Nothing is paid at this notice: the longest shorter notice that is paid for would help."""
        terms = self.at.tree.cancellation
        shorter = terms[: next(place for place, one in enumerate(terms) if one.rule.key == key)]
        paid = [one for one in shorter if self.at.number(one.share) != 0]
        hours = max((one.under or 0 for one in paid), default=0) // 60
        if hours < 1:
            return ()
        text = f"There is a fee when there is less than {time(hours * 60)} of notice."
        return (Suggest(notice, Number(hours - 1), (text,)),)
