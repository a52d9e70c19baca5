"""Which PostgreSQL and Valkey do the tests talk to? One cluster a run, one database and one broker a worker.

The first test that needs the cluster starts it, whichever process that is; the process that was asked to
run the tests stops it. What a killed run left behind, the next run clears away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service import schema
from service.machine import ground
from service.machine.postgres import ADMIN, APP, OWNER, Postgres
from service.machine.valkey import Valkey

PREFIX = "reciprocal-tests-"
TEMPLATE = "template_migrated"
SECRET_KEY = "only-for-tests-0123456789abcdef0123456789abcdef"
ENCRYPTION_KEY = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="

# Nothing here outlives a run, so nothing waits for the disk.
_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=64MB",
)

# Empties every table that the migrations left empty, whatever its triggers say, and its counters start anew.
_EMPTY = """
DO $$ DECLARE spot record; found boolean; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR spot IN SELECT format('%%I.%%I', schemaname, tablename) AS name, schemaname || '.' || tablename AS plain
      FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') LOOP
    CONTINUE WHEN spot.plain = ANY (%(kept)s);
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || spot.name || ')' INTO found;
    IF found THEN EXECUTE 'DELETE FROM ' || spot.name; END IF;
  END LOOP;
  FOR spot IN SELECT format('%%I.%%I', schemaname, sequencename) AS name, start_value
      FROM pg_sequences WHERE last_value IS NOT NULL LOOP
    PERFORM setval(spot.name::regclass, spot.start_value, false);
  END LOOP;
END $$;
"""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The run's PostgreSQL. `folder` holds all of it."""

    folder: Path
    postgres: Postgres

    def url(self, *, role: str = APP, database: str) -> str:
        """An SQLAlchemy address; roles are `reciprocal_app`, `reciprocal_owner`, `reciprocal_admin`."""
        return self.postgres.url(role=role, database=database)

    def driver_url(self, *, role: str = ADMIN, database: str) -> str:
        """The same for psycopg itself."""
        return self.url(role=role, database=database).replace("+psycopg", "", 1)

    def make_database(self, name: str, *, template: str = "template0") -> str:
        """Make (again) a database owned by the owner role. Answers its name."""
        self.postgres.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.postgres.make_database(name, template=template)
        return name

    def migrated(self) -> str:
        """The name of a database that `reciprocal migrate` has made, to copy from. Made once a run."""
        with _turn(self.folder / "template.lock"):
            done = self.folder / "template.done"
            if not done.exists():
                self.make_database(TEMPLATE)
                schema.migrate(self.url(role=OWNER, database=TEMPLATE))
                done.touch()
        return TEMPLATE

    def environment(self, database: str, *, redis_url: str = "unix:///nowhere.sock?db=0") -> dict[str, str]:
        """The settings of a process that works on `database`, as environment variables."""
        return {
            "DATABASE_URL": self.url(database=database),
            "DATABASE_OWNER_URL": self.url(role=OWNER, database=database),
            "REDIS_URL": redis_url,
            "SECRET_KEY": SECRET_KEY,
            "ENCRYPTION_KEYS": ENCRYPTION_KEY,
            "DEMO": "1",
            "RECEIPTS_DIR": str(self.folder / "receipts" / database),
        }


def until(true: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait for what another process does; fail if it does not."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, f"waited {seconds} seconds in vain"
        time.sleep(0.05)


def empty_statement(kept: list[str]) -> str:
    """SQL that takes a database back to what the migrations left, but for the tables `kept`."""
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in kept)
    return _EMPTY % {"kept": f"ARRAY[{names}]::text[]"}


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def folder_for_run() -> Path:
    """Where this run's servers will live, if any test asks for them. The name tells whose they are."""
    return ground.short_root() / f"{PREFIX}{os.getpid()}"


def cluster_in(folder: Path) -> Cluster:
    """The cluster of this run, started if no test needed it before."""
    folder.mkdir(mode=0o711, exist_ok=True)
    with _turn(folder / "cluster.lock"):
        place = ground.prepare(folder / "data", runtime=folder)
        programs, _ = ground.programs()
        postgres = Postgres(data=place.data / "postgres", socket=place.postgres_socket, programs=programs)
        if postgres.pid() is None:
            postgres.initialise()
            with (place.logs / "postgres.log").open("ab") as log:
                subprocess.Popen(
                    postgres.command(*_FAST, untied=True),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            postgres.wait()
            postgres.make_roles()
    return Cluster(folder=folder, postgres=postgres)


class Broker:
    """One worker's own Valkey: `url`, and doors to empty, kill and start it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o711, exist_ok=True)
        place = ground.prepare(folder / "data", runtime=folder)
        _, program = ground.programs()
        self.server = Valkey(data=place.data / "valkey", socket=place.valkey_socket, program=program)
        self._log = place.logs / "valkey.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for the redis client and for settings."""
        return self.server.url()

    def start(self) -> None:
        """Start it, unless it runs, and wait until it answers."""
        if self._process is None:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    self.server.command(keep=False), stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
        self.server.wait()

    def empty(self) -> None:
        """Have it running, with nothing in it."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        self.start()
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.server.socket))
            line.sendall(b"FLUSHALL\r\n")
            if line.recv(16) != b"+OK\r\n":
                raise RuntimeError("The broker would not be emptied.")

    def kill(self) -> None:
        """End it at once, as a fault would: all that it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def stop(folder: Path) -> None:
    """Stop the run's cluster and clear its folder away."""
    if not folder.exists():
        return
    data = folder / "data" / "postgres"
    pid = Postgres(data=data, socket=folder, programs=folder).pid()
    if pid is not None and _works_in(pid, data):
        os.kill(pid, signal.SIGQUIT)
        ends = time.monotonic() + 10
        while _works_in(pid, data) and time.monotonic() < ends:
            time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)


def clear_away_dead_runs() -> None:
    """Stop the clusters of runs that were killed before they could."""
    for folder in ground.short_root().glob(PREFIX + "*"):
        owner = folder.name.removeprefix(PREFIX)
        if folder.stat().st_uid == os.geteuid() and owner.isdigit() and not Path(f"/proc/{owner}").exists():
            stop(folder)


def _works_in(pid: int, folder: Path) -> bool:
    """Whether `pid` is a process at work in `folder`; a number may have gone to somebody else."""
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False
