"""Does the embedded PostgreSQL keep what it was given, whatever happens to it?"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.machine import ground
from service.machine.postgres import APP, DATABASE, OWNER, DatabaseTrouble, Postgres
from tests.servers import Cluster


@pytest.fixture
def cluster_of_mine(tmp_path: Path) -> Iterator[Postgres]:
    """A cluster under a folder closed to everybody else, as a home folder is."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    place = ground.prepare(closed / "data")
    programs, _ = ground.programs()
    yield Postgres(data=place.data / "postgres", socket=place.postgres_socket, programs=programs)
    subprocess.run(["rm", "-rf", str(place.runtime)], check=True)


@contextmanager
def running(postgres: Postgres) -> Iterator[Callable[[], int]]:
    """The cluster up; what it yields tells its process."""
    process = subprocess.Popen(postgres.command("fsync=off"), stderr=subprocess.DEVNULL)
    try:
        postgres.wait()
        yield lambda: process.pid
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def test_comes_back_with_its_data_after_a_hard_kill(cluster_of_mine: Postgres) -> None:
    cluster_of_mine.initialise()
    with running(cluster_of_mine) as pid:
        cluster_of_mine.make_roles()
        cluster_of_mine.make_database()
        cluster_of_mine.run("CREATE TABLE kept AS SELECT 7 AS number", database=DATABASE)
        os.kill(pid(), signal.SIGKILL)
    cluster_of_mine.initialise()
    with running(cluster_of_mine):
        cluster_of_mine.make_roles()
        cluster_of_mine.make_database()
        assert cluster_of_mine.run("SELECT number FROM kept", database=DATABASE) == "7"


def test_a_cluster_half_made_is_made_again(cluster_of_mine: Postgres) -> None:
    half = cluster_of_mine.data.with_name("postgres.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    cluster_of_mine.initialise()
    assert (cluster_of_mine.data / "global" / "pg_control").exists()
    assert not half.exists()


def test_refuses_data_of_another_version(cluster_of_mine: Postgres) -> None:
    cluster_of_mine.data.mkdir(parents=True)
    (cluster_of_mine.data / "PG_VERSION").write_text("12\n")
    with pytest.raises(DatabaseTrouble, match="written by PostgreSQL 12 and this is 18"):
        cluster_of_mine.initialise()


def test_listens_on_a_socket_alone_in_a_closed_folder(cluster: Cluster) -> None:
    assert cluster.postgres.run("SHOW listen_addresses") == ""
    assert cluster.postgres.socket.stat().st_mode & 0o777 == 0o700
    assert cluster.postgres.data.stat().st_mode & 0o777 == 0o700


def test_the_roles_may_no_more_than_they_need(cluster: Cluster) -> None:
    powers = cluster.postgres.run(
        "SELECT rolname, rolcanlogin, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb"
        " FROM pg_roles WHERE rolname LIKE 'reciprocal%' AND rolname <> 'reciprocal_admin' ORDER BY 1"
    )
    assert powers.splitlines() == [
        "reciprocal_app|t|f",
        "reciprocal_crossing|f|f",
        "reciprocal_owner|t|f",
    ]
    assert (
        cluster.postgres.run(
            "SELECT admin_option, inherit_option, set_option FROM pg_auth_members"
            f" WHERE member = '{OWNER}'::regrole AND roleid = 'reciprocal_crossing'::regrole"
        )
        == "f|t|t"
    )


def test_gives_passwords_and_the_database_where_the_container_asks(cluster: Cluster, worker: str) -> None:
    name = cluster.make_database(f"given_{worker}")
    cluster.postgres.run(f"ALTER DATABASE {name} OWNER TO reciprocal_admin")
    script = Path(ground.__file__).with_name("roles.sql").read_text()
    given = "\\setenv OWNER_PASSWORD one\n\\setenv APP_PASSWORD two\n"
    cluster.postgres.run(given + script, database=name)
    owner = cluster.postgres.run(f"SELECT datdba::regrole FROM pg_database WHERE datname = '{name}'")
    assert owner == OWNER
    with_password = cluster.postgres.run(
        f"SELECT count(*) FROM pg_authid WHERE rolname IN ('{OWNER}', '{APP}') AND rolpassword LIKE 'SCRAM%'"
    )
    assert with_password == "2"
