#!/usr/bin/env python3
"""Is anybody paid twice, or never, while everything dies? Thousands of payments through a pretend Stripe.

    .venv/bin/python benchmarks/faults/run.py                    # 2,000 payments, two minutes of faults
    .venv/bin/python benchmarks/faults/run.py --people 500 --seconds 40
    .venv/bin/python benchmarks/faults/run.py --payer new_key    # a broken payer, which must be caught

The real service runs: database, broker, web, workers, relay and clock, under its supervisor. Workers,
broker, database and the pretend Stripe are killed at moments that a seed chooses; answers are lost, late
and torn. The verdict is read from the pretend Stripe's own book. Exit status 0 only when ours is clean, or
a broken payer is caught.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402

from benchmarks.faults.house import HOST, Chaos, House, PretendStripe, free_port, pretend_stripe  # noqa: E402
from benchmarks.faults.judge import Verdict, judge  # noqa: E402
from benchmarks.faults.payers import PAYERS  # noqa: E402
from service.machine.postgres import ADMIN  # noqa: E402

HERE = Path(__file__).resolve().parent
SECRET, ACCOUNT, SIGNED = "sk_test_faults", "fa_faults", "whsec_ZmF1bHRzZmF1bHRzZmF1bHRzZmF1bHRz"
FAULTS = {
    "only": "/v2/money_management/outbound_payments",
    "error_500": 0.03,
    "stored_500": 0.03,
    "error_500_after": 0.03,
    "busy_429": 0.03,
    "busy_429_retry": 0.03,
    "refused_connection": 0.03,
    "answer_lost": 0.05,
    "late_commit": 0.05,
    "truncated": 0.03,
    "bad_json": 0.03,
    "twice": 0.2,
    "storm": 0.01,
    "late": 0.3,
    "lost": 0.2,
    "forged_signature": 0.1,
    "forged_old": 0.1,
    "hang_seconds": 12,
    "late_seconds": 20,
}
# Stripe itself dies so often, in seconds. What it has still to do late is lost with it.
STRIPE_DIES_EVERY = 60
TO_A_SESSION = 50


class Client:
    """The published API with one key. Whatever dies meanwhile, it asks again under the same key."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        once = uuid.uuid4().hex
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        headers["Idempotency-Key"] = once
        data = None if body is None else json.dumps(body).encode()
        for _ in range(240):
            request = urllib.request.Request(
                f"{self.url}/v1{path}", method=method, data=data, headers=headers
            )
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code not in (409, 429):
                    raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}") from None
            except (OSError, ValueError):
                pass
            time.sleep(0.25)
        raise SystemExit(f"{method} {path} was never answered.")


def council(house: House) -> Client:
    """A council that pays by Stripe, and its key."""
    policies = house.place.data / "policies"
    for folder in ("region", "reference"):
        shutil.copytree(ROOT / "policies" / folder, policies / folder)
    (policies / "councils").mkdir()
    policy = shutil.copy(HERE / "policy.yaml", policies / "councils" / "faultshire.yaml")
    said = house.command(
        *("reciprocal", "council", "add", "faultshire", "--name", "Faultshire"),
        *("--lead", "lead@example.org", "--policy", str(policy)),
    )
    found = re.search(r"rcp_test_[\w-]{43}", said)
    assert found
    return Client(house.url, found[0])


def people(call: Client, many: int) -> dict[str, str]:
    """Person id → `sort code/account number`, one account each; everybody is paid by Stripe."""

    def one(number: int) -> tuple[str, str]:
        person = call("POST", "/people", {"name": f"Ada Example {number}"})["id"]
        account = f"{20_000_000 + number}"
        call(
            "PUT",
            f"/people/{person}/payment_method",
            {
                "kind": "stripe",
                "account_name": "Ada Example",
                "sort_code": "309430",
                "account_number": account,
            },
        )
        return person, f"309430/{account}"

    with ThreadPoolExecutor(4) as pool:
        return dict(pool.map(one, range(many)))


def sessions(call: Client, person_ids: list[str]) -> list[tuple[str, list[str]]]:
    """Sessions with their invited people, who have all said yes."""

    def one(chunk: list[str]) -> tuple[str, list[str]]:
        hour = {"starts_at": "2026-11-20T10:00:00Z", "ends_at": "2026-11-20T11:00:00Z"}
        made = call("POST", "/sessions", {"title": "Bench", "activity": "over_a_brew", "online": True} | hour)
        for person in chunk:
            offer = call("POST", f"/sessions/{made['id']}/offers", {"person": person, "role": "participant"})
            call("POST", f"/offers/{offer['id']}/accept", {})
        return made["id"], chunk

    chunks = [person_ids[i : i + TO_A_SESSION] for i in range(0, len(person_ids), TO_A_SESSION)]
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, chunks))


def tick(call: Client, session: tuple[str, list[str]]) -> None:
    """The whole register of one session."""
    entries = [{"person": person, "attended": True} for person in session[1]]
    call("PUT", f"/sessions/{session[0]}/register", {"entries": entries})


class Records:
    """What our own database says, read past its walls; it may be away for a moment."""

    def __init__(self, house: House) -> None:
        self._url = house.servers.postgres.url(role=ADMIN).replace("+psycopg", "", 1)  # type: ignore[union-attr]

    def rows(self, query: str) -> list[Any]:
        """Rows, asked for until they come."""
        while True:
            try:
                with psycopg.connect(self._url, autocommit=True) as line:
                    return line.execute(query).fetchall()
            except psycopg.OperationalError:
                time.sleep(0.3)

    def open(self) -> int:
        """How many claims have no settled payment yet."""
        return int(self.rows("SELECT count(*) FROM claims WHERE state <> 'paid'")[0][0])

    def ready_to_be_paid(self) -> int:
        """How many people can be paid by Stripe now."""
        return int(self.rows("SELECT count(*) FROM stripe_recipients WHERE state = 'ready'")[0][0])

    def states(self) -> dict[str, int]:
        """State of a payment → how many."""
        return dict(self.rows("SELECT state, count(*) FROM payouts GROUP BY 1 ORDER BY 1"))

    def payments(self, account_of: dict[str, str]) -> dict[str, tuple[str, str, int]]:
        """Payment id → (account, state, pence)."""
        query = "SELECT id, person_id, state, amount_pence FROM payouts WHERE rail = 'stripe'"
        return {i: (account_of[p], state, int(pence)) for i, p, state, pence in self.rows(query)}

    def ledger(self) -> int:
        """Pence that the ledger says have left by Stripe."""
        query = "SELECT coalesce(-sum(amount_pence), 0) FROM ledger_postings WHERE account = 'bank:stripe'"
        return int(self.rows(query)[0][0])


def storm(
    house: House, stripe: PretendStripe, call: Client, register: list[Any], *, seconds: int, seed: int
) -> tuple[Chaos, int]:
    """Registers are ticked while everything dies. Answers what was done to it, and how often Stripe died."""
    chaos, deaths = Chaos(house, seed=seed), 0
    stripe.kill()
    stripe.start(json.dumps(FAULTS | {"seed": seed}))
    began = time.monotonic()
    ends = began + seconds
    with ThreadPoolExecutor(2) as pool:
        ticking = [pool.submit(tick, call, one) for one in register]
        while time.monotonic() < ends or not all(one.done() for one in ticking):
            chaos.once()
            if time.monotonic() > began + STRIPE_DIES_EVERY * (deaths + 0.75):
                stripe.kill()
                time.sleep(0.3)
                stripe.start(json.dumps(FAULTS | {"seed": seed + deaths + 1}))
                deaths += 1
            chaos.wait()
        for one in ticking:
            one.result()
    chaos.wake()
    stripe.calm()
    return chaos, deaths


def settle(records: Records, *, patience: int, owed: int) -> float | None:
    """Seconds until nothing is open any more; None when it was still open at the end of our patience."""
    began = last = time.monotonic()
    while records.open() or sum(records.states().values()) < owed:
        if time.monotonic() - began > patience:
            return None
        if time.monotonic() - last > 15:
            last = time.monotonic()
            print(f"  still settling: {records.states()}", flush=True)
        time.sleep(0.5)
    return time.monotonic() - began


def bench(data: Path, given: argparse.Namespace) -> bool:
    """One run, from an empty folder to the verdict. Answers whether it went as it should."""
    port, stripe_port = free_port(), free_port()
    book = data / "book.jsonl"
    house = House(
        data,
        port=port,
        payer=given.payer,
        given={
            "STRIPE_API_KEY": SECRET,
            "STRIPE_API_BASE": f"http://{HOST}:{stripe_port}",
            "STRIPE_FINANCIAL_ACCOUNT": ACCOUNT,
            "STRIPE_WEBHOOK_SECRET": SIGNED,
        },
    )
    told = [f"{house.url}/webhooks/stripe,{SIGNED},{shape}" for shape in ("thin", "snapshot")]
    account = f"{SECRET},{ACCOUNT},{given.people * 1550 * 10}"
    with pretend_stripe(
        port=stripe_port, book=book, account=account, webhooks=told, log=data / "s.log"
    ) as stripe:
        try:
            house.start()
            return _bench(house, stripe, book, given)
        finally:
            house.stop()


def _bench(house: House, stripe: PretendStripe, book: Path, given: argparse.Namespace) -> bool:
    began, call, records = time.monotonic(), council(house), Records(house)
    account_of = people(call, given.people)
    register = sessions(call, list(account_of))
    while records.ready_to_be_paid() < given.people:
        time.sleep(0.5)
    print(
        f"{given.people} people are ready after {time.monotonic() - began:.0f} s; now the faults", flush=True
    )
    chaos, deaths = storm(house, stripe, call, register, seconds=given.seconds, seed=given.seed)
    print("the last fault is over; waiting until everything has settled", flush=True)
    seconds = settle(records, patience=given.patience, owed=given.people)
    stripe.finish()
    verdict = judge(
        book,
        owed=dict.fromkeys(account_of.values(), 1550),
        ours=records.payments(account_of),
        ledger=records.ledger(),
    )
    struck = chaos.did + Counter({"Stripe itself killed": deaths})
    met = Counter({f"Stripe: {what.replace('_', ' ')}": times for what, times in stripe.faults.items()})
    _print(verdict, struck, met, seconds, given, records)
    broken = given.payer != "ours"
    return bool(verdict.doubled) if broken else verdict.clean and seconds is not None


def _print(
    verdict: Verdict,
    struck: Counter[str],
    met: Counter[str],
    seconds: float | None,
    given: argparse.Namespace,
    records: Records,
) -> None:
    for what, times in sorted((struck + met).items()):
        print(f"  {what:28}{times:7}")
    print(f"{'payer':30}{given.payer:>12}")
    print(f"{'payments owed':30}{given.people:12}")
    print(f"{'money moved, times':30}{verdict.moved:12}")
    print(f"{'blows struck':30}{struck.total():12}")
    print(f"{'faults injected at Stripe':30}{met.total():12}")
    for name in ("lost", "doubled", "wrong"):
        found = getattr(verdict, name)
        print(f"{name:30}{len(found):12}" + (f"   {found[0]}" if found else ""))
    print(
        f"{'seconds to settle':30}"
        + (f"{seconds:12.1f}" if seconds is not None else f"  not in {given.patience}")
    )
    print(f"{'payments stand':30}{records.states()}", flush=True)


def main() -> int:
    """Read the options and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=120, help="how long things die")
    parser.add_argument(
        "--patience", type=int, default=600, help="how long it may take to settle, in seconds"
    )
    parser.add_argument("--payer", choices=PAYERS, default="ours")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="keep the data here, to look at")
    given = parser.parse_args()
    with suppress(KeyboardInterrupt):
        if given.data:
            given.data.mkdir(parents=True, exist_ok=True)
            return 0 if bench(given.data.resolve(), given) else 1
        with tempfile.TemporaryDirectory() as spare:
            return 0 if bench(Path(spare), given) else 1
    return 1


if __name__ == "__main__":
    sys.exit(main())
