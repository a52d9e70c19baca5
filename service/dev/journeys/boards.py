"""Making it Real boards: local people measure the council against what matters to them, with a co-chair."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from service.dev.cast import bank
from service.dev.clock import DAY, MINUTE, Calendar, at
from service.dev.town import Town
from service.sessions.actions import NewSession
from service.sessions.asking import CostAsk


def _board(day: date) -> NewSession:
    return NewSession(
        title="Making it Real board",
        activity="making_it_real_board",
        starts_at=at(day, "14:00"),
        ends_at=at(day, "16:00"),
        place="Samplebury Town Hall",
        cost_code="BOARD",
    )


def making_it_real(town: Town, days: Calendar) -> Iterator[datetime]:
    """Samplebury, last week. Here the rule agrees small sums only, so Anders looks at every fee.

    Nia chairs and is paid for reading the papers. Omar's bank knows no such account; he gives another and is
    paid after all. Yasmin has not answered yet. Quinn's payment never reached the bank, twice. Saoirse and
    Tobias get cash at the front desk: Saoirse has been, Tobias has not. Viktor answers a question. Rashid was
    ticked by mistake. Petra left early, and takes a claim back because a friend paid. Uma's fee waits.
    """
    monday = days.day("monday", weeks=-1)
    members = ("Omar", "Petra", "Quinn", "Rashid", "Saoirse", "Tobias", "Uma", "Viktor", "Yasmin")
    yield at(monday - 20 * DAY, "10:30")
    board = town.plans("Lorcan", _board(monday))
    town.offers("Lorcan", board, "co_chair", "Nia", preparation_minutes=60)
    town.offers("Lorcan", board, "member", *members)
    yield at(monday - 17 * DAY, "18:40")
    town.says_yes(board, "Nia", *(name for name in members if name != "Rashid"))
    town.says_no(board, "Rashid")
    yield at(monday, "16:10")
    came = [name for name in members if name not in ("Rashid", "Petra")]
    town.ticks("Freya", board, "Nia", *came)
    town.ticks("Freya", board, "Rashid", role="member")
    town.ticks("Freya", board, "Petra", minutes=90)
    fare = {"category": "train", "amount_pence": 3640, "receipt": True}
    lift = town.asks_for_costs("Petra", board, fare)
    yield at(monday, "16:25")
    town.unticks("Freya", board, "Rashid")
    town.takes_back("Petra", lift)
    yield from _they_are_paid(town, board, monday + DAY)


def _they_are_paid(town: Town, board: str, tuesday: date) -> Iterator[datetime]:
    """What became of the money, from the morning after."""
    morning = at(tuesday, "10:00")
    yield morning
    agreed = ("Nia", "Omar", "Quinn", "Saoirse", "Tobias", "Yasmin")
    town.approves("Anders", *(town.fee_claim(board, name) for name in agreed))
    viktors = town.fee_claim(board, "Viktor")
    town.asks("Anders", viktors, "Did you also read the papers? If so, how long did it take you?")
    yield morning + 5 * MINUTE
    town.waits_for_the_bank()
    yield morning + 10 * MINUTE
    town.waits_for_the_bank()
    yield at(tuesday, "20:15")
    town.answers("Viktor", viktors, "No, I had no time this month. I will next time!")
    yield at(tuesday + DAY, "11:00")
    town.approves("Anders", viktors)
    town.reports_paid("Femi", town.fee_claim(board, "Saoirse"), reference="DESK-118", on=tuesday + DAY)
    yield at(tuesday + 2 * DAY, "18:00")
    town.wants("Omar", bank("Omar Specimen"))


def the_board_next_month(town: Town, days: Calendar) -> Iterator[datetime]:
    """Samplebury, in four weeks: Nia chairs again, some have said yes, one takes less; one has a helper.

    Nia's train is booked, and she would like her fee ten days later. Viktor, who had an answer and a no,
    cannot come after all; he has a line of his own, and would be asked before another yes. Uma asks something
    first, and Tobias needs his train booked: both wait for an answer.
    """
    monday = days.day("monday", weeks=4)
    yield at(days.day("thursday", weeks=-1), "10:45")
    board = town.plans("Lorcan", _board(monday))
    town.offers("Lorcan", board, "co_chair", "Nia", preparation_minutes=60)
    town.offers("Lorcan", board, "member", "Omar", "Tobias", "Uma", "Viktor", "Xavi")
    yield at(days.day("friday", weeks=-1), "09:10")
    town.says_yes(board, "Nia", "Tobias", "Viktor")
    town.says_yes(board, "Xavi", pence=2000)
    train = CostAsk("train", 4000, "book", "The first one after ten, please.")
    nias, viktors = (town.needs_before(name, board, train) for name in ("Nia", "Viktor"))
    question = town.wonders("Viktor", board, "Will the papers come in large print?")
    yield at(days.day("friday", weeks=-1), "14:30")
    town.books("Lorcan", nias, 3640, "Your ticket is for the 10:10. The code for the machine is EX4MPLE.")
    town.cannot_pay_before("Lorcan", viktors, "There is no train that day. We can talk about a taxi.")
    town.replies("Lorcan", question, "Yes. We send them to you a week before.")
    yield at(days.day("friday", weeks=-1), "18:20")
    town.says_no(board, "Viktor")
    town.wonders("Uma", board, "Is there a room where I can rest in the break?")
    town.needs_before("Tobias", board, CostAsk("train", 3640, "book", "The 12:10 from Demoford, please."))
    town.names_helper("Omar", "Hal Invented")
    town.sets_a_line("Viktor", pence=2000, starts=3)
    town.would_like_it_on(board, "Nia", monday + 10 * DAY)
