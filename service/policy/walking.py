"""What do the steps mean, said as plainly as can be? The slow walker, oracle of the printed functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from service.policy import wording
from service.policy.facts import USED, FactKind, Vocabulary, inner
from service.policy.plan import Plan
from service.policy.printed import Printed
from service.policy.printing import Entry, Judge
from service.policy.rounding import round_share, share
from service.policy.steps import (
    Divides,
    Every,
    Expression,
    Fact,
    Given,
    Later,
    Mark,
    Not,
    Number,
    OneOf,
    OrZero,
    Part,
    Pay,
    Pick,
    Program,
    QuarterEnd,
    Rounded,
    Say,
    Set,
    Share,
    Slot,
    Step,
    StopIfMarked,
    Suggest,
    Test,
    Warn,
    When,
    Word,
    YearEnd,
)


class _Done(Exception):
    """A program has its answer."""


class Walk:
    """One run of one program over one set of facts."""

    def __init__(
        self,
        claim: Mapping[str, Any],
        line: Mapping[str, Any],
        vocabulary: Vocabulary,
        *,
        expense: bool = False,
    ) -> None:
        self.scopes = {"claim": claim, "line": line}
        self.vocabulary = vocabulary
        self.line_kinds = vocabulary.expense if expense else vocabulary.claim
        self.slots: dict[str, int] = {}
        self.mark = 0
        self.pence = 0
        self.trace: list[Entry] = []

    def run(self, program: Program) -> None:
        """Takes every step in order until one ends it."""
        try:
            for step in program:
                self.take(step)
        except _Done:
            pass

    def take(self, step: Step) -> None:
        """One step."""
        if isinstance(step, Set):
            self.slots[step.slot] = self.worth(step.figure)
        elif isinstance(step, Mark):
            if step.outcome == 1 or self.mark == 0:
                self.mark = step.outcome
        elif isinstance(step, StopIfMarked):
            if self.mark != 0:
                raise _Done
        elif isinstance(step, Pay):
            self.mark, self.pence = 0, self.worth(step.figure)
            raise _Done
        elif isinstance(step, When):
            for inner in step.then if self.holds(step.test) else step.otherwise:
                self.take(inner)
        else:
            self.tell(step)

    def tell(self, step: Say | Suggest | Warn) -> None:
        """Adds a reason, a change or a warning."""
        text = "".join(self.shown(part) for part in step.words)
        if isinstance(step, Say):
            figures = {name: self.plain(figure) for name, figure in step.figures}
            said = {"clause": step.clause, "rule": step.rule, "text": text, "figures": figures}
            self.trace.append((_said, said))
        elif isinstance(step, Suggest):
            self.trace.append((_suggested, step.fact, self.plain(step.value), text))
        else:
            self.trace.append((_said, {"code": step.code, "clause": step.clause, "text": text}))

    def kind(self, fact: Fact) -> FactKind | None:
        """What kind of fact it is; None for what the engine itself puts beside the facts."""
        if fact.scope == "line":
            return self.line_kinds.get(fact.name)
        if fact.name.startswith(USED):
            return self.vocabulary.counters.get(fact.name.removeprefix(USED))
        return self.vocabulary.claim.get(fact.name)

    def shown(self, part: Part) -> str:
        """A piece of a sentence."""
        return part if isinstance(part, str) else wording.SHOW[part.how](self.worth(part.figure))

    def plain(self, node: Expression) -> Any:
        """A figure as JSON."""
        value = self.worth(node)
        return value.isoformat() if isinstance(value, date) else value

    def worth(self, node: Expression) -> Any:
        """The value of an expression."""
        if isinstance(node, (Number, Word)):
            return node.value
        if isinstance(node, Fact):
            return inner(self.kind(node), self.scopes[node.scope].get(node.name))
        if isinstance(node, OrZero):
            value = self.worth(node.fact)
            return 0 if value is None else value
        if isinstance(node, Slot):
            return self.slots[node.name]
        if isinstance(node, Later):
            return wording.later(self.worth(node.day), node.count, node.unit)
        if isinstance(node, YearEnd):
            return wording.last_day(self.worth(node.day), node.count, node.unit, node.ends)
        if isinstance(node, QuarterEnd):
            return wording.quarter_end(self.worth(node.day))
        if isinstance(node, Share):
            return share(self.worth(node.top), self.worth(node.bottom), node.step, node.direction)
        if isinstance(node, Rounded):
            return round_share(self.worth(node.top), node.bottom, node.step, node.direction)
        left, right = self.worth(node.left), self.worth(node.right)
        if isinstance(node, Pick):
            return sorted((left, right))[0 if node.which == "min" else 1]
        return {"+": left + right, "-": left - right, "*": left * right}[node.sign]

    def holds(self, node: Test) -> bool:
        """Whether a test is true."""
        if isinstance(node, Given):
            return self.worth(node.fact) is not None
        if isinstance(node, OneOf):
            return any(self.worth(node.item) == word for word in node.words)
        if isinstance(node, Divides):
            return bool(self.worth(node.top) % node.bottom == 0)
        if isinstance(node, Not):
            return not self.holds(node.test)
        if isinstance(node, Every):
            return all(self.holds(one) for one in node.tests)
        left, right = self.worth(node.left), self.worth(node.right)
        if node.sign in ("==", "!="):
            return bool((left == right) is (node.sign == "=="))
        return bool(
            {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[node.sign]
        )


def _said(entry: Entry, _: str) -> Any:
    return entry[1]


def _suggested(entry: Entry, at: str) -> dict[str, Any]:
    _, fact, value, text = entry
    start = "" if fact.scope == "claim" else at
    return {"pointer": f"{start}/{fact.name}", "value": value, "text": text}


def walk_plan(plan: Plan) -> Printed:
    """The same doors as a printed plan, each opened by walking."""

    def judge(program: Program, *, expense: bool) -> Judge:
        def walk(claim: Mapping[str, Any], line: Mapping[str, Any]) -> tuple[Any, ...]:
            one = Walk(claim, line, plan.vocabulary, expense=expense)
            one.run(program)
            return (one.mark, one.pence, one.trace)

        return walk

    def warn(claim: Mapping[str, Any], field: str, fee: int, expenses: int, total: int) -> list[Entry]:
        one = Walk({**claim, "field": field}, {}, plan.vocabulary)
        one.slots = {"fee_pence": fee, "expenses_pence": expenses, "total_pence": total}
        one.run(plan.warnings)
        return one.trace

    return Printed(
        "",
        {cell: judge(program, expense=False) for cell, program in plan.fees.items()},
        {key: judge(program, expense=True) for key, program in plan.expenses.items()},
        {key: judge(program, expense=True) for key, program in plan.covers.items()},
        warn,
    )
