"""Which plain word and colour does a status have on a page? The word alone always says enough.

The words for the person are those of the claims and payouts rooms; here they get a colour. Staff read
shorter words.
"""

from __future__ import annotations

from dataclasses import dataclass

from service.claims.model import PUBLIC_WORDS as CLAIM_WORDS
from service.payouts.model import PUBLIC_WORDS as PAYMENT_WORDS


@dataclass(frozen=True)
class Status:
    """A word on a tag, and the tag's colour (empty for blue)."""

    word: str
    colour: str = ""


_CLAIM_COLOURS = {
    "draft": "orange",
    "needs_person": "yellow",
    "waiting": "yellow",
    "asked": "orange",
    "approved": "turquoise",
    "refused": "red",
    "withdrawn": "grey",
    "paid": "green",
}
CLAIM_FOR_PERSON = {s: Status(words, _CLAIM_COLOURS.get(s, "")) for s, words in CLAIM_WORDS.items()}
NOT_WANTED = Status("Not taken", "grey")
CLAIM_FOR_STAFF = {
    "draft": Status("Offered, no answer yet", "grey"),
    "submitted": Status("Being worked out"),
    "needs_person": Status("Needs a decision", "orange"),
    "waiting": Status("Waiting for a yes", "yellow"),
    "asked": Status("Question asked", "grey"),
    "approved": Status("Agreed", "turquoise"),
    "refused": Status("Not agreed", "red"),
    "withdrawn": Status("Taken back", "grey"),
    "paid": Status("Paid", "green"),
}
DISAGREED = Status("Agreed in part: look again", "orange")
OFFER_FOR_PERSON = {
    "made": Status("Waiting for your answer", "orange"),
    "accepted": Status("You said yes", "green"),
    "declined": Status("You said no", "grey"),
    "cancelled": Status("Cancelled", "red"),
}
OFFER_FOR_STAFF = {
    "made": Status("No answer yet", "yellow"),
    "accepted": Status("Said yes", "green"),
    "declined": Status("Said no", "grey"),
    "cancelled": Status("Cancelled", "red"),
}
ASK_FOR_PERSON = {
    "waiting": Status("Waiting for our answer", "yellow"),
    "answered": Status("Answered", "green"),
    "booked": Status("Booked for you", "green"),
    "handed_over": Status("Money on its way to be agreed", "turquoise"),
    "refused": Status("We cannot do this", "red"),
    "taken_back": Status("Taken back", "grey"),
}
ASK_FOR_STAFF = {
    "waiting": Status("Waiting", "orange"),
    "answered": Status("Answered", "green"),
    "booked": Status("Booked", "green"),
    "handed_over": Status("Money handed over first", "green"),
    "refused": Status("Said no", "red"),
    "taken_back": Status("Taken back", "grey"),
}
LOOK_AGAIN = Status("Look again", "orange")
_PAYMENT_COLOURS = {
    "held": "orange",
    "sending": "turquoise",
    "unknown": "turquoise",
    "sent": "turquoise",
    "paid": "green",
    "failed": "red",
    "returned": "red",
    "cancelled": "grey",
}
PAYMENT_FOR_PERSON = {
    state: Status(words, _PAYMENT_COLOURS.get(state, "")) for state, words in PAYMENT_WORDS.items()
}
PAYMENT_FOR_STAFF = {
    "ready": Status("Ready"),
    "held": Status("Held", "orange"),
    "sending": Status("Sending", "turquoise"),
    "unknown": Status("No answer yet", "orange"),
    "sent": Status("Sent", "turquoise"),
    "paid": Status("Paid", "green"),
    "failed": Status("Failed", "red"),
    "returned": Status("Returned", "red"),
    "cancelled": Status("Cancelled", "grey"),
}


def offer_for_person(state: str, *, over: bool) -> Status:
    """The word for an offer. `over`: the day has passed, so that an answer is no longer waited for."""
    if state == "made" and over:
        return Status("This day has passed", "grey")
    return word(OFFER_FOR_PERSON, state)


def word(words: dict[str, Status], status: str) -> Status:
    """The status as shown. A status that has no word yet is shown as it is, not hidden."""
    return words.get(status, Status(status.replace("_", " ").capitalize()))
