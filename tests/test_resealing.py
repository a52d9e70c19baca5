"""Can a key be dropped once everything is sealed anew? Every sealed column, found in the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet

from service import resealing
from service.cli import main
from service.db import APP_ROLE
from service.resealing import Sealed
from service.vault import Vault
from tests.neighbours import neighbours
from tests.stage import Stage, told

# How everything begins that the vault has sealed.
TOKEN = re.compile(r"gAAAA[\w-]{60,}")


@pytest.fixture
def furnished(stage: Stage) -> Stage:
    """Two councils with something in every table."""
    neighbours(stage)
    return stage


def sealed_values(stage: Stage) -> Iterator[tuple[str, str, str]]:
    """Table, column and value of everything in the database that looks sealed, wherever it stands."""
    with stage.admin() as line:
        columns = line.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'jsonb')"
        ).fetchall()
        for table, column in columns:
            for (value,) in line.execute(f"SELECT {column}::text FROM {table}").fetchall():
                if value and TOKEN.search(value):
                    yield table, column, value


def columns(stage: Stage) -> list[Sealed]:
    with stage.hands.db.crossing() as session:
        return resealing.columns(session)


def test_everything_that_is_sealed_stands_in_a_column_that_is_found(furnished: Stage) -> None:
    found = {(one.table, one.column) for one in columns(furnished)}
    there = {(table, column) for table, column, _ in sealed_values(furnished)}
    assert {("payment_methods", "details_sealed"), ("rail_credentials", "sealed")} <= there
    assert there <= found
    with furnished.admin() as line:
        for one in columns(furnished):
            may = f"SELECT has_column_privilege('{APP_ROLE}', '{one.table}', '{one.column}', 'UPDATE')"
            assert line.execute(may).fetchone() == (True,), one.name
            filled = line.execute(f"SELECT count({one.column}) > 0 FROM {one.table}").fetchone()
            assert filled == (True,), f"nothing stands in {one.name}, so this test would see nothing"


def test_a_sealed_column_by_another_name_would_be_seen(furnished: Stage) -> None:
    sealed = furnished.hands.vault.seal({"secret": "hidden"})
    with furnished.admin() as line:
        line.execute("UPDATE people SET organisation = %s", (sealed,))
    found = {(one.table, one.column) for one in columns(furnished)}
    assert {(t, c) for t, c, _ in sealed_values(furnished)} - found == {("people", "organisation")}


def test_after_going_round_the_old_key_can_be_dropped(
    furnished: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: dict[str, str],
) -> None:
    old = ",".join(furnished.settings.encryption_keys)
    new = Fernet.generate_key().decode()
    before = {(table, column): Vault((old,)).open(value) for table, column, value in sealed_values(furnished)}
    many = len(list(sealed_values(furnished)))
    for name, value in {**environment, "ENCRYPTION_KEYS": f"{new},{old}"}.items():
        monkeypatch.setenv(name, value)
    assert main(["keys", "rotate"]) == 0
    said = capsys.readouterr().out
    assert sum(int(count) for count in re.findall(r"(\d+) sealed anew", said)) == many > 4
    assert "Everything is under the newest key." in said
    only_new = Vault((new,))
    after = {(table, column): only_new.open(value) for table, column, value in sealed_values(furnished)}
    assert after == before
    assert main(["keys", "rotate"]) == 0
    assert f"{many} sealed anew" not in capsys.readouterr().out
    assert len(list(sealed_values(furnished))) == many


def test_what_no_key_opens_is_counted_and_left_alone(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: dict[str, str],
) -> None:
    stage.council().person()
    before = stage.picture()
    for name, value in {**environment, "ENCRYPTION_KEYS": Fernet.generate_key().decode()}.items():
        monkeypatch.setenv(name, value)
    assert main(["keys", "rotate"]) == 1
    said = capsys.readouterr().out
    assert "payment_methods.details_sealed: 1 looked at, 0 sealed anew, 1 that no key opens" in said
    assert "Keep every key" in said
    assert stage.picture() == before


def test_broken_off_between_two_pages_it_goes_on_where_it_was(stage: Stage) -> None:
    council = stage.council()
    people = [council.person() for _ in range(5)]
    vault = Vault((Fernet.generate_key().decode(), *stage.settings.encryption_keys))
    sealed = next(one for one in columns(stage) if one.table == "payment_methods")
    about = {"council_id": council.id, "sealed": sealed, "vault": vault, "limit": 2}
    with stage.hands.db.council(council.id) as session:
        first = resealing.reseal_page(session, **about)
    assert (first.looked_at, first.sealed_anew, first.opened_by_none) == (2, 2, 0)
    # Here the power fails. Asked again, it begins at the beginning, and passes over what is done.
    after, done = None, 0
    for _ in range(3):
        with stage.hands.db.council(council.id) as session:
            page = resealing.reseal_page(session, **about, after=after)
        after, done = page.after, done + page.sealed_anew
    assert (after, done) == (None, 3)
    assert all(vault.is_newest(value) for _, _, value in sealed_values(stage))
    shown = told(council.lead.get(f"people/{people[0]}"))["payment_method"]["shown"]
    assert shown == "account ending 2345"
