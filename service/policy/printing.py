"""How do steps become Python? One module of functions a day, printed plain or with the trace.

The source is made from nodes only: every text of the policy enters as a constant of the frozen namespace,
under a name of the printer's own, so nothing that a policy says can become code. A line's function takes the
facts as they were sent, and answers `(outcome, pence)` when plain, `(outcome, pence, trace)` with the trace.
An entry of it is a function of the same module and the figures that its words need: `told` says it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn

from service.policy import wording
from service.policy.facts import CLOCK, DAY, MAX_COUNT, USED, FactKind, Unfit, Vocabulary, whole
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
Entry = tuple[Any, ...]
Trace = list[Entry]
HELPERS = {f"show_{name}": function for name, function in wording.SHOW.items()}
HALF_UP = "half up"
FIELD = Fact("claim", "field")
KEPT_DAYS = 65_536


def told(trace: Trace, at: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A line's trace in words: its reasons, and what would change it. `at` is the pointer to the line."""
    reasons: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for entry in trace:
        one = entry[0](entry, at)
        (changes if "pointer" in one else reasons).append(one)
    return reasons, changes


def _unfit() -> NoReturn:
    raise Unfit


@dataclass
class Printer:
    """Prints one function at a time, gathering constants, and the functions that say what a trace holds."""

    vocabulary: Vocabulary
    trace: bool
    constants: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    _names: dict[tuple[type, Any], str] = field(default_factory=dict)
    _facts: dict[Fact, str] = field(default_factory=dict)
    _kinds: Mapping[str, FactKind] = field(default_factory=dict)
    _tellers: dict[str, str] = field(default_factory=dict)
    tellers: list[str] = field(default_factory=list)

    def constant(self, value: Any) -> str:
        """A name for a constant; small whole numbers and yes or no stand for themselves."""
        if value is None or isinstance(value, (bool, int)):
            return repr(value)
        key = (type(value), value)
        if key not in self._names:
            self._names[key] = f"K{len(self._names)}"
            self.constants[self._names[key]] = value
        return self._names[key]

    def line_function(
        self, name: str, program: Program, kinds: Mapping[str, FactKind], needs: tuple[str, ...] = ()
    ) -> None:
        """A function of the claim's and the line's facts, of which `needs` must be there."""
        self._function(f"def {name}(claim, line):", program, kinds, needs)
        if not program or not isinstance(program[-1], Pay):
            self.lines.append("    return (mark, 0, trace)" if self.trace else "    return (mark, 0)")

    def warning_function(self, name: str, program: Program) -> None:
        """A function of the claim's facts, its field and its three sums, answering a trace of warnings."""
        head = f"def {name}(claim, field, fee_pence, expenses_pence, total_pence):"
        self._function(head, program, self.vocabulary.claim, ())
        self.lines.append("    return trace")

    def _function(
        self, head: str, program: Program, kinds: Mapping[str, FactKind], needs: tuple[str, ...]
    ) -> None:
        self._facts, self._kinds = {}, kinds
        body: list[str] = []
        self._steps(program, body, "    ")
        self.lines.append(head)
        self.lines.append("    mark = 0; trace = []" if self.trace else "    mark = 0")
        for name in needs:
            fact = Fact("line", name)
            self._facts.setdefault(fact, f"f{len(self._facts)}")
        for fact, local in self._facts.items():
            self._load(fact, local, fact.name in needs and fact.scope == "line")
        self.lines += body

    def _load(self, fact: Fact, local: str, needed: bool) -> None:
        """Reads a fact and makes sure that it fits, so that nothing else can be worked out from it."""
        if fact == FIELD:
            return
        self.lines.append(f"    {local} = {fact.scope}.get({self.constant(fact.name)})")
        kind = self._kind(fact)
        if kind is None:
            return
        given = f"    if {local} is None: unfit()" if needed else f"    if {local} is not None:"
        pad = "    " if needed else "        "
        self.lines.append(given)
        if kind.unit in ("yes or no", "text"):
            self.lines.append(f"{pad}if {local}.__class__ is not {kind.python.__name__}: unfit()")
        elif kind.python is str:
            self.lines.append(f"{pad}{local} = {'DAY' if kind.unit == 'date' else 'CLOCK'}[{local}]")
        else:
            fits = f"{local}.__class__ is int and 0 <= {local} <= {MAX_COUNT}"
            if kind.scale == 1:
                self.lines.append(f"{pad}if not ({fits}): unfit()")
            else:
                plain = f"{local} * {kind.scale} if {fits} else whole({local}, {kind.scale})"
                self.lines.append(f"{pad}{local} = {plain}")

    def _kind(self, fact: Fact) -> FactKind | None:
        """What kind of fact it is; None for what the engine itself puts beside the facts."""
        if fact.scope == "line":
            return self._kinds.get(fact.name)
        if fact.name.startswith(USED):
            return self.vocabulary.counters.get(fact.name.removeprefix(USED))
        return self.vocabulary.claim.get(fact.name)

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
            out.append(f"{pad}if mark: return {'(mark, 0, trace)' if self.trace else '(mark, 0)'}")
        elif isinstance(step, Pay):
            tail = ", trace" if self.trace else ""
            out.append(f"{pad}return (0, {self.expression(step.figure)}{tail})")
        elif isinstance(step, When):
            self._when(step, out, pad)
        elif self.trace:
            out.append(f"{pad}trace.append({self._entry(step)})")

    def _when(self, step: When, out: list[str], pad: str) -> None:
        out.append(f"{pad}if {self.test(step.test)}:")
        self._steps(step.then, out, pad + "    ")
        if step.otherwise:
            out.append(f"{pad}else:")
            self._steps(step.otherwise, out, pad + "    ")

    def _entry(self, step: Say | Suggest | Warn) -> str:
        """An entry of the trace. The same words with the same kinds of figures are one function."""
        figures: list[str] = []
        words = self._words(step.words, figures)
        if isinstance(step, Say):
            shown = ", ".join(f'"{name}": {self._figure(one, figures)}' for name, one in step.figures)
            body = (
                f'{{"clause": {self.constant(step.clause)}, "rule": {self.constant(step.rule)}, '
                f'"text": {words}, "figures": {{{shown}}}}}'
            )
        elif isinstance(step, Suggest):
            root = '"/"' if step.fact.scope == "claim" else 'at + "/"'
            body = (
                f'{{"pointer": {root} + {self.constant(step.fact.name)}, '
                f'"value": {self._figure(step.value, figures)}, "text": {words}}}'
            )
        else:
            body = (
                f'{{"code": {self.constant(step.code)}, "clause": {self.constant(step.clause)}, '
                f'"text": {words}}}'
            )
        teller = self._tellers.get(body)
        if teller is None:
            teller = self._tellers[body] = f"tell_{len(self._tellers)}"
            self.tellers.append(f"def {teller}(entry, at): return {body}")
        return f"({', '.join([teller, *figures])},)"

    def _kept(self, node: Expression, figures: list[str]) -> str:
        """Where the entry keeps a figure: constants stand for themselves."""
        text = self.expression(node)
        if isinstance(node, (Number, Word)):
            return text
        if text not in figures:
            figures.append(text)
        return f"entry[{figures.index(text) + 1}]"

    def _words(self, parts: tuple[Part, ...], figures: list[str]) -> str:
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
                else f"show_{part.how}({self._kept(part.figure, figures)})"
                for part in merged
            )
            or '""'
        )

    def _figure(self, node: Expression, figures: list[str]) -> str:
        """A figure as JSON: days become texts."""
        kept = self._kept(node, figures)
        if isinstance(node, Fact):
            kind = self._kind(node)
            is_day = kind is not None and kind.unit == "date"
        else:
            is_day = isinstance(node, (Later, YearEnd, QuarterEnd))
        return f"{kept}.isoformat()" if is_day else kept

    # Expressions

    def expression(self, node: Expression) -> str:
        """The node as a Python expression, in brackets where it needs them."""
        if isinstance(node, Number):
            return repr(node.value)
        if isinstance(node, Word):
            return self.constant(node.value)
        if isinstance(node, Fact):
            return "field" if node == FIELD else self._facts.setdefault(node, f"f{len(self._facts)}")
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
    vocabulary = plan.vocabulary
    printer = Printer(vocabulary, trace)
    fees = {cell: f"fee_{index}" for index, cell in enumerate(plan.fees)}
    expenses = {key: f"expense_{index}" for index, key in enumerate(plan.expenses)}
    covers = {key: f"cover_{index}" for index, key in enumerate(plan.covers)}
    for cell, program in plan.fees.items():
        printer.line_function(fees[cell], program, vocabulary.claim, plan.fee_needs[cell])
    for key, program in plan.expenses.items():
        printer.line_function(expenses[key], program, vocabulary.expense, plan.expense_needs[key])
    if trace:
        for key, program in plan.covers.items():
            printer.line_function(covers[key], program, vocabulary.expense)
        printer.warning_function("warn", plan.warnings)
    source = "\n".join([*printer.tellers, *printer.lines]) + "\n"
    names = {**HELPERS, **_OUTSIDE, **printer.constants}
    exec(compile(source, f"<policy on {plan.starts.isoformat()}>", "exec"), names)  # noqa: S102
    return Printed(
        source,
        MappingProxyType({cell: names[name] for cell, name in fees.items()}),
        MappingProxyType({key: names[name] for key, name in expenses.items()}),
        MappingProxyType({key: names[name] for key, name in covers.items()} if trace else {}),
        names.get("warn"),
    )


# All that a printed function can reach beside its own constants.
_OUTSIDE: dict[str, Any] = {
    "later": functools.lru_cache(KEPT_DAYS)(wording.later),
    "last_day": functools.lru_cache(KEPT_DAYS)(wording.last_day),
    "quarter_end": wording.quarter_end,
    "share": share,
    "round_share": round_share,
    "whole": whole,
    "unfit": _unfit,
    "DAY": DAY,
    "CLOCK": CLOCK,
    "__builtins__": {"min": min, "max": max, "int": int, "bool": bool, "str": str},
}
