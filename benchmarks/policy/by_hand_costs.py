"""The costs of `realistic.yaml` by hand: one function for each kind, told what the conditions before it said.

Each answers an outcome, empty when the cost is paid, and the pence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.policy.by_hand_words import (
    BY_THE_HOUR,
    NEEDS_PERSON,
    NOT_PAYABLE,
    PAYABLE,
    Facts,
    Late,
    Line,
    Words,
    money,
    reason,
    say_miles,
    say_time,
    too_late,
)

Told = list[dict[str, Any]]
Judge = Callable[[Facts, str, Words, str, Told, Told], tuple[str, int]]
RECEIPT = "It can be paid if you send a receipt or ticket."
AGREE = "Please agree this cost with us before you spend it."
AGREED = "It could be paid if it had been agreed before it was spent."
PACKAGE = "We cannot pay for care that a care package already pays for."
NO_PACKAGE = "We can pay for care that no care package pays for."
ONLINE = "This is for sessions that you join online."
MEAL = "We pay for a meal when you are away from home for 5 hours or more. You were away for "
FARES = {
    "bus": ("6.3", "We pay bus and tram fares in full."),
    "train": ("6.4", "We pay standard class train fares in full."),
    "taxi": ("6.5", "We pay for a taxi if we agreed it first."),
    "parking": ("6.6", "We pay for parking while you take part."),
}
NAMES = {
    "bus": "Bus or tram",
    "train": "Train",
    "taxi": "Taxi",
    "parking": "Parking",
    "car": "Car",
    "motorcycle": "Motorcycle",
    "bicycle": "Bicycle",
    "meal": "Meal",
    "overnight": "Overnight stay",
    "replacement_care": "Care for the person you look after",
    "childcare": "Childcare",
    "personal_assistant": "Personal assistant",
    "internet": "Internet and phone",
}
BY_THE_MILE = {"car": "6.7", "motorcycle": "6.8", "bicycle": "6.9"}


def cost_lines(facts: Facts, words: Words, late: Late) -> list[Line]:
    """Every cost of a claim."""
    found: list[Line] = []
    internet_paid = False
    for index, cost in enumerate(facts.get("expenses", ())):
        category = cost["category"]
        reasons: Told = [too_late(late)] if late else []
        changes: Told = []
        outcome, pence = NEEDS_PERSON if late else "", 0
        if category == "internet":
            outcome, pence = _internet(
                facts.get("online"), cost, words, outcome, internet_paid, reasons, changes
            )
            internet_paid = internet_paid or not outcome
        else:
            outcome, pence = JUDGES[category](cost, f"/expenses/{index}", words, outcome, reasons, changes)
        line: Line = {
            "kind": "expense",
            "category": category,
            "name": NAMES[category],
            "nature": "flat_sum" if category == "internet" else "cost_repaid",
            "outcome": outcome or (PAYABLE if pence else NOT_PAYABLE),
            "amount_pence": pence,
            "reasons": reasons,
        }
        if changes:
            line["would_change"] = changes
        if "amount_pence" in cost:
            line["claimed_pence"] = cost["amount_pence"]
        found.append(line)
    return found


def _receipt(cost: Facts, at: str, words: Words, outcome: str, reasons: Told, changes: Told) -> str:
    spent = cost["amount_pence"]
    if cost.get("receipt") or spent <= words.rates["receipt_over"]:
        return outcome
    reasons.append(reason("6.1", "receipts.usual", words.receipt, {"claimed_pence": spent}))
    changes.append({"pointer": f"{at}/receipt", "value": True, "text": RECEIPT})
    return NOT_PAYABLE


def _agreed(cost: Facts, at: str, outcome: str, reasons: Told, changes: Told) -> str:
    if cost.get("agreed_before"):
        return outcome
    reasons.append(reason("6.2", "agreement.usual", AGREE))
    changes.append({"pointer": f"{at}/agreed_before", "value": True, "text": AGREED})
    return NOT_PAYABLE


def _fare(cost: Facts, at: str, words: Words, outcome: str, reasons: Told, changes: Told) -> tuple[str, int]:
    category = cost["category"]
    if category == "taxi":
        outcome = _agreed(cost, at, outcome, reasons, changes)
    outcome = _receipt(cost, at, words, outcome, reasons, changes)
    if outcome:
        return outcome, 0
    clause, sentence = FARES[category]
    spent = cost["amount_pence"]
    text = f"{sentence} The cost was {money(spent)}."
    figures = {"claimed_pence": spent, "amount_pence": spent}
    reasons.append(reason(clause, f"expenses.{category}", text, figures))
    return "", spent


def _mileage(
    cost: Facts, _at: str, words: Words, outcome: str, reasons: Told, _changes: Told
) -> tuple[str, int]:
    if outcome:
        return outcome, 0
    category = cost["category"]
    rate, tenths, text = words.rates[category], round(cost["miles"] * 10), words.costs[category]
    sharing = min(cost.get("passengers", 0), 4) if category == "car" else 0
    if sharing:
        rate += sharing * words.rates["passenger"]
        people = "1 person" if sharing == 1 else f"{sharing} people"
        text += f"With {people} sharing the car, it is {money(rate)} a mile. "
    pence = (tenths * rate + 5) // 10
    text += f"{say_miles(tenths)} at {money(rate)} a mile is {money(pence)}."
    figures = {"tenths_of_a_mile": tenths, "rate_pence": rate, "amount_pence": pence}
    reasons.append(reason(BY_THE_MILE[category], f"expenses.{category}", text, figures))
    return "", _asked_less(cost, pence, BY_THE_MILE[category], reasons)


def _asked_less(cost: Facts, pence: int, clause: str, reasons: Told) -> int:
    asked: int | None = cost.get("amount_pence")
    if asked is None or asked >= pence:
        return pence
    text = f"You asked for {money(asked)}, so that is what is paid."
    reasons.append(reason(clause, f"expenses.{cost['category']}", text, {"claimed_pence": asked}))
    return asked


def _capped(cost: Facts, most: int, clause: str, text: str, reasons: Told) -> tuple[str, int]:
    spent = cost["amount_pence"]
    pence = min(spent, most)
    beyond = f", and the most we can pay is {money(most)}" if spent > most else ""
    text = f"{text} The cost was {money(spent)}{beyond}."
    figures = {"claimed_pence": spent, "cap_pence": most, "amount_pence": pence}
    reasons.append(reason(clause, f"expenses.{cost['category']}", text, figures))
    return "", pence


def _meal(cost: Facts, at: str, words: Words, outcome: str, reasons: Told, changes: Told) -> tuple[str, int]:
    outcome = _receipt(cost, at, words, outcome, reasons, changes)
    if outcome:
        return outcome, 0
    away = round(cost["hours_away"] * 60)
    text = f"{MEAL}{say_time(away)}."
    if away >= 300:
        most = words.rates["meal_long" if away >= 600 else "meal"]
        return _capped(cost, most, "6.10", text, reasons)
    reasons.append(reason("6.10", "expenses.meal", text, {"minutes_away": away}))
    help_ = "A meal can be paid for from 5 hours away from home."
    changes.append({"pointer": f"{at}/hours_away", "value": 5, "text": help_})
    return NOT_PAYABLE, 0


def _overnight(
    cost: Facts, at: str, words: Words, outcome: str, reasons: Told, changes: Told
) -> tuple[str, int]:
    outcome = _agreed(cost, at, outcome, reasons, changes)
    outcome = _receipt(cost, at, words, outcome, reasons, changes)
    if outcome:
        return outcome, 0
    nights = cost["nights"]
    most = nights * words.rates["night"]
    said = "1 night" if nights == 1 else f"{nights} nights"
    text = f"{words.costs['overnight']}{said} that is up to {money(most)}."
    return _capped(cost, most, "6.11", text, reasons)


def _care(cost: Facts, at: str, words: Words, outcome: str, reasons: Told, changes: Told) -> tuple[str, int]:
    category = cost["category"]
    if category == "replacement_care" and (packaged := cost.get("in_care_package")) is not False:
        rule, asked = "expenses.replacement_care.not_in_package", ""
        if packaged is None:
            asked = " We still need to know this: already paid for by a care package."
        reasons.append(reason("6.13", rule, PACKAGE + asked))
        changes.append({"pointer": f"{at}/in_care_package", "value": False, "text": NO_PACKAGE})
        outcome = NOT_PAYABLE if packaged else outcome or NEEDS_PERSON
    outcome = _receipt(cost, at, words, outcome, reasons, changes)
    if outcome:
        return outcome, 0
    minutes = round(cost["hours"] * 60)
    most = (minutes * words.rates[category] + 30) // 60
    text = f"{words.costs[category]}{say_time(minutes)} that is up to {money(most)}."
    return _capped(cost, most, BY_THE_HOUR[category], text, reasons)


def _internet(
    online: bool | None,
    cost: Facts,
    words: Words,
    outcome: str,
    paid: bool,
    reasons: Told,
    changes: Told,
) -> tuple[str, int]:
    if not online:
        asked = " We still need to know this: joined online." if online is None else ""
        reasons.append(reason("6.17", "expenses.internet.joined_online", ONLINE + asked))
        changes.append({"pointer": "/online", "value": True, "text": "This is paid when you join online."})
        outcome = outcome or NEEDS_PERSON if online is None else NOT_PAYABLE
    if outcome:
        return outcome, 0
    text = words.costs["internet"]
    if paid:
        reasons.append(reason("6.16", "expenses.internet", f"{text} It is in this claim already."))
        return NOT_PAYABLE, 0
    pence = words.rates["internet"]
    reasons.append(reason("6.16", "expenses.internet", text, {"amount_pence": pence}))
    return "", _asked_less(cost, pence, "6.16", reasons)


JUDGES: dict[str, Judge] = {
    **dict.fromkeys(FARES, _fare),
    **dict.fromkeys(BY_THE_MILE, _mileage),
    **dict.fromkeys(BY_THE_HOUR, _care),
    "meal": _meal,
    "overnight": _overnight,
}
