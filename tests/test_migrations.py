"""Do the migrations make the tables that the code describes, from nothing, twice, and two at a time?"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from service import schema
from service.db import APP_ROLE, CROSSING_ROLE, Base, Database
from service.settings import Settings
from tests.servers import Cluster
from tests.stage import Stage, app_for, told

# Only the database writes and reads these two: triggers and the named functions.
WITHOUT_MODEL = {"event_outbox", "event_unsealed", "alembic_version"}


@pytest.fixture
def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(schema.FOLDER))
    return ScriptDirectory.from_config(config)


@pytest.fixture
def empty(cluster: Cluster, worker: str) -> str:
    """A database with nothing in it. Answers its name."""
    return cluster.make_database(f"migrations_{worker}")


def test_the_head_is_pinned_and_the_line_has_no_forks(scripts: ScriptDirectory) -> None:
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert scripts.get_heads() == [schema.head()]
    assert revisions == sorted(revisions, reverse=True)
    assert revisions == [f"{number:04}" for number in range(len(revisions), 0, -1)]
    for script in scripts.walk_revisions():
        assert re.match(rf"{script.revision}_[a-z_]+\.py$", Path(script.path).name)


def differences(database: str) -> list[Any]:
    """What the code describes otherwise than the database has it."""

    def compared(thing: Any, name: str | None, kind: str, *_: Any) -> bool:
        table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", None)
        return table not in WITHOUT_MODEL

    engine = create_engine(database, poolclass=NullPool)
    options = {"compare_type": True, "compare_server_default": True, "include_object": compared}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


def test_the_code_describes_the_tables_that_the_migrations_make(
    stage: Stage, cluster: Cluster, database_name: str
) -> None:
    admin = cluster.url(role="reciprocal_admin", database=database_name)
    with stage.admin() as line:
        line.execute("ALTER TABLE people ADD COLUMN hole text")
        try:
            found = differences(admin)
        finally:
            line.execute("ALTER TABLE people DROP COLUMN hole")
    assert [(kind, table, column.name) for kind, _, table, column in found] == [
        ("remove_column", "people", "hole")
    ]
    assert differences(admin) == []


def test_the_service_may_do_with_each_table_what_its_rooms_do_and_no_more(
    stage: Stage,
) -> None:
    """Nothing is deleted but marks of the outbox, kept answers, erased words and unsent claims."""
    query = (
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = %s AND table_schema = 'public'"
    )
    with stage.admin() as line:
        granted = line.execute(query, (APP_ROLE,)).fetchall()
    by_right: dict[str, set[str]] = {}
    for table, right in granted:
        by_right.setdefault(right, set()).add(table)
    assert set(by_right) == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert by_right["DELETE"] == {"event_texts", "event_unsealed", "kept_answers", "unsent_claims"}
    for_ever = {"events", "event_seals", "ledger_entries", "ledger_postings", "decisions", "policies"}
    assert not by_right["UPDATE"] & (for_ever | {"claim_assessments", "rail_notices", "alembic_version"})


def test_migrating_again_changes_nothing(cluster: Cluster, empty: str) -> None:
    owner = cluster.url(role="reciprocal_owner", database=empty)
    assert schema.migrate(owner) == schema.head()
    first = catalogue(cluster, empty)
    assert schema.migrate(owner) == schema.head()
    assert catalogue(cluster, empty) == first
    assert len(first) > 100


CATALOGUE = (
    """SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
       WHERE table_schema = 'public' ORDER BY 1, 2""",
    "SELECT tablename, policyname, qual FROM pg_policies ORDER BY 1, 2",
    """SELECT proname, prosrc, proowner::regrole::text FROM pg_proc
       WHERE pronamespace = 'public'::regnamespace ORDER BY 1""",
    "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
)


def catalogue(cluster: Cluster, database: str) -> list[str]:
    """Everything that the migrations made, in words."""
    engine = create_engine(cluster.url(role="reciprocal_admin", database=database), poolclass=NullPool)
    with engine.connect() as connection:
        found = [connection.execute(text(query.replace(":", r"\:"))) for query in CATALOGUE]
        return [str(row) for rows in found for row in rows]


def test_two_who_migrate_at_once_take_turns(cluster: Cluster, empty: str) -> None:
    owner = cluster.url(role="reciprocal_owner", database=empty)
    with ThreadPoolExecutor(3) as several:
        assert list(several.map(lambda _: schema.migrate(owner), range(3))) == [schema.head()] * 3


@pytest.mark.parametrize("rights", ["SUPERUSER", "CREATEROLE"])
def test_one_plain_login_is_enough(
    cluster: Cluster, empty: str, settings: Settings, worker: str, rights: str
) -> None:
    """Somebody else's PostgreSQL with one login: migrating makes the roles, and the service works as one."""
    login = f"only_{worker}"
    cluster.postgres.run(f"DROP ROLE IF EXISTS {login}")
    cluster.postgres.run(f"CREATE ROLE {login} LOGIN {rights}")
    if rights != "SUPERUSER":
        # As if it had made the two roles itself: whoever makes a role may give it away.
        for role in (APP_ROLE, CROSSING_ROLE):
            cluster.postgres.run(f"GRANT {role} TO {login} WITH ADMIN TRUE, SET TRUE, INHERIT TRUE")
    cluster.postgres.run(f"ALTER DATABASE {empty} OWNER TO {login}")
    try:
        url = cluster.url(role=login, database=empty).replace("+psycopg", "", 1)
        schema.migrate(url)
        database = Database(url, pooled=False)
        database.check_walls()
        with database.crossing() as session:
            who = session.execute(text("SELECT session_user, current_user")).one()
            assert tuple(who) == (login, APP_ROLE)
        plain = Settings(**{**vars(settings), "database_url": url, "database_owner_url": ""})
        found = Stage(plain, admin_url=cluster.driver_url(database=empty)).council().lead.get("people")
        assert told(found)["data"] == []
        app_for(plain).extensions["db"].close()
    finally:
        cluster.make_database(empty)
        cluster.postgres.run(f"DROP OWNED BY {login}; DROP ROLE {login}")


def test_the_roles_are_made_where_they_are_missing(cluster: Cluster, empty: str) -> None:
    """In a transaction that is rolled back, since all databases of a cluster share their roles."""
    engine = create_engine(cluster.url(role="reciprocal_admin", database=empty), poolclass=NullPool)
    with engine.connect() as connection:
        for role in (APP_ROLE, CROSSING_ROLE):
            connection.execute(text(f"ALTER ROLE {role} RENAME TO {role}_away"))
        schema._make_roles(connection)
        made = connection.execute(
            text(
                "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin, pg_has_role(current_user, oid, 'SET')"
                " FROM pg_roles WHERE rolname IN (:app, :crossing) ORDER BY 1"
            ),
            {"app": APP_ROLE, "crossing": CROSSING_ROLE},
        ).all()
        connection.rollback()
    assert [tuple(row) for row in made] == [
        (APP_ROLE, False, False, False, True),
        (CROSSING_ROLE, False, False, False, True),
    ]
