"""What comes back from the bank: returns, new account details, and whether it took the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.bacs import THURSDAY, at, bacs_council, built, did, due, keep, report, sent, settle
from tests.stage import Council, Stage, refused, told

DAY_THREE = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def council(stage: Stage) -> Iterator[Council]:
    with at(THURSDAY):
        yield bacs_council(stage)


def arucs(*lines: tuple[str, str, str], reason: str = "ACCOUNT CLOSED") -> str:
    """Returns as CSV: reference, amount, account."""
    rows = [f"{ref},{amount},10-88-00,{account},{reason}" for ref, amount, account in lines]
    return "\n".join(["Reference,Amount,Sort Code,Account Number,Return Description", *rows]) + "\n"


def states(council: Council) -> list[str]:
    return sorted(row["status"] for row in council.payments())


def paid(council: Council, count: int = 1) -> list[dict[str, Any]]:
    """Payments of a file whose day has come."""
    rows = due(council, count)
    sent(council)
    with at(DAY_THREE):
        settle(council)
    return rows


def test_a_return_after_day_three_reverses_the_books_and_asks_for_new_details(council: Council) -> None:
    (payment,) = paid(council)
    text = arucs((payment["reference"], "15.50", "12340001"))
    read = report(council, "arucs", text)
    council.stage.drain()
    assert did(read) == [(2, "done")]
    assert read["lines"][0]["payment"] == payment["id"]
    shown = told(council.finance.get(f"payments/{payment['id']}"))
    assert (shown["status"], shown["failure"]) == (
        "returned",
        "The bank sent the money back. It says: account closed.",
    )
    assert council.balance() == {"fees": 1550, "creditors": -1550}
    assert council.messages(payment["person"])[-1] == "Your payment came back to us"
    council.confirmed(payment["person"], "99887766")
    council.stage.drain()
    assert states(council) == ["ready", "returned"]


def test_a_return_before_day_three_never_posts(council: Council) -> None:
    (payment,) = due(council)
    sent(council)
    assert did(report(council, "arucs", arucs((payment["reference"], "15.50", "12340001")))) == [(2, "done")]
    with at(DAY_THREE):
        settle(council)
    assert states(council) == ["returned"]
    assert council.balance() == {"fees": 1550, "creditors": -1550}


def test_a_dry_run_says_the_same_and_leaves_no_trace(council: Council) -> None:
    (payment,) = paid(council)
    text = arucs((payment["reference"], "15.50", "12340001"), ("NOBODY", "1.00", "12340001"))
    before = council.stage.picture()
    tried = report(council, "arucs", text, dry_run=True)
    assert council.stage.picture() == before
    done = report(council, "arucs", text)
    assert tried["lines"] == done["lines"]
    assert did(done) == [(2, "done"), (3, "unknown")]


def test_the_same_report_twice_changes_nothing(council: Council) -> None:
    (payment,) = paid(council)
    text = arucs((payment["reference"], "15.50", "12340001"))
    first = report(council, "arucs", text)
    council.stage.drain()
    before = council.stage.picture("kept_answers")
    assert report(council, "arucs", text) == first
    assert council.stage.picture("kept_answers") == before
    # The same return in another report is known, too.
    assert did(report(council, "arucs", text + "\n")) == [(2, "already")]
    assert council.balance() == {"fees": 1550, "creditors": -1550}


@pytest.mark.parametrize(
    ("reference", "amount", "account"),
    [
        ("{ref}", "15.51", "12340001"),
        ("{ref}", "15.50", "12340002"),
        ("{ref}", "15.50", ""),
        ("OTHER", "15.50", "12340001"),
        ("", "15.50", "12340001"),
        ("{ref}", "", "12340001"),
        ("{ref}", "15.5", "12340001"),
        ("{ref}", "1e3", "12340001"),
    ],
)
def test_a_line_that_does_not_fit_in_all_three_changes_no_payment(
    council: Council, reference: str, amount: str, account: str
) -> None:
    (payment,) = paid(council)
    text = arucs((reference.format(ref=payment["reference"]), amount, account))
    assert did(report(council, "arucs", text)) == [(2, "unknown")]
    assert states(council) == ["paid"]
    assert council.balance() == {"fees": 1550, "bank:bacs": -1550}


def test_a_return_for_a_file_that_nobody_recorded_as_sent_waits(council: Council) -> None:
    (payment,) = due(council)
    built(council)
    read = report(council, "arucs", arucs((payment["reference"], "15.50", "12340001")))
    assert did(read) == [(2, "unknown")]
    assert "not recorded as sent" in read["lines"][0]["words"]
    assert states(council) == ["sending"]


def test_two_returns_with_one_roll_number_are_told_apart_or_left(council: Council) -> None:
    """A saver's two payments of one amount look the same in a report: nobody guesses which came back."""
    person_id = council.person(account=None)
    details = {
        "kind": "bank_account",
        "account_name": "T Price",
        "sort_code": "108800",
        "account_number": "12340009",
        "roll_number": "D/123",
    }
    told(council.lead.put(f"people/{person_id}/payment_method", details))
    told(council.tick(council.session(), person_id, role="participant"))
    council.stage.drain()
    sent(council)
    text = arucs(("D/123", "15.50", "12340009"))
    assert did(report(council, "arucs", text, dry_run=True)) == [(2, "done")]
    told(council.tick(council.session(), person_id, role="participant"))
    council.stage.drain()
    sent(council)
    read = report(council, "arucs", text)
    assert did(read) == [(2, "unknown")]
    assert "Several payments" in read["lines"][0]["words"]
    assert states(council) == ["sent", "sent"]


def test_reads_xml_and_positions_where_a_layout_says_so(council: Council) -> None:
    first, second = paid(council, 2)
    xml = (
        '<?xml version="1.0"?><BACSDocument xmlns="urn:x"><Data><ARUCS><Header reportType="x"/>'
        f'<ReturnedCreditItem ref="{first["reference"]}" returnDescription="NO ACCOUNT" valueOf="15.50">'
        '<ReceiverAccount number="12340001" sortCode="10-88-00"/></ReturnedCreditItem>'
        "</ARUCS></Data></BACSDocument>"
    )
    numbers = {"12340001", "12340002"}
    if did(report(council, "arucs", xml, dry_run=True)) == [(1, "unknown")]:
        xml, numbers = xml.replace("12340001", "12340002"), numbers
    assert did(report(council, "arucs", xml)) == [(1, "done")]
    keep(
        council,
        "report_layouts",
        {
            "layouts": json.dumps(
                {
                    "arucs": {
                        "positions": {
                            "sort_code": [1, 6],
                            "account_number": [7, 14],
                            "amount": [15, 25],
                            "reference": [26, 43],
                        },
                        "amounts": "pence",
                    }
                }
            )
        },
    )
    lines = [f"108800{number}00000001550{second['reference']:18}" for number in sorted(numbers)]
    read = report(council, "arucs", "\n".join([*lines, "TOO SHORT"]))
    assert sorted(line["did"] for line in read["lines"]) == ["done", "unknown", "unknown"]
    assert states(council) == ["returned", "returned"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "colour,shape\nred,round\n",
        "<a><b></a>",
        "<a/>",
        '<!DOCTYPE a [<!ENTITY b "c">]><ReturnedItem ref="&b;"/>',
    ],
)
def test_what_is_no_report_at_all_is_refused_whole(council: Council, text: str) -> None:
    before = council.stage.picture()
    refused(council.finance.post("imports", {"kind": "arucs", "content": text}), 422, "/content")
    assert council.stage.picture() == before


def test_an_unknown_kind_is_refused(council: Council) -> None:
    refused(council.finance.post("imports", {"kind": "horoscope", "content": "x"}), 422, "/kind")


# AWACS


def awacs(payment: dict[str, Any], account: str, new: str) -> str:
    return (
        "reference,amount,sort code,account number,new sort code,new account number\n"
        f"{payment['reference']},15.50,108800,{account},108800,{new}\n"
    )


def test_new_account_details_from_a_bank_are_put_to_the_person(council: Council) -> None:
    (payment,) = paid(council)
    text = awacs(payment, "12340001", "99887766")
    assert did(report(council, "awacs", text)) == [(2, "done")]
    council.stage.drain()
    assert council.messages(payment["person"])[-1] == "Has your bank account changed?"
    method = told(council.lead.get(f"people/{payment['person']}"))["payment_method"]
    assert method["shown"] == "account ending 0001"
    assert did(report(council, "awacs", text + "\n")) == [(2, "already")]
    council.confirms(payment["person"])
    council.stage.drain()
    method = told(council.lead.get(f"people/{payment['person']}"))["payment_method"]
    assert method["shown"] == "account ending 7766"
    assert states(council) == ["paid"]


def test_details_that_the_person_changed_meanwhile_stay_theirs(council: Council) -> None:
    (payment,) = paid(council)
    council.confirmed(payment["person"], "55443322")
    assert did(report(council, "awacs", awacs(payment, "12340001", "99887766"))) == [(2, "already")]
    method = told(council.lead.get(f"people/{payment['person']}"))["payment_method"]
    assert method["shown"] == "account ending 3322"


# Input report


def test_an_input_report_that_rejects_the_file_puts_its_payments_back(council: Council) -> None:
    due(council, 2)
    file = sent(council)
    text = "serial,status,reason\n000001,REJECTED,INVALID PROCESSING DATE\n000009,REJECTED,\n"
    read = report(council, "input_report", text)
    assert did(read) == [(2, "done"), (3, "unknown")]
    shown = told(council.finance.get(f"files/{file['id']}"))
    assert (shown["status"], shown["rejected_because"]) == ("rejected", "invalid processing date")
    assert states(council) == ["ready", "ready"]
    assert built(council)["lines"] == 2


def test_an_input_report_rejects_a_file_after_its_day_too(council: Council) -> None:
    due(council)
    file = sent(council)
    with at(datetime(2026, 12, 1, 9, tzinfo=UTC)):
        settle(council)
        assert states(council) == ["paid"]
        assert did(report(council, "input_report", "serial,status\n1,REJECTED\n")) == [(2, "done")]
        council.stage.drain()
        assert told(council.finance.get(f"files/{file['id']}"))["status"] == "rejected"
        assert states(council) == ["ready", "returned"]
        assert council.balance() == {"fees": 1550, "creditors": -1550}


def test_a_file_that_bacs_accepted_is_not_rejected_whole_any_more(council: Council) -> None:
    (payment,) = due(council)
    file = sent(council)
    assert did(report(council, "input_report", "serial,status\n1,ACCEPTED\n")) == [(2, "done")]
    before = council.stage.picture()
    refused(council.finance.post(f"files/{file['id']}/rejected", {"reason": "Oops"}), 409)
    assert council.stage.picture() == before
    assert told(council.finance.get(f"files/{file['id']}"))["accepted_at"]
    assert did(report(council, "input_report", "serial,status\n1,PERHAPS\n")) == [(2, "unknown")]
    refusal = report(council, "input_report", "serial,status\n000001,REJECTED\n")
    assert did(refusal) == [(2, "refused")]
    assert told(council.finance.get(f"payments/{payment['id']}"))["status"] == "sent"


def test_one_line_that_bacs_rejected_fails_alone(council: Council) -> None:
    due(council, 2)
    sent(council)
    rows = told(council.finance.get(f"files/{_only_file(council)}/payments"))["data"]
    lines = [
        f"1,REJECTED,{rows[0]['reference']},15.50,108800,{account},INVALID SORT CODE"
        for account in ("12340001", "12340002")
    ]
    heading = "serial,status,reference,amount,sort code,account number,reason"
    read = report(council, "input_report", "\n".join([heading, *lines]))
    assert sorted(line["did"] for line in read["lines"]) == ["done", "unknown"]
    council.stage.drain()
    assert states(council) == ["failed", "sent"]
    with at(DAY_THREE):
        settle(council)
    assert states(council) == ["failed", "paid"]


def _only_file(council: Council) -> str:
    (file,) = told(council.finance.get("files"))["data"]
    found: str = file["id"]
    return found


def test_no_account_of_a_report_stands_open_in_any_row(council: Council) -> None:
    (payment,) = paid(council)
    report(council, "awacs", awacs(payment, "12340001", "99887766"))
    everywhere = str(council.stage.picture())
    assert "12340001" not in everywhere
    assert "99887766" not in everywhere
