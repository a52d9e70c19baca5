"""How does a test get a furnished council without furnishing it anew? The rows are kept, and put back.

The first test of a process makes them through the doors; later ones find the very same rows, and the rest of
the database empty. Only an empty database is filled so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import psycopg

from service.tasks import hands
from tests.stage import TABLES, Stage

if TYPE_CHECKING:
    from tests.neighbours import Furnished

P = ParamSpec("P")
R = TypeVar("R", bound="Furnished | tuple[Furnished, Furnished]")

SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"


@dataclass(frozen=True)
class Rows:
    """What stood in the database: table → rows, of tables that held any; and how far had been counted."""

    tables: dict[str, bytes]
    sequences: list[tuple[str, int | None]]


@dataclass(frozen=True)
class Kept:
    """The rows, the pictures of receipts, what was answered, and how late it was."""

    rows: Rows
    pictures: dict[Path, bytes]
    made: Any
    ahead: timedelta


_KEPT: dict[Any, Kept] = {}


def remembered(make: Callable[Concatenate[Stage, P], R]) -> Callable[Concatenate[Stage, P], R]:
    """Let what this makes on an empty stage be put back on the next."""

    @wraps(make)
    def made(stage: Stage, *args: P.args, **kwargs: P.kwargs) -> R:
        key = (make.__name__, args, tuple(sorted(kwargs.items())))
        with stage.admin() as line:
            if not is_empty(line):
                return make(stage, *args, **kwargs)
            if kept := _KEPT.get(key):
                put_back(line, kept.rows)
                for path, picture in kept.pictures.items():
                    folder = _receipts(stage) / path.parent
                    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                    (folder / path.name).write_bytes(picture)
                stage.clock.ahead = kept.ahead
                hands.use(stage.hands)
                return _on(stage, kept.made)
        found = make(stage, *args, **kwargs)
        with stage.admin() as line:
            root = _receipts(stage)
            pictures = {one.relative_to(root): one.read_bytes() for one in root.rglob("*") if one.is_file()}
            _KEPT[key] = Kept(rows(line), pictures, found, stage.clock.ahead)
        return found

    return made


def _receipts(stage: Stage) -> Path:
    return Path(stage.settings.receipts_dir)


def is_empty(line: psycopg.Connection[Any]) -> bool:
    """Whether no council is there yet."""
    return line.execute("SELECT count(*) FROM councils").fetchone() == (0,)


def rows(line: psycopg.Connection[Any]) -> Rows:
    """Everything that stands in the database now."""
    found = {}
    for (name,) in line.execute(TABLES).fetchall():
        if _holds_any(line, name):
            with line.cursor().copy(f"COPY {name} TO STDOUT (FORMAT binary)") as copy:
                found[name] = b"".join(copy)
    return Rows(found, line.execute(SEQUENCES).fetchall())


def put_back(line: psycopg.Connection[Any], kept: Rows) -> None:
    """Let it all stand there again, in a database that is empty."""
    with line.transaction():
        line.execute("SET LOCAL session_replication_role = replica")
        for name, lines in kept.tables.items():
            # What the migrations wrote stands there already.
            if not _holds_any(line, name):
                with line.cursor().copy(f"COPY {name} FROM STDIN (FORMAT binary)") as copy:
                    copy.write(lines)
        for name, value in kept.sequences:
            if value is not None:
                line.execute("SELECT setval(%s::regclass, %s)", (name, value))


def _holds_any(line: psycopg.Connection[Any], name: str) -> bool:
    return line.execute(f"SELECT EXISTS (SELECT FROM {name})").fetchone() == (True,)


def _on(stage: Stage, made: Any) -> Any:
    if isinstance(made, tuple):
        return tuple(_on(stage, one) for one in made)
    council = replace(
        made.council,
        stage=stage,
        doors={role: replace(door, app=stage.app) for role, door in made.council.doors.items()},
    )
    return replace(made, council=council, door=replace(made.door, app=stage.app), ids=dict(made.ids))
