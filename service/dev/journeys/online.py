"""Over a Brew: short, open hours online. A question, a cup of tea, two minutes each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from service.dev.clock import DAY, Calendar, at
from service.dev.town import Town
from service.sessions.actions import NewSession


def an_hour_over_a_brew(town: Town, days: Calendar) -> Iterator[datetime]:
    """Exampleshire, five weeks ago. Most who are asked come, the rule says yes, and all are paid that day.

    Bilal takes £10. Idris gives his fee to a charity. Carys cannot come. Mina drops in without an offer. Ada
    adds the internet allowance. Hana and Idris are paid by finance, two days later.
    """
    tuesday = days.day("tuesday", weeks=-5)
    yield at(tuesday - 14 * DAY, "09:40")
    brew = town.plans(
        "Leonie",
        NewSession(
            "Over a Brew: what makes a good day?",
            "over_a_brew",
            at(tuesday, "10:30"),
            at(tuesday, "11:30"),
            online=True,
            cost_code="EX-BREW",
        ),
    )
    town.offers("Leonie", brew, "co_chair", "Kwame")
    town.offers("Leonie", brew, "participant", "Ada", "Bilal", "Carys", "Dorota", "Ekow", "Hana", "Idris")
    yield at(tuesday - 13 * DAY, "18:05")
    town.says_yes(brew, "Kwame", "Ada", "Dorota", "Hana")
    town.says_yes(brew, "Bilal", pence=1000)
    yield at(tuesday - 9 * DAY, "20:30")
    town.says_yes(brew, "Idris", give_to="The Invented Trust")
    town.says_no(brew, "Carys")
    yield at(tuesday, "11:35")
    town.ticks("Farid", brew, "Kwame", "Ada", "Bilal", "Dorota", "Hana", "Idris")
    town.ticks("Farid", brew, "Mina", role="participant", minutes=40)
    yield at(tuesday, "12:10")
    town.asks_for_costs("Ada", brew, {"category": "internet"})
    yield at(tuesday + 2 * DAY, "15:20")
    by_finance = [town.fee_claim(brew, name) for name in ("Hana", "Idris")]
    town.reports_paid("Fenella", *by_finance, reference="EX-VOUCHERS-1", on=tuesday + 2 * DAY)
