"""`realistic.yaml` for zen-engine: one decision for each period, all of it in one expression node.

One node is the fastest form. A graph of several nodes or a looping decision table costs more for each node
and line. A sum below nothing stands for "needs a person"; a refused line is nought.
"""

from __future__ import annotations

import json
from typing import Any

import zen

from benchmarks.policy.rates import PERIODS
from benchmarks.policy.rivals.facts import given, microseconds, report

LATE = "by_register != true and (claimed_on ?? 0) > on + 90"
READY = "(p.preparation_minutes ?? 0)"
OUTCOMES = ("payable", "not_payable", "needs_person")


def either(*choices: tuple[str, object], otherwise: object) -> str:
    """`a ? x : b ? y : z`, in brackets."""
    return "(" + "".join(f"{test} ? {value} : " for test, value in choices) + f"{otherwise})"


def hours(minutes: str, rate: object) -> str:
    """Minutes at a rate an hour, half a penny up."""
    return f"floor(({minutes} * {rate} + 30) / 60)"


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


def main() -> None:
    """Times zen with facts as dictionaries and as JSON text; the faster one counts."""
    claims, periods = given()
    contents = {
        str(index): zen.ZenDecisionContent(decision(rates)) for index, (_, rates) in enumerate(PERIODS)
    }
    engine = zen.ZenEngine({"loader": contents.__getitem__})
    decisions = [engine.create_decision(content) for content in contents.values()]
    forms: dict[str, list[Any]] = {"dictionaries": claims, "JSON text": [json.dumps(one) for one in claims]}
    rows = []
    for form, facts in forms.items():
        ready = [(decisions[period].evaluate, one) for period, one in zip(periods, facts, strict=True)]

        def plain(ready: Any = ready) -> None:
            for evaluate, one in ready:
                evaluate(one)

        def traced(ready: Any = ready) -> None:
            for evaluate, one in ready:
                evaluate(one, {"trace": True})

        answers = [evaluate(one)["result"] for evaluate, one in ready]
        rows.append(
            {
                "name": f"zen-engine, {form}",
                "plain": microseconds(plain, len(claims)),
                "traced": microseconds(traced, len(claims)),
                "answers": [(OUTCOMES[int(one["outcome"])], one["fee"], one["expenses"]) for one in answers],
                "returns": type(answers[0]["fee"]).__name__,
            }
        )
    batch = [{"key": str(period), "context": one} for period, one in zip(periods, claims, strict=True)]
    results = [one["data"]["result"] for one in engine.evaluate_batch(batch)]
    rows.append(
        {
            "name": "zen-engine, in one batch",
            "plain": microseconds(lambda: engine.evaluate_batch(batch), len(claims)),
            "traced": microseconds(lambda: engine.evaluate_batch(batch, {"trace": True}), len(claims)),
            "answers": [(OUTCOMES[int(one["outcome"])], one["fee"], one["expenses"]) for one in results],
            "returns": type(results[0]["fee"]).__name__,
        }
    )
    report(rows)


if __name__ == "__main__":
    main()
