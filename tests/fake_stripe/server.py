"""The pretend Stripe on the wire: HTTP/1.1 on loopback, one thread a connection, faults in between."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fake_stripe import calls, doors
from tests.fake_stripe.book import Book, Moved, payments
from tests.fake_stripe.faults import BEFORE, Dice, Faults
from tests.fake_stripe.shapes import Failure, Shape
from tests.fake_stripe.webhooks import Destination, Post
from tests.fake_stripe.world import Draft, Platform, World

# At this sort code the account number chooses what becomes of a payment.
SORT_CODE = "108800"
FATES = {
    "00000002": ("failed", "payout_method_does_not_exist"),
    "00000003": ("returned", "payout_method_closed"),
    "00000006": ("slow", ""),
}
STORED_TIMES = 2


class FakeStripe:
    """A running pretend Stripe. `posts_after`: seconds until a payment arrives by itself; None: never."""

    def __init__(
        self,
        *,
        book: Path | None = None,
        port: int = 0,
        faults: Faults | None = None,
        posts_after: float | None = 0.05,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.world = World(Book(book), clock=clock)
        self.dice = Dice(faults or Faults())
        self.post = Post(self.dice)
        self.world.listeners.append(self.post.hear)
        self.posts_after = posts_after
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.stored: Counter[str] = Counter()
        # Keys whose caller was hung up on, and whose work is done later. While the event is clear it waits.
        self.still_to_do: set[str] = set()
        self.late_may_commit = threading.Event()
        self.late_may_commit.set()
        self._stopping = threading.Event()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._http = _Server(("127.0.0.1", port), handler)
        self._threads = [
            threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True),
            threading.Thread(target=self._pass_time, daemon=True),
        ]

    @property
    def url(self) -> str:
        """The base address for the SDK."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> FakeStripe:
        """Begin to listen."""
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Listen no more, and close the book."""
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self.post.stop()
        self.world.book.close()

    def __enter__(self) -> FakeStripe:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def open_platform(self, *, secret: str, financial_account: str, pence: int = 100_000_000) -> Platform:
        """Let a business in, with its money."""
        return self.world.open_platform(secret=secret, financial_account=financial_account, pence=pence)

    def tell(self, *, url: str, secret: str, platform: str = "", shape: str = "thin") -> None:
        """Send webhooks there from now on."""
        self.post.destinations.append(Destination(url, secret, platform, shape))

    def money(self) -> dict[str, list[Moved]]:
        """The judge's view of the book."""
        return payments(self.world.book.lines())

    def pass_time(self) -> None:
        """Let every payment take the step that its account number calls for."""
        fated = [
            (i, o["status"]) for i, o in list(self.world.objects.items()) if o["object"].endswith("payment")
        ]
        for id_, status in fated:
            number = self.world.numbers[self.world.objects[id_]["to"]["payout_method"]]
            sort_code, account = number.split("/")
            fate, reason = FATES.get(account, ("posted", "")) if sort_code == SORT_CODE else ("posted", "")
            if status == "processing" and fate != "slow":
                step = ("failed", reason) if fate == "failed" else ("posted", "")
                self.world.move(id_, *step)
            elif status == "posted" and fate == "returned":
                self.world.move(id_, "returned", reason)

    def _pass_time(self) -> None:
        while self.posts_after is not None and not self._stopping.wait(self.posts_after):
            self.pass_time()

    def call(self, asked: calls.Asked, *, method: str, path: str, key: str) -> tuple[int, Shape]:
        """Work a request; under a key where it changes something. Raises `Failure`."""
        if method == "GET":
            return 200, calls.work(asked, method=method, path=path)
        if not key:
            raise Failure(400, "invalid_request_error", "idempotency_key_missing", "Give an Idempotency-Key.")
        print_ = [path, asked.context, asked.given]
        with self.world.under_key(asked.platform, key, print_) as before:
            if before is not None:
                return before
            with self.world.lock:
                answer = 200, calls.work(asked, method=method, path=path)
                self.world.commit(asked.platform, key, asked.draft, answer)
            return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    fake: FakeStripe
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        """Ask."""
        self._handle("GET")

    def do_POST(self) -> None:
        """Do."""
        self._handle("POST")

    def _handle(self, method: str) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if parts.path.startswith(("/_test/", "/onboard/")):
            doors.answer(self, self.fake, method=method, path=parts.path, raw=raw)
            return
        fault = self.fake.dice.for_request(parts.path)
        key = self.headers.get("Idempotency-Key", "")
        if fault in BEFORE and self._spoil_before(fault, key):
            return
        if self.fake.stored[key] > 0 and method == "POST":
            self.fake.stored[key] -= 1
            self.reply(*_server_error())
            return
        given = dict(parse_qsl(parts.query)) if method == "GET" else _json(raw)
        try:
            asked = self._asked(given)
            if fault == "late_commit":
                self._commit_late(asked, method, parts.path, key)
                return
            status, body = self.fake.call(asked, method=method, path=parts.path, key=key)
        except Failure as failure:
            status, body = failure.status, failure.body
        self.fake.requests[method, parts.path, status] += 1
        self._answer(fault, status, body)

    def _asked(self, given: Shape) -> calls.Asked:
        world = self.fake.world
        secret = self.headers.get("Authorization", "").removeprefix("Bearer ")
        context = self.headers.get("Stripe-Context", "")
        draft, key = Draft(world.clock()), self.headers.get("Idempotency-Key", "")
        return calls.Asked(world, world.platform_of(secret), context, given, draft, self.fake.url, key)

    def _spoil_before(self, fault: str, key: str) -> bool:
        if fault == "refused_connection":
            self.hang_up()
        elif fault.startswith("busy_429"):
            hints = {"Stripe-Should-Retry": "true", "Retry-After": "1"} if fault.endswith("retry") else {}
            error = {"error": {"type": "rate_limit", "code": "rate_limit", "message": "Too many requests."}}
            self.reply(429, error, hints)
        else:
            if fault == "stored_500":
                self.fake.stored[key] = STORED_TIMES
            self.reply(*_server_error())
        return True

    def _commit_late(self, asked: calls.Asked, method: str, path: str, key: str) -> None:
        """Hang up unanswered, then do the work all the same. The key is in use meanwhile."""
        faults, print_ = self.fake.dice.faults, [path, asked.context, asked.given]
        if method == "GET":
            time.sleep(faults.hang_seconds)
            self.hang_up()
            return
        with self.fake.world.under_key(asked.platform, key, print_) as before:
            self.fake.still_to_do.add(key)
            try:
                time.sleep(faults.hang_seconds)
                self.hang_up()
                if before is None:
                    time.sleep(faults.late_seconds)
                    self.fake.late_may_commit.wait(60)
                    with self.fake.world.lock:
                        answer = 200, calls.work(asked, method=method, path=path)
                        self.fake.world.commit(asked.platform, key, asked.draft, answer)
            finally:
                self.fake.still_to_do.discard(key)

    def _answer(self, fault: str | None, status: int, body: Shape) -> None:
        if fault == "answer_lost":
            self.hang_up()
        elif fault == "error_500_after":
            self.reply(*_server_error())
        elif fault == "truncated":
            self.reply(status, body, cut=True)
        elif fault == "bad_json" and status == 200:
            self.send(200, b'{"id": "obp_test_', {})
        else:
            self.reply(status, body)

    def reply(
        self, status: int, body: Any, headers: dict[str, str] | None = None, *, cut: bool = False
    ) -> None:
        """Answer with JSON, or with half of it."""
        self.send(status, json.dumps(body).encode(), headers or {}, cut=cut)

    def send(self, status: int, raw: bytes, headers: dict[str, str], *, cut: bool = False) -> None:
        """Answer with these bytes."""
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json", "Request-Id": "req_test"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw[: len(raw) // 2] if cut else raw)
        if cut:
            self.hang_up()

    def hang_up(self) -> None:
        """Close the connection without another word."""
        self.close_connection = True
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(2)


def _server_error() -> tuple[int, Shape]:
    return 500, {"error": {"type": "api_error", "code": "internal_error", "message": "Something went wrong."}}


def _json(raw: bytes) -> Shape:
    try:
        given = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}
