"""Is anything of ours still running on this data? One start at a time, and none beside an old one's remains.

A lock that the kernel drops with its holder says whether a start is alive. What an ended start left behind is
known by a mark in its environment, or by working in a server's data folder; a number alone proves nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import time
from pathlib import Path
from typing import IO

from service.errors import Refused
from service.machine.ground import Ground

MARK = "RECIPROCAL_RUN"
LOCK = "run.lock"
GENTLE_SECONDS = 10


class AlreadyRunning(Refused):
    """Another `./run` serves this data."""

    title = "Reciprocal is already running"


def hold(data: Path, *, url: str) -> IO[str]:
    """Hold this data for this process until it ends. Raises `AlreadyRunning` with the other's address."""
    lock = (data / LOCK).open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise AlreadyRunning(_who(lock.read(), data)) from None
    lock.seek(0)
    lock.truncate()
    json.dump({"pid": os.getpid(), "url": url}, lock)
    lock.flush()
    return lock


def _who(written: str, data: Path) -> str:
    try:
        holder = json.loads(written)
        where = f" at {holder['url']} (process {holder['pid']})"
    except (ValueError, KeyError):
        where = ""
    return (
        f"It works on {data}{where}. Use that one, or stop it first with Ctrl-C. "
        "To run a second one beside it: ./run --port 8010 --data ANOTHER-FOLDER"
    )


def sweep(ground: Ground) -> int:
    """End whatever an earlier start left running on this data. Answers how many processes there were."""
    found = running(ground)
    if not found:
        return 0
    postmaster = _postmaster(ground)
    for pid in found:
        # PostgreSQL's own children follow it; told to end by themselves they would only alarm it.
        if pid == postmaster:
            _signal(pid, signal.SIGINT)
        elif not _works_in(pid, ground.data / "postgres"):
            _signal(pid, signal.SIGTERM)
    ends = time.monotonic() + GENTLE_SECONDS
    while (left := running(ground)) and time.monotonic() < ends:
        time.sleep(0.1)
    while left:
        for pid in left:
            _signal(pid, signal.SIGKILL)
        time.sleep(0.1)
        left = running(ground)
    return len(found)


def running(ground: Ground) -> list[int]:
    """The processes that work on this data, without us and what started us."""
    mark = f"{MARK}={ground.runtime}".encode()
    servers = [ground.data / name for name in ("postgres", "valkey")]
    ours = {os.getpid(), os.getppid()}
    pids = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    return [
        pid
        for pid in pids
        if pid not in ours and (_is_marked(pid, mark) or any(_works_in(pid, folder) for folder in servers))
    ]


def _postmaster(ground: Ground) -> int | None:
    try:
        return int((ground.data / "postgres" / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _is_marked(pid: int, mark: bytes) -> bool:
    try:
        return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder
    except OSError:
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
