"""Does the code keep the rules of the house? Each check must first catch a hole planted for it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FUNCTION = 50
LONGEST_FILE = 400
NO_NAMES = {"utils", "helpers", "common", "core", "services", "managers"}
FRAMEWORKS = {"flask", "flask_smorest", "celery", "kombu", "redis", "sqlalchemy", "marshmallow", "stripe"}

# These hand the environment on to the processes that they start; they look up the servers' addresses in it.
HAND_THE_ENVIRONMENT_ON = {"service/machine/__main__.py", "service/machine/testing.py"}

# Migrations change tables, not the business, and Alembic leaves the last word to its caller.
COMMITS = {"service/db.py", "service/schema.py"}

# Put together here, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile("|".join(["/" + "work/", "/" + "root/", r"/" + r"tmp/\w", "/" + r"home/\w+/"]))
REGISTRIES = re.compile(
    "|".join(["python" + "hosted", "pypi" + r"\.org", "npm" + r"js\.(org|com)", "index" + "-url"])
)
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root, its text and its tree."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Every module named in an import, with its line; `from a import b` names `a` and `a.b`."""
        yield from _imports_in(ast.walk(self.tree))


def _imports_in(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


Check = Callable[[Source], Iterator[str]]


def tracked() -> list[Path]:
    """Every file of the project: kept in git, or new and not ignored."""
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted({ROOT / name for name in names if name and (ROOT / name).is_file()})


@cache
def sources() -> list[Source]:
    """Every Python file, the two commands included; read once, and taken apart once."""
    found = [path for path in tracked() if path.suffix == ".py" or path in (ROOT / "run", ROOT / "test")]
    return [Source(path.relative_to(ROOT).as_posix(), path.read_text()) for path in found]


def short_enough(source: Source) -> Iterator[str]:
    """Functions fit a screen, files a sitting."""
    lines = source.text.count("\n")
    if lines > LONGEST_FILE:
        yield f"{source.path}: {lines} lines, at most {LONGEST_FILE}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{source.path}:{node.lineno}: {node.name}: {length} lines, at most {LONGEST_FUNCTION}"


def well_named(source: Source) -> Iterator[str]:
    """No folder or file that anything could go into."""
    for part in Path(source.path).with_suffix("").parts:
        if part in NO_NAMES:
            yield f"{source.path}: {part!r} says nothing about what is inside"


def says_its_question(source: Source) -> Iterator[str]:
    """Every module of the service says what it is for."""
    if source.path.startswith("service/") and source.text.strip() and not ast.get_docstring(source.tree):
        yield f"{source.path}: no docstring"


def leaves_the_demo_alone(source: Source) -> Iterator[str]:
    """Nothing imports the demo."""
    if source.path.startswith("service/") and not source.path.startswith("service/dev"):
        yield from (
            f"{source.path}:{n}: imports {m}" for n, m in source.imports() if _is_in(m, "service.dev")
        )


def reads_no_environment(source: Source) -> Iterator[str]:
    """Only settings.py reads the environment; who starts a process may hand it `os.environ` whole."""
    if not source.path.startswith("service/") or source.path in {
        "service/settings.py",
        *HAND_THE_ENVIRONMENT_ON,
    }:
        return
    handed_on = {
        id(argument)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Settings.from_env"
        for argument in node.args
    }
    for node in ast.walk(source.tree):
        name = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if name in {"os.environ", "os.environb", "os.getenv", "os.getenvb"} and id(node) not in handed_on:
            yield f"{source.path}:{node.lineno}: reads the environment"
    for line, module in source.imports():
        if module in {"os.environ", "os.environb", "os.getenv"}:
            yield f"{source.path}:{line}: imports {module}"


def leaves_committing_to_db(source: Source) -> Iterator[str]:
    """Only db.py commits, so that a change and its event are one."""
    if not source.path.startswith("service/") or source.path in COMMITS:
        return
    for node in ast.walk(source.tree):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and re.search(
            r"\.commit$|(engine|session|connection)\.begin$", ast.unparse(called)
        ):
            yield f"{source.path}:{node.lineno}: .{called.attr}()"


def leaves_stripe_to_its_rail(source: Source) -> Iterator[str]:
    """Only rails/stripe.py imports stripe."""
    if source.path.startswith("service/") and source.path != "service/rails/stripe.py":
        yield from (f"{source.path}:{n}: imports {m}" for n, m in source.imports() if _is_in(m, "stripe"))


def opens_own_tables(source: Source) -> Iterator[str]:
    """A room's tables are opened by that room alone; others may name them in annotations."""
    room = source.path.split("/")[1] if source.path.startswith("service/") else ""
    if not room:
        return
    foreign = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (found := re.match(r"service\.(\w+)\.tables\b", f"{node.module}.{alias.name}"))
        and found[1] != room
    }
    described = {
        id(part)
        for node in ast.walk(source.tree)
        for field in ("annotation", "returns")
        for part in ast.walk(getattr(node, field, None) or ast.Pass())
    }
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id in foreign and id(node) not in described:
            yield f"{source.path}:{node.lineno}: opens {foreign[node.id]}"


def keeps_the_engine_plain(source: Source) -> Iterator[str]:
    """Models import no framework, nor does the policy engine."""
    # Four files of the policy room speak with the database; the rest of it is the engine.
    policy = source.path.startswith("service/policy/")
    speaks = Path(source.path).name in {"tables.py", "queries.py", "actions.py", "signing.py"}
    if (policy and not speaks) or re.fullmatch(r"service/\w+/model\.py", source.path):
        for line, module in source.imports():
            if module.split(".")[0] in FRAMEWORKS:
                yield f"{source.path}:{line}: imports {module}"


def keeps_the_machine_apart(source: Source) -> Iterator[str]:
    """The machine imports settings, errors, log, the standard library and its supervisor; nothing else."""
    if not source.path.startswith("service/machine/"):
        return
    allowed = {"service.settings", "service.errors", "service.log", "service.machine", "supervisor"}
    for line, module in source.imports():
        plain = module.split(".")[0] in sys.stdlib_module_names
        if not plain and not any(_is_in(module, name) for name in allowed) and module != "service":
            yield f"{source.path}:{line}: imports {module}"


def takes_names_only(source: Source) -> Iterator[str]:
    """A room's verbs and questions are called with names: one argument at most may go without."""
    if not re.fullmatch(r"service/\w+/(actions|queries)\.py", source.path):
        return
    for node in source.tree.body:
        public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if public and len(node.args.posonlyargs) + len(node.args.args) > 1:
            yield f"{source.path}:{node.lineno}: {node.name} takes arguments without names"


def _is_in(module: str, parent: str) -> bool:
    return module == parent or module.startswith(parent + ".")


LONG_FUNCTION = "def f():\n" + "    x = 1\n" * LONGEST_FUNCTION
PLANTED: list[tuple[Check, str, str]] = [
    (short_enough, "service/claims/model.py", LONG_FUNCTION),
    (short_enough, "service/claims/model.py", "x = 1\n" * (LONGEST_FILE + 1)),
    (well_named, "service/claims/utils.py", ""),
    (well_named, "service/core/model.py", ""),
    (says_its_question, "service/claims/model.py", "x = 1\n"),
    (leaves_the_demo_alone, "service/claims/actions.py", "from service import dev\n"),
    (leaves_the_demo_alone, "service/cli.py", "import service.dev.people\n"),
    (reads_no_environment, "service/claims/actions.py", "import os\nx = os.environ['A']\n"),
    (reads_no_environment, "service/machine/postgres.py", "import os\nx = os.getenv('A')\n"),
    (reads_no_environment, "service/app.py", "from os import environ\n"),
    (leaves_committing_to_db, "service/claims/actions.py", "session.commit()\n"),
    (leaves_committing_to_db, "service/tasks/claims.py", "with engine.begin() as connection: ...\n"),
    (leaves_stripe_to_its_rail, "service/payouts/actions.py", "import stripe\n"),
    (leaves_stripe_to_its_rail, "service/rails/bacs.py", "from stripe import StripeClient\n"),
    (
        opens_own_tables,
        "service/payouts/queries.py",
        "from service.claims.tables import Claim\nselect(Claim)\n",
    ),
    (
        opens_own_tables,
        "service/web/person.py",
        "from service.claims import tables\nx: tables.Claim = tables.Claim()\n",
    ),
    (keeps_the_engine_plain, "service/policy/language/read.py", "import sqlalchemy\n"),
    (keeps_the_engine_plain, "service/claims/model.py", "from flask import request\n"),
    (keeps_the_machine_apart, "service/machine/launcher.py", "from service.db import Database\n"),
    (keeps_the_machine_apart, "service/machine/launcher.py", "import psycopg\n"),
    (takes_names_only, "service/claims/actions.py", "def submit(session, claim_id): ...\n"),
]
CHECKS = list(dict.fromkeys(check for check, _, _ in PLANTED))


@pytest.mark.parametrize(("check", "path", "text"), PLANTED, ids=lambda value: getattr(value, "__name__", ""))
def test_catches_a_planted_hole(check: Check, path: str, text: str) -> None:
    assert len(list(check(Source(path, text)))) >= 1


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_keeps_the_rule(check: Check) -> None:
    assert [fault for source in sources() for fault in check(source)] == []


def test_may_hand_the_environment_to_settings() -> None:
    plain = Source("service/app.py", "import os\nsettings = Settings.from_env(os.environ)\n")
    assert list(reads_no_environment(plain)) == []


def test_may_name_a_table_in_an_annotation() -> None:
    text = "from service.claims.tables import Claim\ndef show(claim: Claim) -> list[Claim]: ...\n"
    assert list(opens_own_tables(Source("service/web/claims.py", text))) == []


def found_in_text(pattern: re.Pattern[str], path: Path, text: str) -> list[str]:
    """Each line where a pattern occurs, as `path:line: what`."""
    return [
        f"{path.as_posix()}:{number}: {match.group()}"
        for number, line in enumerate(text.splitlines(), 1)
        if (match := pattern.search(line))
    ]


@pytest.mark.parametrize(
    ("pattern", "planted"),
    [
        (MACHINE_PATHS, "see /" + "root/notes"),
        (MACHINE_PATHS, "/" + "tmp/x.log"),
        (REGISTRIES, "https://files.python" + "hosted.org/x.whl"),
        (UNFINISHED, "# TO" + "DO: later"),
    ],
    ids=["home", "temporary", "registry", "unfinished"],
)
def test_no_file_holds_what_belongs_to_one_machine_or_another_day(
    pattern: re.Pattern[str], planted: str
) -> None:
    assert found_in_text(pattern, Path("planted.md"), f"fine\n{planted}\n") != []
    faults = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        faults += found_in_text(pattern, path.relative_to(ROOT), text)
    assert faults == []
