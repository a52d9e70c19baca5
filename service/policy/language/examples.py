"""Which worked examples stand beside the rules? Facts in, pounds out, in the literals of the language."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf

from service.policy.facts import FactKind, Vocabulary
from service.policy.language import literals
from service.policy.language.fields import Fields, Reading
from service.policy.language.literals import BadLiteral
from service.policy.language.nodes import Listing, Mapping, Node, Text
from service.policy.model import Example

OUTCOMES = ("payable", "not_payable", "needs_person")
SUMS = ("fee", "expenses", "total")
_SCALE = {"hours": ("minutes", 60), "miles": ("tenths of a mile", 10)}


def read_examples(reading: Reading, document: Mapping, vocabulary: Vocabulary) -> tuple[Example, ...]:
    """The `examples:` list of the main file."""
    node = document.entries.get("examples")
    if node is None:
        return ()
    if not isinstance(node, Listing):
        reading.fault(node, "'examples' is not a list.", "Start each example with a dash.")
        return ()
    found, names = [], set()
    for item in node.items:
        if not isinstance(item, Mapping):
            reading.fault(item, "An example has no parts.", "Give it a name, facts, expect and worked.")
            continue
        fields = Fields(reading, item, key="examples")
        example = _example(fields, vocabulary)
        if example.name in names:
            fields.fault(f"Two examples are called '{example.name}'.", "Give each its own name.")
        names.add(example.name)
        found.append(example)
    return tuple(found)


def _example(fields: Fields, vocabulary: Vocabulary) -> Example:
    name = fields.text("name")
    fields.key = f"examples: {name}"
    worked = fields.text("worked")
    facts = fields.inner("facts")
    expect = fields.inner("expect")
    given = _facts(facts, vocabulary) if facts else {}
    wanted = _expect(expect) if expect else {}
    if not facts or not expect:
        fields.fault(f"The example '{name}' has no facts or expects nothing.", 'Add "facts:" and "expect:".')
    fields.done()
    return Example(name, given, wanted, worked, fields.place)


def _facts(fields: Fields, vocabulary: Vocabulary) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, node in fields.node.entries.items():
        if key in ("expenses", "contributions"):
            kinds = vocabulary.expense if key == "expenses" else vocabulary.contribution
            found[key] = [_row(row, kinds) for row in fields.rows(key)]
        elif key == "used" and (used := fields.inner(key)):
            found[key] = _row(used, vocabulary.counters)
        else:
            fields.used.add(key)
            found[key] = _fact(fields, key, node, vocabulary.claim)
    return found


def _row(row: Fields, kinds: MappingOf[str, FactKind]) -> dict[str, object]:
    return {key: _fact(row, key, node, kinds) for key, node in row.node.entries.items()}


def _fact(fields: Fields, key: str, node: Node, kinds: MappingOf[str, FactKind]) -> object:
    if not fields.known(key, kinds, "fact", node) or not isinstance(node, Text):
        return None
    unit = kinds[key].unit
    if unit == "yes or no":
        return node.value == "true" if node.value in ("true", "false") else node.value
    if unit in ("text", "date", "time of day"):
        return node.value
    if re.match(r"^\d{1,9}$", node.value):
        return int(node.value)
    try:
        number = literals.quantity(node.value)
    except BadLiteral as error:
        fields.fault(error.what, error.remedy, node)
        return 0
    inner, scale = _SCALE.get(unit, (unit, 1))
    if number.unit != inner:
        fields.fault(
            f"'{node.value}' is in {number.unit}, but {key} is in {unit}.", "Write the right unit.", node
        )
    return number.number if number.number % scale == 0 and scale == 1 else _scaled(number.number, scale)


def _scaled(number: int, scale: int) -> int | float:
    return number // scale if number % scale == 0 else number / scale


def _expect(fields: Fields) -> dict[str, object]:
    found: dict[str, object] = {}
    for key in SUMS:
        if fields.has(key):
            value = fields.value(key, "pence")
            found[key] = getattr(value, "number", 0)
    default = "payable" if found else ""
    found["outcome"] = (
        fields.choice("outcome", OUTCOMES, default=default) if fields.has("outcome") or default else ""
    )
    if not found["outcome"]:
        fields.fault(f'"{fields.key}" expects nothing.', 'Add a sum, or "outcome: needs_person".')
    if found["outcome"] == "needs_person" and ("total" in found or "fee" in found):
        fields.fault("An example with a sum may not need a person.", "Remove the sum or the outcome.")
    for key in ("lines", "warnings", "all_warnings", "rules"):
        if fields.has(key):
            found[key] = list(fields.texts(key))
    for key in ("approval", "pay_by", "route"):
        if fields.has(key):
            found[key] = list(fields.texts(key)) if key == "approval" else fields.text(key)
    fields.done()
    return found
