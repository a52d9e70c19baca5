"""What may go wrong on the way to the pretend Stripe and back? By chance with a seed, or once on demand."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

# Before the work: nothing is done · after it: done, and the answer is spoilt.
BEFORE = ("error_500", "stored_500", "busy_429", "busy_429_retry", "refused_connection")
AFTER = ("answer_lost", "late_commit", "error_500_after", "truncated", "bad_json")
REQUESTS = BEFORE + AFTER
WEBHOOKS = ("twice", "storm", "late", "lost", "forged_signature", "forged_old")


@dataclass
class Faults:
    """The chance of each fault, from 0 to 1. `only`: a request is spoilt where its path holds this.

    `error_500`: nothing was done · `stored_500`: the same, and the next two tries with that key see it
    again · `error_500_after`: it was done · `busy_429`: too many, no hint · `busy_429_retry`: with
    `Stripe-Should-Retry` and `Retry-After` · `refused_connection`: hung up unread · `answer_lost`: done, hung
    up · `late_commit`: hung up after `hang_seconds`, done after `late_seconds` more · `truncated`: half a
    body · `bad_json`: a 200 that is no JSON.
    """

    seed: int = 0
    only: str = "/v2/"
    error_500: float = 0.0
    stored_500: float = 0.0
    error_500_after: float = 0.0
    busy_429: float = 0.0
    busy_429_retry: float = 0.0
    refused_connection: float = 0.0
    answer_lost: float = 0.0
    late_commit: float = 0.0
    truncated: float = 0.0
    bad_json: float = 0.0
    twice: float = 0.0
    storm: float = 0.0
    late: float = 0.0
    lost: float = 0.0
    forged_signature: float = 0.0
    forged_old: float = 0.0
    hang_seconds: float = 0.2
    late_seconds: float = 0.5
    storm_size: int = 20
    late_webhook_seconds: float = 1.0
    happened: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, given: dict[str, float | int | str]) -> Faults:
        """Faults from plain values, as a command line or the test door gives them."""
        known = {one.name for one in fields(cls)} - {"happened"}
        unknown = set(given) - known
        if unknown:
            raise ValueError(f"There is no fault called {', '.join(sorted(unknown))}.")
        return cls(**given)  # type: ignore[arg-type]


class Dice:
    """Chooses the fault of each request and each webhook. The same seed, the same order, the same faults."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._random = random.Random(faults.seed)
        self._lock = threading.Lock()
        self._once: list[tuple[str, str]] = []
        self._later: list[list[Any]] = []

    def once(self, fault: str, *, path: str = "/v2/") -> None:
        """The next request whose path holds `path` meets this fault, whatever chance says."""
        if fault not in REQUESTS:
            raise ValueError(f"There is no fault called {fault}.")
        with self._lock:
            self._once.append((fault, path))

    def after(self, path: str, fault: str, *, skip: int) -> None:
        """So many requests whose path holds `path` pass; the one after them meets this fault."""
        with self._lock:
            self._later.append([path, fault, skip])

    def for_request(self, path: str) -> str | None:
        """At most one fault."""
        with self._lock:
            for waiting in self._once:
                if waiting[1] in path:
                    self._once.remove(waiting)
                    return self._count(waiting[0])
            for later in self._later:
                if later[0] in path:
                    later[2] -= 1
                    if later[2] < 0:
                        self._later.remove(later)
                        return self._count(later[1])
                    return None
            if self.faults.only not in path:
                return None
            throw = self._random.random()
            for name in REQUESTS:
                throw -= getattr(self.faults, name)
                if throw < 0:
                    return self._count(name)
            return None

    def for_webhook(self) -> list[str]:
        """Any number of faults."""
        with self._lock:
            return [self._count(n) for n in WEBHOOKS if self._random.random() < getattr(self.faults, n)]

    def _count(self, name: str) -> str:
        self.faults.happened[name] += 1
        return name
