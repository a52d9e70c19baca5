"""How is the database reached? One engine, one place that commits, one wall a transaction.

`council()` opens a transaction for one council: the setting that row-level security reads is local, so it
dies with the transaction, and unset means no rows. `crossing()` opens one for no council: it can only call
the few named functions that answer ids, counts and sums (see `migrations/`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Engine, Text, TextClause, any_, cast, create_engine, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session
from sqlalchemy.pool import NullPool

from service.errors import ReciprocalError

APP_ROLE = "reciprocal_app"
CROSSING_ROLE = "reciprocal_crossing"


class Base(DeclarativeBase):
    """The parent of every table. Rooms never open each other's."""


class WallIsOpen(RuntimeError):
    """The login could step over row-level security. The service refuses to start."""


def psycopg_url(url: str) -> str:
    """`postgres://…` and `postgresql://…` as the driver of this service reads them."""
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def snapshot_of(session: Session) -> str:
    """What a transaction sees at this moment, for others to see the same. It must stay open until they do."""
    return str(session.scalar(text("SELECT pg_export_snapshot()")))


def address_of(session: Session) -> str:
    """Where a session's database is, with the password: for another connection or process of ours."""
    return session.get_bind().engine.url.render_as_string(hide_password=False)


def among(column: InstrumentedAttribute[str], values: Collection[str]) -> ColumnElement[bool]:
    """Whether a column holds one of these texts: one parameter, however many they are."""
    return column == any_(cast(list(values), ARRAY(Text)))


def insert_all(
    session: Session,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    passing_over_known: bool = False,
) -> None:
    """Insert many rows with one short statement, in their order. All rows have the same columns."""
    if rows:
        ending = " ON CONFLICT DO NOTHING" if passing_over_known else ""
        statement = _insertion(table, tuple(rows[0]), ending)
        session.execute(statement, {"rows": json.dumps(rows, default=_as_text)})


@cache
def _insertion(table: type[Base], names: tuple[str, ...], ending: str) -> TextClause:
    columns, dialect = table.__table__.columns, PGDialect()  # type: ignore[no-untyped-call]
    typed = ", ".join(f"{name} {columns[name].type.compile(dialect=dialect)}" for name in names)
    into = ", ".join(names)
    return text(
        f"INSERT INTO {table.__tablename__} ({into}) SELECT {into}"  # noqa: S608 - names of our own tables
        f" FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r({typed}){ending}"
    )


def _as_text(value: object) -> str:
    """A moment or a day, as the database reads it."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a row.")


class Database:
    """One database as one role. Make one per process, after any fork."""

    def __init__(self, url: str, *, pool_size: int = 5, pooled: bool = True) -> None:
        options = f"-c role={APP_ROLE} -c timezone=UTC -c idle_in_transaction_session_timeout=60000"
        pool: dict[str, Any] = (
            {"pool_size": pool_size, "max_overflow": 10} if pooled else {"poolclass": NullPool}
        )
        # The words of an error end in the log, where no name or address of a person may stand.
        self.engine: Engine = create_engine(
            psycopg_url(url),
            pool_pre_ping=pooled,
            connect_args={"options": options},
            hide_parameters=True,
            **pool,
        )

    @contextmanager
    def council(self, council_id: str) -> Iterator[Session]:
        """One transaction within one council's walls. Commits at the end, rolls back on any error.

        Only a refusal that says so itself (`keeps`) leaves what was written before it.
        """
        if not council_id:
            raise ValueError("A council is required.")
        with Session(self.engine, expire_on_commit=False, info={"council_id": council_id}) as session:
            session.execute(
                text("SELECT set_config('app.council_id', :council_id, true)"), {"council_id": council_id}
            )
            try:
                yield session
            except ReciprocalError as refusal:
                if refusal.keeps:
                    session.commit()
                raise
            session.commit()

    @contextmanager
    def council_as_seen(self, council_id: str, *, snapshot: str) -> Iterator[Session]:
        """One council as another transaction sees it now (`snapshot_of`), to be read and not changed."""
        if not re.fullmatch(r"[0-9A-F]+(-[0-9A-F]+)*", snapshot):
            raise ValueError("This is no snapshot.")
        engine = self.engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine, info={"council_id": council_id}) as session:
            session.execute(text(f"SET TRANSACTION SNAPSHOT '{snapshot}'"))
            session.execute(text("SET TRANSACTION READ ONLY"))
            session.execute(
                text("SELECT set_config('app.council_id', :council_id, true)"), {"council_id": council_id}
            )
            yield session

    @contextmanager
    def crossing(self) -> Iterator[Session]:
        """One transaction of no council: every walled table is empty, only named functions answer."""
        with Session(self.engine, expire_on_commit=False, info={"council_id": None}) as session:
            yield session
            session.commit()

    def council_ids(self) -> list[str]:
        """Every council's id, for work that goes round all of them one at a time."""
        with self.crossing() as session:
            return list(session.scalars(text("SELECT council_id FROM all_councils()")))

    def check_walls(self) -> None:
        """Raise `WallIsOpen` if this login's role is a superuser, bypasses row security or owns a table."""
        with self.engine.connect() as connection:
            role = connection.execute(
                text(
                    "SELECT rolname, rolsuper OR rolbypassrls AS steps_over, EXISTS"
                    " (SELECT FROM pg_class WHERE relowner = r.oid AND relkind = 'r') AS owns"
                    " FROM pg_roles r WHERE rolname = current_user"
                )
            ).one()
        if role.steps_over or role.owns:
            raise WallIsOpen(
                f"The database role {role.rolname} could step over the walls between councils. "
                "Run `reciprocal migrate`, which makes a role that cannot, and start again."
            )

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()
