"""Which states can a payment be in, and what moves it? Rules only, no storage."""

from __future__ import annotations

from datetime import timedelta

from service.rails import protocol
from service.rails.protocol import RAILS

# (state, verb) → (next state, the event that says so)
TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("ready", "hold"): ("held", "payout.held"),
    ("held", "release"): ("ready", "payout.ready"),
    # A hold covers it, or no longer does: nobody is told by message of either.
    ("ready", "cover"): ("held", "payout.waiting"),
    ("held", "uncover"): ("ready", "payout.ready"),
    # The gate closed between the key and the call, and the call was never made.
    ("sending", "withhold"): ("held", "payout.waiting"),
    ("ready", "cancel"): ("cancelled", "payout.cancelled"),
    ("held", "cancel"): ("cancelled", "payout.cancelled"),
    ("ready", "send"): ("sending", "payout.sending"),
    ("sending", "accepted"): ("sent", "payout.sent"),
    ("sending", "paid"): ("paid", "payout.paid"),
    ("sending", "refused"): ("failed", "payout.failed"),
    ("sending", "lose"): ("unknown", "payout.unknown"),
    # The key was fixed and the rail not called: nothing can have left.
    ("sending", "stand_back"): ("ready", "payout.stood_back"),
    # The same, found out later, where the rail's own rows prove it.
    ("unknown", "stand_back"): ("ready", "payout.stood_back"),
    ("unknown", "accepted"): ("sent", "payout.sent"),
    ("unknown", "paid"): ("paid", "payout.paid"),
    ("unknown", "refused"): ("failed", "payout.failed"),
    ("unknown", "send_again"): ("sending", "payout.sending_again"),
    ("sent", "paid"): ("paid", "payout.paid"),
    ("sent", "refused"): ("failed", "payout.failed"),
    ("ready", "paid"): ("paid", "payout.paid"),
    # Somebody outside had it in hand already when we stopped it: what was paid was paid.
    ("held", "paid"): ("paid", "payout.paid"),
    ("cancelled", "paid"): ("paid", "payout.paid"),
    # The council's own finance system could not pay it.
    ("ready", "not_paid"): ("failed", "payout.failed"),
    ("held", "not_paid"): ("failed", "payout.failed"),
    # The bank rejected the whole file that it stood in: nothing was paid, and it waits for the next one.
    ("sending", "put_back"): ("ready", "payout.put_back"),
    ("sent", "put_back"): ("ready", "payout.put_back"),
    ("paid", "returned"): ("returned", "payout.returned"),
    ("sent", "returned"): ("returned", "payout.returned"),
}

STATES = ("ready", "held", "sending", "unknown", "sent", "paid", "failed", "returned", "cancelled")

# While a payment is in one of these, or paid, nothing else may be paid for its obligation.
OVER = ("failed", "returned", "cancelled")

# Money may have left: from here on a payment cannot be called off.
LEFT = ("sending", "unknown", "sent", "paid")

# Its fate is not known for certain yet: the sweeper asks after it, soon at first and then ever more rarely.
OPEN_FATE = ("sending", "unknown", "sent")
FIRST_LOOK = timedelta(seconds=5)

# These steps bring no news from the rail, so the wait before the next look goes on growing.
KEEPS_ITS_LOOK = ("lose", "send_again")

# How long a payment that may not leave now waits before it is tried again.
TRY_AGAIN = timedelta(seconds=30)

# Rails that we call ourselves; on the others somebody pays and reports it.
CALLED = tuple(name for name, manner in RAILS.items() if manner.moves == protocol.CALLED)

# Rails on which money goes together where the policy says so: we send it, or somebody pulls or takes a file.
IN_RUNS = tuple(
    name
    for name, manner in RAILS.items()
    if manner.moves in (protocol.CALLED, protocol.FILED, protocol.REPORTED)
)

# Rails on which a second person lets large sums go: all but those by which we never pay.
RELEASED_BY_US = tuple(n for n, manner in RAILS.items() if manner.moves != protocol.EXPORTED and n != "none")

# What a payment waits for before a second person, or a run, may come into it; of these its person is told.
FIRST_WAITS = ("no_method", "new_details", "not_wanted", "name_check", "onboarding", "stopped")

# What a hold can cover, the widest first.
HOLD_SCOPES = ("everything", "council", "rail", "person", "payment")

# Scope of a hold → why a payment under it is held.
HELD_BY = {scope: "by_hand" if scope == "payment" else f"hold_{scope}" for scope in HOLD_SCOPES}

# What a payment waits for until a moment that stands beside it, which the clock brings.
ONES_OWN_CHOICE = "ones_own_choice"
BY_THE_CLOCK = ("new_details", ONES_OWN_CHOICE)

# Rails on which we make the payment: called, or put into a file that goes to the bank.
OURS = tuple(name for name, manner in RAILS.items() if manner.moves in (protocol.CALLED, protocol.FILED))

# Rails on which another system pulls what is ready, at any moment and without saying so.
PULLED = tuple(name for name, manner in RAILS.items() if manner.moves == protocol.REPORTED)

# Rails on which a person hands something over, or another system pays, and says so here.
REPORTED = tuple(
    name
    for name, manner in RAILS.items()
    if manner.moves in (protocol.REPORTED, protocol.RECORDED) and name != "none"
)

HELD_BECAUSE = {
    "no_method": "We do not know yet how this person would like to be paid.",
    "new_details": "The bank details are new. To keep the money safe, we wait before we first use them.",
    "not_wanted": "This person has chosen not to be paid.",
    "name_check": "The name on the account is being checked, or the person has to look at the bank's answer.",
    "onboarding": "The person still has to give their bank details to Stripe.",
    "by_hand": "Somebody has put this payment on hold.",
    "second_release": "This is above the limit. A second person has to let it go.",
    "next_run": "This goes with the next payment run.",
    "in_run": "This is in a payment run that has not been let go yet.",
    "no_funds": "There is not enough money where this is paid from. It goes by itself when there is.",
    "hold_person": "All payments to this person are on hold.",
    "hold_rail": "All payments that go this way are on hold.",
    "hold_council": "All payments of this council are on hold.",
    "hold_everything": "Whoever runs this service has stopped all payments for now.",
    ONES_OWN_CHOICE: "The person chose the day of this payment.",
    "stopped": "Somebody said that a change of how this person is paid was not theirs.",
}

PUBLIC_WORDS = {
    "ready": "Ready to be paid",
    "held": "Waiting",
    "sending": "Being sent",
    "unknown": "We are checking with the bank",
    "sent": "On its way",
    "paid": "Paid",
    "failed": "Did not go through",
    "returned": "Came back",
    "cancelled": "Called off",
}


def rail_for(*, kind: str, bank_rail: str) -> str:
    """The one rail of an obligation: the council's own for bank accounts, else the kind itself."""
    return bank_rail if kind == "bank_account" else kind


def look_after(*, rail: str, looks: int) -> timedelta:
    """How long to wait before a payment is looked at again that has been looked at so often in vain."""
    doubled: timedelta = FIRST_LOOK * (1 << min(looks, 20))
    return min(doubled, RAILS[rail].look_at_least_every)


def reference(*, council_slug: str, payout_id: str) -> str:
    """What the person sees on their statement: at most 18 letters, nothing confidential."""
    return f"{council_slug.replace('-', '')[:11]} {payout_id[-6:]}".upper()
