"""What is a session, an offer, a register? Rules and states, no storage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from service.errors import Fault

# (state, verb) → (next state, the event that says so)
OFFER_TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("made", "accept"): ("accepted", "offer.accepted"),
    ("made", "decline"): ("declined", "offer.declined"),
    ("accepted", "decline"): ("declined", "offer.declined"),
    ("declined", "accept"): ("accepted", "offer.accepted"),
    # Still a yes, to another part of the fee.
    ("accepted", "take_less"): ("accepted", "offer.less_taken"),
    ("made", "cancel"): ("cancelled", "offer.cancelled"),
    ("accepted", "cancel"): ("cancelled", "offer.cancelled"),
}

LIVE_OFFERS = ("made", "accepted")

# What a person asks about an offer: (state, verb) → (next state, the event that says so)
ASK_TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("waiting", "answer"): ("answered", "ask.answered"),
    ("waiting", "book"): ("booked", "ask.booked"),
    ("waiting", "hand_over"): ("handed_over", "ask.handed_over"),
    ("waiting", "refuse"): ("refused", "ask.refused"),
    ("waiting", "take_back"): ("taken_back", "ask.taken_back"),
    # The person does not agree with the no.
    ("refused", "look_again"): ("waiting", "ask.look_again_asked"),
}

QUESTION, COST = "question", "cost"

# How a person would like a cost to be met before the day.
WISHES = {"book": "Please book and pay it for me", "advance": "Please give me the money first"}

LONGEST_WORDS = 2000

# Facts that are said in a field of their own, so that a further fact of that name could only contradict it.
OWN_FIELDS = frozenset({"activity", "on", "online", "expenses", "claimed_on"})

# A session outside these years is a slip of the keyboard.
YEARS = range(2000, 2100)

# A session or a time on a register longer than this is a slip of the keyboard.
LONGEST_MINUTES = 14 * 24 * 60


def length_minutes(starts_at: datetime, ends_at: datetime) -> int:
    """How long the session is planned to be, in whole minutes."""
    return int((ends_at - starts_at).total_seconds() // 60)


def plain_words(words: str) -> str:
    """What somebody wrote, without what no screen shows; lines stay lines."""
    kept = "".join(sign for sign in words.replace("\r\n", "\n") if sign == "\n" or sign.isprintable())
    return kept.strip()


def said_twice(facts: Iterable[str], *, pointer: str) -> list[Fault]:
    """A fault for each further fact that has a field of its own."""
    clash = sorted(OWN_FIELDS.intersection(facts))
    return [Fault(f"{pointer}/{key}", "This is said elsewhere already. Leave it out here.") for key in clash]
