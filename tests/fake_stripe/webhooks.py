"""How does the pretend Stripe tell others what happened? Signed, and as unreliable as it is told to be."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass

from tests.fake_stripe import shapes
from tests.fake_stripe.faults import Dice
from tests.fake_stripe.world import Told

TRIES = 6


@dataclass(frozen=True)
class Destination:
    """Where one business wants to hear. `shape`: thin (v2) or snapshot (v1). No `platform`: of everybody."""

    url: str
    secret: str
    platform: str = ""
    shape: str = "thin"


@dataclass(frozen=True)
class Letter:
    """One body to deliver at a moment, signed with a secret as of a moment. `kind` is for the tallies."""

    url: str
    secret: str
    body: bytes
    due: float
    signed_at: float | None = None
    kind: str = "true"
    tries: int = 0


def signature(body: bytes, secret: str, at: float) -> str:
    """The header `Stripe-Signature`."""
    mac = hmac.new(secret.encode(), f"{int(at)}.".encode() + body, hashlib.sha256)
    return f"t={int(at)},v1={mac.hexdigest()}"


class Post:
    """Delivers events on threads of its own. `answers`: (kind, HTTP status) → how often."""

    def __init__(self, dice: Dice, *, threads: int = 4) -> None:
        self.destinations: list[Destination] = []
        self.answers: Counter[tuple[str, int]] = Counter()
        self._dice = dice
        self._shuffle = random.Random(dice.faults.seed + 1)
        self._queue: queue.PriorityQueue[tuple[float, int, Letter | None]] = queue.PriorityQueue()
        self._number, self._open = 0, 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def hear(self, told: Told) -> None:
        """An event happened: write the letters that it calls for."""
        for to in self.destinations:
            if to.platform not in ("", told.platform):
                continue
            event = told.event
            if to.shape == "snapshot":
                event = shapes.snapshot_event(event, told.snapshot, at=time.time())
            body = json.dumps(event).encode()
            for letter in self._letters(to, body):
                self._put(letter)

    def _letters(self, to: Destination, body: bytes) -> list[Letter]:
        faults, chosen, now = self._dice.faults, self._dice.for_webhook(), time.time()
        due = now
        if "late" in chosen:
            due += self._shuffle.random() * faults.late_webhook_seconds
        copies = faults.storm_size if "storm" in chosen else 2 if "twice" in chosen else 1
        letters = [] if "lost" in chosen else [Letter(to.url, to.secret, body, due)] * copies
        if "forged_signature" in chosen:
            letters.append(Letter(to.url, "whsec_" + "0" * 32, forged(body), now, kind="forged_signature"))
        if "forged_old" in chosen:
            letters.append(Letter(to.url, to.secret, body, now, signed_at=now - 4000, kind="forged_old"))
        return letters

    def _put(self, letter: Letter) -> None:
        with self._lock:
            self._number += 1
            self._open += 1
            self._queue.put((letter.due, self._number, letter))

    def settle(self, *, seconds: float) -> bool:
        """Wait until nothing waits to be delivered. False when there is still something."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with self._lock:
                if self._open == 0:
                    return True
            time.sleep(0.01)
        return False

    def _run(self) -> None:
        while not self._stopping.is_set():
            due, number, letter = self._queue.get()
            if letter is None:
                return
            wait = due - time.time()
            if wait > 0:
                self._queue.put((due, number, letter))
                self._stopping.wait(min(wait, 0.02))
                continue
            status = _deliver(letter)
            with self._lock:
                self.answers[letter.kind, status] += 1
                again = letter.kind == "true" and not 200 <= status < 300 and letter.tries < TRIES
                self._open -= 1
            if again:
                later = time.time() + 0.2 * 2**letter.tries
                self._put(Letter(letter.url, letter.secret, letter.body, later, tries=letter.tries + 1))

    def stop(self) -> None:
        """Deliver no more."""
        self._stopping.set()
        for _ in self._threads:
            self._queue.put((0.0, 0, None))


def forged(body: bytes) -> bytes:
    """A body as a thief would write it: the news is the best there is, and the id is new."""
    event = json.loads(body)
    event["id"] = shapes.new_id("evt")
    if event["type"].startswith("v2.money_management.outbound_payment."):
        event["type"] = "v2.money_management.outbound_payment.failed"
    return json.dumps(event).encode()


def _deliver(letter: Letter) -> int:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature(letter.body, letter.secret, letter.signed_at or time.time()),
    }
    try:
        request = urllib.request.Request(letter.url, data=letter.body, headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
