"""How do steps become Python? One module of functions a day, printed plain or with the trace.

The source is made from nodes only: every text of the policy enters as a constant of the frozen namespace,
under a name of the printer's own, so nothing that a policy says can become code. A line's function takes the
line's facts as they were sent, and what lines ask about the claim, read once for all of them (`Shared`).
Plain it answers pence, or the outcome below zero when nothing is paid; with the trace a `Row`.
An entry of a trace is a function of the same module and the figures that its words need (`lines.told`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.policy import wording
from service.policy.facts import MAX_COUNT, USED, FactKind, Vocabulary
from service.policy.printing_whole import FIELD, Shared
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
# A fee's or a cost's facts, its outcome, its sum in pence, and what the rules said.
Row = tuple[Mapping[str, Any], int, int, Trace]
HALF_UP = "half up"


@dataclass
class Printer:
    """Prints one function at a time, gathering constants, and the functions that say what a trace holds."""

    vocabulary: Vocabulary
    trace: bool
    constants: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    _names: dict[tuple[type, Any], str] = field(default_factory=dict)
    shared: Shared = field(default_factory=Shared)
    _functions: list[tuple[str, list[str]]] = field(default_factory=list)
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
    ) -> frozenset[str]:
        """A function of a line's facts, of which `needs` must be there. Answers which of them it reads."""
        body = self._body(program, kinds, needs)
        if not program or not isinstance(program[-1], Pay):
            body.append(f"    {self._return('mark', '0')}")
        self._functions.append((f"def {name}(line", body))
        return frozenset(fact.name for fact in self._facts)

    def warning_function(self, name: str, program: Program) -> None:
        """A function of the claim's field and its three sums, answering a trace of warnings."""
        body = self._body(program, self.vocabulary.claim, ())
        self._functions.append(
            (f"def {name}(field, fee_pence, expenses_pence, total_pence", [*body, "    return trace"])
        )

    def source(self) -> list[str]:
        """Every function so far. Each of them is handed all that any of them asks about the claim."""
        found = list(self.tellers)
        for head, body in self._functions:
            found += [f"{head}{self.shared.more}):", *body]
        return found

    def opening(self) -> list[str]:
        """Reads from `claim` what lines share: its facts first, then the tests of them."""
        found: list[str] = []
        for fact, local in self.shared.facts.items():
            found += self._load(fact, local, needed=False)
        return found + [f"    {name} = {test}" for test, name in self.shared.tests.items()]

    def _body(self, program: Program, kinds: Mapping[str, FactKind], needs: tuple[str, ...]) -> list[str]:
        self._facts, self._kinds = {}, kinds
        steps: list[str] = []
        self._steps(program, steps, "    ", outermost=True)
        for name in needs:
            self._facts.setdefault(Fact("line", name), f"f{len(self._facts)}")
        found = ["    mark = 0; trace = []" if self.trace else "    mark = 0"]
        for fact, local in self._facts.items():
            found += self._load(fact, local, needed=fact.name in needs)
        return found + steps

    def _load(self, fact: Fact, local: str, *, needed: bool) -> list[str]:
        """Reads a fact and makes sure that it fits, so that nothing else can be worked out from it."""
        found = [f"    {local} = {fact.scope}.get({self.constant(fact.name)})"]
        kind = self._kind(fact)
        if kind is None:
            return found
        found.append(f"    if {local} is None: unfit()" if needed else f"    if {local} is not None:")
        pad = "    " if needed else "        "
        if kind.unit in ("yes or no", "text"):
            found.append(f"{pad}if {local}.__class__ is not {kind.python.__name__}: unfit()")
        elif kind.python is str:
            found.append(f"{pad}{local} = {'DAY' if kind.unit == 'date' else 'CLOCK'}[{local}]")
        else:
            fits = f"{local}.__class__ is int and 0 <= {local} <= {MAX_COUNT}"
            if kind.scale == 1:
                found.append(f"{pad}if not ({fits}): unfit()")
            else:
                plain = f"{local} * {kind.scale} if {fits} else whole({local}, {kind.scale})"
                found.append(f"{pad}{local} = {plain}")
        return found

    def _local(self, fact: Fact) -> str:
        """The name that holds a fact: the line's own, or one that all lines share."""
        if fact == FIELD:
            return "field"
        if fact.scope == "claim":
            return self.shared.facts.setdefault(fact, f"g{len(self.shared.facts)}")
        return self._facts.setdefault(fact, f"f{len(self._facts)}")

    def _kind(self, fact: Fact) -> FactKind | None:
        """What kind of fact it is; None for what the engine itself puts beside the facts."""
        if fact.scope == "line":
            return self._kinds.get(fact.name)
        if fact.name.startswith(USED):
            return self.vocabulary.counters.get(fact.name.removeprefix(USED))
        return self.vocabulary.claim.get(fact.name)

    # Steps

    def _steps(self, steps: Program, out: list[str], pad: str, *, outermost: bool = False) -> None:
        before = len(out)
        for step in steps:
            if isinstance(step, When):
                self._when(step, out, pad, shared=outermost and self.shared.takes(step.test))
            else:
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
            out.append(f"{pad}if mark: {self._return('mark', '0')}")
        elif isinstance(step, Pay):
            out.append(f"{pad}{self._return('0', self.expression(step.figure))}")
        elif self.trace and not isinstance(step, When):
            out.append(f"{pad}trace.append({self._entry(step)})")

    def _return(self, mark: str, pence: str) -> str:
        if self.trace:
            return f"return (line, {mark}, {pence}, trace)"
        return f"return {pence if mark == '0' else '-mark'}"

    def _when(self, step: When, out: list[str], pad: str, *, shared: bool) -> None:
        test = self.test(step.test)
        if shared:
            test = self.shared.tests.setdefault(test, f"t{len(self.shared.tests)}")
        out.append(f"{pad}if {test}:")
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
            return self._local(node)
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
