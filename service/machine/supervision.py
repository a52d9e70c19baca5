"""What keeps the processes alive? supervisord, told by a file that we write and spoken to over a socket.

Chosen over circus (two more servers of its own, and compiled parts) and honcho (never restarts anything).
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
import xmlrpc.client
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import Unavailable
from service.machine.asked import ROOT
from service.machine.ground import CannotStand, Ground, tethered

LOG_BYTES = 5_000_000
STOPPED = ("STOPPED", "FATAL", "EXITED", "UNKNOWN")


class SupervisorTrouble(Unavailable):
    """The supervisor did not come up."""

    title = "The supervisor did not start"


@dataclass(frozen=True, kw_only=True)
class Program:
    """One line of work for the supervisor. Servers start with it; the others when they are told to."""

    name: str
    command: list[str]
    rank: int
    server: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: int = 10


def _section(program: Program, ground: Ground) -> str:
    """A `[program:…]` section; the tether ends it with the supervisor, however that ends."""
    command = program.command if program.server else tethered(program.command, directory=ROOT, lend=False)
    lines = {
        "command": shlex.join(command),
        "directory": str(ROOT),
        "priority": str(program.rank),
        "autostart": "true" if program.server else "false",
        "autorestart": "true",
        "startsecs": "5",
        "startretries": "3",
        "stopsignal": program.stop_signal.name.removeprefix("SIG"),
        "stopwaitsecs": str(program.stop_seconds),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(ground.logs / f"{program.name}.log"),
        "stdout_logfile_maxbytes": str(LOG_BYTES),
        "stdout_logfile_backups": "3",
    }
    return f"[program:{program.name}]\n" + "".join(f"{k} = {_plain(v)}\n" for k, v in lines.items())


def _plain(value: str) -> str:
    """A value that no sign of the file cuts short. Raises `CannotStand` where one would."""
    if any(sign in value for sign in (" ;", " #", "%", "\n")):
        raise CannotStand(f"A folder's name may not hold '%', ' #' or ' ;' here, and one does: {value}")
    return value


def configuration(*, ground: Ground, programs: list[Program]) -> str:
    """The whole of supervisord's file."""
    head = {
        "unix_http_server": {"file": str(ground.supervisor_socket), "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "umask": "077",
            "logfile": str(ground.logs / "supervisor.log"),
            "logfile_maxbytes": str(LOG_BYTES),
            "logfile_backups": "1",
            "pidfile": str(ground.runtime / "supervisor.pid"),
            "childlogdir": str(ground.logs),
            **({"user": "root"} if os.geteuid() == 0 else {}),
        },
    }
    written = [
        f"[{name}]\n" + "".join(f"{k} = {_plain(v)}\n" for k, v in lines.items())
        for name, lines in head.items()
    ]
    return "\n".join([*written, *(_section(program, ground) for program in programs)])


class Supervisor:
    """One supervisord and the talk with it."""

    def __init__(self, *, ground: Ground, programs: list[Program], environment: dict[str, str]) -> None:
        self._ground = ground
        self._programs = programs
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None
        self._said: deque[str] = deque(maxlen=12)

    def start(self) -> None:
        """Start it with the servers, and wait until it listens."""
        path = self._ground.runtime / "supervisor.conf"
        path.write_text(configuration(ground=self._ground, programs=self._programs))
        self._ground.supervisor_socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(path)]
        self._process = subprocess.Popen(
            tethered(command, directory=ROOT, lend=False),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            # Not a file: on a full disk it could not complain, and would stumble over that.
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C in the terminal is for us; we stop the rest in order.
            start_new_session=True,
        )
        listener = threading.Thread(target=self._said.extend, args=(self._process.stdout,), daemon=True)
        listener.start()
        ends = time.monotonic() + 15
        while not self._listens():
            if time.monotonic() > ends or not self.is_alive():
                listener.join(timeout=1)
                raise SupervisorTrouble(f"Its last words: {''.join(self._said).strip() or 'none'}")
            time.sleep(0.05)

    def is_alive(self) -> bool:
        """Whether supervisord still runs."""
        return self._process is not None and self._process.poll() is None

    def start_parts(self, *names: str) -> None:
        """Start these parts, or every one that does not run yet; servers need no telling."""
        states = self.states()
        for name in names or [program.name for program in self._programs]:
            if states[name] in STOPPED:
                self._say("startProcess", name, False)

    def revive(self) -> None:
        """Start again what supervisord has given up on, and itself. What fails now is tried the next time."""
        with contextlib.suppress(SupervisorTrouble, OSError, xmlrpc.client.Error):
            if not self.is_alive():
                self.start()
            self.start_parts()

    def states(self) -> dict[str, str]:
        """Each program's state in supervisord's words: RUNNING, BACKOFF, FATAL…"""
        told: list[dict[str, Any]] = self._say("getAllProcessInfo")
        return {str(one["name"]): str(one["statename"]) for one in told}

    def stop(self) -> None:
        """Stop the parts together, then the servers, then supervisord. Never raises; may take its time."""
        if self.is_alive():
            with contextlib.suppress(OSError, xmlrpc.client.Error):
                self._stop_parts()
            with contextlib.suppress(OSError, xmlrpc.client.Error):
                self._say("shutdown")
        if self._process is not None:
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _stop_parts(self) -> None:
        """Ask all at once and gently; the queue's worker is told to put its work back if it takes long."""
        names = [program.name for program in self._programs if not program.server]
        for name in names:
            with contextlib.suppress(xmlrpc.client.Fault):
                self._say("stopProcess", name, False)
        began = time.monotonic()
        hurried = False
        while left := [
            name for name, state in self.states().items() if name in names and state not in STOPPED
        ]:
            waited = time.monotonic() - began
            if waited > 8 and not hurried and "worker" in left:
                self._say("signalProcess", "worker", "QUIT")
                hurried = True
            if waited > 25:
                return
            time.sleep(0.1)

    def _listens(self) -> bool:
        try:
            return bool(self._say("getState")["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Error):
            return False

    def _say(self, method: str, *words: object) -> Any:
        from supervisor.xmlrpc import SupervisorTransport

        transport = SupervisorTransport(None, None, f"unix://{self._ground.supervisor_socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*words)


def tail(path: Path, *, lines: int = 12) -> str:
    """The last lines of a log, for a message."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
