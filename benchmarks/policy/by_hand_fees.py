"""The fees of `realistic.yaml` by hand: who may have one, what it is worth, what a cancellation leaves."""

from __future__ import annotations

from typing import Any

from benchmarks.policy.by_hand_words import (
    NEEDS_PERSON,
    NOT_PAYABLE,
    PAYABLE,
    Facts,
    Late,
    Line,
    Words,
    money,
    reason,
    say_time,
    too_late,
)

ROLES = {
    "member": "Member",
    "online_member": "Member who joins online",
    "co_chair": "Co-chair",
    "coach": "Coach",
    "trainer": "Trainer",
    "team_member": "Team member",
    "panel_member": "Panel member",
    "speaker": "Short contribution",
    "workshop_lead": "Leading a workshop",
    "stall_host": "Running a stall",
    "reviewer": "Reviewer",
    "observer": "Coming along to listen",
}
# Name, clause, field, the role when there is only one.
ACTIVITIES = {
    "board": ("Partnership board", "3.1", "social care", ""),
    "network": ("Advisory network", "3.2", "health", ""),
    "coaching": ("Coaching a director", "3.3", "social care", ""),
    "challenge": ("Peer challenge", "3.4", "social care", "team_member"),
    "panel": ("Recruitment panel", "3.5", "none", "panel_member"),
    "festival": ("Festival", "3.6", "social housing", ""),
    "review": ("Practice review", "3.7", "health", "reviewer"),
}
OWN_JOB = "There is no fee if your employer pays you for this time."
OWN_JOB_CHANGE = "There is a fee if your employer does not pay you for this time."
TRAINING = "You need to do our training before this."
TRAINING_CHANGE = "There is a fee once you have done the training."
LESS_NOTICE = "There is a fee when there is less than 72 hours of notice."
CHOICE = "You may always take less than we offer, or nothing."
HIGHEST = "If you do more than one thing on the day, we pay the highest one."


def fee_line(facts: Facts, part: Facts, at: str, words: Words, late: Late) -> Line:
    """One contribution."""
    activity = part.get("activity") or facts["activity"]
    name, clause, field, only_role = ACTIVITIES[activity]
    role = part.get("role") or facts.get("role") or only_role
    reasons: list[Any] = []
    changes: list[Any] = []
    outcome, pence = _may_have_fee(facts, part, activity, at, late, reasons, changes), 0
    if role == "observer":
        reasons.append(reason("4.11", "fees.no_fee", "There is no fee if you come along to listen."))
        outcome = NOT_PAYABLE
        other = "member" if activity == "board" else "speaker"
        text = f"There is a fee for another role in this activity: {ROLES[other]}."
        changes.append({"pointer": f"{at}/role", "value": other, "text": text})
    if not outcome:
        outcome, pence = _worth(activity, role, part, words, clause, reasons)
        notice = facts.get("notice_hours")
        if notice is not None and not outcome:
            pence = _cancelled(pence, round(notice * 60), reasons, changes)
        if not outcome:
            outcome = PAYABLE if pence else NOT_PAYABLE
    line = {
        "kind": "fee",
        "category": activity,
        "name": name,
        "role": role,
        "role_name": ROLES[role],
        "nature": "fee",
        "field": field,
        "outcome": outcome,
        "amount_pence": pence,
        "reasons": reasons,
    }
    if changes:
        line["would_change"] = changes
    return line


def _may_have_fee(
    facts: Facts, part: Facts, activity: str, at: str, late: Late, reasons: list[Any], changes: list[Any]
) -> str:
    outcome = ""
    if facts.get("paid_by_employer"):
        reasons.append(reason("5.4", "eligibility.own_job", OWN_JOB))
        changes.append({"pointer": "/paid_by_employer", "value": False, "text": OWN_JOB_CHANGE})
        outcome = NOT_PAYABLE
    if activity in ("panel", "coaching"):
        trained = part.get("trained")
        if trained is None:
            trained = facts.get("trained")
        if not trained:
            asked = "" if trained is False else " We still need to know this: has done the training."
            reasons.append(reason("5.5", "eligibility.training_first", TRAINING + asked))
            changes.append({"pointer": f"{at}/trained", "value": True, "text": TRAINING_CHANGE})
            outcome = NOT_PAYABLE if trained is False else outcome or NEEDS_PERSON
    if late:
        reasons.append(too_late(late))
        outcome = outcome or NEEDS_PERSON
    return outcome


def _worth(
    activity: str, role: str, part: Facts, words: Words, clause: str, reasons: list[Any]
) -> tuple[str, int]:
    """What time and role are worth, before any cancellation."""
    rates = words.rates
    minutes = part.get("minutes") or 0
    outcome, pence = "", 0
    if ready := part.get("preparation_minutes"):
        if activity in ("panel", "festival", "review"):
            text = "The fee includes time spent getting ready."
            reasons.append(reason("4.13", "paid_time.reading_included", text, {"preparation_minutes": ready}))
        elif activity == "challenge":
            ready = min(ready, 240)
            pence = _by_hour("4.14", "paid_time.challenge_reading", words.reading, ready, words, reasons)
        else:
            minutes += ready
            text = f"We pay for time spent getting ready, at the same rate. That adds {say_time(ready)}."
            reasons.append(reason("4.12", "paid_time.reading", text, {"preparation_minutes": ready}))
    if travel := part.get("travel_minutes"):
        text = "Time spent travelling is not paid. The cost is."
        reasons.append(reason("4.16", "paid_time.travel", text, {"travel_minutes": travel}))
    if training := part.get("training_minutes"):
        pence += _by_hour("4.15", "paid_time.training", words.training, training, words, reasons)
    for kind in ("correspondence", "administration"):
        if silent := part.get(f"{kind}_minutes"):
            text = f"The policy does not say whether {kind} time is paid. There was {say_time(silent)} of it."
            figures = {f"{kind}_minutes": silent}
            reasons.append(reason(clause, f"activities.{activity}", text, figures))
            outcome = NEEDS_PERSON
    if role in words.flat:
        clause, rule, text = words.flat[role]
        reasons.append(reason(clause, rule, text, {"amount_pence": rates[role]}))
        return outcome, 0 if outcome else pence + rates[role]
    if activity == "challenge":
        pence += _days(part["days"], words, reasons)
        return outcome, 0 if outcome else pence
    if outcome:
        return outcome, 0
    if activity == "panel":
        return "", pence + _panel(minutes, words, reasons)
    if activity == "review":
        return "", pence + _review(minutes, words, reasons)
    clause, rule, before, between = words.hourly[role]
    main = (minutes * rates[role] + 30) // 60
    text = f"{before}{say_time(minutes)}{between}{money(main)}."
    figures = {"minutes": minutes, "rate_pence": rates[role], "amount_pence": main}
    reasons.append(reason(clause, rule, text, figures))
    return "", pence + main


def _by_hour(clause: str, rule: str, before: str, minutes: int, words: Words, reasons: list[Any]) -> int:
    """Time that is paid at the member's rate beside the fee."""
    rate = words.rates["member"]
    pence = (minutes * rate + 30) // 60
    fact = "training_minutes" if rule == "paid_time.training" else "preparation_minutes"
    text = f"{before}{say_time(minutes)}{words.an_hour_is}{money(pence)}."
    figures = {fact: minutes, "rate_pence": rate, "amount_pence": pence}
    reasons.append(reason(clause, rule, text, figures))
    return pence


def _days(days: int, words: Words, reasons: list[Any]) -> int:
    rate = words.rates["day"]
    pence = days * rate
    said = "1 day" if days == 1 else f"{days} days"
    text = f"{words.day[0]}{said}{words.day[1]}{money(pence)}."
    figures = {"days": days, "rate_pence": rate, "amount_pence": pence}
    reasons.append(reason("4.6", "fees.challenge_day", text, figures))
    return pence


def _panel(minutes: int, words: Words, reasons: list[Any]) -> int:
    key = "panel_short" if minutes <= 120 else "panel_half" if minutes <= 240 else "panel_full"
    pence = words.rates[key]
    text = f"We pay for a panel by its length. {say_time(minutes)}{words.panel[key]}"
    reasons.append(reason("4.7", "fees.panel_fee", text, {"minutes": minutes, "amount_pence": pence}))
    return pence


def _review(minutes: int, words: Words, reasons: list[Any]) -> int:
    blocks, rate = -(-minutes // 180), words.rates["block"]
    pence = blocks * rate
    text = f"{words.block[0]}{say_time(minutes)} makes {blocks}{words.block[1]}{money(pence)}."
    figures = {"minutes": minutes, "blocks": blocks, "rate_pence": rate, "amount_pence": pence}
    reasons.append(reason("4.10", "fees.review_fee", text, figures))
    return pence


def _cancelled(pence: int, notice: int, reasons: list[Any], changes: list[Any]) -> int:
    if notice < 1440:
        clause, rule, percent = "5.1", "cancellation.late", 100
        text = "If we cancel with less than 24 hours of notice, we pay 100% of the fee."
    elif notice < 4320:
        clause, rule, percent = "5.2", "cancellation.short", 50
        text = "If we cancel with less than 72 hours of notice, we pay 50% of the fee."
    else:
        clause, rule, percent = "5.3", "cancellation.early", 0
        text = "If we cancel earlier than that, there is no fee."
        changes.append({"pointer": "/notice_hours", "value": 71, "text": LESS_NOTICE})
    kept = (pence * percent + 50) // 100
    text = f"{text} With {say_time(notice)} of notice, {percent}% of {money(pence)} is {money(kept)}."
    figures = {"notice_minutes": notice, "before_pence": pence, "amount_pence": kept}
    reasons.append(reason(clause, rule, text, figures))
    return kept


def settle_several(lines: list[Line]) -> None:
    """The highest one at the festival, each of them elsewhere."""
    payable = [line for line in lines if line["outcome"] == PAYABLE]
    if lines[0]["category"] != "festival":
        for line in payable:
            line["reasons"].append(reason("3.9", "several", "We pay for each thing that you do."))
        return
    rule = "activities.festival.several"
    if any(line["outcome"] == NEEDS_PERSON for line in lines):
        for line in payable:
            text = f"{HIGHEST} A person must settle the others first."
            line["reasons"].append(reason("3.8", rule, text))
            line["outcome"], line["amount_pence"] = NEEDS_PERSON, 0
        return
    highest = max(payable, key=lambda line: line["amount_pence"], default=None)
    for line in payable:
        if line is highest:
            line["reasons"].append(reason("3.8", rule, HIGHEST))
            continue
        pence = line["amount_pence"]
        text = f"{HIGHEST} This one is {money(pence)}."
        line["reasons"].append(reason("3.8", rule, text, {"amount_pence": pence}))
        line["outcome"], line["amount_pence"] = NOT_PAYABLE, 0


def choose(fees: list[Line], accept: int) -> None:
    """The person takes less."""
    if accept >= sum([line["amount_pence"] for line in fees]):
        return
    left = accept
    for line in fees:
        if line["outcome"] != PAYABLE:
            continue
        before = line["amount_pence"]
        pence = line["amount_pence"] = min(before, left)
        left -= pence
        chosen = money(pence) if pence else "nothing"
        text = f"{CHOICE} You chose to take {chosen} of {money(before)}. This was your own choice."
        figures = {"offered_pence": before, "amount_pence": pence}
        line["reasons"].append(reason("7.2", "choice", text, figures))
