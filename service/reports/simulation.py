"""What would a draft have paid for the claims that a council has stored?"""

from __future__ import annotations

import os
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.councils import queries as councils
from service.councils.model import REGION
from service.policy import actions
from service.policy import queries as policies
from service.policy.engine import Policy, read_policy
from service.policy.life import Author
from service.policy.simulation import Simulation
from service.policy.tables import PolicySimulation
from service.reports.trying import Progress, Together

# More claims than these are left to a task, so that nobody waits for an answer.
AT_ONCE = 2000
# Claims in one share of a simulation. More of them are tried by two processes, since one would take long.
SHARE = 125_000
AT_MOST = 2


def simulate(
    session: Session,
    *,
    council_id: str,
    draft: Policy,
    since: date,
    until: date,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The totals of a draft over claims for activities from `since` to `until`, that day too."""
    found = tried(session, council_id=council_id, draft=draft, since=since, until=until, progress=progress)
    period = {"since": since.isoformat(), "until": until.isoformat()}
    return {"hash": draft.hash, **period, **found.answer()}


def tried(
    session: Session,
    *,
    council_id: str,
    draft: Policy,
    since: date,
    until: date,
    progress: Progress | None = None,
    size: int = SHARE,
    processes: int = 0,
) -> Simulation:
    """A draft with every claim of that time judged by it.

    Claims are read as they are judged, so memory does not grow with their number. `progress` is told how
    many are done, now and then. More than `size` claims are tried by up to two processes at once, or by as
    many as `processes` says. The answer is the same, however many there are.
    """
    shares = claims.shares(session, council_id=council_id, since=since, until=until, size=size)
    together = Together(council_id=council_id, draft=draft, shares=shares, progress=progress)
    if len(shares) == 1:
        return together.alone(session)
    helpers = (processes or min(len(os.sched_getaffinity(0)), AT_MOST)) - 1
    return together.carry_out(session, helpers=helpers)


def carry_out(session: Session, *, council_id: str, simulation_id: str, now: datetime) -> PolicySimulation:
    """Do a simulation that somebody asked for, and keep what it found. Doing it twice is doing it once."""
    asked = policies.simulation(session, council_id=council_id, simulation_id=simulation_id)
    if asked.done_at is not None:
        return asked
    sources = policies.sources_of(session, council_id=council_id, policy_id=asked.policy_id)
    answer = simulate(
        session, council_id=council_id, draft=read_policy(sources), since=asked.since, until=asked.until
    )
    return actions.note_simulation(
        session, council_id=council_id, simulation_id=simulation_id, answer=answer, now=now
    )


def ask(
    session: Session,
    *,
    council_id: str,
    policy_id: str,
    since: date,
    until: date,
    author: Author,
    now: datetime,
) -> PolicySimulation:
    """Ask for a simulation. A small one is done at once; a task follows a large one, or one of a region."""
    across = councils.get(session, council_id=council_id).kind == REGION
    many = across or claims.judged_count(session, council_id=council_id, since=since, until=until) > AT_ONCE
    asked = actions.ask_simulation(
        session,
        council_id=council_id,
        policy_id=policy_id,
        since=since,
        until=until,
        author=author,
        now=now,
        later=many,
        across=across,
    )
    if many:
        return asked
    return carry_out(session, council_id=council_id, simulation_id=asked.id, now=now)
