"""What truly happened at the pretend Stripe? An append-only book on disk, which survives its own kill.

Every line is one JSON object with a `kind`. Lines that belong together are written in one piece, before
anybody is answered. A line torn by a kill is left out when the book is read again. The judge of a bench reads
`payments`: it never asks the service that is on trial.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Line = dict[str, Any]

# How an outbound payment may stand; in these three the money is not with the person.
NOT_WITH_THEM = ("failed", "canceled", "returned")


@dataclass
class Moved:
    """One movement of money as the book has it. `payment_id` is what the sender put into its metadata."""

    id: str
    payment_id: str
    platform: str
    recipient: str
    pence: int
    key: str
    status: str
    ever_posted: bool = False

    @property
    def with_them(self) -> bool:
        """Whether the person has the money, or will have it."""
        return self.status not in NOT_WITH_THEM


class Book:
    """An open book. Without a path it is kept in memory only."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._lines: list[Line] = list(read(path)) if path and path.exists() else []
        self._file: int | None = None
        if path is not None:
            _mend_tail(path)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, lines: Iterable[Line]) -> None:
        """Keep lines that belong together: all of them or, torn, none that matters."""
        kept = list(lines)
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in kept)
        with self._lock:
            self._lines.extend(kept)
            if self._file is not None and text:
                os.write(self._file, text.encode())

    def lines(self) -> list[Line]:
        """Everything so far."""
        with self._lock:
            return list(self._lines)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def read(path: Path) -> Iterator[Line]:
    """The lines of a book on disk, also while it is being written."""
    with path.open("rb") as file:
        for raw in file:
            try:
                yield json.loads(raw)
            except ValueError:
                continue


def _mend_tail(path: Path) -> None:
    """End a torn last line, so that the next one starts on a line of its own."""
    if path.exists() and path.stat().st_size:
        with path.open("rb+") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")


def payments(lines: Iterable[Line]) -> dict[str, list[Moved]]:
    """`payment_id` → every movement made for it, in order. Two of them `with_them` are a double payment."""
    found: dict[str, Moved] = {}
    for line in lines:
        if line["kind"] == "payment":
            made = line["object"]
            found[made["id"]] = Moved(
                id=made["id"],
                payment_id=(made.get("metadata") or {}).get("payment_id", ""),
                platform=line["platform"],
                recipient=made["to"]["recipient"],
                pence=made["amount"]["value"],
                key=line["key"],
                status=made["status"],
            )
        elif line["kind"] == "status":
            moved = found[line["id"]]
            moved.status = line["status"]
            moved.ever_posted = moved.ever_posted or line["status"] == "posted"
    grouped: dict[str, list[Moved]] = {}
    for moved in found.values():
        grouped.setdefault(moved.payment_id, []).append(moved)
    return grouped
