"""Which rules look past one line? Counters, limits, routes, hardship, advances, batches and payers."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf

from service.policy.facts import FactKind, Vocabulary
from service.policy.language.conditions import read_checks
from service.policy.language.fields import Fields, Reading
from service.policy.language.nodes import Mapping, Text
from service.policy.model import (
    ROUTES,
    Activity,
    Advance,
    Batch,
    Counter,
    Expense,
    Hardship,
    Limit,
    Payer,
    Route,
    Value,
)

COUNTS = {
    "fee": "pence",
    "expenses": "pence",
    "total": "pence",
    "hours": "minutes",
    "miles": "tenths of a mile",
    "days": "days",
    "activities": "count",
    "times": "count",
}
FACT_UNITS = {"minutes": "hours", "tenths of a mile": "miles"}
PERIODS = ("week", "month", "quarter", "tax year", "year", "ever")
PER = ("person", "organisation")
BEYOND = {
    "needs a person": "needs_person",
    "not payable": "not_payable",
    "the part within": "part",
    "warn": "warn",
    **{route: f"route {route}" for route in ROUTES if route != "direct"},
}
MONEY = ("fee", "expenses", "total")
LIFTS = ("limits", "deadlines", "caps")


def read_counters(reading: Reading, document: Mapping) -> dict[str, Counter]:
    """The `counters:` section. Names of activities and categories are checked once these are known."""
    found = {}
    for key, fields in reading.each(document, "counters"):
        name = fields.text("name")
        counts = fields.choice("counts", tuple(COUNTS))
        each, per = fields.choice("each", PERIODS), fields.choice("per", PER, default="person")
        activities, categories = fields.texts("activities"), fields.texts("categories")
        fields.done()
        found[key] = Counter(key, name, counts, each, per, activities, categories, fields.place)
    return found


def counter_facts(counters: MappingOf[str, Counter]) -> list[FactKind]:
    """The facts under `used:`, one for each counter."""
    return [
        FactKind(one.key, one.name, FACT_UNITS.get(COUNTS[one.counts], COUNTS[one.counts]))
        for one in counters.values()
    ]


def check_counters(
    reading: Reading,
    counters: MappingOf[str, Counter],
    activities: MappingOf[str, Activity],
    expenses: MappingOf[str, Expense],
) -> None:
    """Every activity and category that a counter names must exist."""
    for one in counters.values():
        node = Text("", False, one.place.file, one.place.line)
        for names, known, what in (
            (one.activities, activities, "activity"),
            (one.categories, expenses, "kind of cost"),
        ):
            for name in names:
                if name not in known:
                    reading.fault(node, f"There is no {what} called '{name}'.", "Name one of this policy.")


def read_limits(
    reading: Reading,
    document: Mapping,
    vocabulary: Vocabulary,
    counters: MappingOf[str, Counter],
    activities: MappingOf[str, Activity],
    expenses: MappingOf[str, Expense],
) -> tuple[Limit, ...]:
    """The `limits:` section: over a period (with a counter), or within one claim."""
    found = []
    for _, fields in reading.each(document, "limits"):
        counter = fields.text("counter", default="")
        if counter and fields.known(counter, counters, "counter"):
            counts = counters[counter].counts
        else:
            counts = fields.choice("counts", MONEY, default="expenses")
        fields.used.add("counts")
        categories = fields.names("categories", expenses, "kind of cost")
        if counter and categories:
            fields.fault("The categories of a counted limit stand with its counter.", "Move them there.")
        at_most = fields.value_or_fact("at_most", COUNTS[counts], vocabulary.claim)
        beyond = BEYOND[fields.choice("beyond", tuple(BEYOND))]
        if beyond == "part" and counts not in MONEY:
            fields.fault("Only a sum of money can be paid in part.", "Choose another 'beyond:'.")
        for name in categories:
            if name in expenses and expenses[name].access:
                fields.fault(
                    f"'{name}' is a cost of access, so no limit may be shared with it.",
                    "Give it a limit of its own under its at_most.",
                )
        only = fields.names("activities", activities, "activity")
        found.append(Limit(fields.rule(), counter, counts, at_most, beyond, only, categories))
    return tuple(found)


def read_routes(reading: Reading, document: Mapping, vocabulary: Vocabulary) -> tuple[Route, ...]:
    """The `routes:` section: how the money must go, by what is known. The first that fits counts."""
    found = []
    for _, fields in reading.each(document, "routes"):
        checks = read_checks(fields, "when", vocabulary.claim, {})
        route = fields.choice("route", ROUTES)
        found.append(Route(fields.rule(), checks, route))
    return tuple(found)


def read_batches(
    reading: Reading, document: Mapping, activities: MappingOf[str, Activity]
) -> tuple[Batch, ...]:
    """The `batches:` section: activities that are claimed at the end of each quarter."""
    found = []
    for _, fields in reading.each(document, "batches"):
        fields.choice("each", ("quarter",))
        only = fields.names("activities", activities, "activity")
        found.append(Batch(fields.rule(), only))
    return tuple(found)


def one_rule(reading: Reading, document: Mapping, key: str) -> Fields | None:
    """A section that is a single rule, or None."""
    if not isinstance(document.entries.get(key), Mapping):
        return None
    return Fields(reading, reading.section(document, key), key=key, place=document.lines[key])


def read_hardship(reading: Reading, document: Mapping) -> Hardship | None:
    """The `hardship:` rule: who may lift which limits, for a reason."""
    fields = one_rule(reading, document, "hardship")
    if fields is None:
        return None
    lifts = fields.names("lifts", LIFTS, "thing to lift")
    who = fields.texts("who")
    if not lifts or not who or "automatic" in who:
        fields.fault("The rule does not say who lifts what.", 'Add "lifts: [limits]" and "who: [...]".')
    return Hardship(fields.rule(), lifts, who)


def read_advance(reading: Reading, document: Mapping) -> Advance | None:
    """The `advance:` rule: money handed over beforehand."""
    fields = one_rule(reading, document, "advance")
    if fields is None:
        return None
    at_most: Value | None = fields.maybe("at_most", "pence")
    return Advance(fields.rule(), at_most)


def read_payers(reading: Reading, document: Mapping) -> dict[str, Payer]:
    """The `payers:` section: the bodies that share the policy, with whom to ask."""
    found = {}
    for key, fields in reading.each(document, "payers"):
        found[key] = Payer(key, fields.text("name"), fields.text("contact"))
        fields.done()
    return found


def read_sure(reading: Reading, document: Mapping) -> dict[str, str]:
    """The `sure:` section: questions of the checker that the author has answered."""
    section = reading.section(document, "sure")
    return {key: node.value for key, node in section.entries.items() if isinstance(node, Text)}
