"""Servers and processes for one run of the bench: as `./run` starts them, on a folder of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from service import schema
from service.machine import ground
from service.machine.parts import BEAT, RELAY, WORKER, Part
from service.machine.postgres import ADMIN, APP, OWNER, Postgres
from service.machine.valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Servers:
    """A database that is migrated, a queue, and the environment of the service on them."""

    folder: Path
    postgres: Postgres
    valkey: Valkey
    pids: dict[str, int] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the service as environment variables."""
        return {
            "DATABASE_URL": self.postgres.url(role=APP),
            "DATABASE_OWNER_URL": self.postgres.url(role=OWNER),
            "REDIS_URL": self.valkey.url(),
            "SECRET_KEY": "only-for-a-bench-0123456789abcdef0123456789",
            "ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
            "LOG_LEVEL": "WARNING",
        }

    def admin(self) -> psycopg.Connection[tuple[object, ...]]:
        """A line to the database that no wall stops."""
        url = self.postgres.url(role=ADMIN).replace("+psycopg", "", 1)
        return psycopg.connect(url, autocommit=True)

    @contextmanager
    def running(self, part: Part, *more: str) -> Iterator[int]:
        """One process of the service, as `./run` starts it. Yields its pid, and stops it at the end."""
        words = part.words(bind="", data=str(self.folder))
        with self.process(part.name, [*words, *more], self.environment) as pid:
            yield pid

    @contextmanager
    def process(self, name: str, words: list[str], environment: dict[str, str]) -> Iterator[int]:
        """Any process, named for the figures. The program is one of this virtual environment."""
        program = str(Path(sys.executable).parent / words[0])
        with (self.folder / f"{name}.log").open("ab") as log:
            started = subprocess.Popen(
                [program, *words[1:]],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )
        self.pids[name] = started.pid
        try:
            yield started.pid
        finally:
            del self.pids[name]
            started.send_signal(signal.SIGTERM)
            try:
                started.wait(30)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """PostgreSQL and Valkey with the settings that `./run` gives them, stopped at the end."""
    place = ground.prepare(folder / "data")
    programs, valkey = ground.programs()
    found = Servers(
        folder,
        Postgres(data=place.data / "postgres", socket=place.postgres_socket, programs=programs),
        Valkey(data=place.data / "valkey", socket=place.valkey_socket, program=valkey),
    )
    found.postgres.initialise()
    with ExitStack() as stack:
        log = stack.enter_context((folder / "servers.log").open("ab"))
        for name, command in (("postgres", found.postgres.command()), ("valkey", found.valkey.command())):
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            stack.callback(process.wait, 30)
            stack.callback(process.send_signal, signal.SIGINT)
            found.pids[name] = process.pid
        found.postgres.wait()
        found.valkey.wait()
        found.postgres.make_roles()
        found.postgres.make_database()
        schema.migrate(found.environment["DATABASE_OWNER_URL"])
        yield found


@contextmanager
def whole_service(on: Servers, *, concurrency: int) -> Iterator[int]:
    """Relay, workers and clock. Yields the pid of the workers' parent."""
    concurrently = "--concurrency", str(concurrency)
    with on.running(WORKER, *concurrently) as worker, on.running(RELAY), on.running(BEAT):
        yield worker


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def seconds_of(pid: int) -> float:
    """Processor seconds of a process and its descendants, those that have ended included."""
    total = 0
    for one in family(pid):
        try:
            words = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(int(word) for word in words[11:15])
    return total / TICKS


def megabytes_of(pid: int) -> float:
    """What a process holds in memory itself, shared pages left out."""
    words = Path(f"/proc/{pid}/statm").read_text().split()
    return (int(words[1]) - int(words[2])) * PAGE_BYTES / 1e6
