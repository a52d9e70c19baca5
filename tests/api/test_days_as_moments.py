"""Does a plain day do where a list asks for a moment? A ledger is read as of a day, and days are London's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.api.schemas import AsOfQuery, ClaimsQuery
from tests.stage import Stage, refused, told


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ("2027-01-12", (2027, 1, 12, 0, 0), (2027, 1, 12, 23, 59, 59, 999999)),
        ("2027-07-12", (2027, 7, 11, 23, 0), (2027, 7, 12, 22, 59, 59, 999999)),
    ],
)
def test_a_day_begins_and_ends_in_london(given: str, first: tuple[int, ...], last: tuple[int, ...]) -> None:
    assert ClaimsQuery().load({"since": given})["since"] == datetime(*first, tzinfo=UTC)  # type: ignore[misc]
    assert AsOfQuery().load({"as_of": given})["as_of"] == datetime(*last, tzinfo=UTC)  # type: ignore[misc]


def test_a_moment_is_that_moment() -> None:
    given = "2027-07-12T10:00:00+01:00"
    assert AsOfQuery().load({"as_of": given})["as_of"] == datetime(2027, 7, 12, 9, 0, tzinfo=UTC)


def test_the_books_as_of_a_day(stage: Stage) -> None:
    council = stage.council()
    council.ticked()
    stage.settle()
    far, long_ago = "2090-01-01", "2001-01-01"
    assert told(council.lead.get("ledger/trial_balance", as_of=far))["total_debit_pence"] == 1550
    assert told(council.lead.get("ledger/trial_balance", as_of=long_ago))["total_debit_pence"] == 0
    kinds = {row["kind"] for row in told(council.lead.get("ledger/entries", as_of=far))["data"]}
    assert kinds == {"commitment", "commitment_release", "accrual", "settlement"}
    assert told(council.lead.get("ledger/entries", as_of=long_ago))["data"] == []
    assert len(told(council.lead.get("claims", since=long_ago))["data"]) == 1
    assert told(council.lead.get("payments", since=far))["data"] == []


@pytest.mark.parametrize("given", ["2027-02-30", "2027-13-01", "0001-01-01", "today", "2027-01-12T10:00:00"])
def test_what_is_neither_is_refused_or_means_nothing(stage: Stage, given: str) -> None:
    answer = stage.council().lead.get("ledger/trial_balance", as_of=given)
    if given == "0001-01-01":
        assert told(answer)["data"] == []
    else:
        refused(answer, 422, "/query/as_of")
