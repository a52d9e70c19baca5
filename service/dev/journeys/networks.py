"""Regional advisory network: people from several councils meet every few weeks, with their own co-chair."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from service.dev.clock import DAY, Calendar, at
from service.dev.town import Town
from service.sessions.actions import NewSession

MEMBERS = ("Bronwen", "Callum", "Petra", "Esra")


def _meeting(day: date) -> NewSession:
    return NewSession(
        title=f"Regional advisory network, {day:%B}",
        activity="advisory_network",
        starts_at=at(day, "10:00"),
        ends_at=at(day, "12:00"),
        place="Imaginary Hall, Demoford",
        cost_code="NETWORK",
    )


def the_regional_network(town: Town, days: Calendar) -> Iterator[datetime]:
    """Demoford pays through its finance system: it pulls what is agreed, pays, and says so, days later.

    Two meetings, months apart. Callum drives and brings two others. Bronwen finds a train ticket of the
    first meeting after more than three months, so a person decides.
    """
    meetings = []
    for weeks in (-17, -5):
        thursday = days.day("thursday", weeks=weeks)
        yield at(thursday - 10 * DAY, "09:30")
        meeting = town.plans("Lakshmi", _meeting(thursday))
        meetings.append(meeting)
        town.offers("Lakshmi", meeting, "co_chair", "Abeni", preparation_minutes=30)
        town.offers("Lakshmi", meeting, "member", *MEMBERS)
        yield at(thursday - 8 * DAY, "17:20")
        town.says_yes(meeting, "Abeni", *MEMBERS)
        yield at(thursday, "12:15")
        town.ticks("Fabio", meeting, "Abeni", *MEMBERS)
        yield at(thursday, "15:00")
        drive = town.asks_for_costs("Callum", meeting, {"category": "car", "miles": 18, "passengers": 2})
        monday = thursday + 4 * DAY
        yield at(monday, "11:30")
        fees = [town.fee_claim(meeting, name) for name in ("Abeni", *MEMBERS)]
        town.reports_paid("Fatou", *fees, drive, reference=f"DF-{monday:%y%m%d}", on=monday)
    yield at(days.recent(days_ago=2), "21:10")
    ticket = {"category": "train", "amount_pence": 2240, "receipt": True}
    town.asks_for_costs("Bronwen", meetings[0], ticket)


def the_latest_meeting(town: Town, days: Calendar) -> Iterator[datetime]:
    """Demoford, days ago: agreed by the rule, and ready for the finance system to pull.

    Fatou holds Esra's payment while she asks about the account. Liang was ticked by mistake, so that payment
    is called off. Ines has not said yet how she would like to be paid, and Jakub would rather not be paid.
    Grace gives to a hospice, Hamza has vouchers. Petra, whom Samplebury pays too, asks for the same drive
    twice; somebody looks at it.
    """
    day = days.recent(days_ago=2)
    members = (*MEMBERS, "Grace", "Hamza", "Ines", "Jakub", "Liang")
    yield at(day - 10 * DAY, "09:30")
    meeting = town.plans("Lakshmi", _meeting(day))
    town.offers("Lakshmi", meeting, "co_chair", "Abeni", preparation_minutes=30)
    town.offers("Lakshmi", meeting, "member", *members)
    yield at(day - 7 * DAY, "18:50")
    town.says_yes(meeting, "Abeni", *members)
    yield at(day, "12:10")
    town.ticks("Fabio", meeting, "Abeni", *members)
    yield at(day, "14:00")
    town.holds("Fatou", town.fee_claim(meeting, "Esra"))
    town.unticks("Fabio", meeting, "Liang")
    town.asks_for_costs("Callum", meeting, {"category": "car", "miles": 18, "passengers": 2})
    town.asks_for_costs("Esra", meeting, {"category": "bus", "amount_pence": 410})
    town.asks_for_costs("Petra", meeting, {"category": "car", "miles": 11})
    yield at(day, "16:45")
    town.reports_paid("Fatou", town.fee_claim(meeting, "Abeni"), reference="DF-0007", on=day)
    town.asks_for_costs(
        "Petra", meeting, {"category": "parking", "amount_pence": 320}, {"category": "car", "miles": 11}
    )
