"""What would a draft have paid for the claims that a council has stored? Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.policy import queries as policies
from service.policy.engine import Policy
from service.policy.simulation import Judged, PastClaim, Simulation

Progress = Callable[[int], None]


def simulate(
    session: Session,
    *,
    council_id: str,
    draft: Policy,
    since: date,
    until: date,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The totals of a draft over claims for activities from `since` to `until`, that day too.

    Claims are read as they are judged, so memory does not grow with their number. `progress` is told how
    many are done, now and then.
    """
    simulation = Simulation(draft)
    in_force = policies.Days(session, council_id=council_id)
    done = 0
    for rows in claims.judged(session, council_id=council_id, since=since, until=until):
        _chunk(session, council_id, simulation, in_force, rows)
        done += len(rows)
        if progress is not None:
            progress(done)
    period = {"since": since.isoformat(), "until": until.isoformat()}
    return {"hash": draft.hash, **period, **simulation.answer()}


def _chunk(
    session: Session, council_id: str, simulation: Simulation, in_force: policies.Days, rows: Sequence[Any]
) -> None:
    differing: list[tuple[str, Judged]] = []
    for claim_id, person, offer, fee, expenses, assessment_id, policy_id, facts in rows:
        promised = offer is not None and policy_id != in_force.on(facts["on"])
        claim = PastClaim(claim_id, person, facts, fee, expenses, promised)
        judged = simulation.judge(claim)
        if judged.is_settled_alike:
            simulation.alike(claim)
        else:
            differing.append((assessment_id, judged))
    if differing:
        known = claims.answers(
            session, council_id=council_id, assessment_ids=[assessment_id for assessment_id, _ in differing]
        )
        for assessment_id, judged in differing:
            simulation.differs(judged, known[assessment_id])
