"""Does what somebody put on hold stay so when its payment is laid out anew?"""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.bacs import did, report
from tests.claims.top_ups import small
from tests.payouts import holding, leaving
from tests.payouts.holding import let_go, place
from tests.payouts.parts import PAID, WAITS, Fee
from tests.stage import Council, Stage, told

WHY = "Is this the same person?"
ON_HOLD = ("held", "by_hand")


def standing(council: Council) -> list[tuple[str, str]]:
    """What each hold that stands is on, and why."""
    return [(row["subject"], row["reason"]) for row in told(council.lead.get("holds"))["data"]]


def newest(council: Council) -> dict[str, Any]:
    return council.payments()[-1]


def test_new_details_leave_it_on_hold(stage: Stage) -> None:
    council = leaving.council(stage)
    council.ticked()
    stage.drain()
    (first,) = council.payments()
    assert holding.now(council, first) == ("held", "next_run")
    place(council, "payment", first["id"], WHY)
    (placed,) = told(council.lead.get("holds"))["data"]
    council.confirmed(first["person"], "00733445")
    stage.drain()
    second = newest(council)
    assert (second["id"] != first["id"], second["held_because"]) == (True, "next_run")
    (hold,) = told(council.lead.get("holds"))["data"]
    assert (hold["subject"], hold["reason"]) == (second["id"], WHY)
    assert [hold[key] for key in ("placed_by", "placed_at")] == [
        placed[key] for key in ("placed_by", "placed_at")
    ]
    told(council.finance.post("runs", {"rail": "sandbox"}), 201)
    stage.drain()
    assert (holding.now(council, second), holding.sent(council)) == (ON_HOLD, set())
    let_go(council, hold["id"])
    stage.settle()
    assert (holding.now(council, second), standing(council)) == (("paid", None), [])


def test_both_parts_of_what_was_on_hold_are_on_hold(stage: Stage) -> None:
    council = small(stage)
    fee = Fee.agreed(council)
    fee.chooses("later", day=fee.in_days(9))
    (whole,) = council.payments()
    place(council, "payment", whole["id"], WHY)
    day: date = fee.splits(500, days=12)
    stage.settle()
    assert [part[2:] for part in fee.parts] == [ON_HOLD, WAITS]
    ids = {one["payments"][-1]["id"] for one in (fee.claim, fee.rest)}
    assert {subject for subject, _ in standing(council)} == ids
    fee.comes(day)
    stage.settle()
    assert [part[2:] for part in fee.parts] == [ON_HOLD, ON_HOLD]
    assert holding.sent(council) == set()
    for row in told(council.lead.get("holds"))["data"]:
        let_go(council, row["id"])
    stage.settle()
    assert [part[2:] for part in fee.parts] == [PAID, PAID]


def test_what_finance_could_not_pay_while_it_was_on_hold_is_on_hold_again(stage: Stage) -> None:
    council = stage.council(rail="finance_system")
    council.ticked()
    stage.drain()
    (first,) = council.payments()
    place(council, "payment", first["id"], WHY)
    text = f"payment_id,status,reason\n{first['id']},failed,The account is closed\n"
    assert did(report(council, "settlement", text)) == [(2, "done")]
    council.confirmed(first["person"], "00733445")
    stage.drain()
    assert [p["status"] for p in council.payments()] == ["failed", "held"]
    assert standing(council) == [(newest(council)["id"], WHY)]


def test_a_hold_that_was_released_is_not_carried_over(stage: Stage) -> None:
    council = leaving.council(stage)
    council.ticked()
    stage.drain()
    (first,) = council.payments()
    let_go(council, place(council, "payment", first["id"], WHY))
    council.confirmed(first["person"], "00733445")
    stage.drain()
    told(council.finance.post("runs", {"rail": "sandbox"}), 201)
    stage.drain()
    assert (newest(council)["status"], standing(council)) == ("paid", [])
