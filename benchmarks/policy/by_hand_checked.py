"""The hand-written policy behind the checks of a careful engineer: facts that do not fit are refused."""

from __future__ import annotations

from datetime import date
from typing import Any

from benchmarks.policy.by_hand import assess
from benchmarks.policy.by_hand_costs import NAMES
from benchmarks.policy.by_hand_fees import ACTIVITIES, ROLES

Facts = dict[str, Any]
MEASURES = (
    *("minutes", "preparation_minutes", "travel_minutes", "training_minutes"),
    *("correspondence_minutes", "administration_minutes", "days"),
)
PART = {**dict.fromkeys(MEASURES, "count"), "role": "text", "activity": "text", "trained": "yes or no"}
CLAIM = {
    **PART,
    **dict.fromkeys(("online", "fee", "paid_by_employer", "by_register"), "yes or no"),
    "on": "day",
    "claimed_on": "day",
    "notice_hours": "tenths",
    "accept_pence": "count",
    "contributions": "list",
    "expenses": "list",
}
COST = {
    **dict.fromkeys(("receipt", "agreed_before", "in_care_package"), "yes or no"),
    **dict.fromkeys(("amount_pence", "passengers", "nights"), "count"),
    **dict.fromkeys(("miles", "hours", "hours_away"), "tenths"),
    "category": "text",
}


def assess_checked(facts: Facts, stamp: dict[str, str]) -> dict[str, Any]:
    """As `assess`, once the facts are known to fit. Raises `ValueError`."""
    _row(facts, CLAIM)
    if facts["activity"] not in ACTIVITIES:
        raise ValueError("activity")
    for part in facts.get("contributions", ()):
        _row(part, PART)
    for cost in facts.get("expenses", ()):
        _row(cost, COST)
        if cost["category"] not in NAMES:
            raise ValueError("category")
    return assess(facts, stamp)


def _row(row: Facts, kinds: dict[str, str]) -> None:
    for key, value in row.items():
        kind = kinds.get(key)
        if kind == "count":
            fits = type(value) is int and 0 <= value <= 10_000_000
        elif kind == "yes or no":
            fits = value is True or value is False
        elif kind == "tenths":
            fits = isinstance(value, (int, float)) and 0 <= value <= 1_000_000
        elif kind == "text":
            fits = isinstance(value, str) and (key != "role" or value in ROLES)
        elif kind == "day":
            fits = bool(date.fromisoformat(value))
        else:
            fits = kind == "list" and isinstance(value, list)
        if not fits:
            raise ValueError(key)
