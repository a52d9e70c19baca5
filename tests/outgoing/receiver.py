"""Another system, on this machine, that takes webhooks and does with them as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Got:
    """One message as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """What it says."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """What came, and what is answered: a status for each message in turn, then 204 for the rest."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    sends_to: str = ""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hooks?from=us"

    def ids(self) -> list[str]:
        """The ids of what came, in order."""
        return [one.headers["webhook-id"] for one in self.got]

    def types(self) -> list[str]:
        """The types of what came, in order."""
        return [one.said["type"] for one in self.got]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Another system, until the end of the block."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        """Takes one message."""

        def do_POST(self) -> None:
            """Keep it, and answer as told."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append(Got({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(made.answers.pop(0) if made.answers else 204)
            if made.sends_to:
                self.send_header("Location", made.sends_to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
