"""Money that was paid too much: what the person is asked, what comes off later fees, and what is let go."""

from __future__ import annotations

from typing import Any

import pytest

from service.errors import Forbidden
from service.events import Actor
from service.payouts import overpaying
from tests.claims.top_ups import in_order, small
from tests.payouts.corrected import bus, first, overpayments, paid_for, paid_in_all, put_right
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return small(stage)


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
    assert council.balance() == {"fees": 7000, "bank:sandbox": -7000}
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


@pytest.mark.parametrize(("minutes", "status", "left"), [(60, "gone", 0), (20, "noted", 1000)])
def test_a_yes_that_has_ended_takes_nothing_from_what_has_not_left(
    council: Council, minutes: int, status: str, left: int
) -> None:
    """The register was put right, so nothing is owed; or it is more now, and the yes was to less."""
    session_id, person_id, found = overpaid(council)
    says(council, person_id, found, 500)
    later = council.session("meeting")
    council.invited(later, person_id, "member")
    told(council.tick(later, person_id))
    council.stage.drain(leaving=("payouts.send",))
    assert [p["amount_pence"] for p in first(council, later)["payments"]] == [1000]
    put_right(council, session_id, person_id, minutes=minutes)
    council.stage.settle()
    (now,) = overpayments(council)
    assert (now["status"], now["left_pence"], now["taken_pence"]) == (status, left, 0)
    assert [(p["amount_pence"], p["status"]) for p in first(council, later)["payments"]] == [
        (1000, "cancelled"),
        (1500, "paid"),
    ]
    assert paid_in_all(council, person_id) == 3000
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
    assert council.balance() == {"fees": 3000, "bank:sandbox": -3000}
    in_order(council)


PUT_RIGHT = "Put right: what we paid you too much"
SETTLED = "Settled: what we paid you too much"


def test_that_it_was_not_too_much_after_all_is_said_too(council: Council) -> None:
    session_id, person_id, _ = overpaid(council)
    assert "We paid you more than we should have" in council.messages(person_id)
    assert PUT_RIGHT not in council.messages(person_id)
    put_right(council, session_id, person_id, minutes=60)
    council.stage.settle()
    assert [row["status"] for row in overpayments(council)] == ["gone"]
    assert council.messages(person_id).count(PUT_RIGHT) == 1
    assert SETTLED not in council.messages(person_id)


def test_that_it_is_settled_is_said_once_the_last_penny_came_off(council: Council) -> None:
    _, person_id, found = overpaid(council)
    says(council, person_id, found, 300)
    again(council, person_id)
    assert SETTLED not in council.messages(person_id)
    for _ in range(2):
        again(council, person_id)
    assert [row["status"] for row in overpayments(council)] == ["settled"]
    assert council.messages(person_id).count(SETTLED) == 1


def test_somebody_else_lets_it_go_and_later_corrections_remember(council: Council) -> None:
    session_id, person_id, found = overpaid(council)
    path = f"overpayments/{found['id']}"
    tag = council.finance.get(path).headers["ETag"]
    refused(council.lead.post(f"{path}/write_off", {"reason": "Ours."}, seen=tag), 403)
    refused(council.approver.post(f"{path}/write_off", {"reason": "Ours."}, seen=tag), 403)
    refused(council.finance.post(f"{path}/write_off", {"reason": "Ours."}), 428)
    told(council.finance.post(f"{path}/write_off", {"reason": "Our own slip."}, seen=tag))
    assert council.balance() == {"fees": 1000, "written_off": 500, "bank:sandbox": -1500}
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
    assert council.balance() == {"fees": 2500, "bank:sandbox": -2500}
    in_order(council)
