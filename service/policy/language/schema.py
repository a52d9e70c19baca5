"""What may an editor offer while a policy is written? A JSON Schema, made by watching the readers read.

Each reader is handed a rule that says it has every key. What it asks for, and as what, is the schema: a key
that a reader learns is in the schema the next time it is made, and a test fails until it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from datetime import date
from typing import Any

from service.policy.facts import FactKind, Vocabulary
from service.policy.language.conditions import read_only_if
from service.policy.language.counting import (
    read_batches,
    read_counters,
    read_limits,
    read_payers,
    read_routes,
)
from service.policy.language.expenses import EXPENSE_KINDS, ExpenseReader, read_agreement, read_receipts
from service.policy.language.fees import (
    FEE_KINDS,
    FeeReader,
    read_activities,
    read_cancellation,
    read_paid_time,
)
from service.policy.language.fields import Fields, Reading
from service.policy.language.literals import UNIT_EXAMPLES, Quantity
from service.policy.language.nodes import Mapping, Node
from service.policy.language.process import (
    WarningReader,
    read_approval,
    read_deadlines,
    read_own_facts,
)
from service.policy.language.tree import SECTIONS
from service.policy.language.values import read_amounts
from service.policy.model import FORMS, PLAIN, FromFact, Value

ANY: dict[str, Any] = {}
UNDECIDED = {"type": "object", "required": ["undecided"], "properties": {"undecided": {"type": "string"}}}
WORDS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": ["string", "number"]}}]}
SPOKEN = {
    "description": "A text, or {plain: …, cy: …, easy: …} with Welsh and Easy Read words beside it.",
    "anyOf": [
        {"type": ["string", "number", "boolean"]},
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {form: {"type": "string"} for form in (PLAIN, *FORMS)},
        },
    ],
}
SHAPELESS = {"is", "only_if", "pay", "when", "methods", "elsewhere", "pays", "values"}


class Probe(Fields):
    """A rule that has every key. It notes what it is asked for."""

    def __init__(self, *, without: Iterable[str] = (), **chosen: str) -> None:
        node = Mapping({}, {}, "schema", 1)
        super().__init__(Reading(file="schema"), node, key="schema")
        self.without = frozenset(without)
        self.chosen = chosen
        self.shape: dict[str, Any] = {}

    def fault(self, what: str, remedy: str, at: Node | None = None) -> None:
        """Nothing is wrong with a rule that is not there."""

    def has(self, key: str) -> bool:
        return key not in self.without

    def raw(self, key: str) -> Node | None:
        self.shape.setdefault(key, ANY if key in SHAPELESS else {"type": ["string", "object", "array"]})
        return None

    def text(self, key: str, *, default: str | None = None) -> str:
        self.shape.setdefault(key, {"type": ["string", "number", "boolean"]})
        return self.chosen.get(key, default or "")

    def spoken(self, key: str, *, default: str | None = None) -> str:
        found = self.text(key, default=default)
        self.shape[key] = SPOKEN
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        self.shape.setdefault(key, WORDS)
        return ()

    def choice(self, key: str, allowed: Iterable[str], *, default: str | None = None) -> str:  # noqa: ARG002
        options = tuple(allowed)
        plain = [one == "true" if one in ("true", "false") else one for one in options]
        self.shape[key] = {"enum": plain}
        return self.chosen.get(key, options[0])

    def known(self, name: str, known: Iterable[str], what: str, at: Node | None = None) -> bool:  # noqa: ARG002
        return False

    def value(self, key: str, unit: str) -> Value:
        words = f"Like {UNIT_EXAMPLES.get(unit, unit)}, the name of an amount, or {{undecided: why}}."
        self.shape[key] = {"description": words, "anyOf": [{"type": ["string", "number"]}, UNDECIDED]}
        return Quantity(0, unit)

    def value_or_fact(
        self,
        key: str,
        unit: str,
        known: MappingOf[str, FactKind],  # noqa: ARG002
    ) -> Value | FromFact:
        found = self.value(key, unit)
        self.shape[key]["anyOf"].append({"type": "object", "required": ["fact"]})
        return found

    def day(self, key: str, *, needed: bool = True) -> date | None:  # noqa: ARG002
        self.shape[key] = {"type": "string", "description": "A day, like 2026-04-06."}
        return None

    def whole(self, key: str) -> int | None:
        self.shape[key] = {"type": ["integer", "string"]}
        return None

    def inner(self, key: str) -> Fields | None:
        probe = Probe()
        probe.shape = self.shape.setdefault(key, {"type": "object", "properties": {}})["properties"]
        return probe

    def rows(self, key: str) -> list[Fields]:
        probe = Probe()
        items = {"type": "object", "properties": probe.shape}
        self.shape[key] = {"type": "array", "items": items}
        return [probe]


class Watching(Reading):
    """A reading in which every section holds one rule of each kind."""

    def __init__(self) -> None:
        super().__init__(file="schema")
        self.seen: dict[str, list[Probe]] = {}

    def each(self, document: Mapping, section: str) -> Iterable[tuple[str, Fields]]:  # noqa: ARG002
        """One rule for each choice that opens other keys, with and without what excludes the rest."""
        chosen: list[dict[str, str]] = [{}]
        if section in KINDS:
            chosen = [{"kind": kind} for kind in KINDS[section]]
        elif section == "eligibility":
            chosen = [{"fact": "schema"}, {}]
        elif section == "paid_time":
            chosen = [{"pay": "allowance"}, {}]
        for one in chosen:
            for without in ((), EXCLUDES):
                probe = Probe(without=without, **one)
                self.seen.setdefault(section, []).append(probe)
                yield "schema", probe


KINDS = {"fees": FEE_KINDS, "expenses": EXPENSE_KINDS}
EXCLUDES = ("clock", "steps", "by_engine", "undecided")
RULE = ("clause", "sentence")
ONE_RULE = {
    "rounding": (*RULE, "undecided", "step", "direction", "each"),
    "wage_floor": ("clause", "at_least", "none"),
    "several": (*RULE, "pay"),
    "time_basis": (*RULE, "counts"),
    "choice": RULE,
    "hardship": (*RULE, "lifts", "who"),
    "advance": (*RULE, "at_most"),
    "sign_off": (*RULE, "by", "co_producers"),
    "payment": (*("promise", "methods", "route", "elsewhere", "other_ways", "runs", "second_release"),),
}
HEADER = (
    *(
        "slug",
        "version",
        "name",
        "status",
        "source",
        "extends",
        "effective_from",
        "effective_to",
        "review_by",
    ),
    *("nation", "week_starts", "source_date", "source_hash", "past_review", "supersedes"),
)
LOOSE = {
    "uses": {"type": "array"},
    "roles": {"type": "object", "additionalProperties": SPOKEN},
    "sure": ANY,
    "examples": {"type": "array"},
    "terms": ANY,
}


def policy_schema() -> dict[str, Any]:
    """The JSON Schema of a policy file, for editors. `reciprocal policy check` knows far more."""
    watching = Watching()
    nothing = Mapping({}, {}, "schema", 1)
    vocabulary = Vocabulary.of()
    FeeReader(watching, vocabulary=vocabulary, roles={}, counters={}).read(nothing)
    ExpenseReader(
        watching, vocabulary=vocabulary, receipts={}, agreement={}, activities={}, counters={}
    ).read(nothing)
    for _, fields in watching.each(nothing, "eligibility"):
        read_only_if(fields, {}, {}, {}, within=False)
    for reader in (
        read_own_facts, read_counters, read_deadlines, read_approval, read_payers, read_cancellation,
        read_agreement,
    ):  # fmt: skip
        reader(watching, nothing)
    read_receipts(watching, nothing, vocabulary)
    read_activities(watching, nothing, {}, {})
    read_paid_time(watching, nothing, {})
    read_limits(watching, nothing, vocabulary, {}, {}, {})
    read_routes(watching, nothing, vocabulary)
    read_batches(watching, nothing, {})
    read_amounts(watching, nothing, {})
    WarningReader(watching, vocabulary, {}).read(nothing)
    sections = {name: _section(probes) for name, probes in watching.seen.items()}
    single = {name: _keys(keys) for name, keys in ONE_RULE.items()}
    made = {"policy": _keys(HEADER), **LOOSE, **single, **sections}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A policy for paying people with lived experience",
        "type": "object",
        "required": ["policy"],
        "additionalProperties": False,
        "properties": {name: made[name] for name in SECTIONS},
    }


def _keys(names: Iterable[str]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict.fromkeys(names, ANY)}


def _section(probes: list[Probe]) -> dict[str, Any]:
    """Rules by name. Those of several kinds are told apart by `kind`; a layer may leave the kind out."""
    kinds: dict[str, dict[str, Any]] = {}
    for probe in probes:
        shape = kinds.setdefault(probe.chosen.get("kind", ""), {})
        shape.update({key: one for key, one in probe.shape.items() if key not in shape})
    rules = []
    for kind, shape in kinds.items():
        properties = {**shape, "left_out": {"type": "string"}}
        if kind:
            properties["kind"] = {"const": kind}
        rules.append({"type": "object", "additionalProperties": False, "properties": properties})
    return {"type": "object", "additionalProperties": rules[0] if len(rules) == 1 else {"anyOf": rules}}
