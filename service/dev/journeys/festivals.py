"""Festivals: a day of many short contributions, food, friends and children along."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from service.dev.clock import DAY, Calendar, at
from service.dev.town import Town
from service.sessions.actions import NewSession


def walk_in_my_shoes(town: Town, days: Calendar) -> Iterator[datetime]:
    """Samplebury, six weeks ago, a Saturday. Poems and a soap box are paid by the rule, that evening.

    Viktor led a workshop and Uma ran a stall: a person says yes. Uma's childcare is paid up to the limit.
    Wren's bank is slow. Rashid came along to listen, so there is no fee, but his bus is paid. Petra's parking
    was paid already, so her claim is refused, with the clause and the reason. Nobody had agreed Nia's taxi.
    """
    saturday = days.day("saturday", weeks=-6)
    yield at(saturday - 18 * DAY, "09:50")
    festival = town.plans(
        "Lorcan",
        NewSession(
            "Walk in my shoes: a festival day",
            "festival_workshop",
            at(saturday, "11:00"),
            at(saturday, "14:00"),
            place="The Pretend Pavilion",
            cost_code="FESTIVAL",
        ),
    )
    town.offers("Lorcan", festival, "speaker", "Nia", "Petra", "Wren")
    town.offers("Lorcan", festival, "workshop_lead", "Viktor")
    town.offers("Lorcan", festival, "stall_host", "Uma")
    town.offers("Lorcan", festival, "observer", "Rashid")
    everybody = ("Nia", "Petra", "Wren", "Viktor", "Uma", "Rashid")
    yield at(saturday - 16 * DAY, "20:00")
    town.says_yes(festival, *everybody)
    yield at(saturday, "16:30")
    town.ticks("Freya", festival, *everybody)
    yield at(saturday, "19:15")
    town.asks_for_costs("Rashid", festival, {"category": "bus", "amount_pence": 410, "receipt": True})
    town.asks_for_costs("Nia", festival, {"category": "taxi", "amount_pence": 930, "receipt": True})
    parking = {"category": "parking", "amount_pence": 3200, "receipt": True}
    petras = town.asks_for_costs("Petra", festival, parking)
    childcare = {"category": "childcare", "amount_pence": 4500, "hours": 3, "receipt": True}
    umas = town.asks_for_costs("Uma", festival, childcare)
    yield at(saturday, "19:30")
    town.waits_for_the_bank()
    yield at(saturday + 2 * DAY, "09:30")
    town.approves("Anders", town.fee_claim(festival, "Viktor"), town.fee_claim(festival, "Uma"), umas)
    town.refuses(
        "Anders",
        petras,
        clause="6.9",
        reason="We had paid for your space at the car park before the day, so this one was not yours to pay. "
        "The car park will give you the £32.00 back if you show them this message.",
    )
