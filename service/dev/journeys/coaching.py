"""Lived-experience coaching: over a year, somebody with lived experience coaches a director."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from service.dev.clock import DAY, Calendar, at
from service.dev.town import Town
from service.sessions.actions import NewSession


def _coaching(part: int, day: date) -> NewSession:
    # Nothing that they speak of is in what finance sees.
    return NewSession(
        title=f"Coaching a director, conversation {part}",
        activity="director_coaching",
        starts_at=at(day, "15:00"),
        ends_at=at(day, "16:30"),
        online=part > 1,
        place="Samplebury Town Hall" if part == 1 else "",
        cost_code="COACHING",
    )


def a_director_learns(town: Town, days: Calendar) -> Iterator[datetime]:
    """Samplebury: Uma coaches a director. Her training is paid with the first conversation.

    The second was four weeks ago; the third is to come, and Uma has said yes.
    """
    for part, weeks in ((1, -8), (2, -4)):
        thursday = days.day("thursday", weeks=weeks)
        yield at(thursday - 7 * DAY, "10:00")
        talk = town.plans("Lorcan", _coaching(part, thursday))
        trained = {"trained": True} | ({"training_minutes": 180} if part == 1 else {})
        town.offers("Lorcan", talk, "coach", "Uma", **trained)
        yield at(thursday - 6 * DAY, "12:20")
        town.says_yes(talk, "Uma")
        yield at(thursday, "16:40")
        town.ticks("Lorcan", talk, "Uma")
        yield at(thursday + DAY, "09:15")
        town.approves("Anders", town.fee_claim(talk, "Uma"))
    yield at(days.day("thursday", weeks=-1), "10:00")
    talk = town.plans("Lorcan", _coaching(3, days.day("thursday", weeks=2)))
    town.offers("Lorcan", talk, "coach", "Uma", trained=True)
    yield at(days.day("friday", weeks=-1), "12:35")
    town.says_yes(talk, "Uma")
