"""Does the checker find mistakes in the other kinds of rule, and do workers keep the wage floor?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.policy import texts
from tests.policy.texts import COSTS, FEES

HOURLY = 'sentence: "We pay {rate} an hour.", kind: hourly, rate: hourly}'
CAR = 'sentence: "We pay {rate} a mile.", kind: mileage, rate: 45p,'


def fee(text: str) -> dict[str, str]:
    """The member's fee of another kind."""
    assert HOURLY in FEES
    return {"fees": FEES.replace(HOURLY, f"sentence: We pay., {text}}}"), "amounts": ""}


def car(text: str) -> dict[str, str]:
    assert CAR in COSTS
    return {"costs": COSTS.replace(CAR, f"sentence: We pay., kind: mileage, {text},")}


LIMIT = 'limits: {one: {clause: "30", sentence: One., at_most: £1.00, '
FAULTS = {
    "two rows claim the same engine": (
        car("by_engine: [{at_most: 1000 cc, rate: 30p}, {at_least: 1000 cc, rate: 40p}]"),
        "both claim 1000cc",
    ),
    "an engine that no row claims": (
        car("by_engine: [{under: 1000 cc, rate: 30p}, {over: 1000 cc, rate: 40p}]"),
        "says what happens at 1000cc",
    ),
    "a missing cell": (
        fee(
            "kind: matrix, lengths: [{name: half, under: 4h}, {name: full, at_least: 4h}], "
            "pay: {member: [£75.00]}"
        ),
        "1 sums for 2 lengths",
    ),
    "a missing row": (
        fee("kind: matrix, lengths: [{name: any, at_least: 0h}], pay: {chair: [£75.00]}"),
        "no row for the role 'member'",
    ),
    "a plateau below its hours": (
        fee("kind: plateau, rate: £20.00, up_to: 4h, then: £70.00"),
        "£70.00 for longer is less than 4 hours at £20.00",
    ),
    "steps without an end": (
        fee("kind: hourly, steps: [{up_to: 10h, rate: £20.00}]"),
        "says what happens in the end",
    ),
    "steps out of order": (
        fee("kind: hourly, steps: [{up_to: 10h, rate: £20.00}, {up_to: 5h, rate: £18.00}, {rate: £15.00}]"),
        "are not in order",
    ),
    "a case that leaves somebody out": (
        fee("kind: cases, cases: [{when: {online: true}, use: by_length}]"),
        "leave somebody out",
    ),
    "a case that goes nowhere": (fee("kind: cases, cases: [{use: by_magic}]"), "'by_magic', which is not"),
    "hours added to pounds": (fee("kind: formula, sum: £5.00 + minutes"), "cannot be added"),
    "pounds times pounds": (fee("kind: formula, sum: £5.00 * £5.00"), "cannot be multiplied"),
    "a formula of hours": (fee("kind: formula, sum: minutes + 1h"), "not to a sum of money"),
    "a formula that divides": (fee("kind: formula, sum: £5.00 / items"), "cannot be read"),
    "a formula that calls": (fee("kind: formula, sum: open(items)"), "no amount or fact called 'open'"),
    "a formula nested too deeply": (fee("kind: formula, sum: (((£5.00)))"), "more than two deep"),
    "a counter that is not there": (
        {"more": LIMIT + "counter: week, beyond: warn}}\n"},
        "no counter called 'week'",
    ),
    "a limit shared with a cost of access": (
        {
            "costs": COSTS.replace(
                "kind: actual, receipt: usual}", "kind: actual, receipt: usual, access: true}"
            ),
            "more": 'limits: {one: {clause: "30", sentence: One., categories: [bus, car], '
            "at_most: £1.00, beyond: the part within}}\n",
        },
        "a cost of access",
    ),
    "a rise of nothing": (
        {
            "amounts": texts.AMOUNTS.replace(
                "2026-01-01: £15.00", "2026-01-01: {up: 3%, step: 1p, direction: up}"
            )
        },
        "no earlier value to raise",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_checker_finds_it(name: str) -> None:
    parts, words = FAULTS[name]
    found = texts.faults(texts.text(**parts))
    assert any(words in fault.what for fault in found), "\n".join(map(str, found)) or "nothing was found"


FACTS: dict[str, Any] = {"activity": "meeting", "role": "member", "on": "2026-05-12", "minutes": 120}
FLOOR = "uses: []\nwage_floor: {clause: w, at_least: £12.71}\n"


def fee_of(**more: Any) -> tuple[str, int]:
    """The outcome and fee of two hours at £15.00, with a floor of £12.71 an hour."""
    answer = texts.policy(floor=FLOOR).assess({**FACTS, **more})
    return answer["outcome"], answer["fee_pence"]


def test_a_worker_never_falls_below_the_wage_floor_even_by_choice() -> None:
    assert fee_of(accept_pence=100) == ("payable", 100)
    assert fee_of(accept_pence=100, status="volunteer") == ("payable", 100)
    assert fee_of(accept_pence=100, status="worker") == ("payable", 2542)
    assert fee_of(accept_pence=0, status="employee") == ("payable", 2542)
    assert fee_of(accept_pence=2600, status="worker") == ("payable", 2600)
    assert fee_of(status="worker") == ("payable", 3000)


def test_a_worker_who_takes_less_needs_a_person_where_no_floor_is_named() -> None:
    answer = texts.policy().assess({**FACTS, "status": "worker", "accept_pence": 100})
    assert answer["outcome"] == "needs_person"


def test_the_whole_may_be_rounded_instead_of_each_line() -> None:
    rounding = texts.ROUNDING.replace("each: line", "each: total").replace("step: 1p", "step: 50p")
    costs = [{"category": "bus", "amount_pence": pence, "receipt": True} for pence in (310, 215)]
    answer = texts.policy(rounding=rounding).assess({**FACTS, "expenses": costs})
    assert (answer["fee_pence"], answer["expenses_pence"]) == (3000, 525)
    assert [line["amount_pence"] for line in answer["lines"][1:]] == [310, 215]
    odd = texts.policy(rounding=rounding).assess({**FACTS, "minutes": 61})
    assert odd["fee_pence"] == 1550
    down = texts.policy(rounding=rounding.replace("half up", "down")).assess({**FACTS, "expenses": costs})
    assert (down["expenses_pence"], [line["amount_pence"] for line in down["lines"][1:]]) == (500, [310, 190])
