"""What is a session, an offer, a register? Rules and states, no storage."""

from __future__ import annotations

from datetime import datetime

# (state, verb) → (next state, the event that says so)
OFFER_TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("made", "accept"): ("accepted", "offer.accepted"),
    ("made", "decline"): ("declined", "offer.declined"),
    ("accepted", "decline"): ("declined", "offer.declined"),
    ("declined", "accept"): ("accepted", "offer.accepted"),
    ("made", "cancel"): ("cancelled", "offer.cancelled"),
    ("accepted", "cancel"): ("cancelled", "offer.cancelled"),
}

LIVE_OFFERS = ("made", "accepted")

# A session or a time on a register longer than this is a slip of the keyboard.
LONGEST_MINUTES = 14 * 24 * 60


def length_minutes(starts_at: datetime, ends_at: datetime) -> int:
    """How long the session is planned to be, in whole minutes."""
    return int((ends_at - starts_at).total_seconds() // 60)
