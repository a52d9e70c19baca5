"""How is the outcome of a simulation said? Sentences for a terminal and for the policy owner's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from service.money import pounds
from service.policy.wording import day, people

PEOPLE_SAID = 10


def sentences(answer: Mapping[str, Any], *, names: Mapping[str, str] | None = None) -> list[str]:
    """The totals, then who gains and who loses and why, then activities, then what the draft leaves open.

    `names` are people's names by their ids; without them the ids are said.
    """
    return [
        headline(answer),
        *(_sides(answer)),
        *(_person(row, names or {}) for row in answer["people"][:PEOPLE_SAID]),
        *(_activity(row) for row in answer["activities"] if row["difference_pence"]),
        *left_open(answer),
    ]


def headline(answer: Mapping[str, Any]) -> str:
    """What was paid, and what would have been."""
    period = f"{_day(answer['since'])} to {_day(answer['until'])}"
    counted = f"{answer['claims']:,} {_word(answer['claims'], 'claim')} from {period}"
    if not answer["claims"]:
        return f"There is no claim from {period} that the draft could be tried on."
    before, after = pounds(answer["before_pence"]), pounds(answer["after_pence"])
    if not answer["difference_pence"]:
        return f"{counted} came to {before}. The draft would pay the same."
    return (
        f"{counted} came to {before}. The draft would pay {after}: {difference(answer['difference_pence'])}."
    )


def difference(pence: int) -> str:
    """`£4.00 more`, `£4.00 less` or `the same`."""
    if not pence:
        return "the same"
    return f"{pounds(abs(pence))} {'more' if pence > 0 else 'less'}"


def _sides(answer: Mapping[str, Any]) -> Iterator[str]:
    winners, losers = answer["winners"], answer["losers"]
    if not answer["moved"]:
        yield "Nobody gains and nobody loses."
        return
    yield f"{answer['moved']:,} {_word(answer['moved'], 'claim')} would come to another sum."
    yield f"{people(winners['people'])} would gain, {pounds(winners['pence'])} in all."
    yield f"{people(losers['people'])} would lose, {pounds(-losers['pence'])} in all."


def _person(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    said = "; ".join(f"{reason['text']} (clause {reason['clause']})" for reason in row["reasons"][:1])
    name = names.get(row["person"], row["person"])
    return f"{name}: {difference(row['difference_pence'])}. For instance: {said}"


def _activity(row: Mapping[str, Any]) -> str:
    return f"{row['name']}: {difference(row['difference_pence'])}."


def left_open(answer: Mapping[str, Any]) -> Iterator[str]:
    """What the draft leaves to a person, and what it cannot answer, each with how much and why."""
    for key, words in (
        ("left_to_a_person", "The draft would leave {} to a person"),
        ("not_read", "The draft does not know enough to answer {}"),
    ):
        part = answer[key]
        if part["claims"]:
            claims = f"{part['claims']:,} {_word(part['claims'], 'claim')}"
            because = f" For instance: {part['reasons'][0]['text']}" if part["reasons"] else ""
            yield f"{words.format(claims)} ({pounds(part['before_pence'])}).{because}"


def _word(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _day(text: str) -> str:
    return day(date.fromisoformat(text))
