"""What would a region's draft of the base have paid in each of its councils? Totals, and nobody's name.

Each council is tried behind its own walls, in a transaction of its own, and only sums leave it. What a
person wrote, and any count of people small enough to point at somebody, stays inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from service.councils import queries as councils
from service.councils.tables import Council
from service.days import london_day
from service.db import Database
from service.policy import actions
from service.policy import queries as policies
from service.policy.engine import Policy, read_policy
from service.policy.faults import PolicyFaults
from service.policy.proving import every_rule, failures
from service.policy.rebasing import builds_on, rebased
from service.policy.resolve import OnDay
from service.policy.simulation import Simulation
from service.policy.sources import Sources
from service.regions.queries import text_in_force
from service.reports import simulation

# Fewer people than these are not counted aloud: somebody could tell who they are.
FEWEST = 5

Answer = dict[str, Any]
Found = TypeVar("Found")
SUMS = ("claims", "before_pence", "after_pence", "difference_pence")
UNREAD = {
    "activity": "The draft does not know the activity.",
    "role": "The draft does not know the role.",
    "category": "The draft does not know the kind of cost.",
}
UNREAD_ELSE = "The draft needs to know more than the claim says."


@dataclass(frozen=True)
class Asked:
    """A base to try, and on which activities. The last day counts too."""

    base: Sources
    since: date
    until: date
    today: date


@dataclass(frozen=True)
class Member:
    """One council of a region, and the version of its base that it builds on today."""

    slug: str
    name: str
    pinned: str | None


def carry_out(db: Database, *, region_id: str, simulation_id: str, now: datetime) -> None:
    """Do a simulation that a region asked for. Doing it twice is doing it once."""
    with db.council(region_id) as session:
        row = policies.simulation(session, council_id=region_id, simulation_id=simulation_id)
        if row.done_at is not None:
            return
        base = policies.sources_of(session, council_id=region_id, policy_id=row.policy_id)
    asked = Asked(base, row.since, row.until, london_day(now))
    answer = across(db, region_id=region_id, asked=asked)
    with db.council(region_id) as session:
        actions.note_simulation(
            session, council_id=region_id, simulation_id=simulation_id, answer=answer, now=now
        )


def across(db: Database, *, region_id: str, asked: Asked) -> Answer:
    """Every council of the region, and all of them together."""
    rows = _in_each(db, region_id, lambda session, council: _council(session, council, asked))
    return {
        "hash": asked.base.hash,
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat(),
        **{key: sum(row[key] for row in rows if row["fits"]) for key in SUMS},
        "councils": rows,
    }


def members(db: Database, *, region_id: str, base: str, today: date) -> list[Member]:
    """Who is in the region, and which version of a base (a file's name) each of them builds on."""

    def look(session: Session, council: Council) -> Member:
        own = text_in_force(session, council_id=council.council_id, today=today)
        return Member(council.slug, council.name, builds_on(own, base=base) if own else None)

    return _in_each(db, region_id, look)


def _in_each(db: Database, region_id: str, look: Callable[[Session, Council], Found]) -> list[Found]:
    """What `look` finds behind the walls of each council; one that left meanwhile is not looked at."""
    with db.council(region_id) as session:
        ids = councils.member_ids(session, council_id=region_id)
    found = []
    for council_id in ids:
        with db.council(council_id) as session:
            council = councils.get(session, council_id=council_id)
            if council.region_id == region_id:
                found.append(look(session, council))
    return found


def _council(session: Session, council: Council, asked: Asked) -> Answer:
    named = {"council": council.slug, "name": council.name}
    own = text_in_force(session, council_id=council.council_id, today=asked.today)
    pinned = builds_on(own, base=asked.base.main) if own else None
    if own is None or pinned is None:
        return {**named, "builds_on": None, "fits": False, "faults": 0}
    try:
        draft = read_policy(rebased(own, base=asked.base))
    except PolicyFaults as error:
        return {**named, "builds_on": pinned, "fits": False, "faults": len(error.faults)}
    found = simulation.tried(
        session, council_id=council.council_id, draft=draft, since=asked.since, until=asked.until
    )
    rework = len({(fault.file, fault.line) for fault in failures(draft)})
    return {
        **named,
        "builds_on": pinned,
        "fits": True,
        "examples_to_work_again": rework,
        **_totals(found, on=max(asked.today, draft.effective_from)),
    }


def _totals(found: Simulation, *, on: date) -> Answer:
    whole = found.answer()
    sides = whole["winners"], whole["losers"]
    few = any(0 < side["people"] < FEWEST for side in sides)
    return {
        **{key: whole[key] for key in SUMS},
        "gain": None if few else sides[0],
        "lose": None if few else sides[1],
        "too_few_to_count": few,
        "left_to_a_person": _left(whole["left_to_a_person"], _said(found, on=on)),
        "not_read": _left(whole["not_read"], _unread(found)),
    }


def _left(counted: Mapping[str, Any], sentences: list[str]) -> Answer:
    return {"claims": counted["claims"], "before_pence": counted["before_pence"], "because": sentences}


def _said(found: Simulation, *, on: date) -> list[str]:
    """The policy's own sentences for what it leaves open, the most frequent first."""
    return [_sentence(found.draft, key, on) for key in _frequent(found.open_rules)]


def _sentence(draft: Policy, key: str, on: date) -> str:
    rule = next((one for one in every_rule(draft.tree) if one.key == key), None)
    return f"Clause {rule.clause}: {OnDay(draft.tree, on).sentence(rule)}" if rule else "No rule covers it."


def _unread(found: Simulation) -> list[str]:
    return list(dict.fromkeys(UNREAD.get(place, UNREAD_ELSE) for place in _frequent(found.unread_places)))


def _frequent(counts: Mapping[str, int]) -> list[str]:
    return sorted(counts, key=lambda key: (-counts[key], key))
