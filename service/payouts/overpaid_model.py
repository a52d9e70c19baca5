"""What can become of money that was paid too much? Rules only, no storage.

An overpayment is our mistake first. Nothing comes off a fee without the person's own yes, and never anything
off costs that are repaid.
"""

from __future__ import annotations

from service.ledger.model import Entry, Posting

# (state, verb) → (next state, the event that says so)
TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("noted", "ask"): ("asked", "overpayment.asked"),
    ("declined", "ask"): ("asked", "overpayment.asked"),
    ("asked", "agree"): ("agreed", "overpayment.agreed"),
    ("asked", "decline"): ("declined", "overpayment.declined"),
    ("agreed", "take_back"): ("declined", "overpayment.consent_ended"),
    ("noted", "write_off"): ("written_off", "overpayment.written_off"),
    ("asked", "write_off"): ("written_off", "overpayment.written_off"),
    ("declined", "write_off"): ("written_off", "overpayment.written_off"),
    ("agreed", "write_off"): ("written_off", "overpayment.written_off"),
    # By itself, as the books change:
    ("agreed", "settle"): ("settled", "overpayment.settled"),
    **{
        (state, "note"): ("noted", "overpayment.noted")
        for state in ("noted", "asked", "declined", "agreed", "written_off", "settled", "gone")
    },
    **{
        (state, "clear"): ("gone", "overpayment.gone")
        for state in ("noted", "asked", "declined", "agreed", "written_off", "settled")
    },
}

STATES = ("noted", "asked", "agreed", "declined", "written_off", "settled", "gone")

PUBLIC_WORDS = {
    "noted": "We are looking at it",
    "asked": "We have a question for you",
    "agreed": "You said yes",
    "declined": "You said no",
    "written_off": "You can keep it",
    "settled": "Settled",
    "gone": "Put right",
}

STAFF_WORDS = {
    "noted": "Needs a decision",
    "asked": "The person was asked",
    "agreed": "The person said yes",
    "declined": "The person said no",
    "written_off": "Written off",
    "settled": "Settled",
    "gone": "Put right",
}

# Account of the ledger: what is open with people, and what was let go.
OPEN_ACCOUNT, LET_GO_ACCOUNT = "overpayments", "written_off"
ACCOUNT_OF_PART = {"fee": "fees", "expense": "expenses"}

# At least this share of a fee always reaches the person, whatever they said yes to.
KEPT_SHARE = 2


def most_from(fee_pence: int) -> int:
    """How much may come off a fee at the very most: half of it."""
    return fee_pence // KEPT_SHARE


def left_to_let_go(*, over_pence: int, written_off_pence: int, taken_pence: int) -> int:
    """How much of what was let go is still needed, once the sum that was paid too much has shrunk."""
    return min(written_off_pence, max(over_pence - taken_pence, 0))


def noted(*, source_id: str, part: str, pence: int, cost_centre: str, claim_id: str, person_id: str) -> Entry:
    """What was paid is no cost but is open with the person. Below nothing: the other way round."""
    sides = (
        Posting(OPEN_ACCOUNT, pence, cost_centre),
        Posting(ACCOUNT_OF_PART[part], -pence, cost_centre),
    )
    return Entry("overpayment", source_id, sides, claim_id, person_id)


def let_go(*, source_id: str, pence: int, cost_centre: str, claim_id: str, person_id: str) -> Entry:
    """The council bears it after all. Below nothing: the other way round."""
    sides = (Posting(LET_GO_ACCOUNT, pence, cost_centre), Posting(OPEN_ACCOUNT, -pence, cost_centre))
    return Entry("write_off", source_id, sides, claim_id, person_id)


def offset(*, payout_id: str, pence: int, cost_centre: str, claim_id: str, person_id: str) -> Entry:
    """A part of a fee that does not leave, because the person said it may settle what was paid too much."""
    sides = (Posting("creditors", pence, cost_centre), Posting(OPEN_ACCOUNT, -pence, cost_centre))
    return Entry("offset", payout_id, sides, claim_id, person_id)
