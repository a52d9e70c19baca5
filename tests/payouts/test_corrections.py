"""What happens when the register, or a cost, is put right after the money has left?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.claims.top_ups import in_order, now_is, policy, publish, small, top_ups, yes
from tests.payouts.corrected import bus, differences, first, overpayments, paid_for, paid_in_all, put_right
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return small(stage)


def test_more_minutes_pay_only_the_difference(council: Council) -> None:
    session_id, person_id = paid_for(council)
    put_right(council, session_id, person_id, minutes=90)
    (more,) = differences(council, session_id)
    assert (more["status"], more["total_pence"]) == ("paid", 750)
    assert more["difference"] == {"fee": {"before_pence": 1500, "after_pence": 2250}}
    claim = first(council, session_id)
    assert (claim["status"], claim["total_pence"], more["corrects"]) == ("paid", 1500, claim["id"])
    (correction,) = claim["corrections"]
    assert (correction["because"], correction["status"], correction["difference"]) == (
        "register",
        "applied",
        more["id"],
    )
    assert council.balance() == {"fees": 2250, "bank:sandbox": -2250}
    assert overpayments(council) == []
    put_right(council, session_id, person_id, minutes=90)
    council.stage.settle()
    assert paid_in_all(council, person_id) == 2250
    in_order(council)


def test_fewer_minutes_are_an_overpayment_and_take_nothing(council: Council) -> None:
    session_id, person_id = paid_for(council)
    put_right(council, session_id, person_id, minutes=40)
    (found,) = overpayments(council)
    assert (found["part"], found["over_pence"], found["status"]) == ("fee", 500, "noted")
    assert found["noticed_by"].startswith("key:")
    assert first(council, session_id)["overpaid_pence"] == 500
    assert council.balance() == {"fees": 1000, "overpayments": 500, "bank:sandbox": -1500}
    council.ticked("meeting", role="member")
    council.stage.settle()
    assert paid_in_all(council, person_id) == 1500
    in_order(council)


@pytest.mark.parametrize(
    ("minutes", "paid", "over"),
    [
        ((90, 120), 3000, 0),
        ((90, 30), 2250, 1500),
        ((30, 90), 2250, 0),
        ((30, 60), 1500, 0),
        ((120, 30, 90, 150), 3750, 0),
    ],
)
def test_corrections_one_after_another_sum_right(
    council: Council, minutes: tuple[int, ...], paid: int, over: int
) -> None:
    session_id, person_id = paid_for(council)
    for each in minutes:
        put_right(council, session_id, person_id, minutes=each)
    council.stage.settle()
    assert paid_in_all(council, person_id) == paid
    assert sum(row["over_pence"] for row in overpayments(council)) == over
    in_order(council)


def test_a_difference_goes_through_approval_as_the_policy_says(stage: Stage) -> None:
    council = small(stage, limit="20.00")
    session_id, person_id = paid_for(council)
    put_right(council, session_id, person_id, minutes=90)
    (more,) = differences(council, session_id)
    assert (more["status"], more["total_pence"], more["assessment"]["total_pence"]) == ("waiting", 750, 2250)
    # A later correction takes the place of one that nobody has agreed yet.
    put_right(council, session_id, person_id, minutes=100)
    old, new = differences(council, session_id)
    assert (old["status"], new["status"], new["total_pence"]) == ("withdrawn", "waiting", 1000)
    told(council.approver.post(f"claims/{new['id']}/approve", {}, seen=_tag(council, new)))
    stage.settle()
    assert paid_in_all(council, person_id) == 2500
    in_order(council)


def test_a_difference_that_somebody_refused_is_not_asked_again(stage: Stage) -> None:
    council = small(stage, limit="20.00")
    session_id, person_id = paid_for(council)
    put_right(council, session_id, person_id, minutes=90)
    (more,) = differences(council, session_id)
    no = {"clause": "3", "reason": "You left early."}
    told(council.approver.post(f"claims/{more['id']}/refuse", no))
    stage.settle()
    put_right(council, session_id, person_id, minutes=90)
    assert [row["status"] for row in differences(council, session_id)] == ["refused"]
    assert paid_in_all(council, person_id) == 1500


def test_a_correction_before_the_money_left_works_the_claim_out_again(council: Council) -> None:
    session_id, person_id = paid_for(council, account=None)
    put_right(council, session_id, person_id, minutes=40)
    claim = first(council, session_id)
    assert (claim["status"], claim["total_pence"], claim["assessment"]["fee_pence"]) == (
        "approved",
        1000,
        1000,
    )
    assert [p["status"] for p in claim["payments"]] == ["cancelled", "held"]
    told(council.pays_into(person_id, "00012345"))
    council.stage.settle()
    assert paid_in_all(council, person_id) == 1000
    assert overpayments(council) == []
    in_order(council)


@pytest.mark.parametrize(("minutes", "paid", "over"), [(90, 2250, 0), (40, 1500, 500)])
def test_a_correction_waits_while_nobody_knows_whether_the_money_left(
    council: Council, minutes: int, paid: int, over: int
) -> None:
    session_id, person_id = paid_for(council, account="00000004")
    assert first(council, session_id)["payments"][0]["status"] == "unknown"
    put_right(council, session_id, person_id, minutes=minutes)
    (waiting,) = first(council, session_id)["corrections"]
    assert (waiting["status"], differences(council, session_id), overpayments(council)) == ("waiting", [], [])
    told(council.pays_into(person_id, "00012345"), 202)
    council.confirms(person_id)
    council.stage.settle()
    council.stage.settle()
    assert paid_in_all(council, person_id) == paid
    assert sum(row["over_pence"] for row in overpayments(council)) == over
    in_order(council)


def test_a_payment_that_comes_back_is_paid_again_as_what_is_right(council: Council) -> None:
    session_id, person_id = paid_for(council, account="00000003")
    put_right(council, session_id, person_id, minutes=40)
    assert [row["over_pence"] for row in overpayments(council)] == [500]
    council.stage.settle()
    claim = first(council, session_id)
    assert (claim["status"], claim["total_pence"], claim["overpaid_pence"]) == ("approved", 1000, 0)
    assert [row["status"] for row in overpayments(council)] == ["gone"]
    council.confirmed(person_id, "00012345")
    council.stage.settle()
    assert (paid_in_all(council, person_id), first(council, session_id)["status"]) == (1000, "paid")
    in_order(council)


def test_a_tick_taken_back_and_given_again_leaves_nothing_open(council: Council) -> None:
    session_id, person_id = paid_for(council)
    put_right(council, session_id, person_id, minutes=90)
    put_right(council, session_id, person_id, attended=False)
    assert sum(row["over_pence"] for row in overpayments(council)) == 2250
    claim, (more,) = first(council, session_id), differences(council, session_id)
    assert (claim["overpaid_pence"], more["overpaid_pence"]) == (1500, 750)
    put_right(council, session_id, person_id, minutes=90)
    assert sum(row["over_pence"] for row in overpayments(council)) == 0
    assert first(council, session_id)["overpaid_pence"] == 0
    assert paid_in_all(council, person_id) == 2250
    in_order(council)


def test_a_version_that_was_taken_up_in_between_counts_for_the_correction(council: Council) -> None:
    session_id, person_id = paid_for(council)
    publish(council, policy(version="1.1", hour=1600))
    council.stage.drain()
    (more,) = top_ups(council)
    assert yes(council, more)["status"] == "paid"
    put_right(council, session_id, person_id, minutes=90)
    assert [row["total_pence"] for row in differences(council, session_id)] == [800]
    assert paid_in_all(council, person_id) == 2400
    put_right(council, session_id, person_id, minutes=30)
    assert sum(row["over_pence"] for row in overpayments(council)) == 1600
    in_order(council)


def test_an_offer_on_top_is_made_anew_on_the_right_facts(council: Council) -> None:
    session_id, person_id = paid_for(council)
    publish(council, policy(version="1.1", hour=1600))
    council.stage.drain()
    assert [row["total_pence"] for row in top_ups(council)] == [100]
    put_right(council, session_id, person_id, minutes=90)
    (more,) = top_ups(council)
    assert (more["status"], more["total_pence"]) == ("draft", 150)
    assert yes(council, more)["status"] == "paid"
    assert paid_in_all(council, person_id) == 2400
    in_order(council)


def test_a_version_published_after_a_correction_counts_for_what_was_corrected(council: Council) -> None:
    session_id, person_id = paid_for(council)
    put_right(council, session_id, person_id, minutes=90)
    publish(council, policy(version="1.1", hour=1600))
    council.stage.drain()
    (more,) = top_ups(council)
    assert more["total_pence"] == 150
    assert yes(council, more)["status"] == "paid"
    assert paid_in_all(council, person_id) == 2400
    in_order(council)


def _tag(council: Council, claim: dict[str, Any]) -> str:
    return str(council.lead.get(f"claims/{claim['id']}").headers["ETag"])


# Costs


def costs(council: Council, pence: int) -> tuple[dict[str, Any], str]:
    """A bus that was paid. The claim and the person."""
    person_id = council.person()
    body = {
        "person": person_id,
        "facts": {"activity": "meeting", "on": "2026-05-12"},
        "expenses": [bus(pence)],
        "fee": False,
    }
    claim = told(council.lead.post("claims", body), 201)
    council.stage.drain()
    return now_is(council, claim), person_id


def correct(
    council: Council, claim: dict[str, Any], *expenses: dict[str, Any], reason: str = "A slip."
) -> Any:
    body = {"expenses": list(expenses), "reason": reason}
    answer = told(council.lead.post(f"claims/{claim['id']}/corrections", body), 202)
    council.stage.drain()
    return answer


def test_a_cost_put_right_pays_the_rest_of_it(council: Council) -> None:
    claim, person_id = costs(council, 300)
    correct(council, claim, bus(450), reason="It was there and back.")
    assert paid_in_all(council, person_id) == 450
    (done,) = now_is(council, claim)["corrections"]
    assert (done["because"], done["reason"], done["status"]) == ("asked", "It was there and back.", "applied")
    in_order(council)


def test_a_cost_put_right_to_less_is_noted_with_who_and_why(council: Council) -> None:
    claim, person_id = costs(council, 300)
    correct(council, claim, bus(100), reason="Two of them were mine.")
    (found,) = overpayments(council)
    assert (found["part"], found["over_pence"], found["reason"]) == ("expense", 200, "Two of them were mine.")
    assert council.balance() == {"expenses": 100, "overpayments": 200, "bank:sandbox": -300}
    assert paid_in_all(council, person_id) == 300


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"expenses": [bus(100)], "reason": " "}, "/reason"),
        ({"expenses": [], "reason": "Nothing."}, "/expenses"),
        ({"expenses": [{"category": "rocket"}], "reason": "New."}, "/expenses/0/category"),
    ],
)
def test_refuses_a_correction_that_cannot_be(council: Council, body: dict[str, Any], pointer: str) -> None:
    claim, _ = costs(council, 300)
    before = council.stage.picture()
    refused(council.lead.post(f"claims/{claim['id']}/corrections", body), 422, pointer)
    assert council.stage.picture() == before
