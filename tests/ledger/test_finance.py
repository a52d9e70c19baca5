"""Can finance read what moved, close a month for good, and have each line under its own code?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.days import london_day, utc_now
from service.ledger import actions, codes
from service.ledger.model import Entry, Posting
from tests.stage import Council, Door, Stage, refused, told

THIS_MONTH = f"{london_day(utc_now()):%Y-%m}"
NEXT_MONTH = f"{(london_day(utc_now()).replace(day=1) + timedelta(days=32)):%Y-%m}"


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def post(council: Council, source: str, *, at: datetime, pence: int = 5) -> None:
    sides = (Posting("fees", pence, "ASC"), Posting("creditors", -pence, "ASC"))
    with council.stage.hands.db.council(council.id) as session:
        entry = Entry("test", source, sides)
        assert actions.post(session, council_id=council.id, entry=entry, at=at) is True


def entries(council: Council) -> dict[str, dict[str, Any]]:
    return {row["source"]: row for row in told(council.lead.get("ledger/entries", limit=100))["data"]}


def sides(entry: dict[str, Any]) -> list[tuple[str, int, str, str, str, str]]:
    names = ("category", "cost_centre", "subjective", "vat_code")
    return [
        (p["account"], p["debit_pence"] - p["credit_pence"], *(p[name] for name in names))
        for p in entry["postings"]
    ]


# Codes


def a_visit_with_costs(council: Council) -> dict[str, Any]:
    session_id = council.session("making_it_real_board", minutes=120, online=False, cost_code="ASC-7")
    person_id = council.person()
    costs = [
        {"category": "train", "amount_pence": 1000, "receipt": True},
        {"category": "bus", "amount_pence": 250, "receipt": True},
        {"category": "train", "amount_pence": 20, "receipt": True},
    ]
    told(council.tick(session_id, person_id, role="member"))
    council.stage.drain()
    body = {"person": person_id, "session": session_id, "expenses": costs}
    told(council.lead.post("claims", body), 201)
    council.stage.drain()
    (claim,) = (c for c in told(council.lead.get("claims"))["data"] if c["expenses"])
    return dict(claim)


def test_each_line_is_posted_by_what_it_was_for_under_its_code(council: Council) -> None:
    put = {"subjective": "3599", "vat_code": "EX"}
    assert told(council.finance.put("ledger/codes/bus", put)) == {
        "line": "bus",
        "subjective": "3599",
        "vat_code": "EX",
        "starts_on": london_day(utc_now()).isoformat(),
        "own": True,
    }
    claim = a_visit_with_costs(council)
    assert sides(entries(council)[f"{claim['id']}.1"]) == [
        ("expenses", 1020, "train", "ASC-7", "3510", "OS"),
        ("expenses", 250, "bus", "ASC-7", "3599", "EX"),
        ("creditors", -1270, "", "ASC-7", "9110", "OS"),
    ]
    (paid,) = claim["payments"]
    assert sides(entries(council)[paid["id"]]) == [
        ("creditors", 1270, "", "ASC-7", "9110", "OS"),
        ("bank:sandbox", -1270, "", "ASC-7", "9210", "OS"),
    ]
    assert council.balance() == {"fees": 3600, "expenses": 1270, "bank:sandbox": -4870}


def test_a_code_counts_from_its_day_and_what_was_posted_stays(council: Council) -> None:
    claim = a_visit_with_costs(council)
    before = entries(council)
    today, tomorrow = (london_day(utc_now()) + timedelta(days=days) for days in (0, 1))
    told(council.finance.put("ledger/codes/train", {"subjective": "1", "starts_on": tomorrow.isoformat()}))
    told(council.finance.put("ledger/codes/expense", {"subjective": "2", "starts_on": tomorrow.isoformat()}))

    def shown(on: Any) -> dict[str, tuple[str, str, bool]]:
        rows = told(council.finance.get("ledger/codes", on=on.isoformat()))["data"]
        return {row["line"]: (row["subjective"], row["vat_code"], row["own"]) for row in rows}

    assert (shown(today)["train"], shown(today)["expense"]) == (("3510", "OS", False), ("4420", "OS", False))
    assert (shown(tomorrow)["train"], shown(tomorrow)["expense"]) == (("1", "OS", True), ("2", "OS", True))
    assert entries(council) == before
    with council.stage.hands.db.council(council.id) as session:
        found = codes.codes_on(session, council_id=council.id, on=tomorrow)
    coded = [found.coded(Posting(a, 1, "C", category=c)) for a, c in CODED]
    assert [side.subjective for side in coded] == ["1", "2", "4410", "9210", ""]
    assert claim["total_pence"] == 1270


CODED = (("expenses", "train"), ("expenses", "meal"), ("fees", "train_board"), ("bank:x", ""), ("other", ""))


@pytest.mark.parametrize(
    ("line", "body", "pointer"),
    [
        ("bus", {"subjective": "  "}, "/subjective"),
        ("b" * 31, {"subjective": "1"}, "/line"),
        ("bus", {}, "/subjective"),
    ],
)
def test_a_code_that_cannot_be_is_refused(
    council: Council, line: str, body: dict[str, str], pointer: str
) -> None:
    before = council.stage.picture()
    refused(council.finance.put(f"ledger/codes/{line}", body), 422, pointer)
    assert council.stage.picture() == before


@pytest.mark.parametrize("role", ["lead", "approver", "ops"])
def test_only_finance_sets_codes_and_closes_months(council: Council, role: str) -> None:
    before = council.stage.picture()
    refused(council.doors[role].put("ledger/codes/bus", {"subjective": "1"}), 403)
    refused(council.doors[role].post(f"ledger/periods/{THIS_MONTH}/close", {}), 403)
    refused(council.doors[role].post(f"ledger/periods/{THIS_MONTH}/reopen", {"reason": "x"}), 403)
    assert council.stage.picture() == before


# Months


def close(council: Council, period: str = THIS_MONTH, by: str = "ada") -> dict[str, Any]:
    answer: dict[str, Any] = told(council.finance.post(f"ledger/periods/{period}/close", {"by": by}))
    return answer


def test_what_happens_in_a_closed_month_counts_in_the_first_open_one(council: Council) -> None:
    """And says when it happened all the same."""
    now = utc_now()
    post(council, "before", at=now)
    row = close(council)
    assert (row["period"], row["status"], row["reopened_by"]) == (THIS_MONTH, "closed", None)
    assert row["closed_by"].endswith(" for ada")
    council.ticked()
    council.stage.drain()
    post(council, "late", at=now)
    post(council, "earlier", at=datetime(2024, 2, 29, 12, tzinfo=UTC))
    found = entries(council)
    assert {
        source: e["period"] for source, e in found.items() if source in ("before", "late", "earlier")
    } == {
        "before": THIS_MONTH,
        "late": NEXT_MONTH,
        "earlier": "2024-02",
    }
    assert found["late"]["at"] == now.isoformat()
    assert {e["period"] for e in found.values() if e["kind"] == "settlement"} == {NEXT_MONTH}


def test_a_year_of_closed_months_is_passed_over(council: Council) -> None:
    for month in range(1, 13):
        close(council, f"2025-{month:02}")
    close(council, "2026-01")
    post(council, "late", at=datetime(2025, 1, 31, 23, 30, tzinfo=UTC))
    post(council, "midnight", at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert [entries(council)[source]["period"] for source in ("late", "midnight")] == ["2026-02", "2026-07"]


INTO = (
    "INSERT INTO ledger_entries (council_id, id, kind, source_id, at, period)"
    " VALUES (%s, 'ent_x', 'test', 'x', now(), %s)"
)


def test_the_database_itself_takes_nothing_for_a_closed_month(council: Council) -> None:
    close(council, "2026-03")
    before = council.stage.picture()
    with (
        psycopg.connect(council.stage.admin_url) as line,
        pytest.raises(psycopg.errors.RaiseException, match="the accounting month 2026-03 is closed"),
    ):
        line.execute(INTO, (council.id, "2026-03"))
    with (
        pytest.raises(DBAPIError, match="the accounting month 2026-03 is closed"),
        council.stage.hands.db.council(council.id) as session,
    ):
        session.connection().exec_driver_sql(INTO, (council.id, "2026-03"))
    assert council.stage.picture() == before


def test_closing_waits_for_who_is_posting_and_nobody_slips_in(council: Council) -> None:
    """An entry that was begun before the month closed is in it; the month is closed only after it."""
    with ThreadPoolExecutor(1) as other, council.stage.hands.db.council(council.id) as session:
        pair = (Posting("fees", 5, "C"), Posting("creditors", -5, "C"))
        actions.post(session, council_id=council.id, entry=Entry("test", "a", pair), at=utc_now())
        closing = other.submit(close, council)
        council.stage.wait_for_a_lock()
        assert not closing.done()
        session.commit()
        assert closing.result(timeout=20)["status"] == "closed"
    post(council, "b", at=utc_now())
    assert [entries(council)[source]["period"] for source in ("a", "b")] == [THIS_MONTH, NEXT_MONTH]


def reopen(door: Door, period: str = THIS_MONTH, **body: str) -> Any:
    return door.post(f"ledger/periods/{period}/reopen", {"reason": "A bill came late.", **body})


def test_a_second_person_opens_a_month_again_and_it_is_recorded(council: Council) -> None:
    close(council)
    before = council.stage.picture("kept_answers")
    for alone in (" Ada ", ""):
        problem = refused(reopen(council.finance, by=alone), 409)
        assert problem["title"] == "A second person must open this month again"
    refused(council.finance.post(f"ledger/periods/{THIS_MONTH}/reopen", {"by": "bo"}), 422, "/reason")
    refused(reopen(council.finance, "2020-01", by="bo"), 404)
    assert council.stage.picture("kept_answers") == before
    row = told(reopen(council.finance, by="bo"))
    assert (row["status"], row["reopened_by"].split(" for ")[1]) == ("open", "bo")
    post(council, "again", at=utc_now())
    assert entries(council)["again"]["period"] == THIS_MONTH
    assert told(reopen(council.finance, by="bo")) == row
    assert close(council)["status"] == "closed"
    (listed,) = told(council.lead.get("ledger/periods"))["data"]
    assert (listed["status"], listed["reopened_by"]) == ("closed", None)
    query = "SELECT name, (SELECT words FROM event_texts t WHERE t.event_id = e.id) FROM events e"
    with council.stage.admin() as line:
        happened = line.execute(f"{query} WHERE name LIKE 'ledger.month%' ORDER BY id").fetchall()
    assert happened == [
        ("ledger.month_closed", None),
        ("ledger.month_reopened", "A bill came late."),
        ("ledger.month_closed", None),
    ]


def test_the_database_lets_nobody_open_again_what_they_closed(council: Council) -> None:
    close(council)
    change = "UPDATE ledger_periods SET state = 'open', reopened_at = now(), reopened_by = closed_by"
    with (
        pytest.raises(DBAPIError, match="a_second_person_reopens"),
        council.stage.hands.db.council(council.id) as session,
    ):
        session.execute(text(change))


@pytest.mark.parametrize("period", ["2026-13", "2026-1", "november", NEXT_MONTH, "9999-12"])
def test_a_month_that_cannot_be_closed_is_refused(council: Council, period: str) -> None:
    before = council.stage.picture()
    refused(council.finance.post(f"ledger/periods/{period}/close", {}), 422, "/period")
    assert council.stage.picture() == before


def test_closing_twice_is_closing_once(council: Council) -> None:
    first = close(council)
    assert close(council, by="bo") == first


# Statements


def statement(council: Council, **query: Any) -> dict[str, Any]:
    answer: dict[str, Any] = told(council.lead.get("ledger/statements", **query))
    return answer


def test_a_statement_opens_moves_and_closes(council: Council) -> None:
    post(council, "a", at=utc_now(), pence=100)
    between = moment(council)
    for number, pence in enumerate((30, 7, 1)):
        post(council, f"b{number}", at=utc_now(), pence=pence)
    found = statement(council, account="fees", since=between)
    assert figures(found) == (100, 38, 0, 138)
    assert [(m["debit_pence"], m["balance_pence"]) for m in found["data"]] == [(30, 130), (7, 137), (1, 138)]
    assert figures(statement(council, account="creditors", until=between)) == (0, 0, 100, -100)
    assert figures(statement(council)) == (0, 138, 138, 0)
    assert figures(statement(council, cost_centre="ASC", account="fees")) == (0, 138, 0, 138)
    assert figures(statement(council, cost_centre="OTHER")) == (0, 0, 0, 0)


def test_a_statement_comes_in_pages_and_a_past_one_never_changes(council: Council) -> None:
    for number in range(5):
        post(council, f"a{number}", at=utc_now(), pence=10 + number)
    until = moment(council)
    pages, cursor = [], None
    while True:
        query = {"cursor": cursor} if cursor else {}
        page = statement(council, account="fees", until=until, limit=2, **query)
        assert figures(page) == (0, 60, 0, 60)
        pages.append([m["balance_pence"] for m in page["data"]])
        cursor = page["next_cursor"]
        post(council, f"later{len(pages)}", at=utc_now() - timedelta(days=40))
        if cursor is None:
            break
    assert pages == [[10, 21], [33, 46], [60]]


def test_what_is_promised_has_a_statement_of_its_own(council: Council) -> None:
    council.invited(council.session(cost_code="ASC-1"), council.person())
    assert figures(statement(council)) == (0, 0, 0, 0)
    assert figures(statement(council, account="commitments", cost_centre="ASC-1")) == (0, 1550, 0, 1550)
    assert told(council.lead.get("ledger/trial_balance"))["data"] == []
    assert told(council.lead.get("ledger/trial_balance", memorandum="true"))["data"] == [
        {"account": "commitments", "debit_pence": 1550, "credit_pence": 0},
        {"account": "commitments_contra", "debit_pence": 0, "credit_pence": 1550},
    ]


def figures(found: dict[str, Any]) -> tuple[int, int, int, int]:
    names = ("opening_pence", "debit_pence", "credit_pence", "closing_pence")
    opening, debit, credit, closing = (found[name] for name in names)
    return opening, debit, credit, closing


def moment(council: Council) -> str:
    with council.stage.hands.db.council(council.id) as session:
        found = session.scalar(text("SELECT clock_timestamp()"))
    assert isinstance(found, datetime)
    return found.isoformat()
