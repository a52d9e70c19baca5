"""How is the embedded Valkey, the queue's broker, started and reached?"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from pathlib import Path

from service.errors import Unavailable
from service.machine import ground

PATIENCE_SECONDS = 15


class BrokerTrouble(Unavailable):
    """The embedded broker did not come up."""

    title = "The queue is not available"


@dataclass(frozen=True, kw_only=True)
class Valkey:
    """One broker: its data folder, its socket, its program."""

    data: Path
    socket: Path
    program: Path

    def command(self, *, keep: bool = True, untied: bool = False) -> list[str]:
        """The command line that runs it in the foreground; `keep` writes each change to a file."""
        ground.server_folder(self.data)
        line = [str(self.program), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        line += ["--dir", "./", "--save", "", "--appendonly", "yes" if keep else "no", "--daemonize", "no"]
        return ground.tethered(line, directory=self.data, untied=untied)

    def wait(self, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until it answers, or raise `BrokerTrouble`."""
        ends = time.monotonic() + seconds
        while not self.answers():
            if time.monotonic() > ends:
                raise BrokerTrouble(f"The queue at {self.socket} does not answer.")
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether it takes orders now; while it still reads its file it does not."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            try:
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def url(self, *, number: int = 0) -> str:
        """The address of one of its databases, in the form that the redis client reads."""
        return f"unix://{self.socket}?db={number}"
