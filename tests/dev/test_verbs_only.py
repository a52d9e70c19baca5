"""Is the demonstration made by public verbs alone? It opens no table and writes no row by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

DEV = Path(__file__).parents[2] / "service" / "dev"
WRITES = {"add", "add_all", "merge", "delete", "execute", "scalar", "scalars", "bulk_save_objects"}


def writes_rows(text: str) -> Iterator[str]:
    """Every line that opens a table, or speaks to a session of the database itself."""
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            words = name.split(".")
            if "tables" in words or (words[0] == "sqlalchemy" and words[-1] in {"text", "insert", "update"}):
                yield f"{getattr(node, 'lineno', 0)}: {name}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            spoken_to = ast.unparse(node.func.value)
            if node.func.attr in WRITES and spoken_to in {"session", "outside", "self.session"}:
                yield f"{node.lineno}: {spoken_to}.{node.func.attr}"


@pytest.mark.parametrize(
    "planted",
    [
        "from service.claims.tables import Claim\n",
        "from service.payouts import tables\n",
        "import service.people.tables\n",
        "from sqlalchemy import text\n",
        "def verb(session):\n    session.add(row)\n",
        "def verb(session):\n    session.execute('INSERT')\n",
    ],
)
def test_catches_a_planted_hole(planted: str) -> None:
    assert list(writes_rows(planted))


def test_writes_no_row() -> None:
    files = sorted(DEV.rglob("*.py"))
    assert len(files) > 10
    assert {str(path): found for path in files if (found := list(writes_rows(path.read_text())))} == {}
