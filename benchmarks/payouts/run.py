#!/usr/bin/env python3
"""How many payments are settled a second, beside Celery doing nothing, and what does each cost?

    .venv/bin/python benchmarks/payouts/run.py                             # 3,000 payments
    .venv/bin/python benchmarks/payouts/run.py --sizes 1000 10000 100000   # cost and memory as it grows
    .venv/bin/python benchmarks/payouts/run.py --concurrency 4

One run starts PostgreSQL, the queue, relay, workers and clock as `./run` does, on a folder of their own. The
payments go by the pretend bank: from released to settled with their ledger entries, everything else running.
It stops with a message unless each was paid once and the ledger says the same. See README.md beside it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import redis  # noqa: E402 - the folder of the project comes first
from celery import Celery  # noqa: E402

from benchmarks.payouts.people import copy, council_with_one, release  # noqa: E402
from benchmarks.payouts.servers import (  # noqa: E402
    Servers,
    family,
    megabytes_of,
    seconds_of,
    servers,
    whole_service,
)
from service import log  # noqa: E402
from service import worker as _every_task  # noqa: E402, F401 - declares each task
from service.settings import Settings  # noqa: E402
from service.tasks.hands import Hands, hands_for  # noqa: E402

ASKED = 0.5
GIVE_UP_AFTER = 3600


@dataclass(frozen=True)
class Row:
    """What one size took."""

    payments: int
    released: float
    settled: float
    told: float
    until_settled: float
    by_part: dict[str, float]
    memory: tuple[float, float, float]

    @property
    def rate(self) -> float:
        """Payments settled a second, from the first release to the last ledger entry."""
        return self.payments / self.settled

    @property
    def cost(self) -> float:
        """Processor milliseconds a payment, of all processes, until everybody is told."""
        return sum(self.by_part.values()) / self.payments * 1000


def noop_rate(on: Servers, *, count: int, concurrency: int) -> tuple[float, float]:
    """Tasks a second that do nothing, and processor ms of each: all are published before any is done."""
    url = f"redis+socket://{on.valkey.socket}?virtual_host=5"
    app = Celery("noop", broker=url)
    line = redis.Redis.from_url(on.valkey.url(number=5))
    for _ in range(count):
        app.send_task("noop", queue="noop")
    words = ["celery", "--app", "benchmarks.payouts.noop", "worker", "--concurrency", str(concurrency)]
    words += ["--queues", "noop", "--without-mingle", "--without-gossip"]
    with on.process("noop", words, {"NOOP_BROKER": url, "PYTHONPATH": str(ROOT)}):
        while line.llen("noop") > count * 0.95:
            time.sleep(0.002)
        began, left = time.monotonic(), line.llen("noop")
        before = seconds_of(on.pids["noop"]) + seconds_of(on.pids["valkey"])
        while line.llen("noop") or line.hlen("unacked"):
            time.sleep(0.005)
        seconds = time.monotonic() - began
        busy = seconds_of(on.pids["noop"]) + seconds_of(on.pids["valkey"]) - before
    return left / seconds, busy / left * 1000


def measure(
    on: Servers, hands: Hands, council: tuple[str, str], worker: int, *, count: int, mark: str
) -> Row:
    """Release so many payments, and wait until the last one is settled, and until everybody is told."""
    council_id, payout_id = council
    with on.admin() as line:
        payout_ids = copy(line, payout_id, count=count, mark=mark)
        before = {name: seconds_of(pid) for name, pid in on.pids.items()}
        held = [memory_of(worker)]
        began = time.monotonic()
        release(hands, council_id, payout_ids)
        released = time.monotonic() - began
        while (
            one(line, "SELECT count(*) FROM payouts WHERE state = 'paid' AND id LIKE %s", f"pay_{mark}%")
            < count
        ):
            held.append(memory_of(worker))
            wait(began, on)
        settled = time.monotonic() - began
        until_settled = sum(seconds_of(pid) - before[name] for name, pid in on.pids.items())
        while one(line, "SELECT count(*) FROM deliveries WHERE state = 'waiting'", None):
            held.append(memory_of(worker))
            wait(began, on)
        told = time.monotonic() - began
        by_part = {name: seconds_of(pid) - before[name] for name, pid in on.pids.items()}
        check(line, mark, count)
    return Row(count, released, settled, told, until_settled, by_part, (held[0], max(held), held[-1]))


def one(line: Any, query: str, value: str | None) -> int:
    """The one figure that a question answers."""
    (found,) = line.execute(query, (value,) if value else ()).fetchone()
    return int(found)


def wait(began: float, on: Servers) -> None:
    """A moment, longer as it goes on, since counting costs the database too; unless it has taken for ever."""
    gone = time.monotonic() - began
    time.sleep(max(0.1, gone / 50))
    if gone > GIVE_UP_AFTER:
        raise SystemExit(f"Not settled after an hour. See {on.folder}.")


def memory_of(worker: int) -> float:
    """Megabytes of the largest worker process."""
    return max(megabytes_of(pid) for pid in family(worker))


def check(line: Any, mark: str, count: int) -> None:
    """Each was paid once: the bank's book, the ledger and the messages say so. Else stop."""
    like = f"pay_{mark}%"
    found = {
        "lines in the bank's book": one(
            line, "SELECT count(*) FROM sandbox_payments WHERE payment_id LIKE %s AND stands = 'paid'", like
        ),
        "ledger entries": one(
            line, "SELECT count(*) FROM ledger_entries WHERE kind = 'settlement' AND source_id LIKE %s", like
        ),
        "claims paid": one(
            line, "SELECT count(*) FROM claims WHERE state = 'paid' AND id LIKE %s", f"claim_{mark}%"
        ),
        "people told": one(
            line,
            "SELECT count(*) FROM notices WHERE name = 'payout.paid' AND claim_id LIKE %s",
            f"claim_{mark}%",
        ),
    }
    wrong = {what: number for what, number in found.items() if number != count}
    if wrong or one(line, "SELECT coalesce(sum(amount_pence), 0) FROM ledger_postings", None) != 0:
        raise SystemExit(f"Wrong after {count} payments: {wrong}")


def main() -> None:
    """Measure, and print each figure beside what was asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[3000], help="payments, one size after another"
    )
    parser.add_argument("--concurrency", type=int, default=2, help="worker processes")
    parser.add_argument("--noops", type=int, default=5000, help="tasks that do nothing")
    given = parser.parse_args()
    log.configure(level="WARNING")
    with tempfile.TemporaryDirectory(prefix="reciprocal-bench-") as spare, servers(Path(spare)) as on:
        try:
            bare, busy = noop_rate(on, count=given.noops, concurrency=given.concurrency)
            print(f"Celery doing nothing: {bare:.0f} a second, {busy:.2f} processor ms each", flush=True)
            hands = hands_for(Settings.from_env(on.environment))
            council = council_with_one(hands)
            with whole_service(on, concurrency=given.concurrency) as worker:
                measure(on, hands, council, worker, count=300, mark="w")
                for number, count in enumerate(given.sizes):
                    show(measure(on, hands, council, worker, count=count, mark=f"r{number}x"), bare, busy)
            again, busy = noop_rate(on, count=given.noops, concurrency=given.concurrency)
            print(f"Celery doing nothing, once more: {again:.0f} a second, {busy:.2f} processor ms each")
            hands.db.close()
        except (Exception, SystemExit):
            subprocess.run(["tail", "-n", "15", *Path(spare).glob("*.log")], check=False)
            raise


def show(row: Row, bare: float, busy: float) -> None:
    """One size, as a few lines."""
    parts = "  ".join(f"{name} {seconds / row.payments * 1000:.2f}" for name, seconds in row.by_part.items())
    first, most, last = row.memory
    print(f"\n{row.payments} payments")
    print(
        f"  settled a second            {row.rate:8.0f}"
        f"   {row.rate / bare:.2f} of doing nothing, asked {ASKED}"
    )
    print(f"  released / settled / told   {row.released:.1f} s / {row.settled:.1f} s / {row.told:.1f} s")
    cost = row.until_settled / row.payments * 1000
    print(f"  processor ms until settled  {cost:8.2f}   doing nothing takes {busy / cost:.2f} of it")
    print(f"  processor ms a payment      {row.cost:8.2f}   {parts}")
    print(
        f"  largest worker, MB          {first:8.1f}   at most {most:.1f}, at the end {last:.1f}", flush=True
    )


if __name__ == "__main__":
    main()
