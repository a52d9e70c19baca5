"""Practice reviews: reading case files at home, then leading a conversation about what was read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from service.approvals.actions import LineSum
from service.dev.clock import DAY, Calendar, at
from service.dev.town import Town
from service.sessions.actions import NewSession


def reading_case_files(town: Town, days: Calendar) -> Iterator[datetime]:
    """Exampleshire, last week: three hours of reading and two together, so a person says yes.

    April agrees Ada's and Dorota's fees, and settles what the policy could not know about Ada's assistant.
    She asks Gurpreet, who was ticked for less time, what would be right. Mina's fee waits. Gurpreet's cost of
    care waits too: nobody has said whether a care package pays for it already.
    """
    thursday = days.day("thursday", weeks=-1)
    yield at(thursday - 17 * DAY, "10:00")
    review = town.plans(
        "Leonie",
        NewSession(
            "Practice review: case files, second round",
            "practice_review",
            at(thursday, "13:00"),
            at(thursday, "15:00"),
            place="Invented House, room 2",
            cost_code="REVIEW",
        ),
    )
    town.offers("Leonie", review, "co_chair", "Ada", preparation_minutes=180)
    town.offers("Leonie", review, "team_member", "Dorota", "Gurpreet", "Mina", preparation_minutes=180)
    yield at(thursday - 15 * DAY, "12:30")
    town.says_yes(review, "Ada", "Dorota", "Gurpreet", "Mina")
    yield at(thursday, "15:20")
    town.ticks("Farid", review, "Ada", "Dorota", "Mina")
    town.ticks("Farid", review, "Gurpreet", minutes=80)
    yield at(thursday, "17:30")
    assistant = {"category": "personal_assistant", "amount_pence": 5500, "hours": 2.5, "receipt": True}
    help_for_ada = town.asks_for_costs("Ada", review, assistant)
    care = {"category": "replacement_care", "amount_pence": 10000, "hours": 5, "receipt": True}
    town.asks_for_costs("Gurpreet", review, care)
    yield at(thursday + DAY, "09:45")
    town.approves("April", town.fee_claim(review, "Ada"), town.fee_claim(review, "Dorota"))
    known = LineSum(line=0, amount_pence=5500, reason="Ada told us that no care package pays for this.")
    town.approves("April", help_for_ada, sums=(known,))
    town.asks(
        "April",
        town.fee_claim(review, "Gurpreet"),
        "Thank you for all your reading. The register says that you were with us for 80 minutes. "
        "Is that right? We want to pay you for all of your time.",
    )


def the_next_case_files(town: Town, days: Calendar) -> Iterator[datetime]:
    """Demoford, in two weeks: one has said yes, and two have not answered yet."""
    wednesday = days.day("wednesday", weeks=2)
    yield at(days.day("monday", weeks=-1), "14:10")
    review = town.plans(
        "Lakshmi",
        NewSession(
            "Practice review: leaving hospital",
            "practice_review",
            at(wednesday, "10:00"),
            at(wednesday, "12:30"),
            place="Imaginary Hall",
            cost_code="REVIEW",
        ),
    )
    town.offers("Lakshmi", review, "team_member", "Bronwen", "Keira", "Liang", preparation_minutes=240)
    yield at(days.day("tuesday", weeks=-1), "21:00")
    town.says_yes(review, "Keira")
