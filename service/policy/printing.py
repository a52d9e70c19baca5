"""How do steps become Python? One module of functions a day, printed plain or with the trace.

The source is made from nodes only: every text of the policy enters as a constant of the frozen namespace,
under a name of the printer's own, so nothing that a policy says can become code. A line's function answers
`(outcome, pence)` when plain, and `(outcome, pence, reasons, changes)` with the trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from service.policy import wording
from service.policy.plan import Plan
from service.policy.rounding import round_share, share
from service.policy.steps import (
    Arithmetic,
    Compare,
    Divides,
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
    Shown,
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

Judge = Callable[..., Any]
HELPERS = {f"show_{name}": function for name, function in wording.SHOW.items()}
HALF_UP = "half up"


@dataclass
class Printer:
    """Prints one function at a time, gathering constants."""

    trace: bool
    constants: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    _names: dict[tuple[type, Any], str] = field(default_factory=dict)
    _facts: dict[Fact, str] = field(default_factory=dict)

    def constant(self, value: Any) -> str:
        """A name for a constant; small whole numbers and yes or no stand for themselves."""
        if value is None or isinstance(value, (bool, int)):
            return repr(value)
        key = (type(value), value)
        if key not in self._names:
            self._names[key] = f"K{len(self._names)}"
            self.constants[self._names[key]] = value
        return self._names[key]

    def line_function(self, name: str, program: Program) -> None:
        """A function of the claim's and the line's facts, and the pointer to the line."""
        self._function(f"def {name}(claim, line, at):", program)
        if not program or not isinstance(program[-1], Pay):
            self.lines.append(
                "    return (mark, 0, reasons, changes)" if self.trace else "    return (mark, 0)"
            )

    def warning_function(self, name: str, program: Program) -> None:
        """A function of the claim's facts and its three sums, answering warnings."""
        self._function(f"def {name}(claim, fee_pence, expenses_pence, total_pence):", program)
        self.lines.append("    return warnings")

    def _function(self, head: str, program: Program) -> None:
        self._facts = {}
        body: list[str] = []
        self._steps(program, body, "    ")
        self.lines.append(head)
        self.lines.append("    mark = 0")
        if self.trace:
            self.lines.append("    reasons = []; changes = []; warnings = []")
        for fact, local in self._facts.items():
            self.lines.append(f"    {local} = {fact.scope}.get({self.constant(fact.name)})")
        self.lines += body

    # Steps

    def _steps(self, steps: Program, out: list[str], pad: str) -> None:
        before = len(out)
        for step in steps:
            self._step(step, out, pad)
        if len(out) == before:
            out.append(f"{pad}pass")

    def _step(self, step: Step, out: list[str], pad: str) -> None:
        if isinstance(step, Set):
            out.append(f"{pad}v_{step.slot} = {self.expression(step.figure)}")
        elif isinstance(step, Mark):
            out.append(
                f"{pad}mark = {step.outcome}" if step.outcome == 1 else f"{pad}mark = mark or {step.outcome}"
            )
        elif isinstance(step, StopIfMarked):
            answer = "(mark, 0, reasons, changes)" if self.trace else "(mark, 0)"
            out.append(f"{pad}if mark: return {answer}")
        elif isinstance(step, Pay):
            tail = ", reasons, changes" if self.trace else ""
            out.append(f"{pad}return (0, {self.expression(step.figure)}{tail})")
        elif isinstance(step, When):
            self._when(step, out, pad)
        elif self.trace:
            self._told(step, out, pad)

    def _when(self, step: When, out: list[str], pad: str) -> None:
        out.append(f"{pad}if {self.test(step.test)}:")
        self._steps(step.then, out, pad + "    ")
        if step.otherwise:
            out.append(f"{pad}else:")
            self._steps(step.otherwise, out, pad + "    ")

    def _told(self, step: Say | Suggest | Warn, out: list[str], pad: str) -> None:
        words = self.words(step.words)
        if isinstance(step, Say):
            figures = ", ".join(f'"{name}": {self.figure(one)}' for name, one in step.figures)
            out.append(
                f'{pad}reasons.append({{"clause": {self.constant(step.clause)}, '
                f'"rule": {self.constant(step.rule)}, "text": {words}, "figures": {{{figures}}}}})'
            )
        elif isinstance(step, Suggest):
            root = '"/" + ' if step.fact.scope == "claim" else 'at + "/" + '
            out.append(
                f'{pad}changes.append({{"pointer": {root}{self.constant(step.fact.name)}, '
                f'"value": {self.figure(step.value)}, "text": {words}}})'
            )
        else:
            out.append(
                f'{pad}warnings.append({{"code": {self.constant(step.code)}, '
                f'"clause": {self.constant(step.clause)}, "text": {words}}})'
            )

    # Expressions

    def expression(self, node: Expression) -> str:
        """The node as a Python expression, in brackets where it needs them."""
        if isinstance(node, Number):
            return repr(node.value)
        if isinstance(node, Word):
            return self.constant(node.value)
        if isinstance(node, Fact):
            return self._facts.setdefault(node, f"f{len(self._facts)}")
        if isinstance(node, OrZero):
            return f"({self.expression(node.fact)} or 0)"
        if isinstance(node, Slot):
            return node.name if node.name.endswith("_pence") else f"v_{node.name}"
        if isinstance(node, Arithmetic):
            return f"({self.expression(node.left)} {node.sign} {self.expression(node.right)})"
        if isinstance(node, Pick):
            return f"{node.which}({self.expression(node.left)}, {self.expression(node.right)})"
        if isinstance(node, Later):
            return f"later({self.expression(node.day)}, {node.count}, {self.constant(node.unit)})"
        return self._day(node) if isinstance(node, (YearEnd, QuarterEnd)) else self._rounded(node)

    def _day(self, node: YearEnd | QuarterEnd) -> str:
        day = self.expression(node.day)
        if isinstance(node, QuarterEnd):
            return f"quarter_end({day})"
        return f"last_day({day}, {node.count}, {self.constant(node.unit)}, {self.constant(node.ends)})"

    def _rounded(self, node: Rounded | Share) -> str:
        if isinstance(node, Share):
            parts = (self.expression(node.top), self.expression(node.bottom), str(node.step))
            return f"share({', '.join(parts)}, {self.constant(node.direction)})"
        top, size = self.expression(node.top), node.bottom * node.step
        if node.direction == HALF_UP and size % 2 == 0:
            whole = f"(({top} + {size // 2}) // {size})"
            return whole if node.step == 1 else f"({whole} * {node.step})"
        return f"round_share({top}, {node.bottom}, {node.step}, {self.constant(node.direction)})"

    def test(self, node: Test) -> str:
        """The node as a Python condition."""
        if isinstance(node, Given):
            return f"{self.expression(node.fact)} is not None"
        if isinstance(node, Compare):
            return f"{self.expression(node.left)} {node.sign} {self.expression(node.right)}"
        if isinstance(node, OneOf):
            return f"{self.expression(node.item)} in {self.constant(node.words)}"
        if isinstance(node, Divides):
            return f"{self.expression(node.top)} % {node.bottom} == 0"
        if isinstance(node, Not):
            return f"not ({self.test(node.test)})"
        return " and ".join(f"({self.test(one)})" for one in node.tests) or "True"

    def words(self, parts: tuple[Part, ...]) -> str:
        """A text expression: constants joined with shown figures, neighbours merged."""
        merged: list[Part] = []
        for part in parts:
            if isinstance(part, Shown) and isinstance(part.figure, Number):
                part = wording.SHOW[part.how](part.figure.value)
            if isinstance(part, str) and merged and isinstance(merged[-1], str):
                merged[-1] += part
            else:
                merged.append(part)
        return (
            " + ".join(
                self.constant(part)
                if isinstance(part, str)
                else f"show_{part.how}({self.expression(part.figure)})"
                for part in merged
            )
            or '""'
        )

    def figure(self, node: Expression) -> str:
        """A figure as JSON: days become texts."""
        text = self.expression(node)
        is_day = isinstance(node, (Later, YearEnd, QuarterEnd)) or (
            isinstance(node, Fact) and node.name in ("on", "claimed_on")
        )
        return f"{text}.isoformat()" if is_day else text


@dataclass(frozen=True)
class Printed:
    """One day's functions, and the source they were made from."""

    source: str
    fees: Mapping[tuple[str, str], Judge]
    expenses: Mapping[str, Judge]
    covers: Mapping[str, Judge]
    warnings: Judge | None


def print_plan(plan: Plan, *, trace: bool) -> Printed:
    """Prints, compiles and runs the definitions of one day in a namespace of their own."""
    printer = Printer(trace)
    fees = {cell: f"fee_{index}" for index, cell in enumerate(plan.fees)}
    expenses = {key: f"expense_{index}" for index, key in enumerate(plan.expenses)}
    covers = {key: f"cover_{index}" for index, key in enumerate(plan.covers)}
    for cell, program in plan.fees.items():
        printer.line_function(fees[cell], program)
    for key, program in plan.expenses.items():
        printer.line_function(expenses[key], program)
    if trace:
        for key, program in plan.covers.items():
            printer.line_function(covers[key], program)
        printer.warning_function("warn", plan.warnings)
    source = "\n".join(printer.lines) + "\n"
    names: dict[str, Any] = {
        **HELPERS,
        **printer.constants,
        "later": wording.later,
        "last_day": wording.last_day,
        "quarter_end": wording.quarter_end,
        "share": share,
        "round_share": round_share,
        "__builtins__": {"min": min, "max": max},
    }
    exec(compile(source, f"<policy on {plan.starts.isoformat()}>", "exec"), names)  # noqa: S102
    return Printed(
        source,
        MappingProxyType({cell: names[name] for cell, name in fees.items()}),
        MappingProxyType({key: names[name] for key, name in expenses.items()}),
        MappingProxyType({key: names[name] for key, name in covers.items()} if trace else {}),
        names.get("warn"),
    )
