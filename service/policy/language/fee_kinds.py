"""Which kinds of fee are there beyond the hour, the band and the flat sum?"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf

from service.policy.facts import FactKind
from service.policy.language.conditions import read_checks
from service.policy.language.fields import Fields
from service.policy.language.formulas import read_formula
from service.policy.language.literals import Quantity
from service.policy.language.nodes import Listing, Mapping
from service.policy.model import (
    Band,
    Bands,
    Blocks,
    Case,
    Cases,
    Counter,
    Formula,
    Items,
    Matrix,
    Plateau,
    Rule,
    SetFirst,
    Tier,
    Value,
)

SET_EACH = ("session", "hour", "day", "item")
PER = ("item", "request")
PARTS = ("counts", "does not count")


def whole(fields: Fields, key: str, unit: str, *, needed: bool = True) -> int | None:
    """A stated figure of this unit, which may not be an amount by name."""
    found = fields.value(key, unit) if needed else fields.maybe(key, unit)
    if isinstance(found, Quantity):
        return found.number
    if found is not None:
        fields.fault(f'"{key}" of "{fields.key}" is not a figure.', "Write the figure itself.")
    return 1 if needed else None


def read_tiers(
    fields: Fields, unit: str, counters: MappingOf[str, Counter], counts: str
) -> tuple[tuple[Tier, ...], str]:
    """The `steps:` of a rate, and the counter that they follow (`claim` without one)."""
    if not fields.has("steps"):
        return (), ""
    found: list[Tier] = []
    for row in fields.rows("steps"):
        up_to = whole(row, "up_to", unit, needed=False)
        found.append(Tier(up_to, row.value("rate", "pence")))
        row.done()
    ends = [tier.up_to for tier in found[:-1]]
    if any(end is None for end in ends) or [end or 0 for end in ends] != sorted({end or 0 for end in ends}):
        fields.fault(
            f'The steps of "{fields.key}" are not in order.', "Let each end above the one before it."
        )
    if found and found[-1].up_to is not None:
        fields.fault(
            f'No step of "{fields.key}" says what happens in the end.',
            "Leave up_to out of the last step; it may say 'rate: {undecided: why}'.",
        )
    return tuple(found), _counter(fields, counters, counts)


def _counter(fields: Fields, counters: MappingOf[str, Counter], counts: str) -> str:
    name = fields.text("counter", default="claim")
    if name in ("claim", "line"):
        return name
    if fields.known(name, counters, "counter") and counters[name].counts != counts:
        fields.fault(
            f"'{name}' counts {counters[name].counts}, but these steps are of {counts}.",
            "Name a counter of the same.",
        )
    return name


def read_blocks(fields: Fields, nature: str) -> Blocks:
    """`kind: blocks`: a sum for each block of time, or part of one."""
    block = whole(fields, "block", "minutes") or 1
    pay = fields.value("pay", "pence")
    part = fields.choice("part_of_a_block", PARTS)
    at_most = whole(fields, "at_most_blocks", "count", needed=False)
    return Blocks(fields.rule(), nature, block, pay, part == "counts", at_most)


def read_plateau(fields: Fields, nature: str) -> Plateau:
    """`kind: plateau`: by the hour, then one sum."""
    rate = fields.value("rate", "pence")
    up_to = whole(fields, "up_to", "minutes") or 0
    then = fields.value("then", "pence")
    return Plateau(fields.rule(), nature, rate, up_to, then)


def read_items(fields: Fields, nature: str) -> Items:
    """`kind: items`: a price for each thing done, or for the whole request."""
    pay = fields.value("pay", "pence")
    per = fields.choice("per", PER) if fields.has("per") else ""
    fields.used.add("per")
    at_most = whole(fields, "at_most_items", "count", needed=False)
    return Items(fields.rule(), nature, pay, per, at_most)


def read_set(fields: Fields, nature: str) -> SetFirst:
    """`kind: set by the project`: told with the offer, the same for everyone."""
    each = fields.choice("each", SET_EACH, default="session")
    at_least, at_most = fields.maybe("at_least", "pence"), fields.maybe("at_most", "pence")
    return SetFirst(fields.rule(), nature, each, at_least, at_most)


def read_fee_formula(fields: Fields, nature: str, known: MappingOf[str, FactKind]) -> Formula:
    """`kind: formula`: a sum of the policy's own."""
    total = read_formula(fields, "sum", known)
    at_least, at_most = fields.maybe("at_least", "pence"), fields.maybe("at_most", "pence")
    return Formula(fields.rule(), nature, total, at_least, at_most)


def read_cases(
    fields: Fields, nature: str, known: MappingOf[str, FactKind], roles: MappingOf[str, str]
) -> Cases:
    """`kind: cases`: which rule pays, by what is known. The last case holds for everyone else."""
    found = []
    for row in fields.rows("cases"):
        checks = read_checks(row, "when", known, {"role": roles})
        found.append(Case(checks, row.text("use")))
        row.done()
    check_last(fields, [bool(case.checks) for case in found])
    return Cases(fields.rule(), nature, tuple(found))


def check_last(fields: Fields, asked: list[bool]) -> None:
    """Only the last case, and the last case always, goes without a test."""
    if asked and (asked[-1] or not all(asked[:-1])):
        fields.fault(
            f'The cases of "{fields.key}" leave somebody out, or two say everybody.',
            'Leave "when:" out of the last case, and only there.',
        )


def read_matrix(fields: Fields, nature: str, roles: MappingOf[str, str], bands: list[Band]) -> Matrix:
    """`kind: matrix`: a sum for each role and length."""
    table = fields.raw("pay")
    rows: dict[str, list[Value]] = {}
    for role, node in table.entries.items() if isinstance(table, Mapping) else ():
        cells = node.items if isinstance(node, Listing) else ()
        if fields.known(role, roles, "role", node) and len(cells) != len(bands):
            fields.fault(
                f"The row '{role}' has {len(cells)} sums for {len(bands)} lengths.",
                "Fill every cell; one that nobody decided is {undecided: why}.",
                node,
            )
        rows[role] = [fields.as_value(cell, "pence") for cell in cells]
    if not rows:
        fields.fault(f'"{fields.key}" pays no role.', 'Add "pay:" with a row of sums for each role.')
    rule = fields.rule()
    return Matrix(rule, nature, {role: _row(rule, nature, bands, cells) for role, cells in rows.items()})


def _row(rule: Rule, nature: str, bands: list[Band], cells: list[Value]) -> Bands:
    made = tuple(Band(band.name, band.low, band.high, cell) for band, cell in zip(bands, cells, strict=False))
    return Bands(rule, nature, made, None)
