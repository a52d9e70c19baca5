"""Does the whole service start, come back from every blow, and end without a trace but its data?"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from service.machine import ground, launcher, leftovers
from service.machine.asked import ROOT
from service.machine.parts import SUPERVISED
from service.machine.postgres import DATABASE, Postgres
from tests.servers import until

pytestmark = pytest.mark.long


class Installation:
    """A copy of the project with data of its own, started as `./run` starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "var" / "data"
        for name in ("service", "migrations", "policies"):
            # What is compiled comes along, but for what another process is writing just now.
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.pyc.*"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.place = ground.prepare(self.data)
        self.process: subprocess.Popen[str] | None = None

    def command(self) -> subprocess.Popen[str]:
        """Begin a start."""
        return subprocess.Popen(
            [sys.executable, "-m", "service.machine", "--port", str(self.port), "--no-demo"],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self) -> str:
        """Start and wait for its welcome. Answers all it said."""
        self.process = self.command()
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if line.startswith("Press Ctrl-C"):
                return said
        raise AssertionError(said)

    def at_a_terminal(self, command: str) -> str:
        """Read where it is, as the runbook says, and give a `reciprocal` command. Answers what it said."""
        words = f". {self.data}/{launcher.ENVIRONMENT_FILE}; exec {sys.executable} -m service.cli {command}"
        done = subprocess.run(
            ["/bin/sh", "-c", words], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout

    def stop(self, number: signal.Signals) -> int:
        """Ask it to stop and wait. Answers its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def postgres(self) -> Postgres:
        """Its database, for its superuser."""
        ground.prepare(self.data)
        programs, _ = ground.programs()
        return Postgres(data=self.data / "postgres", socket=self.place.postgres_socket, programs=programs)

    def processes(self) -> dict[int, str]:
        """Everything that runs for it, each with its command line."""
        found = {pid: _command_line(pid) for pid in leftovers.running(self.place)}
        return {pid: line for pid, line in found.items() if line}

    def pids(self, words: str) -> set[int]:
        """The processes whose command line holds the words."""
        return {pid for pid, line in self.processes().items() if words in line}

    def answers(self) -> bool:
        """Whether its page answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    found = Installation(tmp_path / "project")
    yield found
    if found.process is not None and found.process.poll() is None:
        found.process.kill()
        found.process.wait()
    leftovers.sweep(found.place)
    shutil.rmtree(found.place.runtime, ignore_errors=True)


def test_starts_takes_a_council_comes_back_from_every_blow_and_ends_without_a_trace(
    installation: Installation,
) -> None:
    said = installation.start()
    _tells_where(installation, said)
    _starts_once(installation)
    _takes_a_council(installation)
    _whatever_dies_comes_back(installation)
    assert installation.at_a_terminal("verify") == "Anytown Council: all is well\n"
    assert installation.stop(signal.SIGINT) == 0
    _left_nothing(installation)


def test_data_outlives_every_kill_and_the_next_start_takes_over(installation: Installation) -> None:
    installation.start()
    installation.postgres().run("CREATE TABLE kept AS SELECT 7 AS number", database=DATABASE)
    secrets = (installation.data / "secrets.env").read_text()
    assert installation.process is not None
    for pid in [installation.process.pid, *installation.processes()]:
        # Its parent may have gone first, and taken it along.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    installation.process.wait()
    installation.start()
    assert installation.postgres().run("SELECT number FROM kept", database=DATABASE) == "7"
    assert (installation.data / "secrets.env").read_text() == secrets
    # Killed alone, a start takes the rest with it, or leaves it to the next.
    installation.process.kill()
    installation.process.wait()
    installation.start()
    assert len(installation.pids("supervisor.supervisord")) == 1
    assert installation.answers()
    assert installation.stop(signal.SIGTERM) == 0
    _left_nothing(installation)


def _tells_where(installation: Installation, said: str) -> None:
    url = f"http://127.0.0.1:{installation.port}"
    assert f"Reciprocal answers at {url}" in said
    told = installation.folder / "var" / "run.json"
    assert told.stat().st_mode & 0o777 == 0o600
    assert json.loads(told.read_text()) == {"url": url, "api_keys": {}, "demo": {}, "pages": {}}
    assert installation.answers()


def _starts_once(installation: Installation) -> None:
    second = installation.command()
    words, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    where = f"works on {installation.data} at http://127.0.0.1:{installation.port}"
    assert f"already running. It {where}" in words


def _takes_a_council(installation: Installation) -> None:
    """One is added from another terminal."""
    known = installation.data / launcher.ENVIRONMENT_FILE
    assert known.stat().st_mode & 0o777 == 0o600
    add = (
        "council add --name 'Anytown Council' --policy policies/councils/exampleshire.yaml"
        " --lead lead@example.com anytown"
    )
    said = installation.at_a_terminal(add)
    assert "Anytown Council is ready. Its first test key, shown once: rcp_test_" in said
    link = said.split("within the hour: ", 1)[1].strip()
    with urllib.request.urlopen(link, timeout=5) as page:
        assert "Sign in to Anytown Council" in page.read().decode()


def _whatever_dies_comes_back(installation: Installation) -> None:
    parts = [" ".join(part.command[:4]).partition(" {")[0] for part in SUPERVISED]
    for words in [*parts, "valkey-server", "bin/postgres -D", "supervisor.supervisord"]:
        struck = installation.pids(words)
        assert struck, words
        for pid in struck:
            os.kill(pid, signal.SIGKILL)
        until(lambda words=words, struck=struck: bool(installation.pids(words) - struck))  # type: ignore[misc]
    until(lambda: all(installation.pids(words) for words in parts))
    until(installation.answers)


def _left_nothing(installation: Installation) -> None:
    assert installation.processes() == {}
    assert not installation.place.runtime.exists()
    assert not (installation.data / launcher.ENVIRONMENT_FILE).exists()
