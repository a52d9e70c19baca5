"""Recruitment panels: choosing who will work here. Training comes first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from service.dev.clock import DAY, Calendar, at
from service.dev.town import Town
from service.sessions.actions import NewSession


def choosing_a_team_manager(town: Town, days: Calendar) -> Iterator[datetime]:
    """Exampleshire, last week: two hours of training the week before, then a morning of interviews.

    The training is paid by the hour, the panel by its length. Hana could not come to the training, so there
    is no fee for her yet: her offer says so. Nobody had agreed Bilal's taxi first. Idris's fee goes to
    his charity once finance has paid it.
    """
    wednesday = days.day("wednesday", weeks=-1)
    yield at(wednesday - 16 * DAY, "12:00")
    panel = town.plans(
        "Leonie",
        NewSession(
            "Recruitment panel: a team manager",
            "recruitment_panel",
            at(wednesday, "09:30"),
            at(wednesday, "13:00"),
            place="Invented House, room 5",
            cost_code="RECRUIT",
        ),
    )
    trained = ("Bilal", "Carys", "Idris")
    town.offers("Leonie", panel, "panel_member", *trained, trained=True, training_minutes=120)
    town.offers("Leonie", panel, "panel_member", "Hana", trained=False)
    yield at(wednesday - 14 * DAY, "18:15")
    town.says_yes(panel, *trained, "Hana")
    yield at(wednesday, "13:30")
    town.ticks("Farid", panel, *trained, "Hana")
    yield at(wednesday, "19:00")
    taxi = {"category": "taxi", "amount_pence": 1250, "receipt": True}
    town.sends_a_ticket("Bilal", town.asks_for_costs("Bilal", panel, taxi), what="Taxi", pence=1250)
    town.asks_for_costs("Carys", panel, {"category": "bus", "amount_pence": 460, "receipt": False})
    yield at(wednesday + DAY, "10:20")
    town.approves("April", *(town.fee_claim(panel, name) for name in trained))


def a_panel_to_come(town: Town, days: Calendar) -> Iterator[datetime]:
    """Exampleshire, in six weeks: planned, and nobody has been asked yet."""
    thursday = days.day("thursday", weeks=6)
    yield at(days.day("friday", weeks=-1), "16:00")
    town.plans(
        "Leonie",
        NewSession(
            "Recruitment panel: two social workers",
            "recruitment_panel",
            at(thursday, "09:30"),
            at(thursday, "16:00"),
            place="Invented House, room 5",
            cost_code="RECRUIT",
        ),
    )
