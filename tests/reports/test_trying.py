"""Do two processes count what one counts, to the letter; and is there never half a sum?"""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.days import london_day, utc_now
from service.db import snapshot_of
from service.policy.engine import Policy, read_policy
from service.policy.sources import Sources
from service.reports import simulation
from service.reports.trying import HelperFailed, HelperLost
from tests.reports.test_simulation import LIVE, draft
from tests.stage import Council, Stage, told

DAYS = 6
WHOLE_DAY = 1  # A share never holds less than one day.


def first_day() -> date:
    return london_day(utc_now()) - timedelta(days=DAYS)


def claimed(council: Council, *, seed: int = 7, count: int = 24) -> None:
    """Claims that nobody's register made, on each of six days."""
    chance = random.Random(seed)
    people = [council.person(f"Person {number}") for number in range(5)]
    for number in range(count):
        facts: dict[str, Any] = {
            "on": str(first_day() + timedelta(days=number % DAYS)),
            **chance.choice(
                (
                    {"activity": "over_a_brew", "role": "participant", "minutes": 60, "online": True},
                    {"activity": "making_it_real_board", "role": "co_chair", "minutes": 90},
                    {"activity": "making_it_real_board", "role": "member", "minutes": 45},
                )
            ),
        }
        costs = (
            [{"category": "bus", "amount_pence": chance.choice((250, 410))}] if chance.random() < 0.4 else []
        )
        body = {"person": chance.choice(people), "facts": facts, "expenses": costs}
        told(council.lead.post("claims", body), 201)


def tried(council: Council, given: Policy, **how: Any) -> dict[str, Any]:
    with council.stage.hands.db.council(council.id) as session:
        return simulation.tried(
            session,
            council_id=council.id,
            draft=given,
            since=first_day(),
            until=london_day(utc_now()),
            **how,
        ).answer()


def plainly(council: Council, given: Policy) -> dict[str, Any]:
    """The same sums by the slow way: each claim is looked at by REST and asked about with the whole trace."""
    found: dict[str, Any] = {"moved": 0, "people": {}, "left": 0, "before": 0, "after": 0, "claims": 0}
    for row in told(council.lead.get("claims", limit=100))["data"]:
        claim = told(council.lead.get(f"claims/{row['id']}"))
        answer = given.assess(claim["assessment"]["facts"])
        old = claim["assessment"]["total_pence"]
        if answer["outcome"] == "needs_person":
            found["left"] += 1
            continue
        new = answer["total_pence"]
        found["claims"] += 1
        found["before"] += old
        found["after"] += new
        found["moved"] += old != new
        if old != new:
            person = claim["person"]
            found["people"][person] = found["people"].get(person, 0) + new - old
    return found


DRAFTS: dict[str, Callable[[], Policy]] = {
    "live": lambda: read_policy(LIVE),
    "one rate": lambda: draft(chair="2026-04-01: £26.50"),
    "up and down": lambda: draft(chair="2026-04-01: £26.00", online="2026-04-01: £14.50"),
    "left open": lambda: draft(online="2026-04-01: {undecided: nobody has said yet.}"),
    "no bus": lambda: without_buses(),
}


def without_buses() -> Policy:
    files = {**LIVE.files, LIVE.main: LIVE.files[LIVE.main].partition("\nexamples:")[0]}
    files[LIVE.main] += "\nexpenses:\n  bus: {left_out: nobody takes one.}\n"
    return read_policy(Sources(LIVE.main, files))


def test_one_process_or_more_answer_alike_to_the_letter(stage: Stage) -> None:
    council = stage.council()
    claimed(council)
    claimed(stage.council("demoford"), seed=8)
    for name, make in DRAFTS.items():
        given = make()
        whole = tried(council, given)
        assert whole["claims"] + whole["left_to_a_person"]["claims"] + whole["not_read"]["claims"] == 24
        for processes in (1, 3) if name == "up and down" else (1, 2):
            parts = tried(council, given, size=WHOLE_DAY, processes=processes)
            assert json.dumps(parts) == json.dumps(whole), (name, processes)


@pytest.mark.parametrize("name", ["live", "one rate", "up and down", "left open"])
def test_it_counts_what_the_slow_way_counts(stage: Stage, name: str) -> None:
    council = stage.council()
    claimed(council, seed=9)
    given = DRAFTS[name]()
    quick, slow = tried(council, given), plainly(council, given)
    assert {row["person"]: row["difference_pence"] for row in quick["people"]} == slow["people"]
    assert [quick[key] for key in ("claims", "moved", "before_pence", "after_pence")] == [
        slow[key] for key in ("claims", "moved", "before", "after")
    ]
    assert quick["left_to_a_person"]["claims"] == slow["left"]


def test_all_see_the_moment_at_which_it_began(stage: Stage) -> None:
    council = stage.council()
    claimed(council)
    late: list[int] = []

    def one_more(done: int) -> None:
        if not late:
            claimed(council, count=DAYS)
        late.append(done)

    answer = tried(council, read_policy(LIVE), size=WHOLE_DAY, processes=2, progress=one_more)
    assert (answer["claims"], late[-1]) == (24, 24)
    assert late == sorted(late)
    assert tried(council, read_policy(LIVE))["claims"] == 24 + DAYS


def helpers() -> list[int]:
    """The processes that this one started and that try claims."""
    found: list[int] = []
    for line in Path("/proc/self/task").glob("*/children"):
        for pid in line.read_text().split():
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            found += [int(pid)] if b"service.reports.trying" in words else []
    return found


def test_a_helper_that_is_killed_fails_the_whole(stage: Stage) -> None:
    council = stage.council()
    claimed(council)
    before = stage.picture()
    killed: list[int] = []

    def kill(done: int) -> None:
        if not killed:
            killed.extend(helpers())
            os.kill(killed[0], signal.SIGKILL)

    with pytest.raises(HelperLost) as lost:
        tried(council, read_policy(LIVE), size=WHOLE_DAY, processes=2, progress=kill)
    assert lost.value.detail.endswith("so nothing was counted. Please try again.")
    assert len(killed) == 1
    assert helpers() == []
    assert stage.picture() == before


def test_an_error_of_a_helper_is_told_and_an_error_of_ours_leaves_none_behind(stage: Stage) -> None:
    council = stage.council()
    claimed(council)
    torn = read_policy(LIVE)
    torn.sources = Sources(LIVE.main, {LIVE.main: "policy: [torn\n"})
    with pytest.raises(HelperFailed, match="stopped at PolicyFaults"):
        tried(council, torn, size=WHOLE_DAY, processes=2)
    assert helpers() == []

    class Enough(Exception):
        pass

    def stop(done: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        tried(council, read_policy(LIVE), size=WHOLE_DAY, processes=2, progress=stop)
    assert helpers() == []


def test_what_is_seen_together_is_read_behind_the_wall_and_never_written(stage: Stage) -> None:
    council, neighbour = stage.council(), stage.council("demoford")
    claimed(council, count=1)
    db = stage.hands.db
    with pytest.raises(ValueError, match="no snapshot"), db.council_as_seen(council.id, snapshot="'; --"):
        pass
    with db.council(council.id) as session:
        snapshot = snapshot_of(session)
        with db.council_as_seen(neighbour.id, snapshot=snapshot) as seen:
            assert seen.scalar(text("SELECT count(*) FROM claims")) == 0
        with db.council_as_seen(council.id, snapshot=snapshot) as seen:
            assert seen.scalar(text("SELECT count(*) FROM claims")) == 1
            with pytest.raises(DBAPIError, match="read-only transaction"):
                seen.execute(text("UPDATE claims SET version = version"))
