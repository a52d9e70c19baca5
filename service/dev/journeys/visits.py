"""Peer challenges: a team with lived experience in it looks at another council's services, for days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from service.dev.cast import bank
from service.dev.clock import DAY, Calendar, at
from service.dev.town import Town
from service.sessions.actions import NewSession

STAY: dict[str, Any] = {
    "category": "overnight",
    "amount_pence": 9800,
    "nights": 1,
    "receipt": True,
    "agreed_before": True,
}
ADAS_COSTS: tuple[dict[str, Any], ...] = (
    {"category": "train", "amount_pence": 4620, "receipt": True},
    STAY,
    {"category": "meal", "amount_pence": 1840, "hours_away": 14, "receipt": True},
    {
        "category": "replacement_care",
        "amount_pence": 24000,
        "hours": 10,
        "receipt": True,
        "in_care_package": False,
    },
)


def two_days_in_demoford(town: Town, days: Calendar) -> Iterator[datetime]:
    """A team from Exampleshire spends two days in Demoford, two weeks ago. So much needs two people's yes.

    Ada looks after her brother: her train, her night, her meal and his carer are paid beside her fee. The
    bank does not answer about Ekow, and turns out to have paid him. Fiona's money comes back; Leonie writes
    down a new account for her, which waits for Fiona's yes. Kwame's fee still waits for a second yes.
    """
    tuesday = days.day("tuesday", weeks=-2)
    wednesday, thursday = tuesday + DAY, tuesday + 2 * DAY
    yield at(tuesday - 21 * DAY, "11:30")
    visit = town.plans(
        "Leonie",
        NewSession(
            "Peer challenge: two days in Demoford",
            "peer_challenge",
            at(tuesday, "09:30"),
            at(wednesday, "16:30"),
            place="Demoford City Council",
            cost_code="PEER",
            facts={"days": 2},
        ),
    )
    team = ("Ada", "Ekow", "Fiona", "Kwame")
    town.offers("Leonie", visit, "team_member", *team, preparation_minutes=240)
    yield at(tuesday - 19 * DAY, "17:00")
    town.says_yes(visit, *team)
    yield at(wednesday, "16:45")
    town.ticks("Farid", visit, *team)
    yield at(thursday, "10:00")
    adas = town.asks_for_costs("Ada", visit, *ADAS_COSTS)
    ekows = town.asks_for_costs("Ekow", visit, {"category": "car", "miles": 62, "passengers": 1}, STAY)
    yield at(thursday, "14:00")
    fees = {name: town.fee_claim(visit, name) for name in team}
    town.approves("April", *fees.values(), adas, ekows)
    yield at(thursday + DAY, "11:00")
    town.approves("Budi", fees["Ada"], fees["Ekow"], fees["Fiona"], adas)
    yield at(thursday + DAY, "11:10")
    town.waits_for_the_bank()
    yield at(thursday + 5 * DAY, "09:30")
    town.wants("Fiona", bank("Fiona Placeholder"), told_by="Leonie")


def two_days_in_samplebury(town: Town, days: Calendar) -> Iterator[datetime]:
    """A team from Demoford goes to Samplebury in five weeks. One has said yes, one no, one nothing yet."""
    wednesday = days.day("wednesday", weeks=5)
    yield at(days.day("tuesday", weeks=-1), "15:40")
    visit = town.plans(
        "Lakshmi",
        NewSession(
            "Peer challenge: two days in Samplebury",
            "peer_challenge",
            at(wednesday, "10:00"),
            at(wednesday + DAY, "16:00"),
            place="Samplebury Borough Council",
            cost_code="PEER",
            facts={"days": 2},
        ),
    )
    town.offers("Lakshmi", visit, "team_member", "Abeni", "Callum", "Finlay", preparation_minutes=120)
    yield at(days.day("wednesday", weeks=-1), "18:30")
    town.says_yes(visit, "Callum")
    town.says_no(visit, "Finlay")
