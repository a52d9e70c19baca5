"""How is a simulation across a region said? Sentences for a terminal, the API and the region's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.money import pounds
from service.policy.wording import people
from service.reports.regional import FEWEST
from service.reports.simulation_words import difference, headline

TOO_FEW = f"Fewer than {FEWEST} people would gain, or fewer than {FEWEST} lose, so nobody is counted here."


def sentences(answer: Mapping[str, Any]) -> list[str]:
    """All councils together, then each of them in one line."""
    if not answer["councils"]:
        return ["No council is in this region yet."]
    each = [f"{row['name']}: {' '.join(of_council(row))}" for row in answer["councils"]]
    return [headline(answer), *each]


def of_council(row: Mapping[str, Any]) -> list[str]:
    """What the draft would do in one council."""
    return [*_fit(row)] if not row["fits"] else [*_sums(row), *_sides(row), *_open(row), *_rework(row)]


def _fit(row: Mapping[str, Any]) -> Iterator[str]:
    if row["builds_on"] is None:
        yield "Its policy does not build on this base, so nothing would change."
    else:
        faults = _many(row["faults"], "mistake")
        yield f"Its own text does not fit this draft: {faults}. No sums can be given."


def _sums(row: Mapping[str, Any]) -> Iterator[str]:
    if not row["claims"]:
        yield "It has no claim from that time."
        return
    before, after = pounds(row["before_pence"]), pounds(row["after_pence"])
    yield f"{_many(row['claims'], 'claim')} came to {before}."
    shift = row["difference_pence"]
    yield f"The draft would pay {after}: {difference(shift)}." if shift else "The draft would pay the same."


def _sides(row: Mapping[str, Any]) -> Iterator[str]:
    if row["too_few_to_count"]:
        yield TOO_FEW
    elif row["gain"]["people"] or row["lose"]["people"]:
        yield f"{people(row['gain']['people'])} would gain, {pounds(row['gain']['pence'])} in all."
        yield f"{people(row['lose']['people'])} would lose, {pounds(-row['lose']['pence'])} in all."
    elif row["claims"]:
        yield "Nobody gains and nobody loses."


def _open(row: Mapping[str, Any]) -> Iterator[str]:
    for key, words in (
        ("left_to_a_person", "The draft would leave {} to a person"),
        ("not_read", "The draft cannot answer {}"),
    ):
        part = row[key]
        if part["claims"]:
            said = words.format(_many(part["claims"], "claim"))
            yield " ".join((f"{said} ({pounds(part['before_pence'])}).", *part["because"][:1]))


def _rework(row: Mapping[str, Any]) -> Iterator[str]:
    many = row["examples_to_work_again"]
    if many:
        yield f"It would have to work {_many(many, 'example')} of its own again."


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"
