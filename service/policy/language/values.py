"""Which dated values does a policy have? Its own amounts, and those of the reference tables it uses."""

from __future__ import annotations

from datetime import date, timedelta

from service.policy.faults import Fault
from service.policy.language import literals
from service.policy.language.fields import Fields, Reading
from service.policy.language.literals import BadLiteral, Quantity
from service.policy.language.nodes import Mapping, Node, Text
from service.policy.model import Amount, Undecided
from service.policy.rounding import DIRECTIONS, round_share

REFERENCE_KEY = "reference"


def read_tables(reading: Reading, tables: list[Mapping]) -> dict[str, Amount]:
    """The amounts of every reference table, by their full name, such as `hmrc.mileage.car`."""
    found: dict[str, Amount] = {}
    for table in tables:
        header = Fields(reading, reading.section(table, REFERENCE_KEY), key=REFERENCE_KEY)
        group = header.text("group")
        header.text("name")
        header.text("about", default="-")
        header.done()
        for key, fields in reading.each(table, "amounts"):
            found[f"{group}.{key}"] = _amount(fields, f"{group}.{key}", clause="reference", sourced=True)
        _only(reading, table, {REFERENCE_KEY, "amounts", "uses"})
    return found


def read_amounts(reading: Reading, document: Mapping, shared: dict[str, Amount]) -> dict[str, Amount]:
    """The policy's own amounts with the shared ones. Their units become known to the reading."""
    found = dict(shared)
    for key, fields in reading.each(document, "amounts"):
        found[key] = _amount(fields, key, clause="", sourced=False)
    reading.units = {key: amount.unit for key, amount in found.items()}
    for key, amount in found.items():
        if amount.at_least and amount.at_least not in found:
            reading.faults.append(_missing(amount, key))
    return found


def _missing(amount: Amount, key: str) -> Fault:
    return Fault(
        amount.place.file,
        amount.place.line,
        amount.clause,
        f"'{key}' may not fall below '{amount.at_least}', which does not exist.",
        "Name an amount of a reference table that the policy uses.",
    )


def _amount(fields: Fields, key: str, *, clause: str, sourced: bool) -> Amount:
    name = fields.text("name")
    clause = clause or fields.text("clause")
    at_least = fields.text("at_least", default="") or None
    series: list[tuple[date, Quantity | Undecided]] = []
    inferred: list[date] = []
    dated = fields.raw("values")
    if not isinstance(dated, Mapping) or not dated.entries:
        fields.fault(f'"{key}" has no values.', 'Add "values:" with a date and an amount a line.', dated)
        dated = Mapping({}, {}, fields.place.file, fields.place.line)
    for text, node in dated.entries.items():
        day = _day(fields, text, node)
        cell, is_inferred = _cell(fields, node, sourced, series[-1][1] if series else None)
        if day and cell:
            series.append((day, cell))
            if is_inferred:
                inferred.append(day)
    _ending(fields, key, series)
    fields.done()
    if [day for day, _ in series] != sorted(day for day, _ in series):
        fields.fault(f'The dates of "{key}" are not in order.', "Put the earliest first.")
    units = {cell.unit for _, cell in series if isinstance(cell, Quantity)}
    if len(units) > 1:
        fields.fault(f'"{key}" changes its unit.', "Keep one unit through all dates.")
    return Amount(
        key,
        name,
        min(units, default="pence"),
        clause,
        tuple(sorted(series, key=lambda row: row[0])),
        at_least,
        fields.place,
        tuple(inferred),
    )


def _ending(fields: Fields, key: str, series: list[tuple[date, Quantity | Undecided]]) -> None:
    """A value that ends needs a successor, or a reason why there is none; then a person decides."""
    until = fields.day("until", needed=False)
    why = fields.text("no_successor", default="")
    if until is None:
        return
    if not why:
        fields.fault(
            f'"{key}" ends on {until.isoformat()} and nothing follows.',
            "Add the next value by its date, or say why not with 'no_successor:'.",
        )
    series.append((until + timedelta(days=1), Undecided(why or "the value has ended.")))


def _day(fields: Fields, text: str, node: Node) -> date | None:
    try:
        return literals.day(text)
    except BadLiteral as error:
        fields.fault(error.what, error.remedy, node)
        return None


def _cell(
    fields: Fields, node: Node, sourced: bool, before: Quantity | Undecided | None
) -> tuple[Quantity | Undecided | None, bool]:
    """One dated value: a literal, `{undecided: why}`, or in a reference table `{amount, source, mark}`."""
    if isinstance(node, Mapping) and "undecided" in node.entries:
        row = Fields(fields.reading, node, key=fields.key)
        why = Undecided(row.text("undecided"))
        row.done()
        return why, False
    if isinstance(node, Mapping) and "up" in node.entries:
        return _raised(fields, node, before), False
    if isinstance(node, Mapping) and sourced:
        row = Fields(fields.reading, node, key=fields.key)
        row.text("source")
        mark = row.choice("mark", ("read", "remembered", "inferred"), default="read")
        inner = row.raw("amount")
        row.done()
        return (_literal(fields, inner) if isinstance(inner, Text) else None), mark != "read"
    if sourced:
        fields.fault(f'A value of "{fields.key}" has no source.', "Write {amount: …, source: …}.", node)
    if isinstance(node, Text):
        return _literal(fields, node), False
    fields.fault(f'A value of "{fields.key}" is not an amount.', "Write it like 2026-04-01: £15.00.", node)
    return None, False


def _raised(
    fields: Fields, node: Mapping, before: Quantity | Undecided | None
) -> Quantity | Undecided | None:
    """`{up: 3%, step: 5p, direction: half up}`: the value before it, raised and rounded."""
    row = Fields(fields.reading, node, key=fields.key)
    row.clause = fields.clause
    up, step = row.value("up", "hundredths of a percent"), row.value("step", "pence")
    direction = row.choice("direction", DIRECTIONS)
    row.done()
    if before is None:
        row.fault("There is no earlier value to raise.", "Write the first value as a sum.")
        return None
    if isinstance(before, Undecided):
        return before
    if not isinstance(up, Quantity) or not isinstance(step, Quantity) or step.number < 1:
        row.fault("The rise is not a percentage to a step.", "Write {up: 3%, step: 5p, direction: half up}.")
        return None
    top = before.number * (10_000 + up.number)
    return Quantity(round_share(top, 10_000, step.number, direction), before.unit)


def _literal(fields: Fields, node: Text) -> Quantity | None:
    try:
        return literals.quantity(node.value)
    except BadLiteral as error:
        fields.fault(error.what, error.remedy, node)
        return None


def _only(reading: Reading, document: Mapping, known: set[str]) -> None:
    for key, node in document.entries.items():
        if key not in known:
            reading.fault(
                node, f"A reference table has no part called '{key}'.", f"Keep: {', '.join(sorted(known))}."
            )
