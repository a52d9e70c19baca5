"""Payments that leave in a Bacs file: built once, sent by a person, paid by their day, rejected whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.bacs import (
    ARRIVES,
    PROCESSED,
    THURSDAY,
    at,
    bacs_council,
    built,
    content,
    due,
    keep,
    sent,
    settle,
)
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Iterator[Council]:
    with at(THURSDAY):
        yield bacs_council(stage)


def states(council: Council) -> list[str]:
    return sorted(row["status"] for row in council.payments())


def test_what_is_due_goes_into_one_file_to_the_byte(council: Council) -> None:
    (payment,) = due(council)
    file = built(council)
    assert {name: file[name] for name in ("rail", "serial", "form", "status", "lines", "total_pence")} == {
        "rail": "bacs",
        "serial": "000001",
        "form": "standard18",
        "status": "built",
        "lines": 1,
        "total_pence": 1550,
    }
    assert file["name"] == "bacs-2026-11-26-000001.txt"
    assert file["built_by"].startswith("key:")
    assert [
        (s["processing_day"], s["entry_day"], s["count"], s["total_pence"]) for s in file["sections"]
    ] == [("2026-11-27", "2026-11-30", 1, 1550)]
    credit = "1088001234000109920000055779911    00000001550EXAMPLESHIRE CC   "
    assert content(council, file["id"]).decode().split("\r\n") == [
        f"VOL1000001{'':31}123456{'':32}1",
        f"HDR1A123456S  112345600000100010001{'':6} 26330 26332 000000{'':20}",
        f"HDR2F0200000100{'':35}00{'':28}",
        f"UHL1 26331999999    000000001 DAILY  001{'':40}",
        f"{credit}{payment['reference']:18}A EXAMPLE{'':9}",
        "2000005577991101720000055779911    00000001550EXAMPLESHIRE CC   CONTRA"
        + " " * 12
        + "EXAMPLESHIRE CC   ",
        f"EOF1A123456S  112345600000100010001{'':6} 26330 26332 000000{'':20}",
        f"EOF2F0200000100{'':35}00{'':28}",
        f"UTL10000000001550000000000155000000010000001{'':36}",
        "",
    ]
    (line,) = told(council.finance.get(f"files/{file['id']}/payments"))["data"]
    assert (line["payment"], line["reference"]) == (payment["id"], payment["reference"])
    assert states(council) == ["sending"]


def test_it_is_served_again_byte_for_byte_and_names_its_hash(council: Council) -> None:
    due(council)
    file = built(council)
    first = content(council, file["id"])
    assert hashlib.sha256(first).hexdigest() == file["sha256"]
    assert len(first) == file["bytes"]
    told(council.finance.post(f"files/{file['id']}/submitted", {}))
    due(council)
    built(council)
    assert content(council, file["id"]) == first
    answer = council.finance.get(f"files/{file['id']}/content")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{file["name"]}"'


def test_no_account_stands_open_in_any_row(council: Council) -> None:
    due(council)
    built(council)
    assert [name for name, rows in council.stage.picture().items() if "12340001" in "".join(rows)] == []


def test_from_file_to_paid(council: Council) -> None:
    (payment,) = due(council)
    file = built(council)
    done = told(council.finance.post(f"files/{file['id']}/submitted", {}))
    assert done["status"] == "submitted"
    assert done["submitted_by"].startswith("key:")
    council.stage.drain()
    shown = told(council.finance.get(f"payments/{payment['id']}"))
    assert (shown["status"], shown["arrives_on"]) == ("sent", ARRIVES.isoformat())
    settle(council)
    assert states(council) == ["sent"]
    with at(datetime(2026, 11, 30, 8, tzinfo=UTC)):
        settle(council)
        settle(council)
        shown = told(council.finance.get(f"payments/{payment['id']}"))
    assert (shown["status"], shown["paid_on"]) == ("paid", ARRIVES.isoformat())
    assert shown["bank_reference"] == payment["reference"]
    assert council.balance() == {"fees": 1550, "bank:bacs": -1550}
    assert council.messages(payment["person"])[-1] == "We have paid you £15.50"
    assert council.history(payment["claim"])[-4:] == [
        "payout.sending",
        "payout.sent",
        "payout.paid",
        "claim.paid",
    ]


def test_a_file_that_nobody_sent_pays_nobody(council: Council) -> None:
    due(council)
    built(council)
    with at(datetime(2026, 12, 7, 8, tzinfo=UTC)):
        settle(council)
        council.stage.sweep()
        assert states(council) == ["sending"]
    assert council.balance() == {"fees": 1550, "creditors": -1550}


def test_nothing_is_asked_of_a_bank_that_cannot_be_asked(council: Council) -> None:
    due(council)
    sent(council)
    before = council.stage.picture("deliveries", "event_seals", "event_unsealed", "event_outbox")
    council.stage.sweep(after=timedelta(hours=3))
    after = council.stage.picture("deliveries", "event_seals", "event_unsealed", "event_outbox")
    assert {name for name in after if after[name] != before[name] and name != "notices"} <= {
        "events",
        "sign_in_links",
    }
    assert states(council) == ["sent"]


def test_a_payment_is_in_one_file_only(council: Council) -> None:
    due(council, 2)
    file = built(council)
    assert file["lines"] == 2
    before = council.stage.picture()
    refused(council.finance.post("files", {"rail": "bacs"}), 409)
    chosen = [{"id": council.payments()[0]["id"]}]
    refused(council.finance.post("files", {"rail": "bacs", "payments": chosen}), 422, "/payments/0/id")
    assert council.stage.picture() == before


def test_many_who_build_at_once_make_one_file(council: Council) -> None:
    due(council, 5)
    with ThreadPoolExecutor(4) as several:
        answers = list(several.map(lambda _: council.finance.post("files", {"rail": "bacs"}), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    (file,) = told(council.finance.get("files"))["data"]
    assert (file["lines"], file["total_pence"]) == (5, 5 * 1550)


def test_several_days_and_two_accounts(council: Council) -> None:
    first, second, third = due(council, 3)
    other = keep(
        council,
        "originating_account",
        {"sort_code": "601613", "account_number": "31926819", "account_name": "Care Partnership"},
    )
    (usual,) = {row for row in _accounts(council) if row != other}
    file = built(
        council,
        payments=[
            {"id": third["id"], "processing_day": "2026-12-01", "originating_account": usual},
            {"id": first["id"], "originating_account": usual},
            {"id": second["id"]},
        ],
    )
    assert [(s["processing_day"], s["entry_day"], s["originating_account"]) for s in file["sections"]] == [
        ("2026-11-27", "2026-11-30", usual),
        ("2026-11-27", "2026-11-30", other),
        ("2026-12-01", "2026-12-02", usual),
    ]
    data = [line for line in content(council, file["id"]).decode().splitlines() if len(line) == 106]
    assert [(line[15:17], line[17:31], line[100:]) for line in data] == [
        ("99", "60161331926819", " 26331"),
        ("99", "20000055779911", " 26331"),
        ("99", "20000055779911", " 26335"),
        ("17", "60161331926819", " 26331"),
        ("17", "20000055779911", " 26331"),
        ("17", "20000055779911", " 26335"),
    ]
    told(council.finance.post(f"files/{file['id']}/submitted", {}))
    with at(datetime(2026, 11, 30, 8, tzinfo=UTC)):
        settle(council)
        assert states(council) == ["paid", "paid", "sent"]


def _accounts(council: Council) -> list[str]:
    with council.stage.admin() as line:
        query = "SELECT id FROM rail_credentials WHERE kind = 'originating_account' AND council_id = %s"
        return [row for (row,) in line.execute(query, (council.id,)).fetchall()]


@pytest.mark.parametrize("day", ["2026-11-26", "2026-11-28", "2026-12-25", "2026-12-28", "2027-01-04"])
def test_a_day_on_which_bacs_does_not_work_is_refused(council: Council, day: str) -> None:
    due(council)
    before = council.stage.picture()
    body = {"rail": "bacs", "processing_day": day}
    refused(council.finance.post("files", body), 422, "/processing_day")
    assert council.stage.picture() == before


def test_a_council_that_is_not_set_up_builds_nothing(stage: Stage) -> None:
    with at(THURSDAY):
        council = stage.council(rail="bacs")
        due(council)
        before = stage.picture()
        problem = refused(council.finance.post("files", {"rail": "bacs"}), 409)
        assert "service user number" in problem["detail"]
        assert stage.picture() == before


def test_the_roll_number_stands_in_the_reference_field_and_nowhere_else(council: Council) -> None:
    session_id, person_id = council.session(), council.person(account=None)
    details = {
        "kind": "bank_account",
        "account_name": "Zoë O’Neill",
        "sort_code": "108800",
        "account_number": "12340001",
        "roll_number": "D/12345678-9.a",
    }
    told(council.lead.put(f"people/{person_id}/payment_method", details))
    told(council.tick(session_id, person_id, role="participant"))
    council.stage.drain()
    file = built(council)
    line = content(council, file["id"]).decode().splitlines()[4]
    assert (line[64:82], line[82:100]) == ("D/12345678-9.A    ", "ZOE O NEILL       ")
    assert "D/12345678" not in str(council.stage.picture()).upper()


def test_a_bureaus_csv(stage: Stage) -> None:
    with at(THURSDAY):
        council = bacs_council(stage, bureau={"settings": '{"form": "csv", "csv_day": "entry"}'})
        (payment,) = due(council)
        file = built(council)
        assert file["name"] == "bacs-2026-11-26-000001.csv"
        assert content(council, file["id"]).decode() == (
            "108800,12340001,A EXAMPLE,15.50,99,200000,55779911,EXAMPLESHIRE CC,"
            f"{payment['reference']},30/11/2026\r\n"
        )


# Rejected whole


def test_a_file_that_was_rejected_whole_gives_its_payments_to_the_next(council: Council) -> None:
    (payment,) = due(council)
    file = sent(council)
    council.stage.drain()
    refused(council.finance.post(f"files/{file['id']}/rejected", {"reason": " "}), 422, "/reason")
    done = told(council.finance.post(f"files/{file['id']}/rejected", {"reason": "Wrong serial"}))
    assert (done["status"], done["rejected_because"]) == ("rejected", "Wrong serial")
    council.stage.drain()
    assert states(council) == ["ready"]
    again = sent(council)
    assert (again["serial"], again["lines"]) == ("000002", 1)
    with council.stage.admin() as line:
        query = "SELECT number, key, outcome FROM attempts WHERE payout_id = %s ORDER BY number"
        tries = line.execute(query, (payment["id"],)).fetchall()
    assert tries == [(1, f"{file['id']}/1", "refused"), (2, f"{again['id']}/1", "accepted")]
    with at(datetime(2026, 11, 30, 8, tzinfo=UTC)):
        settle(council)
    assert council.balance() == {"fees": 1550, "bank:bacs": -1550}
    assert states(council) == ["paid"]


def test_a_file_that_will_never_be_sent_gives_its_payments_back_too(council: Council) -> None:
    due(council)
    file = built(council)
    told(council.finance.post(f"files/{file['id']}/rejected", {"reason": "Built by mistake"}))
    before = council.stage.picture()
    refused(council.finance.post(f"files/{file['id']}/submitted", {}), 409)
    assert council.stage.picture() == before
    assert states(council) == ["ready"]


def test_a_rejection_that_comes_after_the_day_is_reversed_in_the_books_and_paid_again(
    council: Council,
) -> None:
    (payment,) = due(council)
    file = sent(council)
    with at(datetime(2026, 12, 1, 9, tzinfo=UTC)):
        settle(council)
        assert council.balance() == {"fees": 1550, "bank:bacs": -1550}
        before = council.stage.picture()
        refused(council.finance.post(f"files/{file['id']}/rejected", {"reason": "Expired"}), 409)
        assert council.stage.picture() == before
        colleague = council.key("finance")
        told(colleague.post(f"files/{file['id']}/rejected", {"reason": "Expired"}))
        council.stage.drain()
        assert council.balance() == {"fees": 1550, "creditors": -1550}
        assert states(council) == ["ready", "returned"]
        assert sent(council)["lines"] == 1
        assert {row["claim"] for row in council.payments()} == {payment["claim"]}
    with at(datetime(2026, 12, 4, 9, tzinfo=UTC)):
        settle(council)
    assert states(council) == ["paid", "returned"]
    assert council.balance() == {"fees": 1550, "bank:bacs": -1550}


def test_new_details_count_in_the_file_after_a_rejected_one(council: Council) -> None:
    (payment,) = due(council)
    file = sent(council)
    council.confirmed(payment["person"], "99887766")
    council.stage.drain()
    assert states(council) == ["sent"]
    told(council.finance.post(f"files/{file['id']}/rejected", {"reason": "Expired"}))
    council.stage.drain()
    assert states(council) == ["cancelled", "ready"]
    again = built(council)
    assert b"10880099887766" in content(council, again["id"])


def test_new_details_count_while_a_payment_waits_for_a_file(council: Council) -> None:
    (payment,) = due(council)
    council.confirmed(payment["person"], "99887766")
    council.stage.drain()
    assert states(council) == ["cancelled", "ready"]
    assert b"10880099887766" in content(council, built(council)["id"])


def test_who_was_taken_off_the_register_is_not_put_into_the_next_file(council: Council) -> None:
    (payment,) = due(council)
    file = sent(council)
    session_id = told(council.lead.get(f"claims/{payment['claim']}"))["session"]
    told(council.tick(session_id, payment["person"], attended=False))
    council.stage.drain()
    assert states(council) == ["sent"]
    told(council.finance.post(f"files/{file['id']}/rejected", {"reason": "Expired"}))
    council.stage.drain()
    assert states(council) == ["cancelled"]
    assert told(council.lead.get(f"claims/{payment['claim']}"))["status"] == "withdrawn"


# Submission


def test_a_file_sent_too_late_for_its_day_is_not_recorded_as_sent(council: Council) -> None:
    due(council)
    file = built(council)
    assert file["submit_by"] == "2026-11-26T22:30:00+00:00"
    before = council.stage.picture()
    path = f"files/{file['id']}/submitted"
    with at(datetime(2026, 11, 27, 9, tzinfo=UTC)):
        refused(council.finance.post(path, {}), 422, "/submitted_at")
        refused(council.finance.post(path, {"submitted_at": "2026-11-25T10:00:00Z"}), 422, "/submitted_at")
        refused(council.finance.post(path, {"submitted_at": "2026-11-27T10:00:00Z"}), 422, "/submitted_at")
        assert council.stage.picture() == before
        done = told(council.finance.post(path, {"submitted_at": "2026-11-26T16:10:00Z"}))
    assert done["submitted_at"] == "2026-11-26T16:10:00+00:00"
    assert PROCESSED.isoformat() in str(done["sections"])


def test_sent_twice_is_sent_once(council: Council) -> None:
    due(council)
    file = sent(council)
    before = council.stage.picture("kept_answers")
    assert told(council.finance.post(f"files/{file['id']}/submitted", {})) == file
    assert council.stage.picture("kept_answers") == before


def test_only_finance_touches_files(council: Council) -> None:
    due(council)
    file = built(council)
    for path in ("files", f"files/{file['id']}", f"files/{file['id']}/content", "imports"):
        refused(council.lead.get(path), 403)
    refused(council.lead.post("files", {"rail": "bacs"}), 403)


def test_what_is_in_a_file_is_neither_called_off_nor_reported_paid(council: Council) -> None:
    (payment,) = due(council)
    built(council)
    before = council.stage.picture()
    refused(council.lead.post(f"payments/{payment['id']}/cancel"), 409)
    report = {"bank_reference": "B", "paid_on": "2026-11-26"}
    refused(council.finance.post(f"payments/{payment['id']}/paid", report), 409)
    assert council.stage.picture() == before
