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
from service.policy.steps import OUTCOMES  # noqa: E402

HERE = Path(__file__).resolve().parent
VAR = ROOT / "var" / "bench-policy"
RIVALS = ("zen_engine", "cel", "open_fisca")
BY_HAND, CHECKED = "by hand", "by hand, facts checked"
OURS, UNSAID = "ours", "ours, trace not yet put into words"
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


def plain_door(policy: Policy) -> Callable[[Facts], Sums]:
    """The engine's judgement without a trace, its outcome as a word."""

    def plain(facts: Facts) -> Sums:
        outcome, fee, expenses = policy.totals(facts)
        return OUTCOMES[outcome], fee, expenses

    return plain


def traced_door(policy: Policy) -> Callable[[Facts], object]:
    """The engine's judgement with the rules that decided and their figures, not yet put into words.

    What it sends the long way is assessed whole, and counts with what that takes.
    """

    def traced(facts: Facts) -> object:
        return policy.judge(facts) or policy.assess(facts)

    return traced


def differences(policy: Policy, given: list[Facts]) -> list[int]:
    """The claims for which the hand-written answers are not ours: whole, trace included, and in pence."""
    stamp, plain, found = stamp_of(policy), plain_door(policy), []
    for index, facts in enumerate(given):
        answer = policy.assess(facts)
        sums = (answer["outcome"], answer["fee_pence"], answer["expenses_pence"])
        alike = answer == assess(facts, stamp) == assess_checked(facts, stamp) and sums == totals(facts)
        if not alike or plain(facts) != sums or not judged_alike(policy, facts, answer):
            found.append(index)
    return found


def judged_alike(policy: Policy, facts: Facts, answer: dict[str, Any]) -> bool:
    """Whether the judgement that was not put into words comes to the same words when it is."""
    judged = policy.judge(facts)
    return judged is None or judged.assessment().items() <= answer.items()


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
    stamp, plain, traced = stamp_of(policy), plain_door(policy), traced_door(policy)
    wrong = differences(policy, given)
    if wrong:
        raise SystemExit(f"By hand differs from ours for {len(wrong)} claims, first: {given[wrong[0]]}")
    return [
        Row(BY_HAND, microseconds(totals, given), microseconds(lambda one: assess(one, stamp), given), True),
        Row(CHECKED, None, microseconds(lambda one: assess_checked(one, stamp), given), True),
        Row(OURS, microseconds(plain, given), microseconds(policy.assess, given), True),
        Row(UNSAID, None, microseconds(traced, given), True),
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
            kinds = {type(pence).__name__ for answer in one["answers"] for pence in answer[1:]}
            rows.append(Row(one["name"], one["plain"], one["traced"], same, ", ".join(sorted(kinds))))
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
    """What was asked of us, and what we got. Zen in one batch is told apart: we answer one at a time."""
    by_name = {row.name: row for row in rows}
    alone = [row for row in rows if "batch" not in row.name]
    told = {name: by_name[name].traced or 0.0 for name in (BY_HAND, CHECKED, OURS, UNSAID)}
    plain = by_name[OURS].plain or 0.0
    tables = fastest(rows, "zen-engine, decision tables", "traced")
    node, batch = fastest(alone, "zen-engine", "plain"), fastest(rows, "zen-engine", "plain")
    zen = fastest(alone, "zen-engine", "traced")
    asked = (
        ("whole answer with trace, times by hand (at most 1.5)", told[OURS] / told[BY_HAND]),
        ("… times by hand with its facts checked, as ours are", told[OURS] / told[CHECKED]),
        ("plain, zen's time in ours (at least 20)", node / plain),
        ("… and zen's in one batch", batch / plain),
        (
            "rules and figures, zen's time with a trace that names rules in ours (at least 20)",
            tables / told[UNSAID],
        ),
        ("… and in our whole answer with its sentences, which zen does not give", tables / told[OURS]),
        ("… and zen's fastest with a trace, which names no rule, in our whole answer", zen / told[OURS]),
    )
    print()
    for what, value in asked:
        print(f"{what:85}{value:8.2f}")


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
