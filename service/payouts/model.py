"""Which states can a payment be in, and what moves it? Rules only, no storage."""

from __future__ import annotations

from service.rails import protocol
from service.rails.protocol import RAILS

# (state, verb) → (next state, the event that says so)
TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("ready", "hold"): ("held", "payout.held"),
    ("held", "release"): ("ready", "payout.ready"),
    ("ready", "cancel"): ("cancelled", "payout.cancelled"),
    ("held", "cancel"): ("cancelled", "payout.cancelled"),
    ("ready", "send"): ("sending", "payout.sending"),
    ("sending", "accepted"): ("sent", "payout.sent"),
    ("sending", "paid"): ("paid", "payout.paid"),
    ("sending", "refused"): ("failed", "payout.failed"),
    ("sending", "lose"): ("unknown", "payout.unknown"),
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
    ("paid", "returned"): ("returned", "payout.returned"),
    ("sent", "returned"): ("returned", "payout.returned"),
}

STATES = ("ready", "held", "sending", "unknown", "sent", "paid", "failed", "returned", "cancelled")

# While a payment is in one of these, or paid, nothing else may be paid for its obligation.
OVER = ("failed", "returned", "cancelled")

# Money may have left: from here on a payment cannot be called off.
LEFT = ("sending", "unknown", "sent", "paid")

# Rails that we call ourselves; on the others somebody pays and reports it.
CALLED = tuple(name for name, manner in RAILS.items() if manner.moves == protocol.CALLED)

HELD_BECAUSE = {
    "no_method": "We do not know yet how this person would like to be paid.",
    "new_details": "The bank details are new. The policy asks us to wait before we first use them.",
    "not_wanted": "This person has chosen not to be paid.",
    "by_hand": "Somebody has put this payment on hold.",
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


def reference(*, council_slug: str, payout_id: str) -> str:
    """What the person sees on their statement: at most 18 letters, nothing confidential."""
    return f"{council_slug.replace('-', '')[:11]} {payout_id[-6:]}".upper()
