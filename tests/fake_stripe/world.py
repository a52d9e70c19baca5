"""Everything the pretend Stripe knows: read back from its book, and changed only by writing to it.

A call answers (status, body) or raises `Failure`. What it did stands in the book before anybody hears of it.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fake_stripe import shapes
from tests.fake_stripe.book import Book, Line
from tests.fake_stripe.shapes import Failure, Shape

KEY_LIFE = 30 * 24 * 3600.0
EVENTS_LIVE = 30 * 24 * 3600.0
LINKS_LIVE = 300.0
PAYMENTS = "/v2/money_management/outbound_payments"
VERIFICATIONS = "/v2/money_management/recipient_verifications"
METHODS = "/v2/money_management/payout_methods"


@dataclass
class Platform:
    """One business with an account at Stripe: a council. Its money is nobody else's."""

    id: str
    financial_account: str
    available: int = 0
    pending: int = 0


@dataclass
class Kept:
    """What an idempotency key was used for, and what came of it once it succeeded."""

    fingerprint: str
    at: float
    answer: tuple[int, Shape] | None = None


@dataclass
class Told:
    """An event that happened, and the object as it stood then."""

    platform: str
    event: Shape
    snapshot: Shape


@dataclass
class Draft:
    """What one call is about to write: lines and events."""

    at: float
    lines: list[Line] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)


class World:
    """The state of the pretend Stripe. `clock` gives seconds since 1970."""

    def __init__(self, book: Book, *, clock: Callable[[], float] = time.time) -> None:
        self.book, self.clock = book, clock
        self.lock = threading.RLock()
        self.platforms: dict[str, Platform] = {}
        self.objects: dict[str, Shape] = {}
        self.owner: dict[str, str] = {}
        self.recipient_of: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self.links: dict[str, Shape] = {}
        self.keys: dict[tuple[str, str], Kept] = {}
        self.events: dict[str, Told] = {}
        self._by_secret: dict[str, str] = {}
        self._in_flight: set[tuple[str, str]] = set()
        self._next: dict[str, str] = {}
        self.listeners: list[Callable[[Told], None]] = []
        for line in book.lines():
            self._apply(line)

    # -- businesses ---------------------------------------------------------------------------------------

    def open_platform(self, *, secret: str, financial_account: str, pence: int) -> Platform:
        """Know a business by its secret key. One that is known already keeps its money."""
        with self.lock:
            name = _fingerprint(secret)
            if name not in self._by_secret:
                id_ = next(
                    (p.id for p in self.platforms.values() if p.financial_account == financial_account), ""
                )
                new = {"kind": "platform", "id": id_ or f"plat_{name}", "secret": name}
                money = {"financial_account": financial_account, "pence": 0 if id_ else pence}
                self._write([new | money])
            return self.platforms[self._by_secret[name]]

    def platform_of(self, secret: str) -> Platform:
        """Whose key this is. Raises `Failure` 401."""
        found = self._by_secret.get(_fingerprint(secret))
        if found is None:
            raise Failure(401, "invalid_request_error", "api_key_invalid", "Invalid API Key provided.")
        return self.platforms[found]

    def credit(self, *, financial_account: str, pence: int) -> None:
        """Money comes in (or, below zero, goes out by another way)."""
        with self.lock:
            platform = next(p for p in self.platforms.values() if p.financial_account == financial_account)
            self._write([{"kind": "credit", "platform": platform.id, "pence": pence}])

    # -- keys ---------------------------------------------------------------------------------------------

    @contextmanager
    def under_key(self, platform: Platform, key: str, asked: Any) -> Iterator[tuple[int, Shape] | None]:
        """Reserve a key for one call. Yields the first answer where there was a success before.

        Raises `Failure` for a call still running (409), and where the key was used for something else (400).
        """
        spot, print_ = (platform.id, key), _fingerprint(json.dumps(asked, sort_keys=True))
        with self.lock:
            kept = self.keys.get(spot)
            if kept and self.clock() - kept.at > KEY_LIFE:
                kept = None
            if kept and kept.fingerprint != print_:
                raise Failure(400, "idempotency_error", "idempotency_error", f"Key {key} was used otherwise.")
            if spot in self._in_flight:
                raise Failure(409, "idempotency_error", "idempotency_key_in_use", f"Key {key} is in use.")
            if kept is None:
                self._write([{"kind": "key", "platform": platform.id, "key": key, "print": print_}])
            self._in_flight.add(spot)
        try:
            yield kept.answer if kept else None
        finally:
            with self.lock:
                self._in_flight.discard(spot)

    def commit(self, platform: Platform, key: str, draft: Draft, answer: tuple[int, Shape]) -> None:
        """Write what a call did, and its answer under its key, in one piece; then let the world know."""
        with self.lock:
            done = {"kind": "done", "platform": platform.id, "key": key, "answer": list(answer)}
            self._write([*draft.lines, *_event_lines(draft.told), done])
        self._spread(draft.told)

    # -- what is asked ------------------------------------------------------------------------------------

    def find(self, platform: Platform, id_: str) -> Shape:
        """An object of this business. Another's does not exist. Raises `Failure` 404."""
        with self.lock:
            if self.owner.get(id_) != platform.id:
                raise Failure(404, "invalid_request_error", "not_found", f"No such object: {id_}.")
            return _copy(self.objects[id_])

    def payments_of(self, platform: Platform) -> list[Shape]:
        """Every outbound payment of a business, the newest first."""
        kind = "v2.money_management.outbound_payment"
        with self.lock:
            own = [o for i, o in self.objects.items() if o["object"] == kind and self.owner[i] == platform.id]
            return [_copy(one) for one in reversed(own)]

    def methods_of(self, recipient: str) -> list[Shape]:
        """The bank accounts of a recipient, the newest first."""
        with self.lock:
            own = [i for i, owner in self.recipient_of.items() if owner == recipient]
            return [_copy(self.objects[i]) for i in reversed(own)]

    def match_of(self, method: str, name: str) -> str:
        """What the bank answers to a name: as told beforehand, else by words in the name."""
        if method in self._next:
            return self._next.pop(method)
        plain = name.lower().replace(" ", "").replace("_", "")
        if "closematch" in plain or "close" in plain:
            return "close_match"
        if "nomatch" in plain:
            return "no_match"
        return "unavailable" if "unavailable" in plain else "match"

    def next_match(self, *, method: str, result: str) -> None:
        """The next check of this bank account answers so."""
        self._next[method] = result

    # -- what changes -------------------------------------------------------------------------------------

    def record(self, draft: Draft, platform: Platform, kind: str, made: Shape, **more: Any) -> None:
        """Add a new object to what a call is about to write, with its event."""
        draft.lines.append({"kind": kind, "platform": platform.id, "object": made, "at": draft.at} | more)

    def tell(self, draft: Draft, platform: Platform, kind: str, made: Shape, *, url: str) -> None:
        """Add an event to what a call is about to write."""
        event = shapes.thin_event(kind, made, url=url, at=draft.at)
        draft.told.append(Told(platform.id, event, _copy(made)))

    def move(self, payment: str, status: str, reason: str = "") -> Shape:
        """A payment takes a step, as the bank lets it. Answers it; nothing happens twice."""
        with self.lock:
            before = self.objects[payment]["status"]
            allowed = {"processing": ("posted", "failed", "canceled"), "posted": ("returned",)}
            if status not in allowed.get(before, ()):
                return _copy(self.objects[payment])
            at = self.clock()
            line: Line = {"kind": "status", "id": payment, "status": status, "reason": reason, "at": at}
            after = _moved(_copy(self.objects[payment]), line)
            event = f"v2.money_management.outbound_payment.{status}"
            told = Told(
                self.owner[payment],
                shapes.thin_event(event, after, url=f"{PAYMENTS}/{payment}", at=at),
                after,
            )
            self._write([line, *_event_lines([told])])
        self._spread([told])
        return _copy(after)

    def write(self, draft: Draft) -> None:
        """Write what happened outside a keyed call."""
        with self.lock:
            self._write([*draft.lines, *_event_lines(draft.told)])
        self._spread(draft.told)

    def _spread(self, told: list[Told]) -> None:
        for one in told:
            for listen in self.listeners:
                listen(one)

    # -- the book -----------------------------------------------------------------------------------------

    def _write(self, lines: list[Line]) -> None:
        stamped = [{"at": self.clock()} | line for line in lines]
        self.book.write(stamped)
        for line in stamped:
            self._apply(line)

    def _apply(self, line: Line) -> None:
        getattr(self, f"_on_{line['kind']}")(line)

    def _on_platform(self, line: Line) -> None:
        platform = self.platforms.setdefault(line["id"], Platform(line["id"], line["financial_account"]))
        platform.available += line["pence"]
        self._by_secret[line["secret"]] = line["id"]

    def _on_credit(self, line: Line) -> None:
        self.platforms[line["platform"]].available += line["pence"]

    def _on_key(self, line: Line) -> None:
        self.keys[line["platform"], line["key"]] = Kept(line["print"], line["at"])

    def _on_done(self, line: Line) -> None:
        status, body = line["answer"]
        self.keys[line["platform"], line["key"]].answer = (status, body)

    def _on_object(self, line: Line) -> None:
        made = line["object"]
        self.objects[made["id"]], self.owner[made["id"]] = made, line["platform"]

    def _on_method(self, line: Line) -> None:
        self._on_object(line)
        self.recipient_of[line["object"]["id"]] = line["recipient"]
        self.numbers[line["object"]["id"]] = line["number"]

    def _on_link(self, line: Line) -> None:
        self.links[line["token"]] = dict(line)

    def _on_payment(self, line: Line) -> None:
        self._on_object(line)
        pence, platform = line["object"]["amount"]["value"], self.platforms[line["platform"]]
        platform.available -= pence
        platform.pending += pence
        checked = self.objects.get(line["object"]["recipient_verification"] or "")
        if checked is not None:
            checked["status"] = "consumed"
            checked["consumed_by"] = {"type": "outbound_payment", "outbound_payment": line["object"]["id"]}

    def _on_status(self, line: Line) -> None:
        made, platform = self.objects[line["id"]], self.platforms[self.owner[line["id"]]]
        pence, before = made["amount"]["value"], made["status"]
        if before == "processing":
            platform.pending -= pence
        if line["status"] in ("failed", "canceled", "returned"):
            platform.available += pence
        self.objects[line["id"]] = _moved(made, line)

    def _on_event(self, line: Line) -> None:
        self.events[line["event"]["id"]] = Told(line["platform"], line["event"], line["snapshot"])


def _moved(made: Shape, line: Line) -> Shape:
    status = line["status"]
    made["status"] = status
    made["status_details"] = {status: {"reason": line["reason"]}} if line["reason"] else None
    made["status_transitions"][f"{status}_at"] = shapes.moment(line["at"])
    return made


def _event_lines(told: list[Told]) -> list[Line]:
    return [
        {"kind": "event", "platform": one.platform, "event": one.event, "snapshot": one.snapshot}
        for one in told
    ]


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _copy(made: Shape) -> Shape:
    copied: Shape = json.loads(json.dumps(made))
    return copied
