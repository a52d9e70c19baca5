"""Does a list ask the database as often for many rows as for few?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tests.stage import Council, Stage, told


@contextmanager
def counting(stage: Stage) -> Iterator[list[str]]:
    """Every statement that the application sends."""
    asked: list[str] = []
    engine = stage.app.extensions["db"].engine

    def note(*args: Any) -> None:
        asked.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def ask(council: Council, path: str) -> tuple[int, int]:
    """How many rows came, and how many statements that took."""
    with counting(council.stage) as asked:
        rows = told(council.lead.get(path))["data"]
    return len(rows), len(asked)


@pytest.mark.parametrize("path", ["people", "payments", "claims", "ledger/entries", "sessions"])
def test_more_rows_are_not_more_questions(stage: Stage, path: str) -> None:
    council = stage.council()
    council.ticked()
    stage.settle()
    few, questions = ask(council, path)
    council.ticked()
    council.ticked()
    stage.settle()
    assert few > 0
    assert ask(council, path) == (few * 3, questions)
