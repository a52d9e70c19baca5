"""Can the books be wrong? An entry that does not balance, or that changes, is refused three times over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.db import Database
from service.ledger import actions, queries
from service.ledger.model import DoesNotBalance, Entry, Posting, settlement
from service.settings import Settings
from tests.stage import Council, Stage, told

MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)


def sides(*amounts: int) -> tuple[Posting, ...]:
    return tuple(Posting(f"account-{n}", amount, "INVOLVE") for n, amount in enumerate(amounts))


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


@pytest.mark.parametrize(
    "amounts", [(), (0,), (5,), (5, -4), (5, -5, 0), (0, 0), (1, 1), (10**12, -(10**12) + 1)]
)
def test_an_entry_that_does_not_balance_cannot_be_built(amounts: tuple[int, ...]) -> None:
    with pytest.raises(DoesNotBalance, match="settlement of pay_1"):
        Entry("settlement", "pay_1", sides(*amounts))


@given(st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=6))
def test_an_entry_balances_or_is_none(amounts: list[int]) -> None:
    rest = -sum(amounts)
    try:
        entry = Entry("test", "x", sides(*amounts, rest))
    except DoesNotBalance:
        assert rest == 0
    else:
        assert sum(side.amount_pence for side in entry.postings) == 0
        undone = entry.reversed(kind="undo", source_id="x")
        pairs = zip(entry.postings, undone.postings, strict=True)
        assert all((a.account, a.amount_pence) == (b.account, -b.amount_pence) for a, b in pairs)


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_a_settlement_says_what_the_money_was_for(fee: int, expenses: int) -> None:
    given = {"payout_id": "pay_1", "claim_id": "clm_1", "person_id": "per_1", "rail": "sandbox"}
    if fee + expenses == 0:
        with pytest.raises(DoesNotBalance):
            settlement(**given, cost_centre="C", fee_pence=fee, expenses_pence=expenses)
        return
    entry = settlement(**given, cost_centre="C", fee_pence=fee, expenses_pence=expenses)
    found = {side.account: side.amount_pence for side in entry.postings}
    assert found == {"creditors": fee + expenses, "bank:sandbox": -fee - expenses}


def post(council: Council, source: str, *amounts: int, at: datetime = MONDAY) -> bool:
    with council.stage.hands.db.council(council.id) as session:
        entry = Entry("test", source, sides(*amounts))
        return actions.post(session, council_id=council.id, entry=entry, at=at)


def test_posting_twice_is_posting_once(council: Council) -> None:
    assert post(council, "a", 5, -5) is True
    before = council.stage.picture()
    assert post(council, "a", 5, -5) is False
    assert council.stage.picture() == before


def insert(council: Council, *amounts: int) -> None:
    """An entry written past the room, as a mistake or a thief would."""
    with council.stage.hands.db.council(council.id) as session:
        session.execute(
            text(
                "INSERT INTO ledger_entries (council_id, id, kind, source_id, at)"
                " VALUES (:council, 'ent_x', 'test', 'x', now())"
            ),
            {"council": council.id},
        )
        for number, amount in enumerate(amounts):
            session.execute(
                text(
                    "INSERT INTO ledger_postings (council_id, entry_id, number, account, amount_pence,"
                    " cost_centre, subjective) VALUES (:council, 'ent_x', :number, 'a', :amount, 'C', '')"
                ),
                {"council": council.id, "number": number, "amount": amount},
            )


ONE_MORE_PAIR = "(:council, 'ent_x', 8, 'a', 1, 'C', ''), (:council, 'ent_x', 9, 'a', -1, 'C', '')"


@pytest.mark.parametrize("amounts", [(), (5,), (5, -4), (-5, 4, 2)])
def test_the_database_refuses_what_does_not_balance(council: Council, amounts: tuple[int, ...]) -> None:
    before = council.stage.picture()
    with pytest.raises(DBAPIError, match="ledger entry ent_x does not balance"):
        insert(council, *amounts)
    assert council.stage.picture() == before


def test_the_database_takes_what_balances(council: Council) -> None:
    insert(council, 5, -3, -2)
    assert council.balance() == {}
    assert len(council.stage.picture()["ledger_postings"]) == 3


@pytest.mark.parametrize("more", ["(:council, 'ent_x', 9, 'a', 1, 'C', '')", ONE_MORE_PAIR])
def test_more_sides_later_are_refused_even_when_they_balance(council: Council, more: str) -> None:
    insert(council, 5, -5)
    before = council.stage.picture()
    with (
        pytest.raises(DBAPIError, match="written with it, never later"),
        council.stage.hands.db.council(council.id) as session,
    ):
        session.execute(
            text(
                "INSERT INTO ledger_postings (council_id, entry_id, number, account, amount_pence,"
                f" cost_centre, subjective) VALUES {more}"
            ),
            {"council": council.id},
        )
    assert council.stage.picture() == before


@pytest.mark.parametrize(
    ("first", "more"),
    [
        ("(:council, 'ent_x', 0, 'a', 5, 'C', ''), (:council, 'ent_x', 1, 'a', -5, 'C', '')", (2, 9)),
        ("(:council, 'ent_x', 0, 'a', 5, 'C', ''), (:council, 'ent_x', 1, 'a', -5, 'C', '')", (-1,)),
        ("(:council, 'ent_x', 4, 'a', 5, 'C', ''), (:council, 'ent_x', 5, 'a', -5, 'C', '')", (0,)),
        ("(:council, 'ent_x', 1, 'a', 5, 'C', ''), (:council, 'ent_x', 2, 'a', -5, 'C', '')", (0,)),
    ],
)
@pytest.mark.parametrize("again", ["", "SET CONSTRAINTS ALL DEFERRED"])
def test_a_check_that_was_run_early_is_run_again(
    council: Council, first: str, more: tuple[int, ...], again: str
) -> None:
    """As the service's own role: its checks wait for the commit, and anybody may run them before."""
    before = council.stage.picture()
    side = (
        "INSERT INTO ledger_postings (council_id, entry_id, number, account, amount_pence, cost_centre,"
        " subjective) VALUES "
    )
    entry = "INSERT INTO ledger_entries (council_id, id, kind, source_id, at)"
    entry += " VALUES (:council, 'ent_x', 'test', 'x', now())"
    late = [side + f"(:council, 'ent_x', {number}, 'a', 1, 'C', '')" for number in more]
    statements = [entry, side + first, "SET CONSTRAINTS ALL IMMEDIATE", *([again] if again else []), *late]
    with pytest.raises(DBAPIError, match=r"ledger entry ent_x (does not balance|are not numbered)"):
        in_one(council, statements)
    assert council.stage.picture() == before


def in_one(council: Council, statements: list[str]) -> None:
    """These statements in one transaction, in the role of the service."""
    with council.stage.hands.db.council(council.id) as session:
        for statement in statements:
            session.execute(text(statement), {"council": council.id})


CHANGES = {
    "update": "UPDATE {} SET council_id = council_id",
    "delete": "DELETE FROM {}",
    "truncate": "TRUNCATE {} CASCADE",
}
FOR_EVER = (
    "claim_assessments",
    "decisions",
    "event_seals",
    "events",
    "ledger_entries",
    "ledger_postings",
    "policies",
)


def test_what_is_for_ever_is_changed_neither_by_the_service_nor_by_the_owner(
    council: Council, settings: Settings
) -> None:
    stage = council.stage
    council.ticked()
    stage.drain()
    with stage.admin() as line:
        found = line.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'refuse_change'")
        tables = {name for (name,) in found.fetchall()}
    assert tables == set(FOR_EVER)
    before = stage.picture()
    owner = settings.owner_url.replace("+psycopg", "", 1)
    for statement in (change.format(table) for change in CHANGES.values() for table in FOR_EVER):
        with (
            pytest.raises(DBAPIError, match="permission denied for table"),
            stage.hands.db.council(council.id) as session,
        ):
            session.execute(text(statement))
        for url in (owner, stage.admin_url):
            with (
                psycopg.connect(url) as line,
                pytest.raises(psycopg.errors.RaiseException, match="is kept for ever"),
            ):
                line.execute(statement)
    assert stage.picture() == before


def test_the_trial_balance_is_as_of_a_moment(council: Council) -> None:
    """By when the books had it, whatever moment an entry speaks of: a past answer stays as it was."""

    def balance(as_of: datetime | None = None) -> dict[str, Any]:
        query = {"as_of": as_of.isoformat()} if as_of else {}
        found: dict[str, Any] = told(council.lead.get("ledger/trial_balance", **query))
        return found

    nothing = {"data": [], "total_debit_pence": 0, "total_credit_pence": 0}
    start = database_now(council)
    post(council, "a", 500, -500)
    between = database_now(council)
    then = balance(between)
    assert then["total_debit_pence"] == then["total_credit_pence"] == 500
    post(council, "b", 30, -30, at=MONDAY - timedelta(days=400))
    assert balance(between) == then
    assert balance(start) == balance(MONDAY) == nothing
    assert balance()["data"] == [
        {"account": "account-0", "debit_pence": 530, "credit_pence": 0},
        {"account": "account-1", "debit_pence": 0, "credit_pence": 530},
    ]
    (first,) = told(council.lead.get("ledger/entries", as_of=between.isoformat()))["data"]
    assert first["source"] == "a"


def database_now(council: Council) -> datetime:
    with council.stage.hands.db.council(council.id) as session:
        found = session.scalar(text("SELECT clock_timestamp()"))
    assert isinstance(found, datetime)
    return found


def test_an_answer_waits_for_who_is_posting_so_it_never_changes(council: Council) -> None:
    """An entry that was begun before the question, and commits after it, is in the answer."""
    with ThreadPoolExecutor(1) as other, council.stage.hands.db.council(council.id) as session:
        entry = Entry("test", "slow", sides(7, -7))
        assert actions.post(session, council_id=council.id, entry=entry, at=MONDAY) is True
        asked = database_now(council).isoformat()
        answer = other.submit(lambda: told(council.lead.get("ledger/trial_balance", as_of=asked)))
        council.stage.wait_for_a_lock()
        assert not answer.done()
        session.commit()
        first = answer.result(timeout=20)
    assert first["total_debit_pence"] == 7
    post(council, "later", 5, -5)
    assert told(council.lead.get("ledger/trial_balance", as_of=asked)) == first


def test_nobody_reads_the_books_of_another_council(council: Council, database: Database) -> None:
    post(council, "a", 5, -5)
    other = council.stage.council("demoford")
    assert other.balance() == {}
    with database.council(other.id) as session:
        assert queries.trial_balance(session, council_id=council.id) == []
        assert queries.page(session, council_id=council.id, after=None, limit=10) == []
