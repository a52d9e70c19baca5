#!/usr/bin/env python3
"""How long until the first page, and from a tick on the register to money? Run it on a quiet machine.

    benchmarks/first_session.py            # a later start, and ticks to paid
    benchmarks/first_session.py --cold     # also from a fresh clone with an empty home

It starts `./run` on data of its own, speaks REST as any client would, prints a table and stops it again.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LIMITS = {"cold": 180.0, "later": 15.0, "tick": 5.0}


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@contextmanager
def running(folder: Path, data: Path, home: str | None = None) -> Iterator[tuple[float, dict[str, Any]]]:
    """`./run` in a folder: yields the seconds to its first page, and what it wrote about itself."""
    port = free_port()
    environment = {**os.environ, **({"HOME": home} if home else {})}
    began = time.monotonic()
    command = [str(folder / "run"), "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    try:
        while True:
            if process.poll() is not None:
                raise SystemExit("./run ended by itself; run it by hand to see why.")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        seconds = time.monotonic() - began
        while not (told := _told(folder, port)):
            time.sleep(0.05)
        yield seconds, told
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _told(folder: Path, port: int) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads((folder / "var" / "run.json").read_text())
    except (OSError, ValueError):
        return None
    return told if told["url"].endswith(f":{port}") else None


class Client:
    """The published API, with one key."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "/v1" + path, method=method, data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def tick_to_paid(call: Client, demo: dict[str, str], people: int) -> float:
    """Seconds from the register of one session to the last of its people paid."""
    hour = {"starts_at": "2026-11-20T10:00:00Z", "ends_at": "2026-11-20T11:00:00Z"}
    session = call(
        "POST", "/sessions", {"title": "Bench", "activity": demo["activity"], "online": True, **hour}
    )
    account = {
        "kind": "bank_account",
        "account_name": "A",
        "sort_code": "108800",
        "account_number": "00012345",
    }
    entries = []
    for number in range(people):
        person = call("POST", "/people", {"name": f"Bench {number}"})["id"]
        call("PUT", f"/people/{person}/payment_method", account)
        offer = call("POST", f"/sessions/{session['id']}/offers", {"person": person, "role": demo["role"]})
        call("POST", f"/offers/{offer['id']}/accept", {})
        entries.append({"person": person, "attended": True})
    began = time.monotonic()
    call("PUT", f"/sessions/{session['id']}/register", {"entries": entries})
    while True:
        rows = call("GET", f"/claims?session={session['id']}&limit=100&status=paid")["data"]
        if len(rows) == people:
            return time.monotonic() - began
        if time.monotonic() - began > 60:
            raise SystemExit("Not paid after a minute.")
        time.sleep(0.02)


def main() -> None:
    """Measure, and print a table with each figure beside what was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cold", action="store_true")
    rows: list[tuple[str, float, float]] = []
    with tempfile.TemporaryDirectory() as spare:
        if parser.parse_args().cold:
            clone, home = Path(spare) / "clone", Path(spare) / "home"
            home.mkdir(mode=0o700)
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
            with running(clone, clone / "var" / "data", str(home)) as (seconds, _):
                rows.append(("fresh clone, empty home, to the first page", seconds, LIMITS["cold"]))
        data = Path(spare) / "data"
        with running(ROOT, data):
            pass
        with running(ROOT, data) as (seconds, told):
            rows.append(("later start, to the first page", seconds, LIMITS["later"]))
            key = next(iter(told["api_keys"].values()))["lead"]
            call = Client(told["url"], key)
            ones = [tick_to_paid(call, told["demo"], 1) for _ in range(15)]
            rows.append(("tick to paid, the first after a start", ones[0], LIMITS["tick"]))
            rows.append(
                ("tick to paid, one person, median of 14 more", statistics.median(ones[1:]), LIMITS["tick"])
            )
            rows.append(("tick to paid, one person, worst of 14 more", max(ones[1:]), LIMITS["tick"]))
            rows.append(
                ("tick to paid, 20 people at once", tick_to_paid(call, told["demo"], 20), LIMITS["tick"])
            )
    print(f"{'what':48}{'seconds':>9}{'asked':>8}{'share':>8}")
    for what, seconds, asked in rows:
        print(f"{what:48}{seconds:9.2f}{asked:8.0f}{seconds / asked:8.2f}")


if __name__ == "__main__":
    main()
