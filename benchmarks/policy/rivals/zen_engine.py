"""`realistic.yaml` for zen-engine: one decision for each period, all of it in one expression node.

One node is the fastest form. A graph of several nodes or a looping decision table costs more for each node
and line. A sum below nothing stands for "needs a person"; a refused line is nought.
"""

from __future__ import annotations

import json
from typing import Any

import zen

from benchmarks.policy.rates import PERIODS
from benchmarks.policy.rivals.expressions import either
from benchmarks.policy.rivals.expressions import zen_hours as hours
from benchmarks.policy.rivals.facts import given, microseconds, report
from benchmarks.policy.rivals.zen_tables import decision as tables

LATE = "by_register != true and (claimed_on ?? 0) > on + 90"
READY = "(p.preparation_minutes ?? 0)"
OUTCOMES = ("payable", "not_payable", "needs_person")


def fee(rates: dict[str, int]) -> str:
    """The pence of contribution `p`."""
    hourly = ("member", "online_member", "co_chair", "coach", "trainer")
    rate = either(*((f"p.role == '{role}'", rates[role]) for role in hourly[:-1]), otherwise=rates["trainer"])
    minutes = "(p.minutes ?? 0)"
    flat = either(
        ("p.role == 'speaker'", rates["speaker"]),
        ("p.role == 'workshop_lead'", rates["workshop_lead"]),
        otherwise=hours(minutes, rates["stall_host"]),
    )
    panel = either(
        ("p.minutes <= 120", rates["panel_short"]),
        ("p.minutes <= 240", rates["panel_half"]),
        otherwise=rates["panel_full"],
    )
    main = either(
        ("activity == 'festival'", flat),
        (
            "activity == 'challenge'",
            f"p.days * {rates['day']} + {hours(f'min([{READY}, 240])', rates['member'])}",
        ),
        ("activity == 'panel'", panel),
        ("activity == 'review'", f"ceil(p.minutes / 180) * {rates['block']}"),
        otherwise=hours(f"({minutes} + {READY})", rate),
    )
    whole = f"({main} + (p.training_minutes == null ? 0 : {hours('p.training_minutes', rates['member'])}))"
    kept = either(
        ("(notice_minutes ?? 0) < 1440", whole),
        ("notice_minutes < 4320", f"floor(({whole} + 1) / 2)"),
        otherwise=0,
    )
    trained = "(activity == 'panel' or activity == 'coaching')"
    return either(
        ("p.role == 'observer' or paid_by_employer == true", 0),
        (f"{trained} and p.trained == false", 0),
        (f"$.late or ({trained} and p.trained == null)", -1),
        ("(p.correspondence_minutes ?? 0) > 0 or (p.administration_minutes ?? 0) > 0", -1),
        otherwise=kept,
    )


def cost(rates: dict[str, int]) -> str:
    """The pence of cost `c`."""
    mileage = either(
        ("c.category == 'car'", f"{rates['car']} + min([c.passengers ?? 0, 4]) * {rates['passenger']}"),
        ("c.category == 'motorcycle'", rates["motorcycle"]),
        otherwise=rates["bicycle"],
    )
    miles = f"floor((c.tenths * ({mileage}) + 5) / 10)"
    asked = f"(c.amount_pence == null ? {miles} : min([c.amount_pence, {miles}]))"
    care = ("replacement_care", "childcare", "personal_assistant")
    capped = [
        (f"c.category == '{key}'", f"min([c.amount_pence, {hours('c.minutes', rates[key])}])") for key in care
    ]
    meal = either(
        ("c.away >= 600", f"min([c.amount_pence, {rates['meal_long']}])"),
        ("c.away >= 300", f"min([c.amount_pence, {rates['meal']}])"),
        otherwise=0,
    )
    paid = either(
        ("c.away != null", meal),
        ("c.nights != null", f"min([c.amount_pence, c.nights * {rates['night']}])"),
        ("c.minutes == null", "c.amount_pence"),
        *capped[:-1],
        otherwise=capped[-1][1],
    )
    agreed = "(c.category == 'taxi' or c.category == 'overnight') and c.agreed_before != true"
    package = "c.category == 'replacement_care' and c.in_care_package"
    return either(
        ("c.category == 'internet'", 0),
        ("c.tenths != null", f"($.late ? -1 : {asked})"),
        (f"c.receipt != true and c.amount_pence > {rates['receipt_over']}", 0),
        (agreed, 0),
        (f"{package} == true", 0),
        (f"$.late or ({package} == null)", -1),
        otherwise=paid,
    )


def decision(rates: dict[str, int]) -> str:
    """The whole policy of one period as a JSON decision model."""
    internet = either(
        ("not some(costs, #.category == 'internet') or online == false", 0),
        ("$.late or online == null", -1),
        otherwise=rates["internet"],
    )
    several = "(activity == 'festival' ? max($.parts) : sum($.parts))"
    offered = f"(len($.parts) == 0 ? 0 : {several})"
    settled = "(sum(map($.parts, max([#, 0]))))"
    asked = "($.parts_asked ? (activity == 'festival' ? 0 : " + settled + ") : " + offered + ")"
    rows = (
        ("late", LATE),
        ("parts", f"map(parts as p, {fee(rates)})"),
        ("costs", f"map(costs as c, {cost(rates)})"),
        ("internet", internet),
        ("parts_asked", "some($.parts, # < 0)"),
        ("fee", f"min([{asked}, accept_pence ?? 100000000])"),
        ("expenses", "max([$.internet, 0]) + sum(map($.costs, max([#, 0])))"),
        ("asked", "$.parts_asked or $.internet < 0 or some($.costs, # < 0)"),
        ("outcome", "$.asked ? 2 : $.fee + $.expenses > 0 ? 0 : 1"),
    )
    return model(rows)


def model(rows: tuple[tuple[str, str], ...]) -> str:
    """A graph: request, one expression node, response."""
    expressions = [{"id": key, "key": key, "value": value} for key, value in rows]
    place = {"position": {"x": 0, "y": 0}}
    nodes: list[dict[str, Any]] = [
        {"id": "in", "type": "inputNode", "name": "request", **place},
        {
            "id": "rules",
            "type": "expressionNode",
            "name": "rules",
            "content": {"expressions": expressions},
            **place,
        },
        {"id": "out", "type": "outputNode", "name": "response", **place},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "rules", "type": "edge"},
        {"id": "2", "sourceId": "rules", "targetId": "out", "type": "edge"},
    ]
    return json.dumps({"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges})


def row(name: str, texts: list[str], facts: list[Any], periods: list[int]) -> dict[str, Any]:
    """Answers and timing of one decision model, asked one claim at a time."""
    engine = zen.ZenEngine()
    decisions = [engine.create_decision(zen.ZenDecisionContent(text)) for text in texts]
    ready = [(decisions[period].evaluate, one) for period, one in zip(periods, facts, strict=True)]

    def plain() -> None:
        for evaluate, one in ready:
            evaluate(one)

    def traced() -> None:
        for evaluate, one in ready:
            evaluate(one, {"trace": True})

    results = [evaluate(one)["result"] for evaluate, one in ready]
    return {
        "name": name,
        "plain": microseconds(plain, len(facts)),
        "traced": microseconds(traced, len(facts)),
        "answers": [answer(one) for one in results],
    }


def answer(result: Any) -> tuple[str, int, int]:
    """One result as everybody answers it. What is not whole pence stays so, and fails the comparison."""
    return OUTCOMES[int(result["outcome"])], result["fee"], result["expenses"]


def batched(texts: list[str], facts: list[Any], periods: list[int]) -> dict[str, Any]:
    """All claims in one call."""
    contents = {str(index): zen.ZenDecisionContent(text) for index, text in enumerate(texts)}
    engine = zen.ZenEngine({"loader": contents.__getitem__})
    batch = [{"key": str(period), "context": one} for period, one in zip(periods, facts, strict=True)]
    results = [one["data"]["result"] for one in engine.evaluate_batch(batch)]
    return {
        "name": "zen-engine, one node, in one batch",
        "plain": microseconds(lambda: engine.evaluate_batch(batch), len(facts)),
        "traced": microseconds(lambda: engine.evaluate_batch(batch, {"trace": True}), len(facts)),
        "answers": [answer(one) for one in results],
    }


def main() -> None:
    """Times one node and decision tables, facts as dictionaries and as JSON text, and one batch."""
    claims, periods = given()
    nodes = [decision(rates) for _, rates in PERIODS]
    looped = [tables(rates) for _, rates in PERIODS]
    texts = [json.dumps(one) for one in claims]
    report(
        [
            row("zen-engine, one node", nodes, claims, periods),
            row("zen-engine, one node, JSON text", nodes, texts, periods),
            batched(nodes, claims, periods),
            row("zen-engine, decision tables", looped, claims, periods),
            row("zen-engine, decision tables, JSON text", looped, texts, periods),
        ]
    )


if __name__ == "__main__":
    main()
