"""Is the database in the shape that this code needs? Makes the roles, runs the migrations, checks the
head.
"""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from service.db import APP_ROLE, CROSSING_ROLE, psycopg_url

FOLDER = Path(__file__).parent.parent / "migrations"
_LOCK = 7_318_002_614

logging.getLogger("alembic").setLevel(logging.WARNING)


def head() -> str:
    """The newest migration, as pinned in `migrations/HEAD`."""
    return (FOLDER / "HEAD").read_text().strip()


def migrate(owner_url: str) -> str:
    """Bring a database to the head, whoever else tries at the same time. Answers the revision.

    `owner_url` signs in as the owner of the tables. Roles that are missing are made when it may make them.
    """
    engine = create_engine(psycopg_url(owner_url), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        _make_roles(connection)
        connection.commit()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
        revision = MigrationContext.configure(connection).get_current_revision() or ""
    engine.dispose()
    return revision


def _make_roles(connection: Connection) -> None:
    """The role that the service works as, and the one that owns the few crossings.

    Neither steps over walls.
    """
    for role in (APP_ROLE, CROSSING_ROLE):
        known = connection.scalar(text("SELECT true FROM pg_roles WHERE rolname = :role"), {"role": role})
        if not known:
            connection.execute(
                text(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
            )
            connection.execute(text(f"GRANT {role} TO CURRENT_USER"))
