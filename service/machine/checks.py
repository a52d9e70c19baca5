"""What stands in the way of a start, in words that say what to do?"""

from __future__ import annotations

import errno
import os
import shutil
import socket
import time
from pathlib import Path

from service.errors import Refused
from service.machine.ground import CannotStand

ROOM_BYTES = 150_000_000
# A process that was ended a moment ago may hold its port for a moment more.
LETS_GO_SECONDS = 3.0


class PortIsBusy(Refused):
    """We cannot answer at the port."""

    title = "The port is not free"


def ready_folder(data: Path) -> None:
    """Make the data folder and see that it can be used. Raises `CannotStand`."""
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise CannotStand(
            f"{data} cannot be made: {trouble.strerror}. Choose another folder with --data."
        ) from trouble
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        raise CannotStand(f"{data} may not be written by this user. Choose another folder with --data.")
    if shutil.disk_usage(data).free < ROOM_BYTES:
        raise CannotStand(
            f"The disk that holds {data} is full or nearly so: {ROOM_BYTES // 1_000_000} MB must be free. "
            "Make room, or choose a folder on another disk with --data."
        )


def free_port(host: str, port: int) -> None:
    """Raise `PortIsBusy` unless this process can answer at the port, now or within `LETS_GO_SECONDS`."""
    ends = time.monotonic() + LETS_GO_SECONDS
    while trouble := _bind_trouble(host, port):
        denied = trouble.errno == errno.EACCES
        if denied or time.monotonic() > ends:
            why = "may only be used by root" if denied else "is in use by another program"
            other = port + 10 if 1024 <= port < 65000 else 8010
            raise PortIsBusy(f"Port {port} {why}. Choose another: ./run --port {other}") from trouble
        time.sleep(0.05)


def _bind_trouble(host: str, port: int) -> OSError | None:
    """What the machine says when this process asks for the port; None: it is ours to take."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as trouble:
            return trouble
    return None


def in_words(trouble: OSError) -> str:
    """A system error as a sentence with a remedy."""
    where = f" ({trouble.filename})" if trouble.filename else ""
    if trouble.errno == errno.ENOSPC:
        return f"The disk is full{where}. Make room and start again; what was recorded before is safe."
    if trouble.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"This user may not write here{where}. Choose a folder of yours with --data."
    return f"The machine refused{where}: {trouble.strerror or trouble}."
