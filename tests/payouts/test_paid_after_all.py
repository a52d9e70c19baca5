"""What was paid outside was paid, whatever we had decided meanwhile: is it in the books, and said?"""

from __future__ import annotations

import pytest

from tests.stage import Council, Stage, refused, told

PAID = {"bank_reference": "BACS 7", "paid_on": "2026-01-02"}


@pytest.fixture
def council(stage: Stage) -> Council:
    council = stage.council(rail="finance_system")
    council.ticked()
    stage.drain()
    return council


def test_a_payment_called_off_by_hand_stops_its_claim(council: Council) -> None:
    (payment,) = council.payments()
    told(council.lead.post(f"payments/{payment['id']}/cancel"))
    assert council.claim()["status"] == "withdrawn"
    assert council.balance() == {}


def test_a_payment_on_hold_that_was_paid_all_the_same_is_paid(council: Council) -> None:
    (payment,) = council.payments()
    told(council.lead.post(f"payments/{payment['id']}/hold"))
    assert told(council.finance.post(f"payments/{payment['id']}/paid", PAID))["status"] == "paid"
    assert (council.claim()["status"], council.claim()["overpaid_pence"]) == ("paid", 0)


def test_a_payment_called_off_that_was_paid_all_the_same_is_in_the_books(council: Council) -> None:
    (payment,) = council.payments()
    told(council.tick(council.claim()["session"], payment["person"], attended=False))
    council.stage.drain()
    assert told(council.lead.get(f"payments/{payment['id']}"))["status"] == "cancelled"
    assert told(council.finance.post(f"payments/{payment['id']}/paid", PAID))["status"] == "paid"
    assert (council.claim()["status"], council.claim()["overpaid_pence"]) == ("paid", 1550)
    assert council.balance() == {"fees": 1550, "bank:finance_system": -1550}


def test_the_payment_that_stood_in_its_place_is_called_off(council: Council) -> None:
    (first,) = council.payments()
    session_id = council.claim()["session"]
    told(council.tick(session_id, first["person"], attended=False))
    council.stage.drain()
    told(council.tick(session_id, first["person"]))
    council.stage.drain()
    assert [p["status"] for p in council.payments()] == ["cancelled", "ready"]
    told(council.finance.post(f"payments/{first['id']}/paid", PAID))
    assert sorted(p["status"] for p in council.payments()) == ["cancelled", "paid"]
    assert council.balance() == {"fees": 1550, "bank:finance_system": -1550}


def test_two_that_both_left_are_for_people_to_look_at(council: Council) -> None:
    (first,) = council.payments()
    session_id = council.claim()["session"]
    told(council.tick(session_id, first["person"], attended=False))
    council.stage.drain()
    told(council.tick(session_id, first["person"]))
    council.stage.drain()
    (second,) = [p for p in council.payments() if p["status"] == "ready"]
    told(council.finance.post(f"payments/{second['id']}/paid", PAID))
    refused(council.finance.post(f"payments/{first['id']}/paid", PAID), 409)
    assert council.balance() == {"fees": 1550, "bank:finance_system": -1550}
