"""Is a file harmful? A scanner says; where none is set up, the receipt's record says that nobody looked."""

from __future__ import annotations

import socket
from typing import Protocol
from urllib.parse import urlsplit

from service.errors import Unavailable
from service.receipts.model import CLEAN, HARMFUL, NOT_SCANNED

SECONDS = 10
_CHUNK = 64 * 1024


class Scanner(Protocol):
    """Whatever looks for harmful files."""

    def scan(self, data: bytes) -> str:
        """`clean`, `harmful` or `not_scanned`. Raises `Unavailable` when it cannot say now."""
        ...


class NoScanner:
    """Nobody looks."""

    def scan(self, data: bytes) -> str:
        """Says so."""
        return NOT_SCANNED if data else CLEAN


class Clamd:
    """A ClamAV daemon at `unix:///path/to.sock` or `tcp://host:3310`, asked by its INSTREAM command."""

    def __init__(self, address: str) -> None:
        self._address = urlsplit(address)

    def scan(self, data: bytes) -> str:
        """Send the file; what comes back is `stream: OK`, or the name of what was found."""
        try:
            with self._line() as line:
                line.sendall(b"zINSTREAM\0")
                for start in range(0, len(data), _CHUNK):
                    chunk = data[start : start + _CHUNK]
                    line.sendall(len(chunk).to_bytes(4, "big") + chunk)
                line.sendall((0).to_bytes(4, "big"))
                said = line.makefile("rb").read(4096).rstrip(b"\0\n").decode(errors="replace")
        except OSError as error:
            raise Unavailable("The check for harmful files does not answer just now.") from error
        if said.endswith(" OK"):
            return CLEAN
        if said.endswith(" FOUND"):
            return HARMFUL
        raise Unavailable("The check for harmful files could not say. It is asked again.")

    def _line(self) -> socket.socket:
        if self._address.scheme == "unix":
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(SECONDS)
            line.connect(self._address.path)
            return line
        return socket.create_connection((self._address.hostname, self._address.port or 3310), SECONDS)


def scanner_for(address: str) -> Scanner:
    """The scanner that a setting names."""
    return Clamd(address) if address else NoScanner()
