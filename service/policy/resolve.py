"""What is each value worth on one day? Dated amounts resolved, sentences filled in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from service.policy.language.fields import HOLE
from service.policy.language.literals import Quantity
from service.policy.model import Amount, Named, Rule, Tree, Undecided, Value
from service.policy.steps import Part
from service.policy.wording import words


class OnDay:
    """A policy as it stands on one day."""

    def __init__(self, tree: Tree, day: date) -> None:
        self.tree = tree
        self.day = day

    def value(self, value: Value) -> Quantity | Undecided:
        """The figure that holds that day; `Undecided` when the policy has none."""
        if isinstance(value, Named):
            return self._amount(self.tree.amounts[value.name])
        return value

    def number(self, value: Value) -> int | Undecided:
        """As `value`, without the unit."""
        found = self.value(value)
        return found.number if isinstance(found, Quantity) else found

    def _amount(self, amount: Amount) -> Quantity | Undecided:
        found: Quantity | Undecided | None = None
        for starts, cell in amount.series:
            if starts <= self.day:
                found = cell
        if found is None:
            first = amount.series[0][0].isoformat()
            return Undecided(f"{amount.name} has no value before {first}.")
        if amount.at_least and isinstance(found, Quantity):
            floor = self._amount(self.tree.amounts[amount.at_least])
            if isinstance(floor, Undecided):
                return floor
            return floor if floor.number > found.number else found
        return found

    def sentence(self, rule: Rule) -> str:
        """The rule's sentence with the day's figures in it."""
        return self.filled(rule, rule.sentence)

    def filled(self, rule: Rule, text: str, show: Callable[[str], str] = str) -> str:
        """Some words of the rule with the day's figures in it; `show` says a figure in another language."""
        return HOLE.sub(lambda hole: show(self._hole(rule, hole[1])), text)

    def _hole(self, rule: Rule, name: str) -> str:
        value = rule.values[name] if name in rule.values else Named(name)
        found = self.value(value)
        if isinstance(found, Undecided):
            return "an amount not yet decided"
        unsure = isinstance(value, Named) and self._is_inferred(self.tree.amounts[value.name])
        return words(found.number, found.unit) + (" (to be confirmed)" if unsure else "")

    def _is_inferred(self, amount: Amount) -> bool:
        """Whether the figure of that day was worked out or remembered, and not read in a source."""
        starts = [day for day, _ in amount.series if day <= self.day]
        if not starts or starts[-1] not in amount.inferred:
            return False
        return f"{amount.key} {starts[-1].isoformat()}" not in self.tree.sure

    def said(self, rule: Rule, *parts: Part) -> tuple[Part, ...]:
        """The filled sentence, followed by the working."""
        return (self.sentence(rule), *parts)


def change_days(tree: Tree) -> tuple[date, ...]:
    """The days on which the policy begins to say something else, the first being the day it starts."""
    header = tree.header
    days = {header.effective_from}
    for name in used_amounts(tree):
        days.update(starts for starts, _ in tree.amounts[name].series)
    last = header.effective_to
    return tuple(sorted(day for day in days if day >= header.effective_from and (last is None or day < last)))


def used_amounts(tree: Tree) -> frozenset[str]:
    """The amounts that some rule names, directly or as a floor. Amounts that nothing names change nothing."""
    seen: set[str] = set()
    waiting = [*_named(tree)]
    while waiting:
        name = waiting.pop()
        if name not in seen and name in tree.amounts:
            seen.add(name)
            floor = tree.amounts[name].at_least
            waiting += [floor] if floor else []
    return frozenset(seen)


def _named(node: object) -> set[str]:
    """Every `Named` below a node, and every amount named in a sentence."""
    if isinstance(node, Named):
        return {node.name}
    found: set[str] = set()
    if isinstance(node, Rule):
        found = {hole for hole in HOLE.findall(node.sentence) if hole not in node.values}
    if isinstance(node, Amount):
        return found
    if isinstance(node, (tuple, list)):
        for item in node:
            found |= _named(item)
    elif isinstance(node, dict):
        for item in node.values():
            found |= _named(item)
    elif hasattr(node, "__dataclass_fields__"):
        for name in node.__dataclass_fields__:
            if name not in ("amounts", "examples"):
                found |= _named(getattr(node, name))
    return found
