"""What does a formula such as `hourly_rate * minutes + £5.00` say?

Values and facts are joined by `+`, `-`, `*` and brackets. There is no division and nothing repeats. A sum
times hours, miles or a percentage is what people mean by it: £15.00 * 90 minutes is £22.50. Parts of a penny
are rounded once, at the end, as the policy states.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf

from service.policy.facts import FactKind
from service.policy.formulas import Joined, Known, Term, Worth
from service.policy.language.conditions import UNIT_OF_FACT
from service.policy.language.fields import Fields
from service.policy.language.literals import BadLiteral, Quantity, quantity
from service.policy.language.nodes import Text
from service.policy.model import Named

MAX_PARTS = 40
_TOKEN = re.compile(r"\s*(?:([-+*()])|([a-z][a-z0-9_.]*)|((?:£?\d[\d,.]*)(?:%| ?[a-z]+)?))")
COUNTS = ("count", "people", "nights", "days", "items", "years")


class _Wrong(Exception):
    """Not a formula: what is wrong, and what to write."""


def read_formula(fields: Fields, key: str, known: MappingOf[str, FactKind]) -> Term:
    """The formula under `key`, in pence."""
    node = fields.raw(key)
    nothing = Worth(Quantity(0, "pence"), "pence")
    if not isinstance(node, Text):
        fields.fault(f'"{fields.key}" has no {key}.', f'Add "{key}:", like rate * hours + £5.00.', node)
        return nothing
    try:
        parser = _Parser(_tokens(node.value), fields.reading.units, known)
        found = parser.sum(0)
        if parser.rest:
            raise _Wrong(f"'{parser.rest[0]}' is not expected here.")
        if found.unit != "pence":
            raise _Wrong(f"it comes to {found.unit}, not to a sum of money.")
        return found
    except (_Wrong, BadLiteral) as error:
        fields.fault(
            f'The formula of "{fields.key}" is not clear: {error}',
            "Use sums, amounts and facts with + - * and one pair of brackets.",
            node,
        )
        return nothing


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    tidy = text.strip().replace("×", "*")
    while at < len(tidy):
        match = _TOKEN.match(tidy, at)
        if match is None or len(found) == MAX_PARTS:
            raise _Wrong(f"'{tidy[at : at + 12]}' cannot be read." if match is None else "it is too long.")
        found.append(match[0].strip())
        at = match.end()
    return found


class _Parser:
    """Sums of products, with brackets at most two deep."""

    def __init__(
        self, tokens: list[str], units: MappingOf[str, str], known: MappingOf[str, FactKind]
    ) -> None:
        self.rest = tokens
        self.units = units
        self.known = known

    def sum(self, depth: int) -> Term:
        """Products joined by plus and minus."""
        left = self._product(depth)
        while self.rest and self.rest[0] in "+-":
            sign = self.rest.pop(0)
            right = self._product(depth)
            if left.unit != right.unit:
                raise _Wrong(f"{left.unit} and {right.unit} cannot be added.")
            left = Joined("+" if sign == "+" else "-", left, right, left.unit)
        return left

    def _product(self, depth: int) -> Term:
        left = self._part(depth)
        while self.rest and self.rest[0] == "*":
            self.rest.pop(0)
            right = self._part(depth)
            units = {left.unit, right.unit}
            if left.unit in COUNTS:
                unit = right.unit
            elif right.unit in COUNTS:
                unit = left.unit
            elif "pence" in units and len(units) == 2:
                unit = "pence"
            else:
                raise _Wrong(f"{left.unit} cannot be multiplied by {right.unit}.")
            left = Joined("*", left, right, unit)
        return left

    def _part(self, depth: int) -> Term:
        if not self.rest:
            raise _Wrong("it ends too soon.")
        token = self.rest.pop(0)
        if token == "(":  # noqa: S105
            if depth == 2:
                raise _Wrong("brackets stand more than two deep.")
            inner = self.sum(depth + 1)
            if not self.rest or self.rest.pop(0) != ")":
                raise _Wrong("a bracket is not closed.")
            return inner
        if token in self.units:
            return Worth(Named(token), self.units[token])
        if token in self.known:
            unit = UNIT_OF_FACT.get(self.known[token].unit)
            if unit is None or unit == "time of day":
                raise _Wrong(f"the fact '{token}' is not a number.")
            return Known(token, unit)
        if not re.match(r"[£\d]", token):
            raise _Wrong(f"there is no amount or fact called '{token}'.")
        value = Quantity(int(token), "count") if re.match(r"^\d{1,4}$", token) else quantity(token)
        return Worth(value, value.unit)
