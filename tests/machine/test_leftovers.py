"""Is one start kept from another, and is nothing left of one that was killed?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.machine import ground, leftovers
from service.machine.ground import Ground

PATIENT = "import time, sys; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Ground]:
    found = ground.prepare(tmp_path / "data")
    yield found
    subprocess.run(["rm", "-rf", str(found.runtime)], check=True)


def spawn(program: str, **more: str) -> subprocess.Popen[bytes]:
    """A process that has said it is up."""
    command = [sys.executable, "-c", program]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **more})
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    return process


def test_a_second_start_is_told_where_the_first_answers(tmp_path: Path) -> None:
    with leftovers.hold(tmp_path, url="http://127.0.0.1:8000"):
        with pytest.raises(leftovers.AlreadyRunning) as refused:
            leftovers.hold(tmp_path, url="http://127.0.0.1:8001")
        assert f"at http://127.0.0.1:8000 (process {os.getpid()})" in refused.value.detail
    leftovers.hold(tmp_path, url="http://127.0.0.1:8001").close()
    assert json.loads((tmp_path / leftovers.LOCK).read_text())["url"] == "http://127.0.0.1:8001"


def test_ends_what_bears_the_mark_and_nothing_else(place: Ground) -> None:
    ours = [spawn(PATIENT, **{leftovers.MARK: str(place.runtime)}) for _ in range(2)]
    other = spawn(PATIENT, **{leftovers.MARK: str(place.runtime) + "-of-another"})
    assert leftovers.sweep(place) == 2
    assert [process.wait(timeout=5) for process in ours] == [-15, -15]
    assert other.poll() is None
    other.kill()
    other.wait()


def test_finds_a_server_by_the_folder_it_works_in(place: Ground) -> None:
    folder = place.data / "valkey"
    folder.mkdir()
    server = subprocess.Popen([sys.executable, "-c", PATIENT], cwd=folder, stdout=subprocess.DEVNULL)
    while server.pid not in leftovers.running(place):
        assert server.poll() is None
    assert leftovers.sweep(place) == 1
    assert server.wait(timeout=5) == -15


def test_does_not_wait_for_ever(place: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "GENTLE_SECONDS", 0.2)
    stubborn = spawn(STUBBORN, **{leftovers.MARK: str(place.runtime)})
    began = time.monotonic()
    assert leftovers.sweep(place) == 1
    assert stubborn.wait(timeout=5) == -9
    assert time.monotonic() - began < 5


def test_finds_nothing_where_nothing_was_left(place: Ground) -> None:
    assert leftovers.sweep(place) == 0
