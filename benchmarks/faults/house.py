"""How does the bench bring up a whole service whose every process may be killed? As `./run` does, with one
difference: the worker may be given a payer that is broken on purpose.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import redis

from service.machine import ground, leftovers, servers
from service.machine.asked import ROOT
from service.machine.keys import keep_or_make
from service.machine.launcher import answers
from service.machine.parts import COUNTS_SETTING, MIGRATE, OWNER_SETTING, SUPERVISED, WORKER
from service.machine.supervision import Program, Supervisor

HOST = "127.0.0.1"
WORKERS = "benchmarks.faults.payers worker"


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as line:
        line.bind((HOST, 0))
        return int(line.getsockname()[1])


class House:
    """A running service: `url`, `environment` for commands, and doors to break it."""

    def __init__(self, data: Path, *, port: int, payer: str, given: dict[str, str]) -> None:
        self.place = ground.prepare(data)
        self.servers = servers.choose(self.place, given={})
        self.url = f"http://{HOST}:{port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "TMPDIR")},
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            COUNTS_SETTING: str(self.place.counts),
            leftovers.MARK: str(self.place.runtime),
            "DATABASE_URL": self.servers.database_url,
            "REDIS_URL": self.servers.redis_url,
            "BASE_URL": self.url,
            "DEMO": "1",
            "RATE_LIMIT": "1000000 per minute",
            "FAULTS_PAYER": payer,
            **keep_or_make(self.place.data, given={}),
            **given,
        }
        programs = [*self.servers.programs(), *_parts(port, self.place.data)]
        self.supervisor = Supervisor(ground=self.place, programs=programs, environment=self.environment)
        self._stopping = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Bring everything up and wait until pages answer. What dies is brought back, as `./run` does."""
        self.supervisor.start()
        self.servers.wait()
        self.command(*MIGRATE.command, owner=True)
        self.supervisor.start_parts()
        ends = time.monotonic() + 60
        while not answers(f"{self.url}/healthz"):
            if time.monotonic() > ends:
                raise SystemExit(f"The pages do not answer; see {self.place.logs}")
            time.sleep(0.1)
        self._watching.start()

    def _watch(self) -> None:
        while not self._stopping.wait(1):
            self.supervisor.revive()

    def command(self, *words: str, owner: bool = False, said: str = "") -> str:
        """Run one command of the service to its end; answers what it printed."""
        more = {OWNER_SETTING: self.servers.owner_url} if owner else {}
        done = subprocess.run(
            words,
            env=self.environment | more,
            cwd=ROOT,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def stop(self) -> None:
        """Take everything down."""
        self._stopping.set()
        if self._watching.is_alive():
            self._watching.join()
        self.supervisor.stop()
        leftovers.sweep(self.place)

    # What may be done to it

    def pids(self, word: str) -> list[int]:
        """The processes of this house whose command line holds a word."""
        found = []
        for pid in leftovers.running(self.place):
            with suppress(OSError):
                words = (
                    Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
                if word in words and "supervisord" not in words:
                    found.append(pid)
        return found

    def postmaster(self) -> list[int]:
        """PostgreSQL's first process."""
        with suppress(OSError, ValueError, IndexError):
            return [int((self.place.data / "postgres" / "postmaster.pid").read_text().split()[0])]
        return []

    def wipe_broker(self) -> bool:
        """All that the broker held is gone."""
        with suppress(redis.RedisError, OSError):
            client = redis.Redis.from_url(self.environment["REDIS_URL"], socket_timeout=2)
            client.flushall()
            return True
        return False


def _parts(port: int, data: Path) -> list[Program]:
    programs = []
    for rank, part in enumerate(SUPERVISED):
        words = part.words(bind=f"{HOST}:{port}", data=str(data))
        if part is WORKER:
            words = [word.replace("service.worker", "benchmarks.faults.payers") for word in words]
        programs.append(
            Program(name=part.name, command=words, rank=10 + rank, stop_seconds=part.stop_seconds)
        )
    return programs


class Chaos:
    """Kills what it likes, at moments that a seed chooses, and counts what it did."""

    def __init__(self, house: House, *, seed: int) -> None:
        self._house = house
        self._dice = random.Random(seed)
        self.did: Counter[str] = Counter()
        self._asleep: list[tuple[float, int]] = []

    def once(self) -> None:
        """One blow."""
        blows = {
            "worker process killed": (8, self._kill_child),
            "worker killed whole": (
                3,
                lambda: self._kill(self._house.pids("benchmarks.faults.payers worker")),
            ),
            "worker put to sleep": (3, self._sleep_child),
            "relay killed": (2, lambda: self._kill(self._house.pids("reciprocal relay"))),
            "clock killed": (1, lambda: self._kill(self._house.pids("benchmarks.faults.payers beat")[:1])),
            "web killed": (1, lambda: self._kill(self._house.pids("gunicorn"))),
            "broker wiped": (2, self._house.wipe_broker),
            "broker killed": (1, lambda: self._kill(self._house.pids("valkey-server"))),
            "database killed": (1, lambda: self._kill(self._house.postmaster())),
        }
        names = list(blows)
        (name,) = self._dice.choices(names, weights=[blows[n][0] for n in names])
        if blows[name][1]():
            self.did[name] += 1

    def wait(self) -> None:
        """Until the next blow; sleepers wake meanwhile."""
        until = time.monotonic() + self._dice.uniform(0.2, 1.5)
        while time.monotonic() < until:
            self.wake(due=time.monotonic())
            time.sleep(0.05)

    def wake(self, *, due: float = float("inf")) -> None:
        """Those whose time has come go on."""
        for at, pid in list(self._asleep):
            if at <= due:
                self._asleep.remove((at, pid))
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _kill(self, pids: list[int]) -> bool:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(pids)

    def _children(self) -> list[int]:
        """The pool's own processes: those whose parent is a worker too."""
        every = self._house.pids(WORKERS)
        return [pid for pid in every if _parent(pid) in every]

    def _kill_child(self) -> bool:
        children = self._children()
        return self._kill([self._dice.choice(children)] if children else [])

    def _sleep_child(self) -> bool:
        children = self._children()
        if not children:
            return False
        pid = self._dice.choice(children)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            self._asleep.append((time.monotonic() + self._dice.uniform(1, 8), pid))
        return True


def _parent(pid: int) -> int:
    with suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return 0


@contextmanager
def pretend_stripe(
    *, port: int, book: Path, account: str, webhooks: list[str], log: Path
) -> Iterator[PretendStripe]:
    """The pretend Stripe in a process of its own, which may be killed and comes back on the same book."""
    made = PretendStripe(port=port, book=book, account=account, webhooks=webhooks, log=log)
    made.start("{}")
    try:
        yield made
    finally:
        made.kill()


class PretendStripe:
    """Its process, and the way to kill and start it."""

    def __init__(self, *, port: int, book: Path, account: str, webhooks: list[str], log: Path) -> None:
        self.url, self.book, self._log = f"http://{HOST}:{port}", book, log
        self._words = [sys.executable, "-m", "tests.fake_stripe", "--port", str(port), "--book", str(book)]
        self._words += ["--account", account]
        for webhook in webhooks:
            self._words += ["--webhook", webhook]
        self._process: subprocess.Popen[bytes] | None = None
        # Which faults it has met its callers with, over all its lives.
        self.faults: Counter[str] = Counter()

    def start(self, faults: str) -> None:
        """Start it, with these faults, and wait until it listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._words, "--faults", faults], cwd=ROOT, stdout=subprocess.PIPE, stderr=log
            )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise SystemExit(f"The pretend Stripe did not start; see {self._log}")

    def calm(self) -> None:
        """No more faults from now on. What was to be done late is still done, and written in its book."""
        self._count()
        with urllib.request.urlopen(f"{self.url}/_test/faults", data=b"{}"):
            pass

    def finish(self) -> None:
        """Wait until all that was to be done late is done, and in its book."""
        while self._state()["still_to_do"]:
            time.sleep(0.5)

    def _count(self) -> None:
        with suppress(OSError, ValueError):
            self.faults.update(self._state()["faults"])

    def _state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_test/state") as told:
            state: dict[str, Any] = json.load(told)
        return state

    def kill(self) -> None:
        """End it at once; what it did to its callers is counted first."""
        if self._process is not None:
            self._count()
            self._process.kill()
            self._process.wait()
            self._process = None
