"""What may a test lean on? Real servers, emptied between tests; see `servers.py` for how they run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from service.db import Database
from service.settings import Settings
from tests import servers
from tests.servers import Broker, Cluster

if TYPE_CHECKING:
    from tests.letterbox import Letterbox
    from tests.stage import Stage

_FOLDER = pytest.StashKey[Path]()


# Whole stories, and every page: these take their time together. `./test fast` leaves them out, so that what
# is asked while somebody writes is answered in three minutes.
LONG = (
    "allowances/test_kept.py",
    "api/test_bad_input.py",
    "api/test_regions.py",
    "claims/test_top_up",
    "dev/",
    "exports/",
    "journeys/",
    "notices/test_messages.py",
    "outgoing/test_webhooks.py",
    "own_data/",
    "payouts/test_bacs_files.py",
    "payouts/test_bank_reports.py",
    "payouts/test_corrections.py",
    "payouts/test_holds.py",
    "payouts/test_in_two_parts.py",
    "payouts/test_overpayments.py",
    "payouts/test_parts_put_right.py",
    "payouts/test_putting_off.py",
    "payouts/test_runs.py",
    "payouts/test_sandbox_outcomes.py",
    "reports/test_books.py",
    "reports/test_trying.py",
    "test_resealing.py",
    "web/",
)


# What takes longest of all. Each of the two processes begins with its part, so that neither is still at it
# when the other has nothing left to do.
LONGEST = (
    ("machine/test_run.py", "journeys/test_any_order.py"),
    ("payouts/test_crashes.py", "web/test_authorization.py", "journeys/test_whole_machine.py"),
)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark the tests of those files. Of what is left in, each half begins with its part of the longest."""
    for item in items:
        if _is_in(item, LONG):
            item.add_marker("long")
    yield
    first, second = ([item for item in items if _is_in(item, names)] for names in LONGEST)
    rest = [item for item in items if item not in first and item not in second]
    middle = max(0, len(items) // 2 - len(first))
    items[:] = [*first, *rest[:middle], *second, *rest[middle:]]


def _is_in(item: pytest.Item, names: tuple[str, ...]) -> bool:
    here = Path(__file__).parent
    return item.path.is_relative_to(here) and item.path.relative_to(here).as_posix().startswith(names)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--whole`: a skip is a failure, but for `may_be_absent`. `--pictures`: see `browser/conftest.py`."""
    parser.addoption("--whole", action="store_true", help="fail if any test was skipped")
    parser.addoption(
        "--pictures", action="store_true", help="keep sharp pictures of each page, at two widths"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Agree on one folder for the servers of this run, told to every worker."""
    told = getattr(config, "workerinput", None)
    if told is None:
        servers.clear_away_dead_runs()
    config.stash[_FOLDER] = Path(told["servers"]) if told else servers.folder_for_run()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the servers are."""
    node.workerinput["servers"] = str(node.config.stash[_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers, if this is the process that was asked to run the tests."""
    if not hasattr(config, "workerinput") and _FOLDER in config.stash:
        servers.stop(config.stash[_FOLDER])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything was wanted, a skipped test is a part left out."""
    if _skipped_unduly(session.config) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say why a run without failures failed, and what was left out with good reason."""
    if skipped := _skipped_unduly(config):
        terminalreporter.write_line(f"LEFT OUT: {skipped} skipped, and --whole wants every test.", red=True)
    if absent := [one for one in _skipped(config) if _may_be_absent(one)]:
        terminalreporter.write_line(f"{len(absent)} skipped: what they read may be absent, and is.")


def _skipped_unduly(config: pytest.Config) -> int:
    wanted = _skipped(config) if config.getoption("--whole") else []
    return sum(not _may_be_absent(one) for one in wanted)


def _skipped(config: pytest.Config) -> list[pytest.TestReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if reporter else []


def _may_be_absent(report: pytest.TestReport) -> bool:
    """Whether the test reads what lies beside the project, and so need not be there."""
    return "may_be_absent" in report.keywords


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """This worker's short name: `gw0`, `gw1`, or `main` where there is but one."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """The run's PostgreSQL, with the three roles and no database of ours yet."""
    return servers.cluster_in(request.config.stash[_FOLDER])


@pytest.fixture(scope="session")
def _own_database(cluster: Cluster, worker: str) -> str:
    """This worker's database, copied from the migrated one."""
    return cluster.make_database(f"tests_{worker}", template=cluster.migrated())


@pytest.fixture(scope="session")
def _emptying(cluster: Cluster, _own_database: str) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """A superuser's line to the worker's database, and the statement that empties it."""
    with psycopg.connect(cluster.driver_url(database=_own_database), autocommit=True) as line:
        line.execute("SET lock_timeout = '10s'")
        tables = line.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        filled = [
            f"{schema}.{table}"
            for schema, table in tables
            if line.execute(f'SELECT EXISTS (SELECT FROM "{schema}"."{table}")').fetchone() == (True,)
        ]
        yield line, servers.empty_statement(filled)


@pytest.fixture
def emptied(database_name: str, _emptying: tuple[psycopg.Connection[Any], str]) -> Callable[[], None]:
    """Empties the worker's database once more, for a test that goes through the same again and again."""
    line, statement = _emptying

    def empty() -> None:
        line.execute(statement)

    return empty


@pytest.fixture
def database_name(_own_database: str, _emptying: tuple[psycopg.Connection[Any], str]) -> str:
    """The worker's database, as the migrations left it."""
    line, statement = _emptying
    # A test that failed half-way may have left a transaction open; its locks would stop everybody.
    line.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
        " AND backend_type = 'client backend'"
    )
    line.execute(statement)
    return _own_database


@pytest.fixture(scope="session")
def _own_broker(request: pytest.FixtureRequest, worker: str) -> Iterator[Broker]:
    folder: Path = request.config.stash[_FOLDER]
    folder.mkdir(mode=0o711, exist_ok=True)
    broker = Broker(folder / worker)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def broker(_own_broker: Broker) -> Broker:
    """The worker's own Valkey, running and empty."""
    _own_broker.empty()
    return _own_broker


@pytest.fixture
def environment(cluster: Cluster, database_name: str, broker: Broker) -> dict[str, str]:
    """The settings of this test as environment variables, for a process of its own, no receipt kept."""
    found = cluster.environment(database_name, redis_url=broker.url)
    shutil.rmtree(found["RECEIPTS_DIR"], ignore_errors=True)
    return found


@pytest.fixture
def in_the_environment(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Those variables are set in this process, for commands that read them themselves."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    """The settings of this test: an empty migrated database and an empty broker."""
    return Settings.from_env(environment)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The worker's empty database as the service reaches it."""
    found = Database(settings.database_url, pooled=False)
    yield found
    found.close()


@pytest.fixture
def stage(cluster: Cluster, settings: Settings, database_name: str) -> Stage:
    """The whole service on this test's database and broker, with no council yet."""
    # Only now, so that tests of one part start without all the others.
    from tests.stage import Stage

    return Stage(settings, admin_url=cluster.driver_url(database=database_name))


@pytest.fixture
def post(stage: Stage) -> Letterbox:
    """Where this test's messages arrive."""
    from tests.letterbox import Letterbox

    box = Letterbox()
    stage.hands = replace(stage.hands, way=box)
    return box
