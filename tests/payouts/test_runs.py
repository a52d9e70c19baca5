"""Payments that go together: by the policy's days or at once, above a limit by a second person's hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.days import london_day
from service.payouts import run_queries, runs
from service.payouts.holdbook import Hand
from tests.payouts import leaving
from tests.stage import Council, Stage, refused, told

A_WEEK = timedelta(days=7)


@pytest.fixture
def council(stage: Stage) -> Council:
    return leaving.council(stage)


def paid_for(council: Council, **more: Any) -> dict[str, Any]:
    """The payment of somebody who came, when all that follows at once is done."""
    session_id = council.ticked(**more)
    council.stage.drain()
    (payment,) = council.claim(session=session_id)["payments"]
    return now(council, payment["id"])


def now(council: Council, payment_id: str) -> dict[str, Any]:
    found: dict[str, Any] = told(council.lead.get(f"payments/{payment_id}"))
    return found


def the_run(council: Council) -> dict[str, Any]:
    (run,) = told(council.finance.get("runs"))["data"]
    found: dict[str, Any] = told(council.finance.get(f"runs/{run['id']}"))
    assert found == run
    return found


def release(door: Any, run: dict[str, Any], **body: Any) -> Any:
    seen = door.get(f"runs/{run['id']}").headers["ETag"]
    return door.post(f"runs/{run['id']}/release", body, seen=seen)


def start(council: Council, rail: str = "sandbox") -> dict[str, Any]:
    run: dict[str, Any] = told(council.finance.post("runs", {"rail": rail, "by": "Ada"}), 201)
    assert run["status"] == "opening"
    council.stage.drain()
    return run


def test_payments_wait_for_the_day_and_go_together(council: Council) -> None:
    payments = [paid_for(council) for _ in range(3)]
    assert {(p["status"], p["held_because"]) for p in payments} == {("held", "next_run")}
    council.stage.hand_again()
    assert told(council.finance.get("runs"))["data"] == []
    council.stage.sweep(after=A_WEEK)
    run = the_run(council)
    assert (run["status"], run["count"], run["total_pence"]) == ("paid", 3, 3 * 1550)
    assert run["payments"] == {"paid": 3}
    assert [one["total_pence"] for one in run["cost_centres"]] == [4650]
    assert (run["opened_by"], run["released_by"]) == ("rule:policy", "rule:policy")
    assert run["due_at"] == payments[0]["held_until"]
    assert [now(council, p["id"])["status"] for p in payments] == ["paid"] * 3


def test_the_promise_stays_true(stage: Stage, council: Council) -> None:
    """No payment waits for a run on a day after the one that was promised."""
    payment = paid_for(council)
    assert payment["held_until"][:10] <= payment["pay_by"]
    council.stage.sweep(after=A_WEEK)
    paid = now(council, payment["id"])
    assert paid["paid_on"] <= paid["pay_by"]
    # Laid out so late that its promise is over already, it goes at once.
    session_id = council.ticked()
    stage.drain(leaving=("payouts.open",))
    stage.clock.forward(timedelta(days=60))
    stage.hand_again()
    (late,) = council.claim(session=session_id)["payments"]
    assert now(council, late["id"])["status"] == "paid"


def test_what_comes_after_the_moment_goes_with_the_next(stage: Stage, council: Council) -> None:
    first = paid_for(council)
    stage.sweep(after=A_WEEK)
    second = paid_for(council)
    assert second["held_until"] > first["held_until"]
    assert now(council, second["id"])["held_because"] == "next_run"
    assert the_run(council)["count"] == 1


def test_staff_start_one_now(council: Council) -> None:
    payment = paid_for(council)
    seen = council.lead.get(f"payments/{payment['id']}").headers["ETag"]
    before = council.stage.picture()
    refused(council.lead.post(f"payments/{payment['id']}/release", {}, seen=seen), 409)
    refused(council.approver.post("runs", {"rail": "sandbox"}), 403)
    refused(council.finance.post("runs", {"rail": "voucher"}), 422, "/rail")
    refused(council.finance.post("runs", {"rail": "bacs"}), 409)
    assert council.stage.picture() == before
    start(council)
    run = the_run(council)
    assert (run["status"], run["count"], run["opened_for"]) == ("paid", 1, "Ada")
    assert now(council, payment["id"])["status"] == "paid"
    refused(council.finance.post("runs", {"rail": "sandbox"}), 409)


def test_each_rail_has_its_own_and_what_a_person_hands_over_waits_for_none(stage: Stage) -> None:
    council = leaving.council(stage, rail="finance_system")
    person_id = council.person(account=None)
    told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "voucher"}))
    session_id = council.session()
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    pulled = paid_for(council)
    assert council.payments(status="ready", rail="finance_system") == []
    (voucher,) = council.payments(status="ready")
    assert voucher["rail"] == "voucher"
    stage.sweep(after=A_WEEK)
    assert (the_run(council)["rail"], the_run(council)["status"]) == ("finance_system", "going")
    (ready,) = council.payments(status="ready", rail="finance_system")
    assert ready["id"] == pulled["id"]


def test_without_runs_in_the_policy_each_goes_by_itself(stage: Stage) -> None:
    council = leaving.council(stage, runs="at once")
    assert paid_for(council)["status"] == "paid"
    refused(council.finance.post("runs", {"rail": "sandbox"}), 409)
    assert told(council.finance.get("runs"))["data"] == []


def test_a_run_is_filled_and_let_go_in_pages_oldest_promise_first(council: Council) -> None:
    payments = [paid_for(council) for _ in range(5)]
    hands = council.stage.hands
    key: dict[str, Any] = {"council_id": council.id, "now": hands.clock()}
    with hands.db.council(council.id) as session:
        run_id = runs.start_now(session, rail="sandbox", hand=Hand(runs.RULE, "x"), **key).id
        session.get_one(runs.PaymentRun, (council.id, run_id)).opened_by = "staff:stf_1"

    def page(verb: Any, **more: Any) -> bool:
        with hands.db.council(council.id) as session:
            return bool(verb(session, run_id=run_id, limit=2, **more, **key))

    assert [page(runs.fill) for _ in range(4)] == [True, True, False, False]
    assert the_run(council)["count"] == 5
    assert [page(runs.let_go, purse=None) for _ in range(4)] == [True, True, False, False]
    assert [now(council, one["id"])["status"] for one in payments] == ["ready"] * 5
    council.stage.drain()
    assert the_run(council)["status"] == "paid"


def test_what_an_event_lost_the_clock_carries_on(council: Council) -> None:
    payment = paid_for(council)
    told(council.finance.post("runs", {"rail": "sandbox"}), 201)
    council.stage.drain(leaving=("payouts.fill_run",))
    assert the_run(council)["status"] == "opening"
    for _ in range(2):
        council.stage.sweep()
    assert now(council, payment["id"])["status"] == "paid"


def test_a_run_stands_as_its_payments_do(council: Council) -> None:
    good, bad = paid_for(council), paid_for(council, account="00000002")
    start(council)
    council.stage.settle()
    run = the_run(council)
    assert (run["status"], run["payments"]) == ("over", {"failed": 1, "paid": 1})
    assert {now(council, p["id"])["status"] for p in (good, bad)} == {"paid", "failed"}


def test_a_hold_keeps_its_own_payments_back_from_a_run(council: Council) -> None:
    free, kept = paid_for(council), paid_for(council)
    hold = {"scope": "person", "subject": kept["person"], "reason": "A question"}
    hold_id = told(council.finance.post("holds", hold), 201)["id"]
    start(council)
    assert now(council, free["id"])["status"] == "paid"
    assert now(council, kept["id"])["held_because"] == "hold_person"
    assert the_run(council)["status"] == "going"
    told(council.finance.post(f"holds/{hold_id}/release", {}))
    council.stage.drain()
    assert the_run(council)["status"] == "paid"


def test_a_run_of_one_council_is_no_business_of_another(stage: Stage, council: Council) -> None:
    other = leaving.council(stage, "demoford")
    mine, theirs = paid_for(council), paid_for(other)
    start(council)
    run = the_run(council)
    assert now(council, mine["id"])["status"] == "paid"
    assert now(other, theirs["id"])["held_because"] == "next_run"
    assert told(other.finance.get("runs"))["data"] == []
    refused(other.finance.get(f"runs/{run['id']}"), 404)
    refused(other.finance.post(f"runs/{run['id']}/release", {}, seen='"waiting"'), 404)


# A second person


def test_above_the_limit_a_second_person_lets_a_payment_go(stage: Stage) -> None:
    council = leaving.council(stage, runs="at once", second="{payment_above: £15.49}")
    payment = paid_for(council)
    assert (payment["status"], payment["held_because"]) == ("held", "second_release")
    stage.settle()
    assert now(council, payment["id"])["status"] == "held"
    seen = council.finance.get(f"payments/{payment['id']}").headers["ETag"]
    told(council.finance.post(f"payments/{payment['id']}/release", {"by": "Bo"}, seen=seen))
    stage.drain()
    assert now(council, payment["id"])["status"] == "paid"


def test_at_the_limit_nobody_is_needed(stage: Stage) -> None:
    council = leaving.council(stage, runs="at once", second="{payment_above: £15.50, run_above: £1.00}")
    assert paid_for(council)["status"] == "paid"


def test_who_agreed_to_the_claim_does_not_release_its_payment(stage: Stage) -> None:
    council = leaving.council(stage, runs="at once", second="{payment_above: £50.00}")
    session_id = council.ticked("practice_review", role="team_member", minutes=400)
    stage.drain()
    claim = council.claim(session=session_id)
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    told(council.lead.post(f"claims/{claim['id']}/approve", {"by": "Ada"}, seen=seen))
    stage.drain()
    (payment,) = council.claim(session=session_id)["payments"]
    assert now(council, payment["id"])["held_because"] == "second_release"
    tag = council.lead.get(f"payments/{payment['id']}").headers["ETag"]
    path = f"payments/{payment['id']}/release"
    before = stage.picture()
    for body in ({"by": " ada "}, {}):
        problem = refused(council.lead.post(path, body, seen=tag), 409)
        assert problem["title"] == "A second person must release this"
        # Nobody on the staff may: it says so.
        assert "It waits until a colleague has the role Finance." in problem["detail"]
    assert stage.picture() == before
    told(council.lead.post(path, {"by": "Bo"}, seen=tag))
    stage.drain()
    assert now(council, payment["id"])["status"] == "paid"


def test_a_released_payment_still_waits_for_its_run(stage: Stage) -> None:
    council = leaving.council(stage, second="{payment_above: £1.00}")
    payment = paid_for(council)
    assert payment["held_because"] == "second_release"
    seen = council.finance.get(f"payments/{payment['id']}").headers["ETag"]
    told(council.finance.post(f"payments/{payment['id']}/release", {}, seen=seen))
    assert now(council, payment["id"])["held_because"] == "next_run"
    stage.sweep(after=A_WEEK)
    assert now(council, payment["id"])["status"] == "paid"


def test_a_run_above_the_limit_waits_for_somebody_who_did_not_open_it(stage: Stage) -> None:
    council = leaving.council(stage, second="{run_above: £30.00}")
    payments = [paid_for(council) for _ in range(2)]
    start(council)
    run = the_run(council)
    assert (run["status"], run["second_above_pence"], run["total_pence"]) == ("waiting", 3000, 3100)
    assert {now(council, p["id"])["held_because"] for p in payments} == {"in_run"}
    stage.settle()
    before = stage.picture()
    refused(council.finance.post(f"runs/{run['id']}/release", {"by": "Bo"}), 428)
    refused(council.finance.post(f"runs/{run['id']}/release", {"by": "Bo"}, seen='"opening"'), 412)
    refused(release(council.finance, run, by="ADA"), 409)
    refused(release(council.finance, run), 409)
    seen = council.lead.get(f"payments/{payments[0]['id']}").headers["ETag"]
    refused(council.lead.post(f"payments/{payments[0]['id']}/release", {}, seen=seen), 409)
    assert stage.picture() == before
    assert told(release(council.finance, run, by="Bo"))["released_for"] == "Bo"
    stage.drain()
    assert the_run(council)["status"] == "paid"
    refused(release(council.finance, run, by="Cy"), 409)


def test_who_agreed_to_one_of_its_claims_does_not_release_a_run(stage: Stage) -> None:
    council = leaving.council(stage, second="{run_above: £1.00}")
    session_id = council.ticked("practice_review", role="team_member", minutes=400)
    stage.drain()
    claim = council.claim(session=session_id)
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    told(council.lead.post(f"claims/{claim['id']}/approve", {}, seen=seen))
    stage.drain()
    start(council)
    refused(release(council.lead, the_run(council), by="Bo"), 409)
    told(release(council.finance, the_run(council), by="Bo"))
    stage.drain()
    assert the_run(council)["status"] == "paid"


def test_a_run_by_the_clock_is_released_by_anybody_who_may(stage: Stage) -> None:
    council = leaving.council(stage, second="{run_above: £1.00}")
    paid_for(council)
    stage.sweep(after=A_WEEK)
    assert the_run(council)["status"] == "waiting"
    told(release(council.finance, the_run(council)))
    stage.drain()
    assert the_run(council)["status"] == run_queries.PAID


# Money enough


def test_what_the_money_reaches_goes_and_the_rest_waits_and_is_told_of(stage: Stage) -> None:
    council = leaving.council(stage)
    payments = [paid_for(council) for _ in range(3)]
    stage.hands.sandbox.set_funds(council_id=council.id, pence=2 * 1550 + 1549)
    start(council)
    stage.drain()
    stood = [now(council, p["id"]) for p in payments]
    assert [(p["status"], p["held_because"]) for p in stood] == [
        ("paid", None),
        ("paid", None),
        ("held", "no_funds"),
    ]
    assert stage.hands.sandbox.funds(council_id=council.id) == 1549
    assert the_run(council)["status"] == "going"
    stage.sweep()
    assert now(council, payments[2]["id"])["held_because"] == "no_funds"
    stage.hands.sandbox.set_funds(council_id=council.id, pence=1550)
    stage.sweep()
    stage.drain()
    assert now(council, payments[2]["id"])["status"] == "paid"
    assert stage.hands.sandbox.funds(council_id=council.id) == 0
    with stage.admin() as line:
        told_of = line.execute("SELECT count(*) FROM events WHERE name = 'rail.short_of_funds'").fetchone()
    assert told_of == (1,)


def test_payments_that_go_by_themselves_wait_for_money_too_and_none_fails(stage: Stage) -> None:
    council = leaving.council(stage, runs="at once")
    stage.hands.sandbox.set_funds(council_id=council.id, pence=1550)
    first, second = paid_for(council), paid_for(council)
    assert (first["status"], second["held_because"]) == ("paid", "no_funds")
    stage.settle()
    assert now(council, second["id"])["held_because"] == "no_funds"
    stage.hands.sandbox.set_funds(council_id=council.id, pence=None)
    stage.sweep()
    assert now(council, second["id"])["status"] == "paid"


def test_a_large_one_leaves_the_rest_to_be_tried(stage: Stage) -> None:
    council = leaving.council(stage)
    large, small = paid_for(council, minutes=180), paid_for(council)
    assert large["amount_pence"] > small["amount_pence"] == 1550
    stage.hands.sandbox.set_funds(council_id=council.id, pence=1550)
    start(council)
    assert now(council, large["id"])["held_because"] == "no_funds"
    assert now(council, small["id"])["status"] == "paid"


def test_money_of_one_council_is_none_of_anothers(stage: Stage) -> None:
    poor, rich = leaving.council(stage, runs="at once"), leaving.council(stage, "demoford", runs="at once")
    stage.hands.sandbox.set_funds(council_id=poor.id, pence=0)
    assert paid_for(poor)["held_because"] == "no_funds"
    assert paid_for(rich)["status"] == "paid"
    assert london_day(stage.clock()).isoformat() >= rich.payments()[0]["paid_on"]
