"""How does a test get a furnished council without furnishing it anew? The rows are kept, and put back.

The first test of a process makes them through the doors; later ones find the very same rows, and the rest of
the database empty. Only an empty database is filled so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import wraps
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
class Kept:
    """Everything that stood in the database, what was answered, and how late it was."""

    rows: dict[str, bytes]
    sequences: list[tuple[str, int | None]]
    made: Any
    ahead: timedelta


_KEPT: dict[Any, Kept] = {}


def remembered(make: Callable[Concatenate[Stage, P], R]) -> Callable[Concatenate[Stage, P], R]:
    """Let what this makes on an empty stage be put back on the next."""

    @wraps(make)
    def made(stage: Stage, *args: P.args, **kwargs: P.kwargs) -> R:
        key = (make.__name__, args, tuple(sorted(kwargs.items())))
        with stage.admin() as line:
            if line.execute("SELECT count(*) FROM councils").fetchone() != (0,):
                return make(stage, *args, **kwargs)
            if key in _KEPT:
                return _put_back(line, _KEPT[key], stage)
        found = make(stage, *args, **kwargs)
        with stage.admin() as line:
            _KEPT[key] = _keep(line, found, stage)
        return found

    return made


def _keep(line: psycopg.Connection[Any], made: Any, stage: Stage) -> Kept:
    rows = {}
    for (name,) in line.execute(TABLES).fetchall():
        with line.cursor().copy(f"COPY {name} TO STDOUT (FORMAT binary)") as copy:
            rows[name] = b"".join(copy)
    return Kept(rows, line.execute(SEQUENCES).fetchall(), made, stage.clock.ahead)


def _put_back(line: psycopg.Connection[Any], kept: Kept, stage: Stage) -> Any:
    with line.transaction():
        line.execute("SET LOCAL session_replication_role = replica")
        for name, rows in kept.rows.items():
            # What the migrations wrote stands there already.
            if line.execute(f"SELECT EXISTS (SELECT FROM {name})").fetchone() == (False,):
                with line.cursor().copy(f"COPY {name} FROM STDIN (FORMAT binary)") as copy:
                    copy.write(rows)
        for name, value in kept.sequences:
            if value is not None:
                line.execute("SELECT setval(%s::regclass, %s)", (name, value))
    stage.clock.ahead = kept.ahead
    hands.use(stage.hands)
    if isinstance(kept.made, tuple):
        return tuple(_on(stage, one) for one in kept.made)
    return _on(stage, kept.made)


def _on(stage: Stage, one: Furnished) -> Furnished:
    council = replace(
        one.council,
        stage=stage,
        doors={role: replace(door, app=stage.app) for role, door in one.council.doors.items()},
    )
    return replace(one, council=council, door=replace(one.door, app=stage.app), ids=dict(one.ids))
