"""What happens when the register, or a cost, is put right after the money has left?"""

from __future__ import annotations

from typing import Any

import pytest

from service.errors import Forbidden
from service.events import Actor
from service.payouts import overpaying
from tests.claims.top_ups import in_order, now_is, policy, publish, small, top_ups, yes
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return small(stage)


def paid_for(council: Council, *, minutes: int = 60, account: str | None = "00012345") -> tuple[str, str]:
    """Somebody came to a meeting of an hour and was paid £15.00 for it. Session and person."""
    session_id, person_id = council.session("meeting", minutes=60), council.person(account=account)
    council.invited(session_id, person_id, "member")
    told(council.tick(session_id, person_id, minutes=minutes))
    council.stage.drain()
    return session_id, person_id


def put_right(council: Council, session_id: str, person_id: str, **tick: Any) -> None:
    """The register says something else now, and what follows is done."""
    told(council.tick(session_id, person_id, **tick))
    council.stage.drain()


def first(council: Council, session_id: str) -> dict[str, Any]:
    rows = told(council.lead.get("claims", session=session_id))["data"]
    (found,) = [row for row in rows if row["kind"] == "attendance"]
    return now_is(council, found)


def differences(council: Council, session_id: str) -> list[dict[str, Any]]:
    rows = told(council.lead.get("claims", session=session_id))["data"]
    found = [now_is(council, row) for row in rows if row["kind"] == "difference"]
    return sorted(found, key=lambda row: str(row["id"]))


def overpayments(council: Council) -> list[dict[str, Any]]:
    return list(told(council.lead.get("overpayments"))["data"])


def paid_in_all(council: Council, person_id: str) -> int:
    return sum(
        p["amount_pence"]
        for p in council.payments(limit=100)
        if p["person"] == person_id and p["status"] == "paid"
    )


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


def bus(pence: int) -> dict[str, Any]:
    return {"category": "bus", "amount_pence": pence}


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


# What was paid too much, and what the person says


def says(council: Council, person_id: str, overpayment: dict[str, Any], most: int | None) -> None:
    """The person's own answer; what follows is done."""
    with council.stage.hands.db.council(council.id) as session:
        overpaying.answer(
            session,
            council_id=council.id,
            overpayment_id=overpayment["id"],
            most_pence=most,
            actor=Actor("person", person_id),
            now=council.stage.clock(),
        )
    council.stage.drain()


def overpaid(council: Council, *, account: str = "00012345") -> tuple[str, str, dict[str, Any]]:
    """£5.00 too much, and the person was asked about it. Session, person and overpayment."""
    session_id, person_id = paid_for(council, account=account)
    put_right(council, session_id, person_id, minutes=40)
    (found,) = overpayments(council)
    told(council.finance.post(f"overpayments/{found['id']}/ask"))
    return session_id, person_id, found


def again(council: Council, person_id: str, minutes: int = 60) -> str:
    """They come to another meeting. Answers the session."""
    session_id = council.session("meeting")
    council.invited(session_id, person_id, "member")
    told(council.tick(session_id, person_id, minutes=minutes))
    council.stage.drain()
    return session_id


def test_nothing_is_taken_before_a_yes_and_after_it_no_more_than_they_said(council: Council) -> None:
    _, person_id, found = overpaid(council)
    again(council, person_id)
    assert paid_in_all(council, person_id) == 3000
    says(council, person_id, found, 300)
    for paid, taken, status in ((4200, 300, "agreed"), (5500, 500, "settled"), (7000, 500, "settled")):
        again(council, person_id)
        (now,) = overpayments(council)
        assert (paid_in_all(council, person_id), now["taken_pence"], now["status"]) == (paid, taken, status)
    assert council.balance() == {"fees": 7000, "overpayments": 0, "bank:sandbox": -7000}
    in_order(council)


def test_at_most_half_of_a_fee_is_taken_and_never_anything_of_costs(council: Council) -> None:
    _, person_id, found = overpaid(council)
    says(council, person_id, found, 500)
    body = {"person": person_id, "facts": {"activity": "meeting", "on": "2026-05-12"}, "expenses": [bus(400)]}
    told(council.lead.post("claims", {**body, "fee": False}), 201)
    council.stage.drain()
    assert paid_in_all(council, person_id) == 1900
    again(council, person_id, minutes=20)
    assert paid_in_all(council, person_id) == 1900 + 250


def test_a_no_takes_nothing_and_a_yes_can_be_taken_back(council: Council) -> None:
    _, person_id, found = overpaid(council)
    says(council, person_id, found, None)
    again(council, person_id)
    assert paid_in_all(council, person_id) == 3000
    told(council.finance.post(f"overpayments/{found['id']}/ask"))
    says(council, person_id, found, 500)
    told(council.pays_into(person_id, "00000006"), 202)
    council.confirms(person_id)
    says(council, person_id, found, None)
    again(council, person_id)
    council.stage.settle()
    assert paid_in_all(council, person_id) == 4500
    assert [row["status"] for row in overpayments(council)] == ["declined"]


def test_a_yes_that_is_taken_back_before_the_money_left_pays_in_full(council: Council) -> None:
    _, person_id, found = overpaid(council)
    says(council, person_id, found, 500)
    session_id = council.session("meeting")
    council.invited(session_id, person_id, "member")
    told(council.tick(session_id, person_id))
    council.stage.drain(leaving=("payouts.send",))
    assert [p["amount_pence"] for p in first(council, session_id)["payments"]] == [1000]
    says(council, person_id, found, None)
    council.stage.settle()
    assert [(p["amount_pence"], p["status"]) for p in first(council, session_id)["payments"]] == [
        (1000, "cancelled"),
        (1500, "paid"),
    ]
    in_order(council)


def test_a_payment_that_was_less_and_came_back_took_nothing(council: Council) -> None:
    _, person_id, found = overpaid(council)
    says(council, person_id, found, 500)
    council.confirmed(person_id, "00000003")
    again(council, person_id)
    assert overpayments(council)[0]["taken_pence"] == 500
    council.stage.settle()
    (now,) = overpayments(council)
    assert (now["taken_pence"], now["left_pence"], now["status"]) == (0, 500, "noted")
    council.confirmed(person_id, "00012345")
    council.stage.settle()
    assert paid_in_all(council, person_id) == 3000
    assert council.balance() == {"fees": 2500, "overpayments": 500, "bank:sandbox": -3000}
    in_order(council)


def test_what_was_taken_is_owed_again_when_nothing_was_too_much(council: Council) -> None:
    session_id, person_id, found = overpaid(council)
    says(council, person_id, found, 500)
    again(council, person_id)
    put_right(council, session_id, person_id, minutes=60)
    council.stage.settle()
    assert paid_in_all(council, person_id) == 3000
    assert council.balance() == {"fees": 3000, "overpayments": 0, "bank:sandbox": -3000}
    in_order(council)


def test_somebody_else_lets_it_go_and_later_corrections_remember(council: Council) -> None:
    session_id, person_id, found = overpaid(council)
    path = f"overpayments/{found['id']}"
    tag = council.finance.get(path).headers["ETag"]
    refused(council.lead.post(f"{path}/write_off", {"reason": "Ours."}, seen=tag), 403)
    refused(council.approver.post(f"{path}/write_off", {"reason": "Ours."}, seen=tag), 403)
    refused(council.finance.post(f"{path}/write_off", {"reason": "Ours."}), 428)
    told(council.finance.post(f"{path}/write_off", {"reason": "Our own slip."}, seen=tag))
    assert council.balance() == {"fees": 1000, "overpayments": 0, "written_off": 500, "bank:sandbox": -1500}
    put_right(council, session_id, person_id, minutes=50)
    assert (paid_in_all(council, person_id), overpayments(council)[0]["left_pence"]) == (1500, 0)
    put_right(council, session_id, person_id, minutes=20)
    assert (overpayments(council)[0]["left_pence"], overpayments(council)[0]["status"]) == (750, "noted")
    in_order(council)


def test_only_the_person_can_say_yes(council: Council) -> None:
    _, _, found = overpaid(council)
    before = council.stage.picture()
    for actor in (Actor("staff", "stf_1"), Actor("person", "per_other")):
        with council.stage.hands.db.council(council.id) as session, pytest.raises(Forbidden):
            overpaying.answer(
                session,
                council_id=council.id,
                overpayment_id=found["id"],
                most_pence=100,
                actor=actor,
                now=council.stage.clock(),
            )
    assert council.stage.picture() == before


def test_what_was_taken_for_a_payment_that_came_back_is_paid_again(council: Council) -> None:
    session_id, person_id, found = overpaid(council, account="00000003")
    says(council, person_id, found, 500)
    council.confirmed(person_id, "00012345")
    again(council, person_id)
    assert overpayments(council)[0]["taken_pence"] == 500
    council.stage.settle()
    council.stage.settle()
    assert first(council, session_id)["total_pence"] == 1000
    assert paid_in_all(council, person_id) == 1000 + 1000 + 500
    assert council.balance() == {"fees": 2500, "overpayments": 0, "bank:sandbox": -2500}
    in_order(council)
