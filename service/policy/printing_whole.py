"""What do the lines of one claim share, and how is the whole claim judged in one printed function?

Most lines ask the same of their claim: when it was, when it was claimed, who paid. That is read once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.policy.steps import (
    Arithmetic,
    Compare,
    Divides,
    Every,
    Expression,
    Fact,
    Given,
    Later,
    Not,
    OneOf,
    OrZero,
    Pick,
    QuarterEnd,
    Rounded,
    Share,
    Slot,
    Test,
    YearEnd,
)

FIELD = Fact("claim", "field")


@dataclass
class Shared:
    """The claim's facts, and the tests of nothing else, each under the name that the functions know."""

    facts: dict[Fact, str] = field(default_factory=dict)
    tests: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> str:
        """Every name, with commas between."""
        return ", ".join([*self.facts.values(), *self.tests.values()])

    @property
    def more(self) -> str:
        """Every name, as further arguments."""
        return "".join(f", {name}" for name in [*self.facts.values(), *self.tests.values()])

    @staticmethod
    def takes(test: Test) -> bool:
        """Whether a test can be asked before the lines: of the claim alone, and sound whatever is missing."""
        if not isinstance(test, Every) or len(test.tests) < 2:
            return False
        given: set[Fact] = {Fact("claim", "on")}
        for one in test.tests:
            facts = set(_facts(one))
            if None in facts or any(fact is None or fact.scope != "claim" or fact == FIELD for fact in facts):
                return False
            if isinstance(one, Given):
                given.add(one.fact)
            elif not (facts <= given or _asks_no_size(one)):
                return False
        return True


def _asks_no_size(test: Test) -> bool:
    """Whether a test can be asked of a fact that is missing."""
    if isinstance(test, Not):
        return _asks_no_size(test.test)
    return isinstance(test, OneOf) and isinstance(test.item, Fact)


def _facts(node: Test | Expression) -> Iterable[Fact | None]:
    """Every fact in a test; None stands for a figure that an earlier step worked out."""
    if isinstance(node, Fact):
        yield node
    elif isinstance(node, Slot):
        yield None
    elif isinstance(node, (Given, OrZero)):
        yield node.fact
    elif isinstance(node, (Later, YearEnd, QuarterEnd)):
        yield node.day
    elif isinstance(node, (Compare, Arithmetic, Pick)):
        yield from _facts(node.left)
        yield from _facts(node.right)
    elif isinstance(node, OneOf):
        yield from _facts(node.item)
    elif isinstance(node, (Divides, Rounded)):
        yield from _facts(node.top)
    elif isinstance(node, Share):
        yield from _facts(node.top)
        yield from _facts(node.bottom)
    elif isinstance(node, Not):
        yield from _facts(node.test)
    elif isinstance(node, Every):
        for one in node.tests:
            yield from _facts(one)


# A claim of one activity, and of several: in pence alone, and with the trace.
# `accept` is the lower fee that the person asked for; `settle` answers what several fees come to.
SHARED = """
def shared(claim):
{opening}
    return ({names}{comma})
"""
PLAIN_ONE = """
def one(claim, line, judge, costs, accept):
{opening}
    fee = judge(line{more})
    is_open = fee == -2
    if fee < 0:
        fee = 0
    elif accept is not None and accept < fee:
        fee = accept
{costs}
    return (2 if is_open else 0 if fee or expenses else 1), fee, expenses
"""
PLAIN_MANY = """
def many(claim, parts, costs, settle):
{opening}
    fees = []
    for judge, line in parts:
        fees.append(judge(line{more}))
    fee, is_open = settle(fees)
{costs}
    return (2 if is_open else 0 if fee or expenses else 1), fee, expenses
"""
TRACED_ONE = """
def one(claim, line, judge, costs, accept, field):
{opening}
    row = judge(line{more})
    fees = [row]
    fee = row[2]
    is_open = row[1] == 2
    if accept is not None and accept < fee:
        fee = accept
{costs}
    total = fee + expenses
    warned = warn(field, fee, expenses, total{more})
    return (2 if is_open else 0 if total else 1), fees, spent, fee, expenses, warned
"""
TRACED_MANY = """
def many(claim, parts, costs, settle, field):
{opening}
    fees = []
    for judge, line in parts:
        fees.append(judge(line{more}))
    fee, is_open = settle([-row[1] or row[2] for row in fees])
{costs}
    total = fee + expenses
    warned = warn(field, fee, expenses, total{more})
    return (2 if is_open else 0 if total else 1), fees, spent, fee, expenses, warned
"""
PLAIN_COSTS = """
    expenses = 0
    seen = []
    for cost in costs:
        if not fits(cost): unfit()
        key = cost["category"]
{again}
        pence = EXPENSES[key](cost{more})
        if pence >= 0:
            expenses += pence
            seen.append(key)
        elif pence == -2:
            is_open = True
"""
TRACED_COSTS = """
    expenses = 0
    seen = []
    spent = []
    for cost in costs:
        if not fits(cost): unfit()
        key = cost["category"]
{again}
        row = EXPENSES[key](cost{more})
        spent.append(row)
        if not row[1]:
            expenses += row[2]
            seen.append(key)
        elif row[1] == 2:
            is_open = True
"""
# Only where a rule asks whether a cost of its kind was paid in this claim already.
AGAIN = """
        if key in AGAIN and key in seen:
            cost = {**cost, "_again": True}
"""


def whole_claims(opening: list[str], more: str, *, trace: bool, again: bool) -> list[str]:
    """The functions that judge a whole claim, after `opening`, with what lines share as further arguments."""
    costs = TRACED_COSTS if trace else PLAIN_COSTS
    if not again:
        costs = "\n".join(line for line in costs.splitlines() if "seen" not in line)
    parts = {
        "opening": "\n".join(opening),
        "more": more,
        "names": more.removeprefix(", "),
        "comma": "," if more else "",
        "costs": costs.strip("\n").format(more=more, again=AGAIN.strip("\n") if again else ""),
    }
    one, many = (TRACED_ONE, TRACED_MANY) if trace else (PLAIN_ONE, PLAIN_MANY)
    found = "".join(text.format(**parts) for text in (SHARED, one, many))
    return [line for line in found.splitlines() if line.strip()]
