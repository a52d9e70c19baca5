"""What every rival is given, and how each is timed. Runs in the rivals' own environment.

Days are day numbers, times are minutes and distances tenths of a mile, and a single contribution is a list
of one. Making that is not timed: a rival never pays for reading facts, as ours and the hand-written one do.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.policy.rates import period_of

Facts = dict[str, Any]
SHARED = (
    *("activity", "online", "paid_by_employer", "by_register", "fee", "accept_pence"),
    *("role", "trained"),
)


def given() -> tuple[list[Facts], list[int]]:
    """The claims of the file named on the command line, and the period of each."""
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    return [prepared(row) for row in rows], [period_of(row["on"]) for row in rows]


def prepared(claim: Facts) -> Facts:
    """One claim as a rival gets it."""
    found: Facts = {key: claim[key] for key in SHARED if key in claim}
    found["on"] = date.fromisoformat(claim["on"]).toordinal()
    if "claimed_on" in claim:
        found["claimed_on"] = date.fromisoformat(claim["claimed_on"]).toordinal()
    if "notice_hours" in claim:
        found["notice_minutes"] = round(claim["notice_hours"] * 60)
    parts = claim.get("contributions")
    if parts is None:
        parts = [claim] if claim.get("fee", True) else []
    found["parts"] = [_part(claim, part) for part in parts] if claim.get("fee", True) else []
    found["costs"] = [_cost(cost) for cost in claim.get("expenses", ())]
    return found


def _part(claim: Facts, part: Facts) -> Facts:
    found = {key: part[key] for key in part if key == "role" or key == "days" or key.endswith("minutes")}
    trained = part.get("trained", claim.get("trained"))
    return found if trained is None else {**found, "trained": trained}


def _cost(cost: Facts) -> Facts:
    found = {key: value for key, value in cost.items() if key not in ("miles", "hours", "hours_away")}
    if "miles" in cost:
        found["tenths"] = round(cost["miles"] * 10)
    if "hours" in cost:
        found["minutes"] = round(cost["hours"] * 60)
    if "hours_away" in cost:
        found["away"] = round(cost["hours_away"] * 60)
    return found


def microseconds(work: Callable[[], object], claims: int, *, repeats: int = 3) -> float:
    """Processor time for each claim, the best of a few runs, all threads together."""
    runs = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        runs.append(time.process_time() - began)
    return min(runs) / claims * 1e6


def report(rows: Sequence[dict[str, Any]]) -> None:
    """One row for each way of asking: name, plain, traced, answers."""
    json.dump(rows, sys.stdout)
