"""What does one day's policy offer once it is printed? Its functions, each alone, and for whole claims."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn

from service.policy import wording
from service.policy.facts import CLOCK, DAY, Unfit, whole
from service.policy.plan import Plan
from service.policy.printing import Judge, Printer
from service.policy.printing_whole import whole_claims
from service.policy.rounding import round_share, share


def not_printed(*_: object) -> NoReturn:
    """Stands where judges were not printed, and so judge one line at a time only."""
    raise LookupError("These judges know no whole claims.")


@dataclass(frozen=True)
class Printed:
    """One day's functions, and the source they were made from.

    Each can be asked alone, with the claim's facts. `one` and `many` judge a whole claim (`whole_claims`);
    `cells` are what they take for its fees.
    """

    source: str
    fees: Mapping[tuple[str, str], Judge]
    expenses: Mapping[str, Judge]
    covers: Mapping[str, Judge]
    warnings: Judge | None
    cells: Mapping[tuple[str, str], Judge] = field(default_factory=dict)
    one: Judge = not_printed
    many: Judge = not_printed
    reads: frozenset[str] = frozenset()


def print_plan(plan: Plan, *, trace: bool) -> Printed:
    """Prints, compiles and runs the definitions of one day in a namespace of their own."""
    vocabulary = plan.vocabulary
    printer = Printer(vocabulary, trace)
    fees = {cell: f"fee_{index}" for index, cell in enumerate(plan.fees)}
    expenses = {key: f"expense_{index}" for index, key in enumerate(plan.expenses)}
    covers = {key: f"cover_{index}" for index, key in enumerate(plan.covers)} if trace else {}
    reads, again = set[str](), set[str]()
    for cell, program in plan.fees.items():
        reads |= printer.line_function(fees[cell], program, vocabulary.claim, plan.fee_needs[cell])
    for key, program in plan.expenses.items():
        read = printer.line_function(expenses[key], program, vocabulary.expense, plan.expense_needs[key])
        if "_again" in read:
            again.add(key)
    for key in covers:
        printer.line_function(covers[key], plan.covers[key], vocabulary.expense)
    if trace:
        printer.warning_function("warn", plan.warnings)
    opening, more = printer.opening(), printer.shared.more
    lines = [*printer.source(), *whole_claims(opening, more, trace=trace, again=bool(again))]
    source = "\n".join(lines) + "\n"
    names = {**HELPERS, **_OUTSIDE, **printer.constants, "AGAIN": frozenset(again)}
    names["fits"] = frozenset(vocabulary.expense).issuperset
    exec(compile(source, f"<policy on {plan.starts.isoformat()}>", "exec"), names)  # noqa: S102
    names["EXPENSES"] = {key: names[name] for key, name in expenses.items()}
    alone = functools.partial(_alone, names["shared"], trace=trace)
    return Printed(
        source,
        MappingProxyType({cell: alone(names[name]) for cell, name in fees.items()}),
        MappingProxyType({key: alone(names[name]) for key, name in expenses.items()}),
        MappingProxyType({key: alone(names[name]) for key, name in covers.items()}),
        _warns(names["shared"], names["warn"]) if trace else None,
        MappingProxyType({cell: names[name] for cell, name in fees.items()}),
        names["one"],
        names["many"],
        frozenset(reads | {fact.name for fact in printer.shared.facts}),
    )


def _alone(shared: Judge, judge: Judge, *, trace: bool) -> Judge:
    """A line's function with the claim's facts: `(outcome, pence)`, and the trace where there is one."""

    def ask(claim: Mapping[str, Any], line: Mapping[str, Any]) -> tuple[Any, ...]:
        told = judge(line, *shared(claim))
        if trace:
            return (told[1], told[2], told[3])
        return (0, told) if told >= 0 else (-told, 0)

    return ask


def _warns(shared: Judge, warn: Judge) -> Judge:
    """The warnings of a claim, with its facts."""

    def ask(claim: Mapping[str, Any], field: str, fee: int, expenses: int, total: int) -> Any:
        return warn(field, fee, expenses, total, *shared(claim))

    return ask


HELPERS = {f"show_{name}": function for name, function in wording.SHOW.items()}
KEPT_DAYS = 65_536


def _unfit() -> NoReturn:
    raise Unfit


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
