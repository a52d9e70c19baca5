"""A small pretend GOV.UK Notify that speaks HTTP to the real client, and keeps what it was given.

It checks the signed token, takes email, texts and letters, lists them by reference as often as it was sent
one, and makes the faults that it is told to: `answer_lost` (taken, and the line drops), `error_500` (not
taken), `busy` (429). A number that is no mobile's, and an address of two lines, are refused.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from notifications_python_client.authentication import decode_jwt_token
from notifications_python_client.errors import TokenError

from service.messages.notify import NotifyAccess
from service.messages.protocol import By

SERVICE = "11111111-2222-4333-8444-555555555555"
SECRET = "66666666-7777-4888-8999-aaaaaaaaaaaa"
KEY = f"exampleshire-{SERVICE}-{SECRET}"
TEMPLATES: dict[By, str] = {
    "email": "e0000000-0000-4000-8000-000000000000",
    "text": "50000000-0000-4000-8000-000000000000",
    "letter": "1e000000-0000-4000-8000-000000000000",
}
KINDS = {"email": "email", "sms": "text", "letter": "letter"}


@dataclass(frozen=True)
class Taken:
    """One message that the pretend Notify took."""

    id: str
    kind: str
    reference: str
    template: str
    to: str
    words: dict[str, Any] = field(repr=False)


class FakeNotify(ThreadingHTTPServer):
    """A running pretend Notify. `faults`: what happens to the next messages, one each."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: list[Taken] = []
        self.asked: list[str] = []
        self.faults: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def access(self, *ways: By) -> NotifyAccess:
        """What a council needs to speak to it."""
        return NotifyAccess(KEY, self.url, {by: TEMPLATES[by] for by in ways or TEMPLATES})

    def __enter__(self) -> FakeNotify:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: FakeNotify
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def do_POST(self) -> None:
        """Take a message."""
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind = KINDS.get(self.path.removeprefix("/v2/notifications/"), "")
        fault = self.server.faults.pop(0) if self.server.faults else ""
        if not self._is_known():
            self._refuse(403, "AuthError", "Invalid token: API key not found")
        elif fault == "busy":
            self._refuse(429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests")
        elif fault == "error_500":
            self._refuse(500, "Exception", "Internal server error")
        elif wrong := _wrong(kind, given):
            self._refuse(400, *wrong)
        else:
            taken = self._take(kind, given)
            if fault == "answer_lost":
                self.close_connection = True
                self.connection.shutdown(2)
            else:
                self._say(201, {"id": taken.id, "reference": taken.reference, "content": {}})

    def do_GET(self) -> None:
        """List what was taken, by reference."""
        if not self._is_known():
            self._refuse(403, "AuthError", "Invalid token: API key not found")
            return
        reference = parse_qs(urlsplit(self.path).query).get("reference", [""])[0]
        self.server.asked.append(reference)
        found = [
            {"id": one.id, "reference": one.reference, "status": "sending"}
            for one in self.server.taken
            if one.reference == reference
        ]
        self._say(200, {"notifications": found, "links": {"current": self.path}})

    def _is_known(self) -> bool:
        try:
            return decode_jwt_token(self.headers["Authorization"].removeprefix("Bearer "), SECRET) is True
        except TokenError:
            return False

    def _take(self, kind: str, given: dict[str, Any]) -> Taken:
        words = given["personalisation"]
        lines = [words[f"address_line_{n}"] for n in range(1, 8) if f"address_line_{n}" in words]
        taken = Taken(
            id=str(uuid.uuid4()),
            kind=kind,
            reference=given["reference"],
            template=given["template_id"],
            to=given.get("email_address") or given.get("phone_number") or "\n".join(lines),
            words={key: value for key, value in words.items() if not key.startswith("address_line")},
        )
        self.server.taken.append(taken)
        return taken

    def _refuse(self, status: int, error: str, message: str) -> None:
        self._say(status, {"status_code": status, "errors": [{"error": error, "message": message}]})

    def _say(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


def _wrong(kind: str, given: dict[str, Any]) -> tuple[str, str] | None:
    """What Notify would not take: a wrong template, a number that is none, an address that is no address."""
    if given.get("template_id") != TEMPLATES.get(kind):  # type: ignore[call-overload]
        return "BadRequestError", "Template not found"
    if kind == "text" and not re.fullmatch(r"(\+44|0)7\d{9}", given["phone_number"]):
        return "ValidationError", "phone_number Not a UK mobile number"
    lines = [key for key in given["personalisation"] if key.startswith("address_line")]
    if kind == "letter" and len(lines) < 3:
        return "ValidationError", "Address must be at least 3 lines"
    return None
