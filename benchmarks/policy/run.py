#!/usr/bin/env python3
"""How fast is our engine beside a hand-written policy, zen-engine, OpenFisca and CEL, at the same pence?

    .venv/bin/python benchmarks/policy/run.py                 # 10,000 claims
    .venv/bin/python benchmarks/policy/run.py --claims 1000

The first run makes the rivals' own environment under var/. All must give the same pence for every claim.
Figures are processor time, the best of a few runs.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.policy.by_hand import assess  # noqa: E402 - the folder of the project comes first
from benchmarks.policy.by_hand_checked import assess_checked  # noqa: E402
from benchmarks.policy.by_hand_pence import totals  # noqa: E402
from benchmarks.policy.claims import claims  # noqa: E402
from service.policy.engine import Policy, compile_policy  # noqa: E402
from service.policy.sources import Sources  # noqa: E402

HERE = Path(__file__).resolve().parent
VAR = ROOT / "var" / "bench-policy"
RIVALS = ("zen_engine", "cel", "open_fisca")
BY_HAND, CHECKED, OURS = "by hand", "by hand, facts checked", "ours"
Sums = tuple[str, int, int]
Facts = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One way of asking: microseconds a claim, and whether its pence are everybody's."""

    name: str
    plain: float | None
    traced: float | None
    same: bool
    returns: str = "int"


def the_policy() -> Policy:
    """Our own policy file, compiled."""
    return compile_policy(Sources.from_path(HERE / "realistic.yaml"))


def stamp_of(policy: Policy) -> dict[str, str]:
    """What an assessment says about the policy that it comes from."""
    return {"version": policy.version, "hash": policy.hash, "slug": policy.slug, "name": policy.name}


def plain_door(policy: Policy) -> Callable[[Facts], Sums] | None:
    """The engine's judgement without a trace, where it has one."""
    door: Callable[[Facts], Sums] | None = getattr(policy, "totals", None)
    return door


def differences(policy: Policy, given: list[Facts]) -> list[int]:
    """The claims for which the hand-written answers are not ours: whole, trace included, and in pence."""
    stamp, plain, found = stamp_of(policy), plain_door(policy), []
    for index, facts in enumerate(given):
        answer = policy.assess(facts)
        sums = (answer["outcome"], answer["fee_pence"], answer["expenses_pence"])
        alike = answer == assess(facts, stamp) == assess_checked(facts, stamp) and sums == totals(facts)
        if plain is not None:
            alike = alike and tuple(plain(facts)) == sums
        if not alike:
            found.append(index)
    return found


def microseconds(ask: Callable[[Facts], object], given: list[Facts], repeats: int = 5) -> float:
    """Processor time for each claim, the best of a few runs. Memory is tidied as in real use."""
    runs = []
    for _ in range(repeats):
        gc.collect()
        began = time.process_time()
        for facts in given:
            ask(facts)
        runs.append(time.process_time() - began)
    return min(runs) / len(given) * 1e6


def own_rows(policy: Policy, given: list[Facts]) -> list[Row]:
    """Ours and the hand-written ones, measured in this process."""
    stamp, plain = stamp_of(policy), plain_door(policy)
    wrong = differences(policy, given)
    if wrong:
        raise SystemExit(f"By hand differs from ours for {len(wrong)} claims, first: {given[wrong[0]]}")
    return [
        Row(BY_HAND, microseconds(totals, given), microseconds(lambda one: assess(one, stamp), given), True),
        Row(CHECKED, None, microseconds(lambda one: assess_checked(one, stamp), given), True),
        Row(OURS, microseconds(plain, given) if plain else None, microseconds(policy.assess, given), True),
    ]


# ---------------------------------------------------------------- Rivals


def rivals_python() -> Path:
    """The Python of the rivals' own environment, made anew whenever the lock changed."""
    lock = HERE / "requirements.lock"
    python, mark = VAR / "venv" / "bin" / "python", VAR / "locked"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not python.exists() or not mark.exists() or mark.read_text() != wanted:
        VAR.mkdir(parents=True, exist_ok=True)
        print("Making the rivals' environment …", file=sys.stderr)
        uv = [sys.executable, "-m", "uv"]
        venv = str(VAR / "venv")
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, venv], check=True)
        sync = ["pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(lock)]
        subprocess.run([*uv, *sync], check=True)
        mark.write_text(wanted)
    return python


def rival_rows(given: list[Facts]) -> list[Row]:
    """Each rival in a process of its own, with the same claims from a file of JSON lines."""
    python, path = rivals_python(), VAR / "claims.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in given))
    expected = [list(totals(one)) for one in given]
    rows = []
    for rival in RIVALS:
        print(f"Asking {rival} …", file=sys.stderr)
        command = [str(python), "-m", f"benchmarks.policy.rivals.{rival}", str(path)]
        told = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
        for one in told:
            same = one["answers"] == expected
            rows.append(Row(one["name"], one["plain"], one["traced"], same, one["returns"]))
    return rows


# ---------------------------------------------------------------- The table


def fastest(rows: list[Row], start: str, what: str) -> float:
    """The best figure of the rows whose names start so."""
    figures: list[float | None] = [getattr(row, what) for row in rows if row.name.startswith(start)]
    return min(one for one in figures if one is not None)


def figure(value: float | None) -> str:
    """A number in a column, or a dash."""
    return "–" if value is None else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def ratio(value: float | None, other: float) -> str:
    """How many times `other` is in it."""
    return figure(None if value is None else value / other)


def print_table(rows: list[Row]) -> None:
    """Microseconds, then the times by hand and the part of zen, plain and traced: like beside like."""
    hand = next(row for row in rows if row.name == BY_HAND)
    zen = {what: fastest(rows, "zen-engine", what) for what in ("plain", "traced")}
    assert hand.plain
    assert hand.traced
    heads = ("µs a claim", "with trace", "× by hand", "× traced", "× zen", "× traced", "same pence")
    print(f"\n{'engine':40}" + "".join(f"{head:>12}" for head in heads) + "  returns")
    for row in rows:
        cells = (
            figure(row.plain),
            figure(row.traced),
            ratio(row.plain, hand.plain),
            ratio(row.traced, hand.traced),
            ratio(row.plain, zen["plain"]),
            ratio(row.traced, zen["traced"]),
            "yes" if row.same else "NO",
        )
        print(f"{row.name:40}" + "".join(f"{cell:>12}" for cell in cells) + f"  {row.returns}")


def print_asked(rows: list[Row]) -> None:
    """What was asked of us, and what we got."""
    by_name = {row.name: row for row in rows}
    ours, hand, checked = by_name[OURS], by_name[BY_HAND], by_name[CHECKED]
    single = [row for row in rows if "batch" not in row.name]
    assert ours.traced
    assert hand.traced
    assert checked.traced
    asked = [
        ("with trace, times the hand-written one (at most 1.5)", ours.traced / hand.traced),
        ("… times the one that checks its facts, as ours does", ours.traced / checked.traced),
        (
            "with trace, faster than zen's decision tables with trace (at least 20)",
            fastest(rows, "zen-engine, decision tables", "traced") / ours.traced,
        ),
        (
            "… than zen's fastest with trace, which names no rule",
            fastest(single, "zen-engine", "traced") / ours.traced,
        ),
    ]
    if ours.plain:
        one_by_one, best = fastest(single, "zen-engine", "plain"), fastest(rows, "zen-engine", "plain")
        asked += [
            ("plain, faster than zen asked one claim at a time (at least 20)", one_by_one / ours.plain),
            ("… than zen asked all claims in one batch", best / ours.plain),
        ]
    else:
        print("\nThe engine has no door without a trace, so its plain figure is missing.")
    print()
    for what, value in asked:
        print(f"{what:75}{value:8.2f}")


def main() -> None:
    """Measure everybody on the same claims, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=10_000)
    given = claims(parser.parse_args().claims)
    lines = sum(len(one.get("contributions", (0,))) + len(one.get("expenses", ())) for one in given)
    print(f"{len(given):,} claims, {lines / len(given):.1f} lines each", file=sys.stderr)
    rows = own_rows(the_policy(), given) + rival_rows(given)
    print_table(rows)
    print_asked(rows)
    if not all(row.same for row in rows):
        raise SystemExit("Not everybody gives the same pence.")


if __name__ == "__main__":
    main()
