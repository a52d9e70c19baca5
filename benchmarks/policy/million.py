#!/usr/bin/env python3
"""How long does it take to try a draft on a million stored claims? Run it on a quiet machine.

    benchmarks/policy/million.py                    # at 10,000, 100,000 and 1,000,000 claims
    benchmarks/policy/million.py --claims 20000     # at sizes of your own
    benchmarks/policy/million.py --data DIR         # keep the database there, and use it again

It starts the embedded PostgreSQL as `./run` does, fills one council with claims that the engine answered by
the council's own policy, and asks `service.reports.simulation` what drafts would have paid: the live policy
against itself, and policies with changed rates. Each run is a process of its own, so its memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from million_claims import FIRST, LAST, batch  # noqa: E402

from service import ids, schema  # noqa: E402
from service.councils import actions as councils  # noqa: E402
from service.db import Database  # noqa: E402
from service.events import SYSTEM  # noqa: E402
from service.machine import ground  # noqa: E402
from service.machine.postgres import ADMIN, APP, OWNER, STOP_SIGNAL, Postgres  # noqa: E402
from service.policy import actions as policies  # noqa: E402
from service.policy.engine import Policy, compile_policy, read_policy  # noqa: E402
from service.policy.sources import Sources  # noqa: E402
from service.reports import simulation  # noqa: E402

LIVE = ROOT / "policies" / "councils" / "exampleshire.yaml"
REGION = "region/middleshire.yaml"
SIZES = (10_000, 100_000, 1_000_000)
ASKED_SECONDS, ASKED_MB = 10, 50
BATCH = 5_000
PEOPLE = 5_000
TICK = os.sysconf("SC_CLK_TCK")

# What is tried: texts of the region's policy, and what stands there instead.
DRAFTS: dict[str, dict[str, str]] = {
    "the live policy": {},
    "coaches £1 more": {"£26.00": "£27.00", "2026-04-01: £27.00": "2026-04-01: £28.00"},
    "online 50p less": {
        "2025-04-01: £15.00": "2025-04-01: £14.50",
        "2026-04-01: £15.50": "2026-04-01: £15.00",
    },
    "every rate up": {
        f"{day}: {old}": f"{day}: {old[:-2]}60"
        for day, old in (
            ("2025-04-01", "£17.50"),
            ("2026-04-01", "£18.00"),
            ("2025-04-01", "£15.00"),
            ("2026-04-01", "£15.50"),
            ("2025-04-01", "£24.00"),
            ("2026-04-01", "£25.00"),
            ("2025-04-01", "£26.00"),
            ("2026-04-01", "£27.00"),
            ("2025-04-01", "£145.00"),
            ("2026-04-01", "£150.00"),
        )
    },
}


# The database


@contextmanager
def database(folder: Path) -> Iterator[Postgres]:
    """The embedded PostgreSQL on data in `folder`, migrated, stopped at the end."""
    place = ground.prepare(folder)
    programs, _ = ground.programs()
    postgres = Postgres(data=place.data / "postgres", socket=place.postgres_socket, programs=programs)
    postgres.initialise()
    with (place.logs / "postgres.log").open("ab") as log:
        process = subprocess.Popen(postgres.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        postgres.wait()
        postgres.make_roles()
        postgres.make_database()
        schema.migrate(postgres.url(role=OWNER))
        yield postgres
    finally:
        process.send_signal(STOP_SIGNAL)
        process.wait(60)


def driver_url(postgres: Postgres, role: str) -> str:
    """The address for psycopg itself."""
    return postgres.url(role=role).replace("+psycopg", "", 1)


# The claims

_POLICY: list[Policy] = []


def _begin() -> None:
    _POLICY[:] = [compile_policy(Sources.from_path(str(LIVE)))]


def _batch(asked: tuple[tuple[str, str], int, int, int, int]) -> tuple[str, str]:
    return batch(_POLICY[0], *asked)


CLAIM_COLUMNS = (
    "council_id, id, person_id, session_id, offer_id, kind, with_fee, facts, expenses, state, version,"
    " assessment_id, fee_pence, expenses_pence, cost_code, pay_by, overpaid_pence, made_at, changed_at"
)
ASSESSMENT_COLUMNS = (
    "council_id, id, claim_id, claim_version, facts, answer, policy_id, policy_hash, engine_version, made_at"
)


def seeded(postgres: Postgres, count: int) -> str:
    """A council with `count` claims, made unless it is there already. Answers its id."""
    slug = f"council-of-{count}"
    db = Database(postgres.url(role=APP), pooled=False)
    with db.crossing() as outside:
        known = outside.scalar(text("SELECT find_council(:slug)"), {"slug": slug})
    if known:
        return str(known)
    began = time.monotonic()
    council_id, now = ids.new("cou"), datetime.now(UTC)
    with db.council(council_id) as session:
        councils.found(session, council_id=council_id, given=councils.NewCouncil(slug, slug), now=now)
        sources = Sources.from_path(str(LIVE))
        version = policies.adopt(session, council_id=council_id, sources=sources, actor=SYSTEM, now=now)
        policy_id = version.id
    people = min(max(count // 50, 20), PEOPLE)
    asked = [
        ((council_id, policy_id), first, min(BATCH, count - first), count, people)
        for first in range(0, count, BATCH)
    ]
    with psycopg.connect(driver_url(postgres, ADMIN), autocommit=True) as line:
        line.execute("SET session_replication_role = replica")
        line.execute(
            "INSERT INTO people (council_id, id, name, made_at) SELECT %s, 'per_' || lpad(n::text, 26, '0'),"
            " 'Person ' || n, now() FROM generate_series(0, %s - 1) n",
            (council_id, people),
        )
        with ProcessPoolExecutor(os.cpu_count(), initializer=_begin) as pool:
            for claims, assessments in pool.map(_batch, asked):
                _copy(line, f"claims ({CLAIM_COLUMNS})", claims)
                _copy(line, f"claim_assessments ({ASSESSMENT_COLUMNS})", assessments)
        line.execute("VACUUM ANALYZE claims, claim_assessments")
    print(f"{count:,} claims stored in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return council_id


def _copy(line: psycopg.Connection[Any], table: str, rows: str) -> None:
    with line.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        copy.write(rows)


# The runs


def changed(which: str) -> Policy:
    """The live policy with what `DRAFTS` changes in the region's text."""
    live = Sources.from_path(str(LIVE))
    region = live.files[REGION]
    for old, new in DRAFTS[which].items():
        if old not in region:
            raise SystemExit(f"The region's policy does not say {old!r} any more.")
        region = region.replace(old, new, 1)
    return read_policy(Sources(live.main, {**live.files, REGION: region}))


def run(url: str, council_id: str, which: str) -> None:
    """One simulation in this process, and what it came to, as JSON."""
    draft = changed(which)
    db = Database(url, pooled=False)
    began, used = time.monotonic(), _own_seconds()
    with db.council(council_id) as session:
        answer = simulation.simulate(session, council_id=council_id, draft=draft, since=FIRST, until=LAST)
    seconds, cpu = time.monotonic() - began, _own_seconds() - used
    with db.council(council_id) as session:
        query = "SELECT facts FROM claim_assessments LIMIT 5000"
        facts = [row.facts for row in session.execute(text(query))]
    began = time.process_time()
    for one in facts:
        draft.totals(one)
    judging = (time.process_time() - began) / len(facts)
    answer["people"] = answer["people"][:1]
    print(json.dumps({"seconds": seconds, "cpu": cpu, "judging": judging, "answer": answer}))


def _own_seconds() -> float:
    """Seconds of work of this process and of those that it started and that ended."""
    return sum(os.times()[:4])


@dataclass
class Watched:
    """One run, its database's work, and the most memory that each of its processes held, in MB."""

    told: dict[str, Any]
    database: float
    memory: list[float]


def watched(postgres: Postgres, council_id: str, which: str) -> Watched:
    """A run in a process of its own, looked at from outside."""
    command = [sys.executable, __file__, "--run", postgres.url(role=APP), council_id, which]
    before, most = _database_seconds(postgres), dict[int, float]()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.05):
            for pid in _family(process.pid):
                with suppress(OSError, IndexError):
                    status = Path(f"/proc/{pid}/status").read_text()
                    most[pid] = int(status.split("VmHWM:")[1].split()[0]) / 1024

    looking = threading.Thread(target=look)
    looking.start()
    said, _ = process.communicate()
    ended.set()
    looking.join()
    if process.returncode:
        raise SystemExit(f"The run failed: {which}.")
    return Watched(json.loads(said), _database_seconds(postgres) - before, list(most.values()))


def _family(pid: int) -> list[int]:
    """A process and those that it started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def _database_seconds(postgres: Postgres) -> float:
    """Seconds of work of the server: its own, of backends that ended, and of those that live."""
    leader = postgres.pid() or 0
    ticks = sum(_times(leader)[:4])
    ticks += sum(sum(_times(pid)[:2]) for pid in _family(leader)[1:])
    return ticks / TICK


def _times(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]]
    except OSError:
        return [0, 0, 0, 0]


def check(which: str, count: int, answer: dict[str, Any]) -> None:
    """The live policy moves nothing; a changed rate moves some, with a reason for each person."""
    if answer["claims"] + answer["left_to_a_person"]["claims"] != count:
        raise SystemExit(f"{which}: {answer['claims']:,} claims were counted of {count:,}.")
    if not DRAFTS[which]:
        if answer["moved"] or answer["difference_pence"] or answer["people"]:
            raise SystemExit("The live policy against itself is not zero.")
    elif not answer["moved"] or not answer["people"][0]["reasons"]:
        raise SystemExit(f"{which}: nobody moves, or nobody is told why.")


def table(postgres: Postgres, sizes: Sequence[int]) -> None:
    """Every draft at every size: seconds, microseconds of work a claim, and memory."""
    print(f"{'claims':>9}  {'draft':18}{'moved':>6}{'seconds':>9}  {'µs of work a claim:':20}", end="")
    print(f"{'database':>9}{'service':>9}{'a judging':>11}{'memory MB':>11}{'processes':>11}")
    memory: dict[str, list[list[float]]] = {}
    for count in sizes:
        council_id = seeded(postgres, count)
        for which in DRAFTS:
            seen = watched(postgres, council_id, which)
            answer, cpu = seen.told["answer"], seen.told["cpu"]
            check(which, count, answer)
            each = [one / count * 1e6 for one in (cpu + seen.database, seen.database, cpu)]
            print(f"{count:9,}  {which:18}{answer['moved'] / count:6.0%}{seen.told['seconds']:9.2f}", end="")
            print(f"  {each[0]:20.1f}{each[1]:9.1f}{each[2]:9.1f}", end="")
            print(
                f"{seen.told['judging'] * 1e6:11.1f}{sum(seen.memory):11.0f}{len(seen.memory):11}", flush=True
            )
            memory.setdefault(which, []).append(seen.memory)
            if DRAFTS[which]:
                print(f"{'':11}{answer['people'][0]['reasons'][0]['text']}")
    for which, found in memory.items():
        one, all_ = [max(run) for run in found], [sum(run) for run in found]
        print(f"memory, {which}: one process {max(one) - min(one):.0f} MB between sizes,", end=" ")
        print(f"all of them {(max(all_) - min(all_)) / 2:.0f} MB either way; asked at most {ASKED_MB}")
    print(f"Asked for 1,000,000 claims: at most {ASKED_SECONDS} s on two cores.")
    print("A judging is `Policy.totals` of one set of facts; people at one session share theirs.")


def main() -> None:
    """Fill the database, try every draft at every size, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--claims", type=int, nargs="+", default=SIZES, help="how many, one or more sizes")
    parser.add_argument("--data", type=Path, help="keep the database in this folder, and use it again")
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run(*given.run)
        return
    with tempfile.TemporaryDirectory() as spare, database(given.data or Path(spare) / "data") as postgres:
        table(postgres, given.claims)


if __name__ == "__main__":
    main()
