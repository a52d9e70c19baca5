"""Is each entry of a journal in the month that the ledger counts it in, whenever it is exported?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.exports.test_exports import built, content, owed, table
from tests.stage import Council, Stage, told

BY_ACCOUNT = """
name: By account
kinds: [journal]
format: delimited
each: group
group_by: [account]
columns: [{field: period}, {field: account}, {field: debit}]
"""


@pytest.fixture
def council(stage: Stage) -> Council:
    """One that paid somebody in one month, and somebody in the next."""
    council = stage.council()
    owed(council)
    stage.clock.forward(timedelta(days=32))
    owed(council)
    return council


def months(council: Council) -> list[str]:
    with council.stage.admin() as line:
        found = line.execute("SELECT period FROM ledger_entries WHERE kind = 'settlement' ORDER BY at")
        first, second = [period.replace("-", "") for (period,) in found.fetchall()]
    assert first < second
    return [first, second]


def test_a_line_says_the_month_of_its_entry(council: Council) -> None:
    head, *rows = table(content(council, built(council, "journal")), "utf-8-sig")[:-1]
    at = head.index("Period")
    assert [row[at] for row in rows] == [month for month in months(council) for _ in ("fees", "bank")]


def test_lines_of_two_months_do_not_become_one(council: Council) -> None:
    told(council.finance.put("export_mappings", {"text": BY_ACCOUNT}))
    rows = table(content(council, built(council, "journal", mapping="By account")))
    assert [row for row in rows if row[1] == "fees"] == [
        [month, "fees", "15.50"] for month in months(council)
    ]
