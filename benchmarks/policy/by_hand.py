"""`realistic.yaml` written by hand in plain Python: the same answer, the same trace, for this policy only.

It trusts its facts. What does not change within a period is put into words once. Money is whole pence,
times are minutes and distances tenths of a mile.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from benchmarks.policy.by_hand_costs import cost_lines
from benchmarks.policy.by_hand_fees import ACTIVITIES, choose, fee_line, settle_several
from benchmarks.policy.by_hand_words import (
    NEEDS_PERSON,
    NOT_PAYABLE,
    PAYABLE,
    WORDS,
    Facts,
    Late,
    Line,
    Words,
    reason,
    say_day,
)
from benchmarks.policy.rates import period_of
from service.days import add_working_days

NINETY_DAYS = timedelta(days=90)
IGNORED = frozenset({"health", "social care", "social housing"})


def assess(facts: Facts, stamp: dict[str, str]) -> dict[str, Any]:
    """The whole assessment of one claim."""
    on = date.fromisoformat(facts["on"])
    words = WORDS[period_of(facts["on"])]
    claimed = facts.get("claimed_on")
    claimed_on = date.fromisoformat(claimed) if claimed else on
    late: Late = None
    if claimed and claimed_on > on + NINETY_DAYS and not facts.get("by_register"):
        late = (on + NINETY_DAYS, claimed)
    fees = _fees(facts, words, late) if facts.get("fee", True) else []
    costs = cost_lines(facts, words, late)
    if (accept := facts.get("accept_pence")) is not None:
        choose(fees, accept)
    fee = sum([line["amount_pence"] for line in fees])
    expenses = sum([line["amount_pence"] for line in costs])
    lines = fees + costs
    outcome = PAYABLE if fee + expenses else NOT_PAYABLE
    for line in lines:
        if line["outcome"] == NEEDS_PERSON:
            outcome = NEEDS_PERSON
            break
    field = ACTIVITIES[facts["activity"]][2]
    route, approved = _approval(words, outcome, fee + expenses)
    reasons, pay_by = [approved], None
    if fee + expenses or outcome == NEEDS_PERSON:
        day = _promised(max(claimed_on, on))
        text = f"We promise to pay within 20 working days. That is by {say_day(day)}."
        reasons.append(reason("7.7", "payment.promise", text))
        pay_by = day.isoformat()
    return {
        "outcome": outcome,
        "fee_pence": fee,
        "expenses_pence": expenses,
        "total_pence": fee + expenses,
        "field": field,
        "lines": lines,
        "warnings": _warnings(facts, words, field, fee, expenses),
        "approval_route": route,
        "payment_route": "direct",
        "pay_by": pay_by,
        "reasons": reasons,
        "facts": _copy(facts),
        "policy": stamp.copy(),
        "engine_version": "1.0",
    }


def _fees(facts: Facts, words: Words, late: Late) -> list[Line]:
    if "contributions" not in facts:
        return [fee_line(facts, facts, "", words, late)]
    found = [
        fee_line(facts, part, f"/contributions/{index}", words, late)
        for index, part in enumerate(facts["contributions"])
    ]
    if len(found) > 1:
        settle_several(found)
    return found


@lru_cache(maxsize=4096)
def _promised(start: date) -> date:
    return add_working_days(start, 20)


def _copy(facts: Facts) -> Facts:
    found = facts.copy()
    if "contributions" in found:
        found["contributions"] = [one.copy() for one in found["contributions"]]
    if "expenses" in found:
        found["expenses"] = [one.copy() for one in found["expenses"]]
    return found


def _approval(words: Words, outcome: str, total: int) -> tuple[str | list[str], dict[str, Any]]:
    small, usual, senior = words.approval
    if total <= small[0] and outcome != NEEDS_PERSON:
        return "automatic", reason(small[1], "approval.small", small[2])
    if total <= usual[0]:
        return ["approver"], reason(usual[1], "approval.usual", usual[2])
    if total <= senior[0]:
        return ["senior_approver"], reason(senior[1], "approval.senior", senior[2])
    both = ["approver", "senior_approver"]
    return both, reason("7.6", "approval.large", "Two people look at larger claims.")


def _warning(code: str, clause: str, text: str) -> dict[str, str]:
    return {"code": code, "clause": clause, "text": text}


def _warnings(facts: Facts, words: Words, field: str, fee: int, expenses: int) -> list[dict[str, str]]:
    found = []
    if fee:
        found.append(_warning("counts_as_income", "8.1", "A fee counts as income."))
    if expenses and field in IGNORED:
        text = "Costs that we pay back are usually left out when benefits are worked out."
        found.append(_warning("costs_are_ignored", "8.2", text))
    if fee > words.rates["weekly_limit"]:
        found.append(_warning("weekly_limit", "8.3", words.weekly_limit))
    if fee >= 15000:
        text = "This fee comes near the weekly limit of some benefits."
        found.append(_warning("near_the_limit", "8.4", text))
    if expenses >= 20000:
        found.append(_warning("large_costs", "8.5", "Large costs may be asked about."))
    if facts.get("paid_by_employer"):
        found.append(_warning("nobody_pays_twice", "8.6", "Your employer pays you for this time."))
    if facts.get("by_register"):
        found.append(_warning("by_register", "8.7", "The register told us that you came."))
    return found
