"""What do the steps mean, said as plainly as can be? The slow walker, oracle of the printed functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from service.policy import wording
from service.policy.plan import Plan
from service.policy.printing import Judge, Printed
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

    def __init__(self, claim: Mapping[str, Any], line: Mapping[str, Any], at: str) -> None:
        self.scopes = {"claim": claim, "line": line}
        self.at = at
        self.slots: dict[str, int] = {}
        self.mark = 0
        self.pence = 0
        self.reasons: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []

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
            self.reasons.append({"clause": step.clause, "rule": step.rule, "text": text, "figures": figures})
        elif isinstance(step, Suggest):
            start = "" if step.fact.scope == "claim" else self.at
            pointer = f"{start}/{step.fact.name}"
            self.changes.append({"pointer": pointer, "value": self.plain(step.value), "text": text})
        else:
            self.warnings.append({"code": step.code, "clause": step.clause, "text": text})

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
            return self.scopes[node.scope].get(node.name)
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


def walk_plan(plan: Plan) -> Printed:
    """The same doors as a printed plan, each opened by walking."""

    def judge(program: Program) -> Judge:
        def walk(claim: Mapping[str, Any], line: Mapping[str, Any], at: str) -> tuple[Any, ...]:
            one = Walk(claim, line, at)
            one.run(program)
            return (one.mark, one.pence, one.reasons, one.changes)

        return walk

    def warn(claim: Mapping[str, Any], fee: int, expenses: int, total: int) -> list[dict[str, Any]]:
        one = Walk(claim, {}, "")
        one.slots = {"fee_pence": fee, "expenses_pence": expenses, "total_pence": total}
        one.run(plan.warnings)
        return one.warnings

    return Printed(
        "",
        {cell: judge(program) for cell, program in plan.fees.items()},
        {key: judge(program) for key, program in plan.expenses.items()},
        {key: judge(program) for key, program in plan.covers.items()},
        warn,
    )
