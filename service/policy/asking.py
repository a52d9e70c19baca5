"""What should the author of a policy be asked? Things that may be right, and often are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from service.policy.faults import Fault
from service.policy.model import Items, Tree
from service.policy.wording import day

_CURRENT = re.compile(r"\b(currently|at present|at the moment|current rates?|presently)\b", re.IGNORECASE)


def questions(tree: Tree) -> list[Fault]:
    """Questions about the main file that the author has not answered under `sure:`."""
    found = [*_copied(tree), *_per_what(tree), *_currently(tree), *_source(tree)]
    return sorted(fault for key, fault in found if key not in tree.sure)


def past_review(tree: Tree, today: date) -> list[Fault]:
    """A policy that is still published though its review was due; `past_review: why` says that it may."""
    due = tree.header.review_by
    if due is None or due >= today or tree.header.past_review or tree.header.status == "illustrative":
        return []
    what = f"The policy was due to be looked at again by {day(due)}, and is still published."
    return [Fault(tree.main, 1, "", what, "Review it, or say why it still stands with 'past_review: why'.")]


def _copied(tree: Tree) -> Iterator[tuple[str, Fault]]:
    seen: dict[str, str] = {}
    rules = [fee.rule for fee in tree.fees.values()] + [one.rule for one in tree.expenses.values()]
    for rule in rules:
        if tree.main not in rule.place.files:
            continue
        other = seen.setdefault(rule.sentence, rule.key)
        if other != rule.key:
            what = f'"{rule.key}" says just what "{other}" says. Was one copied from the other?'
            remedy = f"Say what is different, or write under sure: '{rule.key}: why'."
            yield rule.key, Fault(rule.place.file, rule.place.line, rule.clause, what, remedy)


def _per_what(tree: Tree) -> Iterator[tuple[str, Fault]]:
    for fee in tree.fees.values():
        if isinstance(fee, Items) and not fee.per:
            rule = fee.rule
            what = f'Does "{rule.key}" pay for each item, or once for the whole request?'
            remedy = "Write 'per: item' or 'per: request'. Until then more than one item needs a person."
            yield rule.key, Fault(rule.place.file, rule.place.line, rule.clause, what, remedy)


def _currently(tree: Tree) -> Iterator[tuple[str, Fault]]:
    for rule in [fee.rule for fee in tree.fees.values()] + [one.rule for one in tree.expenses.values()]:
        if tree.main in rule.place.files and (found := _CURRENT.search(rule.sentence)):
            what = f'"{rule.key}" says "{found[0]}". Is the figure from outside, such as a wage?'
            remedy = "Name the reference table, which has dates, or leave the word out."
            yield rule.key, Fault(rule.place.file, rule.place.line, rule.clause, what, remedy)


def _source(tree: Tree) -> Iterator[tuple[str, Fault]]:
    header = tree.header
    if header.status != "illustrative" and not (header.source_date and header.source_hash):
        what = "Which text is this from? A page may change behind its address."
        remedy = "Add source_date: and source_hash: of the document (or 'not stated', 'not kept: why')."
        yield "source", Fault(tree.main, 1, "", what, remedy)
