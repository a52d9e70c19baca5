"""What follows when somebody asks what a draft would have paid for many claims."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.events import Event
from service.reports import regional, simulation
from service.tasks.delivery import follows
from service.tasks.hands import Hands


@follows("policies.simulate", queue="housekeeping")
def simulate(*, session: Session, event: Event, now: datetime) -> None:
    """Try the draft on every claim that was asked for, and keep what it found."""
    simulation.carry_out(session, council_id=event.council_id, simulation_id=event.subject_id, now=now)


@follows("policies.simulate_region", queue="housekeeping", staged=True)
def simulate_region(*, event: Event, hands: Hands, now: datetime) -> None:
    """Try a region's draft in each of its councils, one after the other, each behind its own walls."""
    regional.carry_out(hands.db, region_id=event.council_id, simulation_id=event.subject_id, now=now)
