"""What the council's own system may have in hand is paid there, or nowhere, until somebody there says no."""

from __future__ import annotations

from typing import Any

import pytest

from service.days import london_day
from service.people import stopping
from tests.bacs import did, report
from tests.payouts.holding import let_go, place
from tests.people.changes import STAFF, about
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council(rail="finance_system")


def ready(council: Council) -> dict[str, Any]:
    council.ticked()
    council.stage.drain()
    (payment,) = council.payments()
    assert payment["status"] == "ready"
    return payment


def in_a_file(council: Council) -> str:
    """What is ready is in a file that finance has taken. Answers the file."""
    file_id: str = told(council.finance.post("files", {"rail": "finance_system"}), 201)["id"]
    told(council.finance.post(f"files/{file_id}/acknowledged", {}))
    return file_id


def seen(council: Council, payment: dict[str, Any]) -> str:
    return council.lead.get(f"payments/{payment['id']}").headers["ETag"]


def wants_vouchers(council: Council, person_id: str) -> None:
    told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "voucher"}), 202)
    council.confirms(person_id)
    council.stage.drain()


def states(council: Council) -> list[tuple[str, str]]:
    return [(row["status"], row["rail"]) for row in council.payments()]


def paid(council: Council, payment: dict[str, Any]) -> None:
    body = {"bank_reference": "B1", "paid_on": london_day(council.stage.clock()).isoformat()}
    told(council.finance.post(f"payments/{payment['id']}/paid", body))
    council.stage.drain()


@pytest.mark.parametrize("scope", ["person", "council"])
@pytest.mark.parametrize("how", ["file", "pulled"])
def test_details_that_change_under_a_hold_lay_nothing_out_beside_it(
    council: Council, scope: str, how: str
) -> None:
    payment = ready(council)
    if how == "file":
        in_a_file(council)
    hold_id = place(council, scope, payment["person"] if scope == "person" else "")
    council.stage.drain()
    wants_vouchers(council, payment["person"])
    assert states(council) == [("held", "finance_system")]
    let_go(council, hold_id)
    council.stage.drain()
    assert states(council) == [("ready", "finance_system")]
    paid(council, payment)
    assert states(council) == [("paid", "finance_system")]
    assert council.balance() == {"fees": 1550, "bank:finance_system": -1550}


@pytest.mark.parametrize("how", ["file", "pulled"])
def test_a_payment_that_was_held_by_hand_keeps_its_rail_when_it_is_released(
    council: Council, how: str
) -> None:
    payment = ready(council)
    if how == "file":
        in_a_file(council)
    told(council.lead.post(f"payments/{payment['id']}/hold"))
    wants_vouchers(council, payment["person"])
    told(council.lead.post(f"payments/{payment['id']}/release", seen=seen(council, payment)))
    council.stage.drain()
    assert states(council) == [("ready", "finance_system")]


def test_what_was_never_ready_there_follows_new_details(council: Council) -> None:
    person_id, session_id = council.person(), council.session()
    place(council, "person", person_id)
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    assert states(council) == [("held", "finance_system")]
    wants_vouchers(council, person_id)
    assert states(council) == [("cancelled", "finance_system"), ("held", "voucher")]


def test_a_file_that_was_rejected_whole_lets_new_details_count(council: Council) -> None:
    payment = ready(council)
    file_id = in_a_file(council)
    place(council, "person", payment["person"])
    told(council.finance.post(f"files/{file_id}/rejected", {"reason": "Wrong columns"}))
    wants_vouchers(council, payment["person"])
    assert states(council) == [("cancelled", "finance_system"), ("held", "voucher")]


@pytest.mark.parametrize("how", ["file", "pulled"])
def test_what_finance_could_not_pay_goes_the_way_that_was_chosen_meanwhile(
    council: Council, how: str
) -> None:
    payment = ready(council)
    if how == "file":
        in_a_file(council)
    hold_id = place(council, "person", payment["person"])
    council.stage.drain()
    wants_vouchers(council, payment["person"])
    text = f"payment_id,status,reason\n{payment['id']},failed,The account is closed\n"
    assert did(report(council, "settlement", text)) == [(2, "done")]
    council.stage.drain()
    assert states(council) == [("failed", "finance_system"), ("held", "voucher")]
    let_go(council, hold_id)
    assert states(council)[-1] == ("ready", "voucher")


@pytest.mark.parametrize("how", ["file", "pulled"])
def test_what_is_taken_back_goes_the_way_that_was_chosen_meanwhile(council: Council, how: str) -> None:
    payment = ready(council)
    path = f"payments/{payment['id']}"
    if how == "file":
        in_a_file(council)
    told(council.lead.post(f"{path}/hold"))
    wants_vouchers(council, payment["person"])
    told(council.finance.post(f"{path}/taken_back_from_export", {"reason": "AP took it out."}))
    told(council.lead.post(f"{path}/release", seen=seen(council, payment)))
    council.stage.drain()
    assert states(council) == [("ready", "voucher")]
    refused(council.finance.post(f"{path}/taken_back_from_export", {"reason": "Again"}), 409)


def talked(council: Council, person_id: str, *, was_theirs: bool) -> None:
    """Somebody says that a change was not theirs, and staff talk with them."""
    with council.stage.hands.db.council(council.id) as session:
        stopping.stop(session, actor=STAFF, **about(council, person_id))
    council.stage.drain()
    assert [row["held_because"] for row in council.payments()] == ["stopped"]
    with council.stage.hands.db.council(council.id) as session:
        stopping.lift(session, was_theirs=was_theirs, actor=STAFF, **about(council, person_id))
    council.stage.drain()


@pytest.mark.parametrize("how", ["file", "pulled"])
def test_after_a_talk_the_same_payment_goes_on(council: Council, how: str) -> None:
    payment = ready(council)
    if how == "file":
        in_a_file(council)
    talked(council, payment["person"], was_theirs=True)
    assert states(council) == [("ready", "finance_system")]
    assert council.payments()[0]["id"] == payment["id"]
    if how == "file":
        refused(council.finance.post("files", {"rail": "finance_system"}), 409)


def test_what_was_to_go_to_an_account_that_was_not_theirs_waits_for_what_finance_says(
    council: Council,
) -> None:
    payment = ready(council)
    path = f"payments/{payment['id']}"
    in_a_file(council)
    talked(council, payment["person"], was_theirs=False)
    (same,) = council.payments()
    assert (same["id"], same["held_because"]) == (payment["id"], "by_hand")
    (hold,) = told(council.lead.get("holds"))["data"]
    assert hold["subject"] == payment["id"]
    assert "Ask them." in hold["reason"]
    before = council.stage.picture()
    problem = refused(council.lead.post(f"{path}/release", seen=seen(council, payment)), 409)
    assert "write it down as taken back" in problem["detail"]
    refused(council.lead.post(f"holds/{hold['id']}/release", {}), 409)
    assert council.stage.picture() == before
    told(council.finance.post(f"{path}/taken_back_from_export", {"reason": "AP took it out."}))
    wants_vouchers(council, payment["person"])
    told(council.lead.post(f"{path}/release", seen=seen(council, payment)))
    assert states(council) == [("ready", "voucher")]


def test_an_untick_of_what_stands_in_their_file_is_laid_before_a_person(council: Council) -> None:
    payment = ready(council)
    in_a_file(council)
    claim = council.claim()
    told(council.tick(claim["session"], payment["person"], attended=False))
    council.stage.drain()
    assert states(council) == [("ready", "finance_system")]
    assert council.claim()["overpaid_pence"] == 1550
    told(council.tick(claim["session"], payment["person"]))
    council.stage.drain()
    assert states(council) == [("ready", "finance_system")]
