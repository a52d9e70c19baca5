"""The council's own finance system, by file: taken, paid, not paid, come back; and things handed over."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from service.days import london_day, utc_now
from tests.bacs import content, did, report
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council(rail="finance_system")


def ready(council: Council, count: int = 1) -> list[dict[str, Any]]:
    session_id = council.session()
    people = [council.person(f"=Person {n}", account=f"1234000{n}") for n in range(1, count + 1)]
    told(council.tick(session_id, *people, role="participant"))
    council.stage.drain()
    rows: list[dict[str, Any]] = told(council.finance.get("payments", status="ready"))["data"]
    return rows


def built(council: Council) -> dict[str, Any]:
    made: dict[str, Any] = told(council.finance.post("files", {"rail": "finance_system"}), 201)
    return made


def today() -> str:
    return london_day(utc_now()).isoformat()


def settlement(*lines: str) -> str:
    return "\n".join(["payment_id,bank_reference,paid_on,status,reason,amount", *lines]) + "\n"


def states(council: Council) -> list[str]:
    return sorted(row["status"] for row in council.payments())


def test_the_file_holds_what_is_ready_once_and_leaves_it_ready(council: Council) -> None:
    waiting = ready(council, 2)
    file = built(council)
    rows = list(csv.DictReader(io.StringIO(content(council, file["id"]).decode())))
    assert sorted(row["payment_id"] for row in rows) == sorted(row["id"] for row in waiting)
    assert {(row["batch_id"], row["amount_pence"], row["amount"]) for row in rows} == {
        (file["id"], "1550", "15.50")
    }
    assert {row["sort_code"] for row in rows} == {"108800"}
    assert states(council) == ["ready", "ready"]
    refused(council.finance.post("files", {"rail": "finance_system"}), 409)
    assert council.stage.picture()["attempts"] == []


def test_taken_then_paid_then_reported_by_file(council: Council) -> None:
    first, second, third = ready(council, 3)
    file = built(council)
    done = told(council.finance.post(f"files/{file['id']}/acknowledged", {"reference": "AP-77"}))
    assert (done["status"], done["their_reference"]) == ("acknowledged", "AP-77")
    shown = told(council.finance.get(f"payments/{first['id']}"))
    assert (shown["status"], shown["acknowledged_at"]) == ("ready", done["acknowledged_at"])
    text = settlement(
        f"{first['id']},BACS-1,{today()},paid,,15.50",
        f"{second['id']},,,failed,The account is closed,15.50",
        f"{third['id']},BACS-3,{today()},paid,,15.51",
        "pay_of_nobody,BACS-4,2026-11-01,paid,,",
        f"{third['id']},,{today()},paid,,15.50",
        f"{third['id']},B,2199-01-01,paid,,15.50",
        f"{third['id']},B,{today()},perhaps,,15.50",
        f"{third['id']},B",
    )
    before = council.stage.picture()
    tried = report(council, "settlement", text, dry_run=True)
    assert council.stage.picture() == before
    read = report(council, "settlement", text)
    assert read["lines"] == tried["lines"]
    assert did(read) == [
        (2, "done"),
        (3, "done"),
        (4, "unknown"),
        (5, "unknown"),
        (6, "refused"),
        (7, "refused"),
        (8, "unknown"),
        (9, "unknown"),
    ]
    council.stage.drain()
    assert states(council) == ["failed", "paid", "ready"]
    assert council.balance() == {"fees": 4650, "creditors": -3100, "bank:finance_system": -1550}
    assert council.messages(second["person"])[-1] == "Your payment did not go through"


def test_the_same_settlement_twice_pays_once(council: Council) -> None:
    (payment,) = ready(council)
    text = settlement(f"{payment['id']},BACS-1,{today()},,,")
    first = report(council, "settlement", text)
    assert did(first) == [(2, "done")]
    council.stage.drain()
    before = council.stage.picture("kept_answers")
    assert report(council, "settlement", text) == first
    assert council.stage.picture("kept_answers") == before
    assert did(report(council, "settlement", text + "\n")) == [(2, "already")]
    other = settlement(f"{payment['id']},OTHER,{today()},paid,,")
    assert did(report(council, "settlement", other)) == [(2, "refused")]
    assert council.balance() == {"fees": 1550, "bank:finance_system": -1550}


def test_by_reference_and_amount_where_their_system_kept_only_those(council: Council) -> None:
    (payment,) = ready(council)
    built(council)
    text = f"reference,amount,bank_reference,paid_on\n{payment['reference']},15.50,B-9,{today()}\n"
    assert did(report(council, "settlement", text)) == [(2, "done")]
    assert states(council) == ["paid"]


def test_what_they_got_back_is_reversed(council: Council) -> None:
    (payment,) = ready(council)
    report(council, "settlement", settlement(f"{payment['id']},BACS-1,{today()},paid,,"))
    read = report(council, "settlement", settlement(f"{payment['id']},,,returned,Account closed,15.50"))
    assert did(read) == [(2, "done")]
    council.stage.drain()
    assert states(council) == ["returned"]
    assert council.balance() == {"fees": 1550, "creditors": -1550}


def test_a_file_their_system_rejected_frees_its_payments_for_another(council: Council) -> None:
    ready(council)
    file = built(council)
    refused(council.finance.post(f"files/{file['id']}/submitted", {}), 409)
    told(council.finance.post(f"files/{file['id']}/rejected", {"reason": "Wrong columns"}))
    assert built(council)["lines"] == 1
    assert states(council) == ["ready"]


def voucher(council: Council) -> dict[str, Any]:
    session_id, person_id = council.session(), council.person(account=None)
    told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "voucher"}))
    told(council.tick(session_id, person_id, role="participant"))
    council.stage.drain()
    (payment,) = council.payments()
    return payment


def test_a_voucher_that_was_never_handed_over_is_undone_only_by_reversal(council: Council) -> None:
    payment = voucher(council)
    path = f"payments/{payment['id']}"
    given = {"bank_reference": "V-17", "paid_on": today()}
    refused(council.finance.post(f"{path}/returned", {"reason": "Lost"}), 409)
    told(council.finance.post(f"{path}/paid", given))
    refused(council.finance.post(f"{path}/returned", {"reason": " "}), 422, "/reason")
    done = told(council.finance.post(f"{path}/returned", {"reason": "It was lost in the post."}))
    assert (done["status"], done["failure"]) == ("returned", "It was lost in the post.")
    before = council.stage.picture("kept_answers")
    assert told(council.finance.post(f"{path}/returned", {"reason": "It was lost in the post."})) == done
    assert council.stage.picture("kept_answers") == before
    assert council.balance() == {"fees": 1550, "creditors": -1550}
    told(council.lead.put(f"people/{payment['person']}/payment_method", {"kind": "voucher"}))
    council.stage.drain()
    assert states(council) == ["ready", "returned"]


def test_what_we_pay_ourselves_is_not_reported_returned(stage: Stage) -> None:
    council = stage.council(rail="sandbox")
    council.ticked()
    stage.drain()
    stage.sweep(after=timedelta(minutes=1))
    (payment,) = council.payments()
    before = stage.picture()
    refused(council.finance.post(f"payments/{payment['id']}/returned", {"reason": "No"}), 409)
    assert stage.picture() == before
