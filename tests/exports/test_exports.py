"""Is each payment told to one system once, in its own words, and are the sums those of the books?"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from service.exports.mapping import presets
from service.policy.sources import Sources
from tests.stage import Council, Stage, bank_account, refused, told

YAML_PATH = "policies/councils/exampleshire.yaml"


@pytest.fixture
def council(stage: Stage) -> Council:
    """A council whose own finance system pays into bank accounts."""
    return stage.council(rail="finance_system")


def with_payroll(stage: Stage) -> Council:
    """A council whose policy lets people be paid through payroll too."""
    found = Sources.from_path(YAML_PATH)
    main = found.files[found.main].replace(
        "    voucher: Shopping voucher\n", "    voucher: Shopping voucher\n    payroll: Through payroll\n"
    )
    return stage.council(sources=Sources(found.main, {**found.files, found.main: main}))


def owed(council: Council, *, account: str = "00012345", count: int = 1) -> list[dict[str, Any]]:
    made = [council.ticked(account=account) for _ in range(count)]
    council.stage.drain()
    return [council.claim(session=session_id)["payments"][0] for session_id in made]


def built(council: Council, kind: str = "accounts_payable", **more: Any) -> dict[str, Any]:
    more = more or {"preset": "accounts-payable" if kind != "journal" else "ledger-journal"}
    if kind == "payroll":
        more.setdefault("label", "December 2026")
    body = {"kind": kind, "until": (council.stage.clock() + timedelta(hours=1)).isoformat(), **more}
    found: dict[str, Any] = told(council.finance.post("exports", body), 201)
    return found


def content(council: Council, export: dict[str, Any]) -> bytes:
    answer = council.finance.get(f"exports/{export['id']}/content")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{export["file_name"]}"'
    return answer.get_data()


def table(found: bytes, encoding: str = "utf-8") -> list[list[str]]:
    return list(csv.reader(io.StringIO(found.decode(encoding), newline="")))


def nothing_left(council: Council, kind: str, preset: str, **more: Any) -> bool:
    body = {"kind": kind, "preset": preset, **more}
    body["until"] = (council.stage.clock() + timedelta(hours=1)).isoformat()
    problem = refused(council.finance.post("exports", body), 409)
    return problem["title"] == "There is nothing to export"


def test_payments_to_be_paid_are_in_one_file_once(council: Council) -> None:
    payments = owed(council, count=3)
    export = built(council)
    total = sum(payment["amount_pence"] for payment in payments)
    assert (export["items"], export["total_pence"], export["batch"]) == (3, total, "AP000001")
    rows = table(content(council, export))
    head, lines, trailer = rows[0], rows[1:-1], rows[-1]
    assert len(lines) == 3
    assert trailer == ["TOTAL", "3", "3", f"{total / 100:.2f}"]
    assert sum(round(float(line[head.index("Line amount")]) * 100) for line in lines) == total
    assert {line[head.index("Our payment")] for line in lines} == {payment["id"] for payment in payments}
    assert {line[head.index("VAT code")] for line in lines} == {"OS"}
    assert len({line[head.index("Invoice reference")] for line in lines}) == 3
    assert nothing_left(council, "accounts_payable", "accounts-payable")
    (later,) = owed(council)
    assert built(council)["items"] == 1
    assert told(council.lead.get(f"payments/{later['id']}"))["exported_at"] is not None


def test_the_same_bytes_again(council: Council) -> None:
    owed(council)
    export = built(council)
    first = content(council, export)
    assert hashlib.sha256(first).hexdigest() == export["sha256"]
    person = told(council.lead.get("people"))["data"][0]["id"]
    path = f"people/{person}/supplier_reference"
    told(council.finance.put(path, {"supplier_reference": "S-1"}))
    assert content(council, export) == first
    with council.stage.admin() as line:
        rights = line.execute(
            "SELECT string_agg(privilege_type, ',') FROM information_schema.role_table_grants"
            " WHERE grantee = 'reciprocal_app' AND table_name = 'exports'"
        ).fetchone()
    assert rights is not None
    assert sorted(rights[0].split(",")) == ["INSERT", "SELECT"]


def test_paid_by_the_finance_system_is_in_no_journal(council: Council) -> None:
    (payment,) = owed(council)
    built(council)
    body = {"bank_reference": "B1", "paid_on": council.stage.clock().date().isoformat()}
    told(council.finance.post(f"payments/{payment['id']}/paid", body))
    assert nothing_left(council, "journal", "ledger-journal")
    assert nothing_left(council, "accounts_payable", "accounts-payable")


def test_paid_by_us_is_in_the_journal_and_no_other(stage: Stage) -> None:
    council = stage.council()
    (payment,) = owed(council)
    assert nothing_left(council, "accounts_payable", "accounts-payable")
    export = built(council, "journal")
    rows = table(content(council, export), "utf-8-sig")
    head, lines, trailer = rows[0], rows[1:-1], rows[-1]
    pounds = f"{payment['amount_pence'] / 100:.2f}"
    sides = [
        (line[head.index("Account")], line[head.index("Debit")], line[head.index("Credit")]) for line in lines
    ]
    assert sides == [("fees", pounds, ""), ("bank:sandbox", "", pounds)]
    assert trailer == ["TOTAL", "2", pounds, pounds]
    assert nothing_left(council, "journal", "ledger-journal")


def test_what_came_back_is_in_the_next_journal_the_other_way_round(stage: Stage) -> None:
    council = stage.council()
    (payment,) = owed(council, account="00000003")
    first = built(council, "journal")
    council.stage.settle()
    second = built(council, "journal")
    assert (first["total_pence"], second["total_pence"]) == (
        payment["amount_pence"],
        -payment["amount_pence"],
    )
    rows = table(content(council, second), "utf-8-sig")
    head = rows[0]
    pounds = f"{payment['amount_pence'] / 100:.2f}"
    assert [(r[head.index("Debit")], r[head.index("Credit")]) for r in rows[1:-1]] == [
        ("", pounds),
        (pounds, ""),
    ]


def test_payroll_is_exported_never_paid_by_us_and_paid_when_finance_says_so(stage: Stage) -> None:
    council = with_payroll(stage)
    session_id, person_id = council.session(), council.person(account=None)
    told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "payroll"}))
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    stage.drain()
    stage.settle()
    (payment,) = council.payments()
    assert (payment["status"], payment["rail"]) == ("ready", "payroll")
    assert stage.hands.sandbox.book(council_id=council.id) == {}
    for kind, preset in (("accounts_payable", "accounts-payable"), ("journal", "ledger-journal")):
        assert nothing_left(council, kind, preset)
    body = {"kind": "payroll", "preset": "accounts-payable"}
    refused(council.finance.post("exports", body), 422, "/label")
    export = built(council, "payroll")
    assert export["items"] == 1
    assert council.payments()[0]["goes_with"] == "December 2026"
    paid = {"bank_reference": "PAYROLL DEC", "paid_on": stage.clock().date().isoformat()}
    told(council.finance.post(f"payments/{payment['id']}/paid", paid))
    assert council.payments()[0]["status"] == "paid"
    assert nothing_left(council, "journal", "ledger-journal")


def test_what_was_exported_is_not_paid_another_way_and_not_called_off_behind_their_back(
    council: Council,
) -> None:
    (payment,) = owed(council)
    built(council)
    path = f"payments/{payment['id']}"
    seen = council.lead.get(path).headers["ETag"]
    problem = refused(council.lead.post(f"{path}/cancel", seen=seen), 409)
    assert "was told to pay this" in problem["detail"]
    told(council.lead.post(f"{path}/hold", seen=seen))
    person_id = payment["person"]
    told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "voucher"}), 202)
    council.confirms(person_id)
    council.stage.drain()
    seen = council.lead.get(path).headers["ETag"]
    told(council.lead.post(f"{path}/release", seen=seen))
    council.stage.drain()
    (same,) = council.payments()
    assert (same["id"], same["rail"], same["status"]) == (payment["id"], "finance_system", "ready")
    refused(council.finance.post(f"{path}/taken_back_from_export", {"reason": " "}), 422, "/reason")
    told(council.finance.post(f"{path}/taken_back_from_export", {"reason": "Joan in AP took it out."}))
    seen = council.lead.get(path).headers["ETag"]
    told(council.lead.post(f"{path}/release", seen=seen))
    council.stage.drain()
    assert council.payments()[0]["rail"] == "voucher"
    refused(council.finance.post(f"{path}/taken_back_from_export", {"reason": "Again"}), 409)


def test_a_payment_that_was_taken_back_can_be_exported_again(council: Council) -> None:
    (payment,) = owed(council)
    built(council)
    path = f"payments/{payment['id']}"
    told(council.finance.post(f"{path}/taken_back_from_export", {"reason": "Rejected: no such supplier"}))
    assert nothing_left(council, "accounts_payable", "accounts-payable")
    told(council.lead.post(f"{path}/release", seen=council.lead.get(path).headers["ETag"]))
    assert built(council)["items"] == 1
    assert nothing_left(council, "accounts_payable", "accounts-payable")


def test_an_untick_after_the_export_is_laid_before_a_person(council: Council) -> None:
    session_id = council.ticked()
    council.stage.drain()
    claim = council.claim(session=session_id)
    built(council)
    told(council.tick(session_id, claim["person"], attended=False))
    council.stage.drain()
    after = council.claim(session=session_id)
    assert after["overpaid_pence"] == claim["total_pence"]
    assert council.payments()[0]["status"] == "ready"


def test_oracle_fusion_takes_a_zip_of_two(council: Council) -> None:
    payments = owed(council, count=2)
    export = built(council, preset="oracle-fusion-fbdi")
    assert export["file_name"] == "AP000001.zip"
    found = zipfile.ZipFile(io.BytesIO(content(council, export)))
    assert found.namelist() == ["AP_INVOICES_INTERFACE.csv", "AP_INVOICE_LINES_INTERFACE.csv"]
    heads, lines = (found.read(name) for name in found.namelist())
    assert not heads.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in heads
    invoices, parts = table(heads), table(lines)
    assert [row[0] for row in invoices] == ["1", "2"]
    assert [row[0] for row in parts] == ["1", "2"]
    assert all(re.fullmatch(r"\d{4}/\d\d/\d\d", row[5]) for row in invoices)
    assert [row[4] for row in invoices] == [f"{p['amount_pence'] / 100:.2f}" for p in payments]
    assert [row[3] for row in parts] == [row[4] for row in invoices]
    assert all(len(row[3]) <= 50 and len(row[7]) <= 30 for row in invoices)


def test_unit4_takes_json(council: Council) -> None:
    payments = owed(council, count=2)
    export = built(council, preset="unit4-gl07")
    found = json.loads(content(council, export))
    assert found["batchInformation"] == {"interface": "BI", "batchId": "AP000001"}
    transactions = found["transactionInformation"]
    assert [t["invoice"]["currencyAmount"] for t in transactions] == [
        p["amount_pence"] / 100 for p in payments
    ]
    for one in transactions:
        (line,) = one["transactionDetailInformation"]
        assert line["amounts"]["amount"] == one["invoice"]["currencyAmount"]
        assert line["taxInformation"] == {"taxCode": "OS"}
        assert isinstance(one["period"], int)


def test_since_and_until(council: Council) -> None:
    owed(council)
    before = (council.stage.clock() - timedelta(days=2)).isoformat()
    earlier = {"kind": "accounts_payable", "preset": "accounts-payable", "until": before}
    refused(council.finance.post("exports", earlier), 409)
    assert built(council, preset="accounts-payable", since=before)["items"] == 1


def test_a_dry_run_answers_and_keeps_nothing(council: Council) -> None:
    owed(council)
    before = council.stage.picture()
    body = {"kind": "accounts_payable", "preset": "accounts-payable"}
    tried = told(council.finance.post("exports", body, dry_run="true"), 201)
    assert tried["items"] == 1
    assert council.stage.picture() == before
    assert built(council)["items"] == 1


def test_supplier_references(council: Council) -> None:
    (payment, other) = owed(council, count=2)
    path = f"people/{payment['person']}/supplier_reference"
    own = told(council.finance.get(path))
    assert own["set"] is False
    assert own["supplier_reference"] == f"RCP-{payment['person'][-10:].upper()}"
    told(council.finance.put(path, {"supplier_reference": "70012345"}))
    theirs = f"people/{other['person']}/supplier_reference"
    refused(council.finance.put(theirs, {"supplier_reference": "70012345"}), 409)
    refused(council.finance.put(theirs, {"supplier_reference": "=1+1"}), 422, "/supplier_reference")
    refused(council.finance.put(theirs, {"supplier_reference": "RCP-MINE"}), 422, "/supplier_reference")
    refused(council.lead.put(theirs, {"supplier_reference": "9"}), 403)
    rows = table(content(council, built(council)))
    assert "70012345" in [row[2] for row in rows]
    told(council.finance.put(path, {"supplier_reference": ""}))
    assert told(council.finance.get(path)) == own


def test_names_and_formulas_do_no_harm(council: Council) -> None:
    session_id, person_id = council.session(), council.person('=cmd|"/c calc"!A1')
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    rows = table(content(council, built(council)))
    assert rows[1][3] == '\'=cmd|"/c calc"!A1'


def test_says_no_name_where_none_is_asked_for(stage: Stage) -> None:
    council = stage.council()
    owed(council)
    found = content(council, built(council, "journal"))
    for word in (b"Ada", b"Example", b"Over a Brew", b"108800"):
        assert word not in found


def test_asks_for_one_mapping_of_the_right_kind(council: Council) -> None:
    owed(council)
    before = council.stage.picture()
    ask = council.finance.post
    refused(ask("exports", {"kind": "accounts_payable"}), 422, "/preset")
    both = {"kind": "accounts_payable", "preset": "accounts-payable", "mapping": "Ours"}
    refused(ask("exports", both), 422, "/preset")
    refused(ask("exports", {"kind": "journal", "preset": "accounts-payable"}), 422, "/mapping")
    refused(ask("exports", {"kind": "gold", "preset": "accounts-payable"}), 422, "/kind")
    refused(ask("exports", {"kind": "journal", "preset": "none"}), 404)
    refused(ask("exports", {"kind": "journal", "mapping": "none"}), 404)
    refused(council.lead.post("exports", {"kind": "journal", "preset": "ledger-journal"}), 403)
    assert council.stage.picture() == before


def test_every_preset_is_listed_and_can_be_kept_under_another_name(council: Council) -> None:
    listed = told(council.finance.get("export_mappings"))["data"]
    assert [row["name"] for row in listed] == sorted(presets())
    text = presets()["accounts-payable"].replace("name: Accounts payable CSV", "name: Our feeder")
    first = told(council.finance.put("export_mappings", {"text": text}))
    assert (first["name"], first["version"]) == ("Our feeder", 1)
    changed = text.replace("DD/MM/YYYY", "YYYYMMDD")
    assert told(council.finance.put("export_mappings", {"text": changed}))["version"] == 2
    owed(council)
    export = built(council, mapping="Our feeder")
    assert export["mapping"] == "Our feeder"
    assert re.fullmatch(r"\d{8}", table(content(council, export))[1][5])
    before = council.stage.picture()
    refused(council.finance.put("export_mappings", {"text": "name: [\n"}), 422, "/text")
    assert council.stage.picture() == before


def test_a_voucher_is_in_the_journal_when_it_was_handed_over(council: Council) -> None:
    person_id = council.person(account=None)
    told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "voucher"}))
    session_id = council.session()
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    (payment,) = council.payments()
    assert nothing_left(council, "accounts_payable", "accounts-payable")
    body = {"bank_reference": "V1", "paid_on": council.stage.clock().date().isoformat()}
    told(council.finance.post(f"payments/{payment['id']}/paid", body))
    assert built(council, "journal")["total_pence"] == payment["amount_pence"]


def test_two_at_once_share_nothing(council: Council) -> None:
    from concurrent.futures import ThreadPoolExecutor

    payments = owed(council, count=4)
    body = {"kind": "accounts_payable", "preset": "accounts-payable"}

    def one(_: int) -> int:
        return council.finance.post("exports", body).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(one, range(4)))
    assert answers == [201, 409, 409, 409]
    (export,) = told(council.finance.get("exports"))["data"]
    assert export["items"] == len(payments)


def test_bank_accounts_are_never_in_a_file(council: Council) -> None:
    owed(council)
    found = content(council, built(council))
    given = bank_account("00012345")
    assert given["account_number"].encode() not in found
    assert given["sort_code"].encode() not in found
