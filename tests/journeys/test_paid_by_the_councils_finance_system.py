"""Can a council's finance system pull what is ready, pay it, and say so, safely and more than once?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from service.days import london_day, utc_now
from service.rails import sandbox
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council(rail="finance_system")


def report(**other: str) -> dict[str, str]:
    return {"bank_reference": "BACS-2291", "paid_on": london_day(utc_now()).isoformat()} | other


def ready(council: Council, count: int = 1) -> list[dict[str, Any]]:
    """So many payments that wait for the finance system, as it pulls them."""
    session_id = council.session()
    people = [council.person(f"Person {n}") for n in range(count)]
    told(council.tick(session_id, *people, role="participant"))
    council.stage.drain()
    rows: list[dict[str, Any]] = told(council.finance.get("payments", status="ready", rail="finance_system"))[
        "data"
    ]
    assert len(rows) == count
    return rows


def test_finance_pulls_pays_and_reports(council: Council) -> None:
    waiting = ready(council, 5)
    assert {row["amount_pence"] for row in waiting} == {1550}
    pulled: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = told(council.finance.get("payments", status="ready", rail="finance_system", limit=2, **cursor))
        pulled += [row["id"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert pulled == [row["id"] for row in waiting]
    for payment_id in pulled:
        paid = told(council.finance.post(f"payments/{payment_id}/paid", report()))
        assert (paid["status"], paid["bank_reference"]) == ("paid", "BACS-2291")
    council.stage.drain()
    assert told(council.finance.get("payments", status="ready"))["data"] == []
    assert {row["status"] for row in told(council.lead.get("claims"))["data"]} == {"paid"}
    assert council.balance() == {"fees": 5 * 1550, "bank:finance_system": -5 * 1550}
    person_id = council.payments()[0]["person"]
    assert council.messages(person_id)[-1] == "We have paid you £15.50"


def test_nothing_is_called_for_a_payment_that_somebody_else_makes(council: Council) -> None:
    ready(council)
    for _ in range(2):
        council.stage.sweep()
    assert [p["status"] for p in council.payments()] == ["ready"]
    assert council.stage.picture()["attempts"] == []
    assert council.stage.hands.sandbox.book(council_id=council.id) == {}


def test_the_same_report_twice_is_one_payment(council: Council) -> None:
    (payment,) = ready(council)
    path = f"payments/{payment['id']}/paid"
    first = council.finance.post(path, report(), once="run-1")
    assert told(council.finance.post(path, report(), once="run-1")) == told(first)
    before = council.stage.picture("kept_answers")
    assert told(council.finance.post(path, report(), once="run-2")) == told(first)
    assert council.stage.picture("kept_answers") == before
    assert council.balance() == {"fees": 1550, "bank:finance_system": -1550}


def test_another_report_of_the_same_payment_is_refused(council: Council) -> None:
    (payment,) = ready(council)
    path = f"payments/{payment['id']}/paid"
    told(council.finance.post(path, report()))
    before = council.stage.picture()
    refused(council.finance.post(path, report(bank_reference="OTHER")), 409)
    yesterday = (london_day(utc_now()) - timedelta(days=1)).isoformat()
    refused(council.finance.post(path, report(paid_on=yesterday)), 409)
    assert council.stage.picture() == before


def test_many_reports_at_once_are_one_payment(council: Council) -> None:
    (payment,) = ready(council)
    with ThreadPoolExecutor(6) as several:
        answers = list(
            several.map(lambda _: council.finance.post(f"payments/{payment['id']}/paid", report()), range(12))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert council.balance() == {"fees": 1550, "bank:finance_system": -1550}
    entries = told(council.lead.get("ledger/entries", limit=100))["data"]
    assert [entry["kind"] for entry in entries].count("settlement") == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"paid_on": "2026-10-01"}, "/bank_reference"),
        ({"bank_reference": " ", "paid_on": "2026-10-01"}, "/bank_reference"),
        ({"bank_reference": "B"}, "/paid_on"),
        ({"bank_reference": "B", "paid_on": "01/10/2026"}, "/paid_on"),
        ({"bank_reference": "B", "paid_on": "2199-01-01"}, "/paid_on"),
    ],
)
def test_refuses_a_report_that_is_none(council: Council, body: dict[str, str], pointer: str) -> None:
    (payment,) = ready(council)
    before = council.stage.picture()
    refused(council.finance.post(f"payments/{payment['id']}/paid", body), 422, pointer)
    assert council.stage.picture() == before


def test_refuses_a_report_about_what_we_pay_ourselves(stage: Stage) -> None:
    council = stage.council(rail="sandbox")
    council.ticked()
    stage.drain()
    (payment,) = council.payments()
    before = stage.picture()
    refused(council.finance.post(f"payments/{payment['id']}/paid", report()), 409)
    assert stage.picture() == before


def test_what_is_held_is_not_pulled_until_it_is_let_go(council: Council) -> None:
    (payment,) = ready(council)
    path = f"payments/{payment['id']}"
    held = council.lead.post(f"{path}/hold")
    assert told(held)["held_because"] == "by_hand"
    assert told(council.finance.get("payments", status="ready"))["data"] == []
    told(council.lead.post(f"{path}/release", seen=held.headers["ETag"]))
    assert [row["id"] for row in told(council.finance.get("payments", status="ready"))["data"]] == [
        payment["id"]
    ]


def test_finance_sees_no_bank_details_and_makes_no_decisions(council: Council) -> None:
    (payment,) = ready(council)
    said = council.finance.get(f"payments/{payment['id']}").get_data(as_text=True)
    assert sandbox.PAID not in said
    for path in (f"claims/{payment['claim']}", f"people/{payment['person']}", "sessions"):
        refused(council.finance.get(path), 403)
    refused(council.finance.post(f"claims/{payment['claim']}/approve", {}, seen="*"), 403)


def test_a_voucher_is_handed_out_and_reported_like_a_payment(council: Council) -> None:
    session_id, person_id = council.session(), council.person(account=None)
    told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "voucher"}))
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    (payment,) = council.payments()
    assert (payment["rail"], payment["status"]) == ("voucher", "ready")
    told(council.finance.post(f"payments/{payment['id']}/paid", report(bank_reference="V-17")))
    assert council.balance() == {"fees": 1550, "bank:voucher": -1550}


def test_somebody_who_wants_no_money_is_paid_none(council: Council) -> None:
    session_id, person_id = council.session(), council.person(account=None)
    told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "none"}))
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    (payment,) = council.payments()
    assert (payment["status"], payment["held_because"]) == ("held", "not_wanted")
    assert council.balance() == {"fees": 1550, "creditors": -1550}
