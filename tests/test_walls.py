"""Can one council see or touch anything of another? Every table of the catalogue.

Each check must first catch a hole that is planted for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from service.db import APP_ROLE, CROSSING_ROLE, Database, WallIsOpen
from tests.neighbours import Neighbours, neighbours
from tests.servers import Cluster
from tests.stage import Stage

# Alembic's own: one row, which says the version. The service reads it to say whether it is ready.
NOT_WALLED = {"alembic_version"}

# Keys that do not name the council, and why they may stand.
GLOBAL_KEYS = {
    "api_keys_hash_key": "a key is looked up before its council is known; only the hash of a long secret",
    "sign_in_links_hash_key": "a link is looked up before its council is known; only the hash of its token",
    "councils_slug_key": "two councils cannot live at one address",
}

# What answers beyond one council's walls → what it answers. Ids, counts and sums; nothing said, nobody named.
CROSSINGS = {
    "find_council(wanted text)": "text",
    "all_councils()": "TABLE(council_id text)",
    "find_api_key(wanted text)": "TABLE(council_id text, key_id text)",
    "find_sign_in_link(wanted text)": "TABLE(council_id text, link_id text)",
    "councils_to_seal()": "TABLE(council_id text)",
    "relay_fan_out(next jsonb, batch integer, moment timestamp with time zone)": (
        "TABLE(council_id text, event_id bigint, task text, queue text)"
    ),
    (
        "relay_due(moment timestamp with time zone, hand_again interval, stuck interval, quiet text[],"
        " batch integer)"
    ): "TABLE(council_id text, event_id bigint, task text, queue text)",
    "queue_figures()": (
        "TABLE(queue text, state text, jobs bigint, oldest timestamp with time zone, people bigint,"
        " pence bigint)"
    ),
    "payments_stopped()": "boolean",
    "stop_payments(hold_id text, words text, who text, whom text, moment timestamp with time zone)": "bigint",
    "let_payments_go(who text, whom text, moment timestamp with time zone)": "bigint",
    "region_members()": "TABLE(council_id text)",
    "book_figures()": "TABLE(councils bigint, breaches bigint, oldest timestamp with time zone)",
    "region_versions()": (
        "TABLE(id text, slug text, version text, hash text, sources jsonb, effective_from date,"
        " published_at timestamp with time zone)"
    ),
}

Line = psycopg.Connection[Any]
Check = Callable[[Line], list[str]]


@pytest.fixture
def line(stage: Stage) -> Iterator[Line]:
    """A superuser's transaction that is rolled back: holes are planted in it."""
    with psycopg.connect(stage.admin_url) as opened:
        yield opened
        opened.rollback()


def rows(line: Line, query: str, *given: Any) -> list[Any]:
    return line.execute(query, given or None).fetchall()


def not_walled(line: Line) -> list[str]:
    """Tables and views whose rows no policy keeps apart, or whose owner is let off."""
    found = rows(
        line,
        "SELECT c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity,"
        " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid),"
        " coalesce('security_invoker=true' = ANY (c.reloptions), false)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'"
        " AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1",
    )
    holes = []
    for name, kind, enabled, forced, has_policy, invoker in found:
        table = kind in ("r", "p")
        if name not in NOT_WALLED and not (enabled and forced and has_policy if table else invoker):
            holes.append(name)
    return holes


def loosely_walled(line: Line) -> list[str]:
    """Policies for the service that let more through than one council's rows, read or written."""
    inside = "(council_id = current_setting('app.council_id'::text, true))"
    found = rows(
        line,
        "SELECT tablename, policyname, qual, with_check FROM pg_policies"
        " WHERE roles && ARRAY['public', %s]::name[] ORDER BY 1",
        APP_ROLE,
    )
    return [f"{table}.{policy}" for table, policy, *rules in found if rules != [inside, inside]]


def keys_without_council(line: Line) -> list[str]:
    """Unique keys, unique indexes and foreign keys that do not name the council: they look over walls."""
    found = rows(
        line,
        "SELECT i.relname, t.relname, x.indkey::int2[] FROM pg_index x"
        " JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid"
        " JOIN pg_namespace n ON n.oid = t.relnamespace WHERE x.indisunique AND n.nspname = 'public'"
        " UNION ALL SELECT k.conname, t.relname, k.conkey FROM pg_constraint k"
        " JOIN pg_class t ON t.oid = k.conrelid WHERE k.contype = 'f'",
    )
    council = dict(
        rows(
            line,
            "SELECT t.relname, a.attnum FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid"
            " JOIN pg_namespace n ON n.oid = t.relnamespace"
            " WHERE a.attname = 'council_id' AND t.relkind = 'r' AND n.nspname = 'public'",
        )
    )
    return sorted(
        key for key, table, columns in found if table not in NOT_WALLED and council.get(table) not in columns
    )


def crossings(line: Line) -> dict[str, str]:
    """Every function that works with rights that are not its caller's."""
    return dict(
        rows(
            line,
            "SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ')',"
            " pg_get_function_result(p.oid)"
            " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')",
        )
    )


HOLES: list[tuple[Check, str, str]] = [
    (not_walled, "CREATE TABLE hole (council_id text)", "hole"),
    (not_walled, "ALTER TABLE people DISABLE ROW LEVEL SECURITY", "people"),
    (not_walled, "ALTER TABLE people NO FORCE ROW LEVEL SECURITY", "people"),
    (not_walled, "DROP POLICY one_council ON notices", "notices"),
    (not_walled, "CREATE VIEW hole AS SELECT * FROM people", "hole"),
    (not_walled, "CREATE SCHEMA other; CREATE TABLE other.hole (council_id text)", "hole"),
    (loosely_walled, f"CREATE POLICY hole ON people TO {APP_ROLE} USING (true)", "people.hole"),
    (loosely_walled, "CREATE POLICY hole ON people FOR SELECT USING (name <> '')", "people.hole"),
    (keys_without_council, "CREATE UNIQUE INDEX hole ON people (email)", "hole"),
    (
        keys_without_council,
        "ALTER TABLE people ADD CONSTRAINT hole FOREIGN KEY (external_reference) REFERENCES councils (slug)",
        "hole",
    ),
]


@pytest.mark.parametrize(
    ("check", "plant", "name"), HOLES, ids=[f"{c.__name__}-{p[:40]}" for c, p, _ in HOLES]
)
def test_catches_a_planted_hole(line: Line, check: Check, plant: str, name: str) -> None:
    line.execute(plant)
    assert name in check(line)


def test_every_table_is_walled(line: Line) -> None:
    assert not_walled(line) == []
    assert loosely_walled(line) == []


def test_every_key_names_the_council(line: Line) -> None:
    assert keys_without_council(line) == sorted(GLOBAL_KEYS)


def test_only_the_named_functions_cross_walls(line: Line) -> None:
    line.execute("CREATE FUNCTION hole() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT NULL'")
    assert "hole()" in crossings(line)
    line.rollback()
    assert crossings(line) == CROSSINGS
    answers = re.findall(
        r"\w+ (\w[\w ]*?)(?=[,)]|$)", ", ".join(v for v in CROSSINGS.values() if "TABLE" in v)
    )
    # The texts that a region published are the one thing said: they are about nobody.
    assert set(answers) == {"text", "bigint", "timestamp with time zone", "jsonb", "date"}
    assert [name for name, answer in CROSSINGS.items() if "jsonb" in answer] == ["region_versions()"]


def test_crossings_belong_to_a_role_that_may_do_little(line: Line) -> None:
    """And cannot be led astray by a caller's search path, nor called by anybody but the service."""
    found = rows(
        line,
        "SELECT p.proname, p.proowner::regrole::text, p.proconfig,"
        " has_function_privilege(%s, p.oid, 'EXECUTE'),"
        " has_function_privilege('pg_monitor', p.oid, 'EXECUTE')"
        " FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace",
        APP_ROLE,
    )
    assert {tuple(map(str, row[1:])) for row in found} == {
        (CROSSING_ROLE, "['search_path=public, pg_temp']", "True", "False")
    }
    columns = rows(
        line,
        "SELECT table_name || '.' || column_name FROM information_schema.column_privileges"
        " WHERE grantee = %s AND privilege_type = 'SELECT'",
        CROSSING_ROLE,
    )
    personal = {"name", "email", "phone", "words", "subject", "body", "reason", "details_sealed", "masked"}
    apart = ("events.", "deliveries.", "policies.", "payment_holds.")
    readable = {column.partition(".")[2] for (column,) in columns if not column.startswith(apart)}
    # Only the number of sentences is read of what a check of the books found.
    of_checks = {"checked_at", "found"}
    assert readable == {"council_id", "id", "hash", "slug", "event_id", "region_id", *of_checks}
    of_policies = {column.partition(".")[2] for (column,) in columns if column.startswith("policies.")}
    said = {"slug", "version", "sources", "effective_from", "published_at"}
    assert of_policies == {"council_id", "id", "hash", *said}
    of_holds = {column.partition(".")[2] for (column,) in columns if column.startswith("payment_holds.")}
    assert of_holds == {"council_id", "scope", "subject", "ended_at"}
    assert not personal & readable


def test_the_service_works_as_a_role_that_cannot_step_over(line: Line, stage: Stage) -> None:
    ((superuser, bypasses, creates_roles, creates_databases, owns),) = rows(
        line,
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,"
        " EXISTS (SELECT FROM pg_class WHERE relowner = r.oid)"
        " FROM pg_roles r WHERE rolname = %s",
        APP_ROLE,
    )
    assert (superuser, bypasses, creates_roles, creates_databases, owns) == (False,) * 5
    with stage.hands.db.crossing() as session:
        assert session.scalar(text("SELECT current_user")) == APP_ROLE
    refusals = []
    for statement in (
        "ALTER TABLE people DISABLE ROW LEVEL SECURITY",
        "DROP POLICY one_council ON people",
        f"SET ROLE {CROSSING_ROLE}",
        "CREATE TABLE hole (a int)",
        "SET session_replication_role = replica",
        "COPY people TO PROGRAM 'cat'",
    ):
        with pytest.raises(DBAPIError) as refusal, stage.hands.db.crossing() as session:
            session.execute(text(statement))
        refusals.append(type(refusal.value.orig).__name__)
    assert set(refusals) == {"InsufficientPrivilege"}


@pytest.mark.parametrize("rights", ["SUPERUSER", "BYPASSRLS", ""])
def test_the_service_does_not_start_when_a_wall_is_open(
    stage: Stage, cluster: Cluster, database_name: str, worker: str, rights: str
) -> None:
    """Whoever it signs in as must be stopped by the walls; the owner of a table may take them down."""
    role = f"stepping_over_{worker}"
    database = Database(stage.settings.database_url, pooled=False)
    database.check_walls()
    with stage.admin() as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN {rights}")
        if not rights:
            admin.execute("CREATE TABLE hole (a int)")
            admin.execute(f"ALTER TABLE hole OWNER TO {role}")
        try:
            database.engine = create_engine(
                cluster.url(role=role, database=database_name), poolclass=NullPool
            )
            with pytest.raises(WallIsOpen, match=role):
                database.check_walls()
        finally:
            admin.execute(f"DROP OWNED BY {role}")
            admin.execute(f"DROP ROLE {role}")


# What is there to be seen: two councils with something in every table


@pytest.fixture
def world(stage: Stage) -> Neighbours:
    return neighbours(stage)


def walled_tables(stage: Stage) -> list[str]:
    with stage.admin() as admin:
        names = rows(
            admin,
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
        )
    return sorted({name for (name,) in names} - NOT_WALLED)


def readable_rows(stage: Stage, table: str, council_id: str | None) -> set[str] | str:
    """The councils whose rows the service's role reads, or how it was refused."""
    db = stage.hands.db
    try:
        with db.council(council_id) if council_id is not None else db.crossing() as session:
            return set(session.scalars(text(f"SELECT council_id FROM {table}")))
    except DBAPIError as error:
        return type(error.orig).__name__


def test_no_table_shows_a_row_of_another_council(stage: Stage, world: Neighbours) -> None:
    first, second = (one.council.id for one in world)
    for table in walled_tables(stage):
        both = {first, second}
        with stage.admin() as admin:
            there = {row[0] for row in rows(admin, f"SELECT DISTINCT council_id FROM {table}")}
        assert both <= there, f"nothing stands in {table}, so this test would see nothing"
        assert readable_rows(stage, table, None) == set(), table
        assert readable_rows(stage, table, "cou_nobody") == set(), table
        assert readable_rows(stage, table, first) == {first}, table
        assert readable_rows(stage, table, second) == {second}, table


def test_a_table_without_a_wall_would_be_seen(stage: Stage, world: Neighbours) -> None:
    first, second = (one.council.id for one in world)
    with stage.admin() as admin:
        admin.execute("ALTER TABLE people DISABLE ROW LEVEL SECURITY")
        try:
            assert readable_rows(stage, "people", first) == {first, second}
        finally:
            admin.execute("ALTER TABLE people ENABLE ROW LEVEL SECURITY")


COPIED_OVER = """
INSERT INTO {table}
SELECT (jsonb_populate_record(t, jsonb_build_object('council_id', CAST(:other AS text)))).*
FROM {table} t LIMIT 1
"""


def test_no_table_takes_a_row_of_another_council(stage: Stage, world: Neighbours) -> None:
    """Neither by writing it there, nor by moving one's own, nor by changing or dropping theirs."""
    first, second = (one.council.id for one in world)
    before = stage.picture()
    for table in walled_tables(stage):
        for statement in (
            COPIED_OVER.format(table=table),
            f"UPDATE {table} SET council_id = :other",
            f"UPDATE {table} SET council_id = council_id WHERE council_id = :other",
            f"DELETE FROM {table} WHERE council_id = :other",
        ):
            try:
                with stage.hands.db.council(first) as session:
                    found = session.execute(text(statement), {"other": second})
                    assert found.rowcount == 0, statement
            except DBAPIError:
                continue
    assert stage.picture() == before


def test_the_council_set_dies_with_its_transaction(stage: Stage, world: Neighbours) -> None:
    first, _ = (one.council.id for one in world)
    db = stage.hands.db
    for _ in range(3):
        with db.council(first) as session:
            assert session.scalar(text("SELECT count(*) FROM people")) > 0
        with db.crossing() as session:
            assert session.scalar(text("SELECT count(*) FROM people")) == 0
            assert session.scalar(text("SELECT current_setting('app.council_id', true)")) in ("", None)
