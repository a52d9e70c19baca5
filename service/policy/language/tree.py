"""How does a set of texts become one typed policy? Layers, then every section, then all faults together."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import Any

from service.days import NATIONS
from service.policy.facts import Vocabulary
from service.policy.faults import Fault, PolicyFaults
from service.policy.language.conditions import read_only_if
from service.policy.language.counting import (
    check_counters,
    read_advance,
    read_batches,
    read_counters,
    read_hardship,
    read_limits,
    read_payers,
    read_routes,
    read_sure,
)
from service.policy.language.examples import read_examples
from service.policy.language.expenses import ExpenseReader, read_agreement, read_receipts
from service.policy.language.fees import (
    FeeReader,
    read_activities,
    read_cancellation,
    read_paid_time,
    read_several,
    read_time_basis,
)
from service.policy.language.fields import Fields, Reading
from service.policy.language.layers import layers, merge, tables
from service.policy.language.nodes import Mapping, Text, parse
from service.policy.language.process import (
    WarningReader,
    read_approval,
    read_choice,
    read_deadlines,
    read_own_facts,
    read_payment,
    read_sign_off,
    read_terms,
    vocabulary_of,
)
from service.policy.language.values import REFERENCE_KEY, read_amounts, read_tables
from service.policy.model import (
    STATUTORY_FIELDS,
    Activity,
    Amount,
    Counter,
    Expense,
    Header,
    Rounding,
    Tree,
    Undecided,
    Value,
)
from service.policy.rounding import DIRECTIONS
from service.policy.sources import Sources

SECTIONS = (
    "policy",
    "uses",
    "rounding",
    "wage_floor",
    "amounts",
    "facts",
    "counters",
    "roles",
    "activities",
    "fees",
    "several",
    "time_basis",
    "paid_time",
    "cancellation",
    "eligibility",
    "receipts",
    "agreement",
    "expenses",
    "limits",
    "deadlines",
    "batches",
    "hardship",
    "advance",
    "routes",
    "payers",
    "choice",
    "approval",
    "sign_off",
    "payment",
    "warnings",
    "terms",
    "sure",
    "examples",
)
UNSTATED = "not stated"
STATUSES = ("illustrative", "published by its owner", "live")
WEEK_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_tree(sources: Sources) -> Tree:
    """The typed tree of a policy. Raises `PolicyFaults` with every mistake that reading alone can find."""
    tree, faults = read_what_there_is(sources)
    if faults:
        raise PolicyFaults(faults)
    return tree


def read_what_there_is(sources: Sources) -> tuple[Tree, list[Fault]]:
    """The tree and the mistakes in it; a value that cannot be read is nothing. Raises `PolicyFaults` as well,
    when so much is missing that there is no tree."""
    documents = layers(sources)
    shared_tables = tables(documents, sources)
    document = merge(documents)
    reading = Reading(file=sources.main)
    top = Fields(reading, document, key=sources.main, place=(sources.main, 1))
    top.used.update(SECTIONS)
    top.done()
    amounts = read_amounts(reading, document, read_tables(reading, shared_tables))
    return _sections(reading, document, sources.main, amounts), reading.faults


def is_table(sources: Sources) -> bool:
    """Whether the main file is a reference table, which other files use and nobody is paid by."""
    return REFERENCE_KEY in parse(sources.files[sources.main], file=sources.main).entries


def check_table(sources: Sources) -> list[Fault]:
    """Every mistake in a reference table."""
    reading = Reading(file=sources.main)
    read_tables(reading, [parse(sources.files[sources.main], file=sources.main)])
    return sorted(set(reading.faults))


def _sections(reading: Reading, document: Mapping, main: str, amounts: dict[str, Amount]) -> Tree:
    own_facts = read_own_facts(reading, document)
    counters = read_counters(reading, document)
    vocabulary = vocabulary_of(own_facts, counters)
    roles = _roles(reading, document)
    fees = FeeReader(reading, vocabulary=vocabulary, roles=roles, counters=counters).read(document)
    activities = read_activities(reading, document, roles, fees)
    expenses = _expenses(reading, document, vocabulary, activities, counters)
    check_counters(reading, counters, activities, expenses)
    payment = read_payment(reading, document)
    law: MappingOf[str, object] = dict.fromkeys(STATUTORY_FIELDS)
    names: dict[str, MappingOf[str, object]] = {"activity": activities, "role": roles, "field": law}
    return Tree(
        main=main,
        header=_header(reading, document),
        amounts=amounts,
        rounding=_rounding(reading, document),
        wage_floor=_wage_floor(reading, document),
        own_facts=own_facts,
        roles=roles,
        activities=activities,
        several=read_several(reading, document),
        fees=fees,
        paid_time=read_paid_time(reading, document, activities),
        cancellation=read_cancellation(reading, document),
        eligibility=tuple(
            read_only_if(fields, {**vocabulary.claim, **vocabulary.expense}, activities, roles, within=False)
            for _, fields in reading.each(document, "eligibility")
        ),
        expenses=expenses,
        deadlines=read_deadlines(reading, document),
        choice=read_choice(reading, document),
        approval=read_approval(reading, document),
        warnings=WarningReader(reading, vocabulary, names).read(document),
        terms=read_terms(reading, document),
        examples=read_examples(reading, document, vocabulary),
        **vars(payment),
        counters=counters,
        limits=read_limits(reading, document, vocabulary, counters, activities, expenses),
        routes=read_routes(reading, document, vocabulary),
        batches=read_batches(reading, document, activities),
        **_single_rules(reading, document),
        forms=reading.forms,
    )


def _expenses(
    reading: Reading,
    document: Mapping,
    vocabulary: Vocabulary,
    activities: dict[str, Activity],
    counters: dict[str, Counter],
) -> dict[str, Expense]:
    return ExpenseReader(
        reading,
        vocabulary=vocabulary,
        receipts=read_receipts(reading, document, vocabulary),
        agreement=read_agreement(reading, document),
        activities=activities,
        counters=counters,
    ).read(document)


def _single_rules(reading: Reading, document: Mapping) -> dict[str, Any]:
    """The sections that few policies have, each a rule or a list of its own."""
    return {
        "hardship": read_hardship(reading, document),
        "advance": read_advance(reading, document),
        "payers": read_payers(reading, document),
        "time_basis": read_time_basis(reading, document),
        "sure": read_sure(reading, document),
        "sign_off": read_sign_off(reading, document),
    }


def _header(reading: Reading, document: Mapping) -> Header:
    fields = Fields(reading, reading.section(document, "policy"), key="policy")
    fields.text("extends", default="")
    slug, version = fields.text("slug"), fields.text("version")
    name, source = fields.text("name"), fields.text("source")
    status = fields.choice("status", STATUSES)
    starts, ends = fields.day("effective_from"), fields.day("effective_to", needed=False)
    review_by = None if fields.raw_text("review_by") == UNSTATED else fields.day("review_by")
    nation = fields.choice("nation", NATIONS, default=NATIONS[0])
    week = fields.choice("week_starts", WEEK_DAYS, default="monday")
    more = [
        fields.text(key, default="") for key in ("source_date", "source_hash", "past_review", "supersedes")
    ]
    fields.done()
    if starts is None:
        raise PolicyFaults(reading.faults)
    if ends is not None and ends <= starts:
        fields.fault("The policy ends before it starts.", "Check effective_from and effective_to.")
    return Header(slug, version, name, status, source, starts, ends, review_by, nation, week, *more)


def _roles(reading: Reading, document: Mapping) -> dict[str, str]:
    section = reading.section(document, "roles")
    fields = Fields(reading, section, key="roles")
    found = {}
    for key, node in section.entries.items():
        if isinstance(node, Text):
            found[key] = node.value
        elif isinstance(node, Mapping):
            found[key] = fields.spoken(key)
        else:
            reading.fault(node, f"The role '{key}' has no plain name.", f"Write it like {key}: Co-chair.")
    return found


def _rounding(reading: Reading, document: Mapping) -> Rounding | None:
    if "rounding" not in document.entries:
        return None
    fields = Fields(reading, reading.section(document, "rounding"), key="rounding")
    if fields.has("undecided"):
        why = Undecided(fields.text("undecided"))
        clause = fields.text("clause")
        fields.done()
        return Rounding(1, "down", clause, why)
    step = fields.value("step", "pence")
    direction = fields.choice("direction", DIRECTIONS)
    each = fields.choice("each", ("line", "total"))
    rule = fields.rule()
    number = getattr(step, "number", 0)
    if number < 1:
        fields.fault("The rounding step is not a sum.", 'Write "step: 1p".')
    return Rounding(max(number, 1), direction, rule.clause, None, each, rule.sentence, rule)


def _wage_floor(reading: Reading, document: Mapping) -> Value | None:
    """The floor under hourly fees; `{none: why}` when the policy names none."""
    if "wage_floor" not in document.entries:
        reading.fault(
            document, "The policy names no wage floor.", 'Add "wage_floor:" with at_least, or {none: why}.'
        )
        return None
    fields = Fields(reading, reading.section(document, "wage_floor"), key="wage_floor")
    if fields.has("none"):
        fields.text("none")
        fields.done()
        return None
    fields.text("clause")
    found = fields.value("at_least", "pence")
    fields.done()
    return found
