"""Which questions does a cost need, and what do the answers mean? The policy says which; here are the words.

Nothing is judged here: an answer is only read, as pence, a number, yes or no, or text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from service.errors import Invalid
from service.money import parse_pounds, pounds
from service.policy.engine import Policy
from service.web.answers import Answers
from service.web.person.shapes import Ask, Choice

KIND = "kind"
_NUMBER = re.compile(r"^[0-9]{1,5}(\.[0-9]{1,2})?$")
KIND_OF = {"pence": "money", "yes or no": "yes_no", "text": "text", "date": "text"}
WORDS = {
    "amount_pence": ("How much did you pay?", "For example, 4.10"),
    "miles": ("How many miles did you drive?", "There and back, for example 12.5"),
    "passengers": ("How many people taking part did you drive with you?", "Enter 0 if you were alone"),
    "hours": ("How many hours was it for?", "For example, 3 or 2.5"),
    "nights": ("How many nights was it for?", ""),
    "days": ("How many days was it for?", ""),
    "hours_away": ("How many hours were you away from home?", "From your door and back to it"),
    "receipt": ("Do you have a receipt or a ticket?", "Keep it until you are paid. We may ask to see it"),
    "agreed_before": ("Did somebody here agree to it before you spent the money?", ""),
    "in_care_package": ("Is this already paid for by your care package?", ""),
    "booked_by_us": ("Did we book and pay for it?", ""),
    "note": ("Is there anything we should know about it?", "You can leave this empty"),
}
MISSING = {
    "money": "Enter how much you paid, like 4.10",
    "number": "Enter a number, like 12 or 12.5",
    "yes_no": "Choose yes or no",
    "choice": "Choose what you paid for",
    "text": "Write a few words",
}


def asks_of(policy: Policy, *, on: Any, category: str) -> list[Ask]:
    """The questions that a kind of cost needs, in the policy's order."""
    units = {row["key"]: (row["name"], row["unit"]) for row in policy.catalogue(on=on)["facts"]}
    return [_ask(fact, *units.get(fact, (fact, "text"))) for fact in policy.asks(category)]


def _ask(fact: str, name: str, unit: str) -> Ask:
    title, hint = WORDS.get(fact, (f"{name}?", ""))
    kind = KIND_OF.get(unit, "number")
    return Ask(fact, kind, title, hint, unit if kind == "number" else "")


def plain_ask(fact: Mapping[str, str]) -> Ask:
    """A question in the policy's own name for a fact, for staff who answer it about somebody."""
    kind = KIND_OF.get(fact["unit"], "number")
    return Ask(fact["key"], kind, f"{fact['name']}?", unit=fact["unit"] if kind == "number" else "")


def which_kind(covered: list[dict[str, Any]]) -> Ask:
    """The first question: what the money was for."""
    choices = tuple(Choice(row["category"], row["name"]) for row in covered)
    return Ask(KIND, "choice", "What did you pay for?", choices=choices)


def read(ask: Ask, answers: Answers) -> Any:
    """The answer as a fact, or `None` with the reason beside its field. An optional note may be empty."""
    typed = answers[ask.name]
    if ask.kind == "choice":
        return (
            answers.one_of(ask.name, {c.value for c in ask.choices}, ask.missing or MISSING["choice"]) or None
        )
    if ask.kind == "yes_no":
        return {"yes": True, "no": False}.get(answers.one_of(ask.name, {"yes", "no"}, MISSING["yes_no"]))
    if not typed and ask.name != "note":
        answers.fault(ask.name, ask.missing or MISSING[ask.kind])
        return None
    if ask.kind == "money":
        return _money(ask, answers)
    return _number(ask, answers) if ask.kind == "number" else typed


def _money(ask: Ask, answers: Answers) -> int | None:
    try:
        return parse_pounds(answers[ask.name])
    except Invalid as refusal:
        answers.learn(refusal, {"": ask.name})
        return None


def _number(ask: Ask, answers: Answers) -> int | float | None:
    """Whole where it can be. Tenths are for miles and hours; the policy refuses them elsewhere."""
    typed = answers[ask.name].replace(",", "")
    if not _NUMBER.match(typed):
        answers.fault(ask.name, MISSING["number"])
        return None
    number = Decimal(typed)
    return int(number) if number == int(number) else float(number)


def said(ask: Ask, value: Any) -> str:
    """An answer as a person reads it."""
    if ask.kind == "choice":
        return next((c.text for c in ask.choices if c.value == value), str(value))
    units = {"money": "pence", "yes_no": "yes or no"}
    return said_as(units.get(ask.kind, ask.unit or "text"), value)


def said_as(unit: str, value: Any) -> str:
    """A fact in its unit, as a person reads it."""
    if unit == "pence":
        return pounds(int(value))
    if unit == "yes or no":
        return "Yes" if value else "No"
    return str(value) if unit in ("text", "date") else f"{value} {unit}"


def typed_again(ask: Ask, value: Any) -> Mapping[str, str]:
    """A kept answer as it was typed, so that its page shows it again."""
    if value is None:
        return {}
    if ask.kind == "money":
        return {ask.name: pounds(int(value)).removeprefix("£").replace(",", "")}
    if ask.kind == "yes_no":
        return {ask.name: "yes" if value else "no"}
    return {ask.name: str(value)}
