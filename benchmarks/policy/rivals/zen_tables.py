"""`realistic.yaml` for zen-engine as its authors mean it: decision tables, looped over the lines of a claim.

Slower than one expression node, but only here does zen's trace say which rule of the policy decided each
line, so this is the form to hold a trace against. Each rule answers its pence, its clause and its sentence.
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks.policy.rivals.expressions import either
from benchmarks.policy.rivals.expressions import zen_hours as hours

ASKED = "$nodes.request."
LATE = f"{ASKED}by_register != true and ({ASKED}claimed_on ?? 0) > {ASKED}on + 90"
TRAINING = f"({ASKED}activity == 'panel' or {ASKED}activity == 'coaching')"
Row = tuple[str, str, str, str, str]


def kept(pence: str) -> str:
    """What a cancellation leaves of a fee."""
    notice = f"{ASKED}notice_minutes"
    return either(
        (f"({notice} ?? 0) < 1440", pence), (f"{notice} < 4320", f"floor(({pence} + 1) / 2)"), otherwise=0
    )


def paid_by(minutes: str, rates: dict[str, int], role: str) -> str:
    """The whole fee of a role that is paid by the hour."""
    return f"({hours(minutes, rates[role])} + {training(rates)})"


def training(rates: dict[str, int]) -> str:
    """Time in training beside the fee."""
    return f"(training_minutes == null ? 0 : {hours('training_minutes', rates['member'])})"


def fee_refusals() -> list[Row]:
    """What is looked at, the test, the pence, the clause and the sentence of each rule against a fee."""
    silent = "(correspondence_minutes ?? 0) > 0 or (administration_minutes ?? 0) > 0"
    employer = f"{ASKED}paid_by_employer == true"
    return [
        ("'observer'", "", "0", "4.11", "There is no fee if you come along to listen."),
        ("", employer, "0", "5.4", "There is no fee if your employer pays you for this time."),
        ("", f"{TRAINING} and trained == false", "0", "5.5", "You need to do our training before this."),
        ("", f"{TRAINING} and trained == null", "-1", "5.5", "We still need to know about the training."),
        ("", LATE, "-1", "7.1", "Please claim within 90 days of the day."),
        ("", silent, "-1", "3", "The policy does not say whether this time is paid."),
    ]


def fee_rows(rates: dict[str, int]) -> list[Row]:
    """The same for each rule of fees."""
    said = {key: f"£{pence / 100:.2f}" for key, pence in rates.items()}
    ready, more = "(preparation_minutes ?? 0)", training(rates)
    with_reading = f"((minutes ?? 0) + {ready})"
    hourly = {"member": "4.1", "online_member": "4.2", "co_chair": "4.3", "coach": "4.4", "trainer": "4.5"}
    bands = (("minutes <= 120", "panel_short"), ("minutes <= 240", "panel_half"), ("", "panel_full"))
    stall = kept(paid_by("(minutes ?? 0)", rates, "stall_host"))
    rows = [*fee_refusals(), ("'stall_host'", "", stall, "4.1", f"We pay {said['member']} an hour.")]
    for role, clause in hourly.items():
        pence = kept(paid_by(with_reading, rates, role))
        rows.append((f"'{role}'", "", pence, clause, f"We pay {said[role]} an hour."))
    for test, key in bands:
        pence = kept(f"({rates[key]} + {more})")
        rows.append(("'panel_member'", test, pence, "4.7", "We pay for a panel by its length."))
    reading = hours(f"min([{ready}, 240])", rates["member"])
    sums = {
        "team_member": (f"days * {rates['day']} + {reading}", "4.6", f"We pay {said['day']} for each day."),
        "speaker": (str(rates["speaker"]), "4.8", f"We pay {said['speaker']} for a short contribution."),
        "workshop_lead": (str(rates["workshop_lead"]), "4.9", f"We pay {said['workshop_lead']} for leading."),
        "reviewer": (f"ceil(minutes / 180) * {rates['block']}", "4.10", f"We pay {said['block']} a block."),
    }
    for role, (main, clause, text) in sums.items():
        rows.append((f"'{role}'", "", kept(f"({main} + {more})"), clause, text))
    return rows


def cost_refusals(rates: dict[str, int]) -> list[Row]:
    """The same for each rule against a cost."""
    online, package = f"{ASKED}online", "in_care_package"
    over = rates["receipt_over"]
    no_receipt = f"receipt != true and tenths == null and (amount_pence ?? 0) > {over}"
    receipt = f"Please send a receipt for anything over £{over / 100:.2f}."
    return [
        ("'internet'", f"{online} == false", "0", "6.17", "This is for sessions that you join online."),
        ("", no_receipt, "0", "6.1", receipt),
        ("'taxi','overnight'", "agreed_before != true", "0", "6.2", "Please agree this cost with us first."),
        (
            "'replacement_care'",
            f"{package} == true",
            "0",
            "6.13",
            "We cannot pay for care in a care package.",
        ),
        ("'meal'", f"away < 300 and not ({LATE})", "0", "6.10", "We pay for a meal from 5 hours away."),
        ("", LATE, "-1", "7.1", "Please claim within 90 days of the day."),
        ("'internet'", f"{online} == null", "-1", "6.17", "We still need to know this: joined online."),
        (
            "'replacement_care'",
            f"{package} == null",
            "-1",
            "6.13",
            "We still need to know about the package.",
        ),
    ]


def cost_rows(rates: dict[str, int]) -> list[Row]:
    """The same for each rule of costs."""
    rows = cost_refusals(rates)
    fares = {"bus": "6.3", "train": "6.4", "taxi": "6.5", "parking": "6.6"}
    for key, clause in fares.items():
        rows.append((f"'{key}'", "", "amount_pence", clause, f"We pay for {key} in full."))
    car = f"({rates['car']} + min([passengers ?? 0, 4]) * {rates['passenger']})"
    miles = {
        "car": (car, "6.7"),
        "motorcycle": (str(rates["motorcycle"]), "6.8"),
        "bicycle": (str(rates["bicycle"]), "6.9"),
    }
    for key, (rate, clause) in miles.items():
        driven = f"floor((tenths * {rate} + 5) / 10)"
        pence = f"(amount_pence == null ? {driven} : min([amount_pence, {driven}]))"
        rows.append((f"'{key}'", "", pence, clause, f"We pay {rates[key]}p a mile by {key}."))
    capped = {
        "replacement_care": (hours("minutes", rates["replacement_care"]), "6.12"),
        "childcare": (hours("minutes", rates["childcare"]), "6.14"),
        "personal_assistant": (hours("minutes", rates["personal_assistant"]), "6.15"),
        "overnight": (f"nights * {rates['night']}", "6.11"),
    }
    rows.append(
        ("'meal'", "away >= 600", f"min([amount_pence, {rates['meal_long']}])", "6.10", "We pay for meals.")
    )
    rows.append(("'meal'", "", f"min([amount_pence, {rates['meal']}])", "6.10", "We pay for a meal."))
    for key, (most, clause) in capped.items():
        rows.append(
            (f"'{key}'", "", f"min([amount_pence, {most}])", clause, f"We pay up to a limit for {key}.")
        )
    internet = f"We add £{rates['internet'] / 100:.2f} for internet and phone when you join online."
    return [*rows, ("'internet'", "", str(rates["internet"]), "6.16", internet)]


def table(name: str, source: str, field: str, rows: list[Row]) -> dict[str, Any]:
    """A decision table that is asked for each line, and answers with its first rule that fits."""
    rules = [
        {
            "_id": f"{name} {number}",
            "what": what,
            "when": when,
            "pence": pence,
            "clause": json.dumps(clause),
            "text": json.dumps(text, ensure_ascii=False),
        }
        for number, (what, when, pence, clause, text) in enumerate(rows)
    ]
    content = {
        "hitPolicy": "first",
        "executionMode": "loop",
        "inputField": source,
        "outputPath": name,
        "passThrough": False,
        "inputs": [{"id": "what", "name": field, "field": field}, {"id": "when", "name": "when"}],
        "outputs": [{"id": key, "name": key, "field": key} for key in ("pence", "clause", "text")],
        "rules": rules,
    }
    return {"id": name, "type": "decisionTableNode", "name": name, "content": content}


def decision(rates: dict[str, int]) -> str:
    """The whole policy of one period as a JSON decision model."""
    festival = f"{ASKED}activity == 'festival'"
    paid = "sum(map($.fees_of, max([#, 0])))"
    several = f"({festival} ? ($.fees_asked or len($.fees_of) == 0 ? 0 : max($.fees_of)) : {paid})"
    internet = "(count(costs, #.clause == '6.16') > 1 ? (count(costs, #.clause == '6.16') - 1) : 0)"
    totals = (
        ("fees_of", "map(fees, #.pence)"),
        ("fees_asked", "some($.fees_of, # < 0)"),
        ("fee", f"min([{several}, {ASKED}accept_pence ?? 100000000])"),
        ("expenses", f"sum(map(costs, max([#.pence, 0]))) - {internet} * {rates['internet']}"),
        ("outcome", "$.fees_asked or some(costs, #.pence < 0) ? 2 : $.fee + $.expenses > 0 ? 0 : 1"),
        ("lines", "[fees, costs]"),
    )
    expressions = [{"id": key, "key": key, "value": value} for key, value in totals]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "request"},
        table("fees", "parts", "role", fee_rows(rates)),
        table("costs", "costs", "category", cost_rows(rates)),
        {"id": "sum", "type": "expressionNode", "name": "sum", "content": {"expressions": expressions}},
        {"id": "out", "type": "outputNode", "name": "response"},
    ]
    ways = (("in", "fees"), ("in", "costs"), ("fees", "sum"), ("costs", "sum"), ("sum", "out"))
    edges = [{"id": f"{one} {two}", "sourceId": one, "targetId": two, "type": "edge"} for one, two in ways]
    placed = [{**node, "position": {"x": 0, "y": 0}} for node in nodes]
    return json.dumps({"contentType": "application/vnd.gorules.decision", "nodes": placed, "edges": edges})
