"""What does a policy do on one day? Every program of that day, ready to be printed or walked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from service.policy.facts import Vocabulary
from service.policy.language.process import SUMS
from service.policy.lower_conditions import Conditions, check_tests
from service.policy.lower_expenses import ExpenseLowering
from service.policy.lower_fees import FeeLowering
from service.policy.model import Check, FromFact, Hourly, Limit, Rule, Tree, Undecided
from service.policy.resolve import OnDay
from service.policy.steps import (
    Every,
    Expression,
    Fact,
    Program,
    Slot,
    Test,
    Warn,
    When,
)


@dataclass(frozen=True)
class Reason:
    """A reason that is the same whatever the facts."""

    clause: str
    rule: str
    text: str


@dataclass(frozen=True)
class Beyond:
    """What looks past one line: limits, routes, lifted limits, advances, the floor, rates in steps."""

    limits: tuple[tuple[Limit, int | Undecided | FromFact, Reason], ...]
    routes: tuple[tuple[tuple[Test, ...], str, Reason], ...]
    hardship: Reason | None
    advance: tuple[int | None, Reason] | None
    other_ways: Reason | None
    floor: int | None
    rounding: Reason | None
    stepped: Mapping[str, str]


@dataclass(frozen=True)
class Plan:
    """One day's programs and tables."""

    starts: date
    vocabulary: Vocabulary
    fees: Mapping[tuple[str, str], Program]
    fee_needs: Mapping[tuple[str, str], tuple[str, ...]]
    expenses: Mapping[str, Program]
    expense_needs: Mapping[str, tuple[str, ...]]
    covers: Mapping[str, Program]
    cover_words: Mapping[str, str]
    warnings: Program
    several: Mapping[str, tuple[str, Reason]]
    approval: tuple[tuple[int | None, tuple[str, ...], Reason], ...]
    promise: tuple[int, str, Reason] | None
    choice: Reason | None
    beyond: Beyond
    sentences: Mapping[str, str] = field(default_factory=dict)


def make_plan(tree: Tree, vocabulary: Vocabulary, day: date) -> Plan:
    """Lowers every rule as it stands on that day."""
    at = OnDay(tree, day)
    fees = {
        (key, role): FeeLowering(at, vocabulary, activity, role)
        for key, activity in tree.activities.items()
        for role in tree.roles
    }
    expenses = {key: ExpenseLowering(at, vocabulary, expense) for key, expense in tree.expenses.items()}
    promise = tree.promise
    return Plan(
        starts=day,
        vocabulary=vocabulary,
        fees={cell: one.program() for cell, one in fees.items()},
        fee_needs={cell: one.needs() for cell, one in fees.items()},
        expenses={key: one.program() for key, one in expenses.items()},
        expense_needs={key: one.needs() for key, one in expenses.items()},
        covers={key: one.cover() for key, one in expenses.items()},
        cover_words={key: at.sentence(expense.rule) for key, expense in tree.expenses.items()},
        warnings=_warnings(at, tree),
        several={
            key: (rule.pay, _reason(at, rule.rule))
            for key, one in tree.activities.items()
            if (rule := one.several or tree.several)
        },
        approval=_approval(at, tree),
        promise=(promise.count, promise.unit, _reason(at, promise.rule)) if promise else None,
        choice=_reason(at, tree.choice) if tree.choice else None,
        beyond=_beyond(at, tree, vocabulary),
        sentences={term.rule.key: at.sentence(term.rule) for term in tree.terms}
        | {notice.rule.key: at.sentence(notice.rule) for notice in tree.cancellation}
        | {step.rule.key: at.sentence(step.rule) for step in tree.approval}
        | {
            one.receipts.rule.key: at.sentence(one.receipts.rule)
            for one in tree.expenses.values()
            if one.receipts
        }
        | {
            one.agreed_first.key: at.sentence(one.agreed_first)
            for one in tree.expenses.values()
            if one.agreed_first
        },
    )


def _beyond(at: OnDay, tree: Tree, vocabulary: Vocabulary) -> Beyond:
    floor = at.number(tree.wage_floor) if tree.wage_floor is not None else None
    whole = tree.rounding if tree.rounding is not None and tree.rounding.each == "total" else None
    conditions = Conditions(at, vocabulary, expense=False)
    advance = None
    if tree.advance is not None:
        most = at.number(tree.advance.at_most) if tree.advance.at_most is not None else None
        advance = (None if isinstance(most, Undecided) else most, _reason(at, tree.advance.rule))
    return Beyond(
        limits=tuple(
            (
                one,
                one.at_most if isinstance(one.at_most, FromFact) else at.number(one.at_most),
                _reason(at, one.rule),
            )
            for one in tree.limits
        ),
        routes=tuple(
            (
                tuple(test for check in one.checks for test in conditions.tests(check)),
                one.route,
                _reason(at, one.rule),
            )
            for one in tree.routes
        ),
        hardship=_reason(at, tree.hardship.rule) if tree.hardship else None,
        advance=advance,
        other_ways=_reason(at, tree.barred) if tree.barred else None,
        floor=floor if isinstance(floor, int) else None,
        rounding=Reason(whole.clause, "rounding", whole.sentence) if whole else None,
        stepped={
            **{
                f"fees.{key}": fee.counter
                for key, fee in tree.fees.items()
                if isinstance(fee, Hourly) and fee.counter
            },
            **{f"expenses.{key}": one.counter for key, one in tree.expenses.items() if one.counter},
        },
    )


def _reason(at: OnDay, rule: Rule) -> Reason:
    return Reason(rule.clause, rule.key, at.sentence(rule))


def _approval(at: OnDay, tree: Tree) -> tuple[tuple[int | None, tuple[str, ...], Reason], ...]:
    """Smallest limit first. A limit nobody stated leaves the decision to the people named there."""
    found: list[tuple[int | None, tuple[str, ...], Reason]] = []
    for step in tree.approval:
        limit = at.number(step.up_to) if step.up_to is not None else None
        if not isinstance(limit, Undecided):
            found.append((limit, step.who, _reason(at, step.rule)))
    found.sort(key=lambda row: (row[0] is None, row[0] or 0))
    return tuple(found)


def _warnings(at: OnDay, tree: Tree) -> Program:
    found = []
    for warning in tree.warnings:
        tests = tuple(test for check in warning.checks for test in _check(at, check))
        warn = Warn(warning.code, warning.rule.clause, at.said(warning.rule))
        found.append(When(Every(tests), (warn,)))
    return tuple(found)


def _check(at: OnDay, check: Check) -> tuple[Test, ...]:
    item: Expression = Slot(check.name) if check.name in SUMS else Fact("claim", check.name)
    return check_tests(at, check, item)
