"""`realistic.yaml` by hand without the trace: `(outcome, fee_pence, expenses_pence)` and nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from benchmarks.policy.rates import PERIODS, period_of

Facts = dict[str, Any]
NINETY_DAYS = timedelta(days=90)
PAID, REFUSED, ASKED = 0, 1, 2
OUTCOMES = ("payable", "not_payable", "needs_person")


def totals(facts: Facts) -> tuple[str, int, int]:
    """The sums of one claim."""
    on = facts["on"]
    rates = PERIODS[period_of(on)][1]
    claimed = facts.get("claimed_on")
    late = bool(
        claimed
        and not facts.get("by_register")
        and date.fromisoformat(claimed) > date.fromisoformat(on) + NINETY_DAYS
    )
    asked = False
    fee = expenses = 0
    if facts.get("fee", True):
        if "contributions" in facts:
            lines = [_fee(facts, part, rates, late) for part in facts["contributions"]]
            asked = any(mark == ASKED for mark, _ in lines)
            if facts["activity"] != "festival":
                fee = sum([pence for _, pence in lines])
            elif not asked:
                fee = max([pence for _, pence in lines])
        else:
            mark, fee = _fee(facts, facts, rates, late)
            asked = mark == ASKED
        accept = facts.get("accept_pence")
        if accept is not None:
            fee = min(fee, accept)
    internet = False
    for cost in facts.get("expenses", ()):
        if cost["category"] == "internet":
            mark, pence = _internet(facts, cost, rates, late, internet)
            internet = internet or mark == PAID
        else:
            mark, pence = _cost(cost, rates, late)
        expenses += pence
        asked = asked or mark == ASKED
    outcome = ASKED if asked else PAID if fee + expenses else REFUSED
    return OUTCOMES[outcome], fee, expenses


def _fee(facts: Facts, part: Facts, rates: dict[str, int], late: bool) -> tuple[int, int]:
    activity, role = facts["activity"], part["role"]
    if role == "observer" or facts.get("paid_by_employer"):
        return REFUSED, 0
    mark = ASKED if late else PAID
    if activity in ("panel", "coaching"):
        trained = part.get("trained")
        if trained is None:
            trained = facts.get("trained")
        if trained is None:
            mark = ASKED
        elif not trained:
            return REFUSED, 0
    if mark or part.get("correspondence_minutes") or part.get("administration_minutes"):
        return ASKED, 0
    pence = _worth(activity, role, part, rates)
    notice = facts.get("notice_hours")
    if notice is not None and notice >= 24:
        pence = (pence + 1) // 2 if notice < 72 else 0
    return PAID, pence


def _worth(activity: str, role: str, part: Facts, rates: dict[str, int]) -> int:
    minutes: int = part.get("minutes", 0)
    ready: int = part.get("preparation_minutes", 0)
    pence = 0
    if training := part.get("training_minutes"):
        pence = (training * rates["member"] + 30) // 60
    if activity == "challenge":
        pence += int(part["days"]) * rates["day"]
        return pence + (min(ready, 240) * rates["member"] + 30) // 60 if ready else pence
    if activity == "panel":
        return (
            pence
            + rates["panel_short" if minutes <= 120 else "panel_half" if minutes <= 240 else "panel_full"]
        )
    if activity == "review":
        return pence - (-minutes // 180) * rates["block"]
    if activity != "festival":
        minutes += ready
    elif role != "stall_host":
        return pence + rates[role]
    return pence + (minutes * rates[role] + 30) // 60


def _cost(cost: Facts, rates: dict[str, int], late: bool) -> tuple[int, int]:
    category: str = cost["category"]
    if category in ("car", "motorcycle", "bicycle"):
        if late:
            return ASKED, 0
        rate = rates[category]
        if category == "car":
            rate += min(cost.get("passengers", 0), 4) * rates["passenger"]
        pence = (round(cost["miles"] * 10) * rate + 5) // 10
        return PAID, min(pence, cost.get("amount_pence", pence))
    spent: int = cost["amount_pence"]
    mark = ASKED if late else PAID
    if category == "replacement_care" and (packaged := cost.get("in_care_package")) is not False:
        mark = REFUSED if packaged else ASKED
    if mark == REFUSED or (spent > rates["receipt_over"] and not cost.get("receipt")):
        return REFUSED, 0
    if category in ("taxi", "overnight") and not cost.get("agreed_before"):
        return REFUSED, 0
    if mark:
        return mark, 0
    if category == "meal":
        away = cost["hours_away"]
        return (PAID, min(spent, rates["meal_long" if away >= 10 else "meal"])) if away >= 5 else (REFUSED, 0)
    if category == "overnight":
        return PAID, min(spent, cost["nights"] * rates["night"])
    if category in ("replacement_care", "childcare", "personal_assistant"):
        return PAID, min(spent, (round(cost["hours"] * 60) * rates[category] + 30) // 60)
    return PAID, spent


def _internet(
    facts: Facts, cost: Facts, rates: dict[str, int], late: bool, internet: bool
) -> tuple[int, int]:
    online = facts.get("online")
    if online is False:
        return REFUSED, 0
    if late or online is None:
        return ASKED, 0
    if internet:
        return REFUSED, 0
    return PAID, min(rates["internet"], cost.get("amount_pence", rates["internet"]))
