"""How is a condition read? Tests of facts, and rules that refuse or ask."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from datetime import date

from service.policy.facts import FactKind
from service.policy.language import literals
from service.policy.language.fields import Fields
from service.policy.language.literals import BadLiteral
from service.policy.language.nodes import Listing, Mapping, Node, Text
from service.policy.model import Activity, Check, OnlyIf, Value

OUTCOMES = {"not payable": "not_payable", "needs a person": "needs_person"}
COMPARISONS = ("over ", "under ", "at least ", "at most ")
DAY_COMPARISONS = ("before ", "from ")
UNIT_OF_FACT = {
    "pence": "pence",
    "minutes": "minutes",
    "hours": "minutes",
    "miles": "tenths of a mile",
    "nights": "nights",
    "days": "days",
    "people": "people",
    "years": "years",
    "count": "count",
    "time of day": "time of day",
}


def read_checks(
    fields: Fields,
    key: str,
    known: MappingOf[str, FactKind],
    words: MappingOf[str, Iterable[str]],
) -> tuple[Check, ...]:
    """The tests under `when:`, all of which must hold; `words` are the names that some facts may be."""
    table = fields.raw(key)
    if table is None:
        return ()
    if not isinstance(table, Mapping):
        fields.fault(
            f'"{key}" of "{fields.key}" holds no checks.', "Indent a fact and a test below it.", table
        )
        return ()
    found = []
    for name, node in table.entries.items():
        if fields.known(name, known, "fact or sum", node):
            found.append(read_check(fields, known[name], node, words))
    return tuple(found)


def read_check(fields: Fields, kind: FactKind, node: Node, words: MappingOf[str, Iterable[str]]) -> Check:
    """One test: `true`, a word, `[one, of, these]`, `not: [these]`, `over £20.00`, `before 2026-04-01`."""
    operator = "is"
    if isinstance(node, Mapping) and set(node.entries) == {"not"}:
        node, operator = node.entries["not"], "is not"
    items = node.items if isinstance(node, Listing) else (node,)
    texts = [item.value for item in items if isinstance(item, Text)]
    if not texts or len(texts) != len(items):
        fields.fault(f"The test of '{kind.key}' is empty.", "Write a word, or a list of words.", node)
        return Check(kind.key, "is", (True,))
    unit = UNIT_OF_FACT.get(kind.unit, "")
    if kind.unit == "date":
        return _day_check(fields, kind, texts, node)
    if unit and len(texts) == 1:
        for start in COMPARISONS:
            if texts[0].startswith(start):
                text = Text(texts[0].removeprefix(start), False, node.file, node.line)
                return Check(kind.key, start.strip(), (fields.as_value(text, unit),))
    if unit:
        fields.fault(
            f"The test of '{kind.key}' is not clear.", "Write it like over £20.00 or at most 2h.", node
        )
    for word in texts:
        if kind.key in words:
            fields.known(word, words[kind.key], kind.key, node)
        elif (word in ("true", "false")) is not (kind.unit == "yes or no"):
            need = "true or false" if kind.unit == "yes or no" else "a word"
            fields.fault(f"'{kind.key}' cannot be {word}.", f"Write {need}.", node)
    values: tuple[Value | str | bool | date, ...] = tuple(
        word == "true" if word in ("true", "false") else word for word in texts
    )
    return Check(kind.key, operator, values)


def _day_check(fields: Fields, kind: FactKind, texts: list[str], node: Node) -> Check:
    for start in DAY_COMPARISONS:
        if len(texts) == 1 and texts[0].startswith(start):
            try:
                return Check(kind.key, start.strip(), (literals.day(texts[0].removeprefix(start)),))
            except BadLiteral as error:
                fields.fault(error.what, error.remedy, node)
                return Check(kind.key, "is", (True,))
    fields.fault(
        f"The test of the day '{kind.key}' is not clear.", "Write it like before 2026-04-01 or from it.", node
    )
    return Check(kind.key, "is", (True,))


def read_only_if(
    fields: Fields,
    known: MappingOf[str, FactKind],
    activities: MappingOf[str, Activity],
    roles: MappingOf[str, str],
    *,
    within: bool,
) -> OnlyIf:
    """A condition. Without a `fact` it always refuses (for the activities, roles and cases it names)."""
    applies_to = "expenses" if within else fields.choice("applies_to", ("fee", "expenses", "everything"))
    only = () if within else fields.names("activities", activities, "activity")
    parts = () if within else fields.names("roles", roles, "role")
    when = read_checks(fields, "when", known, {"activity": activities, "role": roles})
    unless = fields.text("unless", default="")
    if unless and fields.known(unless, known, "fact") and known[unless].unit not in ("yes or no", "text"):
        fields.fault(f"'{unless}' is neither a yes or no nor a reason.", "Name a fact that is.")
    fact = fields.text("fact", default="") or None
    wanted: bool | str = True
    test: Check | None = None
    if fact:
        wanted, test = _wanted(fields, known.get(fact))
        if fields.known(fact, known, "fact", fields.node.entries.get("fact")) and test is None:
            _check_wanted(fields, known[fact], wanted)
    elif not only and not parts and not when:
        fields.fault(f'"{fields.key}" has no fact to look at.', 'Add "fact:", or name activities or roles.')
    otherwise = OUTCOMES[fields.choice("otherwise", tuple(OUTCOMES), default="not payable")]
    unsaid = fields.choice("unsaid", ("ask", "allow"), default="ask")
    change = fields.spoken("change", default="")
    return OnlyIf(
        fields.rule(), fact, wanted, otherwise, unsaid, change, applies_to, only, parts, test, when, unless
    )


def _wanted(fields: Fields, kind: FactKind | None) -> tuple[bool | str, Check | None]:
    node = fields.raw("is")
    plain = isinstance(node, Text) and not re.match("^(over|under|at least|at most|before|from) ", node.value)
    if node is not None and kind is not None and not plain:
        return True, read_check(fields, kind, node, {})
    if not isinstance(node, Text):
        fields.fault(
            f'"{fields.key}" does not say what the fact must be.', 'Add "is: true", "is: false" or a word.'
        )
        return True, None
    return (node.value == "true" if node.value in ("true", "false") else node.value), None


def _check_wanted(fields: Fields, kind: FactKind, wanted: bool | str) -> None:
    """A condition looks at a yes or no, or at a word; the two may not be mixed up."""
    if kind.unit not in ("yes or no", "text"):
        fields.fault(
            f"'{kind.key}' is a number of {kind.unit}, not a yes or no.",
            "Write at least, at most, over or under, or name a fact that is a yes or no.",
        )
    elif isinstance(wanted, bool) is (kind.unit == "text"):
        need = "a word" if kind.unit == "text" else "true or false"
        fields.fault(f"'{kind.key}' cannot be {str(wanted).lower()}.", f"Write {need}.")
