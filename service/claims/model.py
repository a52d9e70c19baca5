"""Which states can a claim be in, and what moves it? Rules only, no storage."""

from __future__ import annotations

# (state, verb) → (next state, the event that says so)
TRANSITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("draft", "submit"): ("submitted", "claim.submitted"),
    # The later part of a fee that was agreed; and then it comes with the first part again, or not at all.
    ("draft", "put_off"): ("approved", "claim.rest_put_off"),
    ("withdrawn", "put_off"): ("approved", "claim.rest_put_off"),
    ("approved", "take_in"): ("withdrawn", "claim.rest_taken_in"),
    ("withdrawn", "offer_again"): ("draft", "claim.top_up_offered"),
    ("submitted", "edit"): ("submitted", "claim.changed"),
    ("waiting", "edit"): ("submitted", "claim.changed"),
    ("needs_person", "edit"): ("submitted", "claim.changed"),
    ("asked", "edit"): ("submitted", "claim.changed"),
    ("refused", "edit"): ("submitted", "claim.changed"),
    ("withdrawn", "edit"): ("submitted", "claim.changed"),
    ("submitted", "wait"): ("waiting", "claim.waiting"),
    ("submitted", "need_person"): ("needs_person", "claim.needs_person"),
    ("waiting", "agree"): ("waiting", "claim.agreed"),
    ("needs_person", "agree"): ("needs_person", "claim.agreed"),
    ("asked", "agree"): ("asked", "claim.agreed"),
    ("submitted", "approve"): ("approved", "claim.approved"),
    ("waiting", "approve"): ("approved", "claim.approved"),
    ("needs_person", "approve"): ("approved", "claim.approved"),
    ("asked", "approve"): ("approved", "claim.approved"),
    ("submitted", "refuse"): ("refused", "claim.refused"),
    ("waiting", "refuse"): ("refused", "claim.refused"),
    ("needs_person", "refuse"): ("refused", "claim.refused"),
    ("asked", "refuse"): ("refused", "claim.refused"),
    ("waiting", "ask"): ("asked", "claim.asked"),
    ("needs_person", "ask"): ("asked", "claim.asked"),
    ("asked", "answer"): ("waiting", "claim.answered"),
    # The person does not agree with the no: somebody else looks.
    ("refused", "look_again"): ("waiting", "claim.look_again_asked"),
    ("draft", "withdraw"): ("withdrawn", "claim.withdrawn"),
    ("submitted", "withdraw"): ("withdrawn", "claim.withdrawn"),
    ("waiting", "withdraw"): ("withdrawn", "claim.withdrawn"),
    ("needs_person", "withdraw"): ("withdrawn", "claim.withdrawn"),
    ("asked", "withdraw"): ("withdrawn", "claim.withdrawn"),
    ("approved", "stop"): ("withdrawn", "claim.stopped"),
    # What it rests on was corrected before any money had left.
    ("approved", "correct"): ("submitted", "claim.changed"),
    ("approved", "pay"): ("paid", "claim.paid"),
    ("withdrawn", "pay"): ("paid", "claim.paid"),
    ("paid", "return"): ("approved", "claim.payment_returned"),
}

# What a claim's move does to what it holds of allowances: verb → verb of that room. Money that left after all
# is used after all, and what is looked at again is asked for again.
ALLOWANCES = {"withdraw": "free", "refuse": "free", "stop": "free", "pay": "use", "look_again": "use"}

# Verbs after which the ledger is made to say what the claim is owed, and what is no longer only promised.
BOOKED = ("approve", "pay", "return", "stop", "refuse", "withdraw", "put_off", "take_in")

STATES = (
    "draft",
    "submitted",
    "needs_person",
    "waiting",
    "asked",
    "approved",
    "refused",
    "withdrawn",
    "paid",
)

# In these the money is still to come, and it is ours to move it on.
COMING = ("submitted", "needs_person", "waiting", "approved")

# Before anybody has said yes, the person may change or withdraw a claim.
OPEN = ("submitted", "waiting", "needs_person", "asked")

# The person may also change one that was refused: with the receipt, it may be paid.
MAY_BE_CHANGED = (*OPEN, "refused")

# Somebody, or the rule, has said yes, and the money is on its way or there.
AGREED = ("approved", "paid")

# Money on top of a claim, offered as a draft: what a later version of the policy gives more.
TOP_UP = "top_up"

# What a correction after payment comes to more than was paid, as a claim of its own.
DIFFERENCE = "difference"

# The part of a fee that its person put off to a later day.
REST = "rest"

# What stands beside another claim, and is no activity of its own.
ON_TOP = (TOP_UP, DIFFERENCE, REST)

# Money for a cost, handed over before the day.
ADVANCE = "advance"

# What is due for a place that was cancelled, and the fact by which a policy says so of the person's own no.
CANCELLATION = "cancellation"
BY_PERSON = "cancelled_by_person"
# What every claim for a cancelled place is asked with, and no other.
NOTICE = "notice_hours"

PUBLIC_WORDS = {
    "draft": "Waiting for your answer",
    "submitted": "Being worked out",
    "needs_person": "Somebody needs to look at this",
    "waiting": "Waiting for somebody to say yes",
    "asked": "We have a question for you",
    "approved": "Agreed, on its way",
    "refused": "Not agreed",
    "withdrawn": "Taken back",
    "paid": "Paid",
}


def called(*, kind: str, with_fee: bool, title: str) -> str:
    """What a claim is called, by the title of its session."""
    if kind == REST:
        return f"The rest of: {title}"
    if kind in ON_TOP:
        return f"More for: {title}"
    if kind == ADVANCE:
        return f"Money before the day: {title}"
    return title if with_fee else f"Costs: {title}"
