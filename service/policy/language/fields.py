"""How is one rule read from its keys, so that every mistake is found in one go?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingOf
from datetime import date
from typing import TypeVar

from service.policy.facts import FactKind
from service.policy.faults import Fault
from service.policy.language import literals
from service.policy.language.literals import BadLiteral, Quantity
from service.policy.language.nodes import Listing, Mapping, Node, Text
from service.policy.model import FORMS, PLAIN, FromFact, Named, Place, Rule, Undecided, Value

T = TypeVar("T")
KEY = re.compile(r"^[a-z][a-z0-9_]{0,59}$")
HOLE = re.compile(r"\{([^{}]*)\}")


class Reading:
    """What is known while a document is read: the faults so far, each amount's unit, and other forms."""

    def __init__(self, *, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.units: dict[str, str] = {}
        self.forms: dict[str, dict[str, str]] = {}

    def fault(self, node: Node, what: str, remedy: str, clause: str = "") -> None:
        """Notes a mistake at a node."""
        self.faults.append(Fault(node.file, node.line, clause, what, remedy))

    def section(self, document: Mapping, key: str) -> Mapping:
        """A part of the document; empty when it is not there."""
        node = document.entries.get(key)
        if node is None:
            return Mapping({}, {}, document.file, document.line)
        if not isinstance(node, Mapping):
            self.fault(node, f"'{key}' is not a list of named rules.", "Indent a name and a colon below it.")
            return Mapping({}, {}, document.file, document.line)
        return node

    def each(self, document: Mapping, section: str) -> Iterable[tuple[str, Fields]]:
        """Every rule of a section, ready to be read."""
        rules = self.section(document, section)
        for key, node in rules.entries.items():
            place = rules.lines[key]
            if not KEY.match(key):
                self.fault(node, f"'{key}' is not a name.", "Use small letters, numbers and _ only.")
            elif isinstance(node, Mapping):
                yield key, Fields(self, node, key=f"{section}.{key}", place=place)
            else:
                self.fault(
                    node, f"'{section}.{key}' holds no rule.", "Indent its clause and values below it."
                )


def files_of(node: Node) -> frozenset[str]:
    """Every file that says something inside this node. Other words for a sentence change nothing in it."""
    if isinstance(node, Mapping):
        other = FORMS if PLAIN in node.entries else ()
        said = {key: child for key, child in node.entries.items() if key not in other}
        inner = (files_of(child) for child in said.values())
        return frozenset(node.lines[key][0] for key in said if key in node.lines).union(*inner)
    if isinstance(node, Listing):
        return frozenset({node.file}).union(*(files_of(item) for item in node.items))
    return frozenset({node.file})


class Fields:
    """One rule's keys. Each read is ticked off; what is left at `done` is unknown."""

    def __init__(
        self, reading: Reading, node: Mapping, *, key: str, place: tuple[str, int] | None = None
    ) -> None:
        self.reading = reading
        self.node = node
        self.key = key
        file, line = place or (node.file, node.line)
        self.place = Place(file, line, files_of(node))
        self.used: set[str] = set()
        self.values: dict[str, Value] = {}
        self.forms: dict[str, str] = {}
        clause = node.entries.get("clause")
        self.clause = clause.value if isinstance(clause, Text) else ""

    def fault(self, what: str, remedy: str, at: Node | None = None) -> None:
        """Notes a mistake in this rule."""
        file, line = (at.file, at.line) if at is not None else (self.place.file, self.place.line)
        self.reading.faults.append(Fault(file, line, self.clause, what, remedy))

    def has(self, key: str) -> bool:
        """Whether the rule says this at all."""
        return key in self.node.entries

    def raw(self, key: str) -> Node | None:
        """The node, ticked off."""
        self.used.add(key)
        return self.node.entries.get(key)

    def text(self, key: str, *, default: str | None = None) -> str:
        """A text; without a default it must be there."""
        node = self.raw(key)
        if node is None:
            if default is None:
                self.fault(
                    f'"{self.key}" has no {key}.',
                    f'Add "{key}:" with {_HINTS.get(key, "what it should say")}.',
                )
            return default or ""
        if not isinstance(node, Text) or not node.value.strip():
            self.fault(f'"{key}" of "{self.key}" is not a text.', "Write it on one line.", node)
            return default or ""
        return node.value.strip()

    def spoken(self, key: str, *, default: str | None = None) -> str:
        """A text for people: plain, or `{plain: …, cy: …, easy: …}`. The other forms are kept aside."""
        node = self.node.entries.get(key)
        if not isinstance(node, Mapping):
            return self.text(key, default=default)
        self.used.add(key)
        inner = Fields(self.reading, node, key=f"{self.key}.{key}")
        inner.clause = self.clause
        plain = inner.text(PLAIN)
        forms = {form: inner.text(form) for form in FORMS if inner.has(form)}
        inner.done()
        for form, text in forms.items():
            self._same_figures(plain, form, text, node.entries[form])
        self.forms = forms
        if key != "sentence" and forms:
            self.reading.forms[inner.key] = forms
        return plain

    def _same_figures(self, plain: str, form: str, text: str, at: Node) -> None:
        """A translation has the figures of the plain words. Easy Read may leave some out, and adds none."""
        wanted, found = HOLE.findall(plain), HOLE.findall(text)
        if more := [hole for hole in found if hole not in wanted]:
            self.fault(
                f'The {form} words of "{self.key}" hold {{{more[0]}}}, and the plain words do not.',
                f"Put {{{more[0]}}} into the plain words, or leave it out here.",
                at,
            )
        if form == "cy" and (fewer := [hole for hole in wanted if hole not in found]):
            self.fault(
                f'The cy words of "{self.key}" leave out {{{fewer[0]}}}.',
                f"Say {{{fewer[0]}}} in Welsh too.",
                at,
            )

    def raw_text(self, key: str) -> str:
        """The text as it stands, or nothing; says nothing about what is missing."""
        node = self.raw(key)
        return node.value.strip() if isinstance(node, Text) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text; empty when it is not there."""
        node = self.raw(key)
        if node is None:
            return ()
        items = node.items if isinstance(node, Listing) else (node,)
        bad = [item for item in items if not isinstance(item, Text)]
        if bad:
            self.fault(
                f'"{key}" of "{self.key}" is not a list of words.', "Write it like [one, two].", bad[0]
            )
        return tuple(item.value for item in items if isinstance(item, Text))

    def choice(self, key: str, allowed: Iterable[str], *, default: str | None = None) -> str:
        """One of a few words."""
        options = tuple(allowed)
        word = self.text(key, default=default)
        if word in options:
            return word
        if word:
            self.fault(
                f'"{key}: {word}" of "{self.key}" is not known.',
                f"Use one of: {', '.join(options)}.",
                self.node.entries.get(key),
            )
        return options[0]

    def names(self, key: str, known: Iterable[str], what: str) -> tuple[str, ...]:
        """A list of names that must exist elsewhere in the policy."""
        found = self.texts(key)
        for name in found:
            self.known(name, known, what, self.node.entries[key])
        return found

    def known(self, name: str, known: Iterable[str], what: str, at: Node | None = None) -> bool:
        """Whether a name exists; a fault with the nearest one when not."""
        options = list(known)
        if name in options:
            return True
        near = difflib.get_close_matches(name, options, 1)
        remedy = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(sorted(options)) or 'none'}."
        self.fault(f"There is no {what} called '{name}'.", remedy, at)
        return False

    def value(self, key: str, unit: str) -> Value:
        """A literal of this unit, the name of an amount, or `{undecided: why}`. It must be there."""
        node = self.raw(key)
        if node is None:
            remedy = f'Add "{key}:", like {literals.UNIT_EXAMPLES.get(unit, unit)}.'
            self.fault(f'"{self.key}" has no {key}.', remedy)
            return Quantity(0, unit)
        found = self.as_value(node, unit)
        self.values[key] = found
        return found

    def value_or_fact(self, key: str, unit: str, known: MappingOf[str, FactKind]) -> Value | FromFact:
        """As `value`, or `{fact: name}` for a sum that comes with the claim."""
        node = self.node.entries.get(key)
        if not (isinstance(node, Mapping) and set(node.entries) == {"fact"}):
            return self.value(key, unit)
        self.used.add(key)
        name = node.entries["fact"]
        if isinstance(name, Text) and self.known(name.value, known, "fact", name):
            if known[name.value].unit == unit:
                return FromFact(name.value)
            self.fault(f"'{name.value}' is not in {unit}.", "Name a fact that is.", name)
        return Undecided("the fact is not known.")

    def maybe(self, key: str, unit: str) -> Value | None:
        """As `value`, or None when the rule does not say it."""
        return self.value(key, unit) if self.has(key) else None

    def as_value(self, node: Node, unit: str) -> Value:
        """A node as a value of this unit."""
        if isinstance(node, Mapping):
            inner = Fields(self.reading, node, key=self.key)
            inner.clause = self.clause
            why = Undecided(inner.text("undecided"))
            inner.done()
            return why
        if not isinstance(node, Text):
            self.fault(f'A value of "{self.key}" is a list.', "Write one value.", node)
            return Quantity(0, unit)
        if node.value in self.reading.units:
            if (found := self.reading.units[node.value]) != unit:
                self.fault(
                    f"'{node.value}' is in {found}, but {unit} are needed here.", "Name another amount.", node
                )
            return Named(node.value)
        return self.literal(node, unit)

    def literal(self, node: Text, unit: str) -> Quantity:
        """A literal of this unit."""
        try:
            found = literals.quantity(node.value)
        except BadLiteral as error:
            if re.match(r"^[a-z][a-z0-9_.]*$", node.value):
                self.known(node.value, self.reading.units, "amount", node)
            else:
                self.fault(error.what, error.remedy, node)
            return Quantity(0, unit)
        if found.unit != unit:
            remedy = f"Write it like {literals.UNIT_EXAMPLES.get(unit, unit)}."
            self.fault(f"'{node.value}' is in {found.unit}, but {unit} are needed here.", remedy, node)
            return Quantity(0, unit)
        return found

    def day(self, key: str, *, needed: bool = True) -> date | None:
        """A date."""
        if not self.has(key) and not needed:
            self.used.add(key)
            return None
        text = self.text(key)
        return self._or_fault(key, lambda: literals.day(text)) if text else None

    def _or_fault(self, key: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except BadLiteral as error:
            self.fault(error.what, error.remedy, self.node.entries.get(key))
            return None

    def whole(self, key: str) -> int | None:
        """A small whole number without a unit, or None."""
        node = self.raw(key)
        if node is None:
            return None
        if isinstance(node, Text) and re.match(r"^\d{1,4}$", node.value):
            return int(node.value)
        self.fault(f'"{key}" of "{self.key}" is not a whole number.', "Write it like 3.", node)
        return None

    def rule(self, *, values: MappingOf[str, Value] | None = None) -> Rule:
        """The clause and sentence, once the values they name are read. Closes the rule."""
        self.forms = {}
        clause, sentence = self.text("clause"), self.spoken("sentence")
        found = {**self.values, **(values or {})}
        at = self.node.entries.get("sentence")
        for hole in HOLE.findall(sentence):
            if hole not in found:
                self.known(hole, [*found, *self.reading.units], "value", at)
        self.done()
        return Rule(self.key, clause, sentence, self.place, found, self.forms)

    def inner(self, key: str) -> Fields | None:
        """A rule within this rule, or None."""
        node = self.raw(key)
        if node is None:
            return None
        if not isinstance(node, Mapping):
            self.fault(
                f'"{key}" of "{self.key}" holds no rule.', "Indent its clause and values below it.", node
            )
            return None
        return Fields(self.reading, node, key=f"{self.key}.{key}")

    def rows(self, key: str) -> list[Fields]:
        """The rows of a table, one `Fields` each."""
        node = self.raw(key)
        if not isinstance(node, Listing) or not node.items:
            self.fault(f'"{self.key}" has no {key}.', f'Add "{key}:" with one case a line.', node)
            return []
        found = []
        for item in node.items:
            if isinstance(item, Mapping):
                row = Fields(self.reading, item, key=self.key)
                row.clause = self.clause
                found.append(row)
            else:
                self.fault(
                    f'A row of "{self.key}" is not a case.', "Write it like {under: 4h, pay: £75.00}.", item
                )
        return found

    def done(self) -> None:
        """Every key that nobody read is a mistake."""
        for key in self.node.entries:
            if key not in self.used:
                near = difflib.get_close_matches(key, [name for name in self.used if name != key], 1)
                remedy = (
                    f"Did you mean '{near[0]}'?" if near else f"Known here: {', '.join(sorted(self.used))}."
                )
                file, line = self.node.lines[key]
                self.fault(
                    f'"{self.key}" has a key that means nothing: "{key}".',
                    remedy,
                    Text("", False, file, line),
                )


_HINTS = {
    "clause": "the policy section",
    "sentence": "the rule in plain English",
    "plain": "the words in plain English",
    "name": "what people call it",
    "source": "where it was published",
}
