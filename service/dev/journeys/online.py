"""Over a Brew: short, open hours online. A question, a cup of tea, two minutes each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from service.dev.clock import DAY, Calendar, at
from service.dev.town import Town
from service.sessions.actions import NewSession


def _brew(question: str, day: date, start: str, end: str) -> NewSession:
    return NewSession(
        title=f"Over a Brew: {question}",
        activity="over_a_brew",
        starts_at=at(day, start),
        ends_at=at(day, end),
        online=True,
        cost_code="BREW",
    )


def an_hour_over_a_brew(town: Town, days: Calendar) -> Iterator[datetime]:
    """Exampleshire, five weeks ago. Most who are asked come, the rule says yes, and all are paid that day.

    Bilal takes £10, and Ekow nothing. Idris gives his fee to a charity. Carys cannot come. Mina drops in
    without an offer. Ada adds the internet allowance. Lena is ticked by mistake: nobody knows yet how to pay
    her, so her payment waits, and is called off when the tick is taken back. Hana and Idris are paid by
    finance, two days later.
    """
    tuesday = days.day("tuesday", weeks=-5)
    yield at(tuesday - 14 * DAY, "09:40")
    brew = town.plans("Leonie", _brew("what makes a good day?", tuesday, "10:30", "11:30"))
    town.offers("Leonie", brew, "co_chair", "Kwame")
    asked = ("Ada", "Bilal", "Carys", "Dorota", "Ekow", "Hana", "Idris", "Lena")
    town.offers("Leonie", brew, "participant", *asked)
    yield at(tuesday - 13 * DAY, "18:05")
    town.says_yes(brew, "Kwame", "Ada", "Dorota", "Hana", "Lena")
    town.says_yes(brew, "Bilal", pence=1000)
    town.says_yes(brew, "Ekow", pence=0)
    yield at(tuesday - 9 * DAY, "20:30")
    town.says_yes(brew, "Idris", give_to="The Invented Trust")
    town.says_no(brew, "Carys")
    yield at(tuesday, "11:35")
    town.ticks("Farid", brew, "Kwame", "Ada", "Bilal", "Dorota", "Ekow", "Hana", "Idris", "Lena")
    town.ticks("Farid", brew, "Mina", minutes=40, role="participant")
    yield at(tuesday, "12:10")
    town.asks_for_costs("Ada", brew, {"category": "internet"})
    yield at(tuesday, "14:00")
    town.unticks("Farid", brew, "Lena")
    yield at(tuesday + 2 * DAY, "15:20")
    by_finance = [town.fee_claim(brew, name) for name in ("Hana", "Idris")]
    town.reports_paid("Fenella", *by_finance, reference="EX-2041", on=tuesday + 2 * DAY)


def a_brew_called_off(town: Town, days: Calendar) -> Iterator[datetime]:
    """Exampleshire, three weeks ago: called off the evening before. Everybody who had an offer is told, and
    those who had said yes are paid all the same, as the policy promises.
    """
    tuesday = days.day("tuesday", weeks=-3)
    yield at(tuesday - 14 * DAY, "10:10")
    brew = town.plans("Leonie", _brew("getting about", tuesday, "10:30", "11:30"))
    town.offers("Leonie", brew, "participant", "Ada", "Bilal", "Mina")
    yield at(tuesday - 12 * DAY, "19:00")
    town.says_yes(brew, "Ada", "Mina")
    yield at(tuesday - DAY, "16:30")
    town.cancels("Leonie", brew)


def the_next_brew(town: Town, days: Calendar) -> Iterator[datetime]:
    """Next week, in two councils: some have said yes, one has said no, some have not answered yet."""
    tuesday, lead = days.day("tuesday", weeks=1), town.who_is("lead")
    first, second, third, *others = (who.name.split()[0] for who in town.cast.people[:7])
    yield at(days.day("thursday", weeks=-1), "11:00")
    brew = town.plans(lead, _brew("who do I call?", tuesday, "10:30", "11:30"))
    town.offers(lead, brew, "co_chair", first)
    town.offers(lead, brew, "participant", second, third, *others)
    yield at(days.day("friday", weeks=-1), "17:45")
    town.says_yes(brew, first, second)
    town.says_no(brew, third)


def last_evening(town: Town, days: Calendar) -> Iterator[datetime]:
    """Yesterday evening, everywhere: people said yes and came. The register waits for somebody to tick it."""
    lead = town.who_is("lead")
    names = [who.name.split()[0] for who in town.cast.people[:5]]
    yield at(days.yesterday - 8 * DAY, "13:15")
    brew = town.plans(lead, _brew("an evening hour", days.yesterday, "18:00", "19:00"))
    town.offers(lead, brew, "participant", *names)
    yield at(days.yesterday - 6 * DAY, "19:20")
    town.says_yes(brew, *names)


def money_on_its_way(town: Town, days: Calendar) -> Iterator[datetime]:
    """Exampleshire, yesterday, ticked a few minutes ago: one is paid, one waits for a slow bank, and for one
    the bank did not answer, so nobody knows yet.
    """
    yield at(days.yesterday - 9 * DAY, "09:20")
    brew = town.plans("Leonie", _brew("what we did with what you said", days.yesterday, "10:30", "11:30"))
    town.offers("Leonie", brew, "participant", "Dorota", "Ekow", "Joyce")
    yield at(days.yesterday - 7 * DAY, "20:10")
    town.says_yes(brew, "Dorota", "Ekow", "Joyce")
    yield days.ago(minutes=9)
    town.ticks("Farid", brew, "Dorota", "Ekow", "Joyce")
