"""Does our record of payments agree with the rail's own? Two lists in, what differs out. Rules only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.rails.protocol import BookLine

# What moved so lately that the other side may not have heard is left for the next day.
GRACE = timedelta(minutes=10)
WINDOW = timedelta(days=7)

# So long after a payment the rail's record is read for its return. Banks have 20 working days to settle a
# request for money back (Credit Payment Recovery, the procedure for Faster Payments); over Christmas and New
# Year those take 32 days.
RETURNS_WITHIN = timedelta(days=35)

# How a payment stands with us → what the rail should say.
AGREES: dict[str, tuple[str, ...]] = {
    "paid": ("paid",),
    "sent": ("accepted",),
    "sending": ("accepted", "paid", "refused", "absent"),
    "unknown": ("absent",),
    "returned": ("returned",),
    "failed": ("refused", "absent"),
    "ready": ("absent",),
    "held": ("absent",),
    "cancelled": ("absent", "refused"),
}

KINDS = {
    "paid_here_not_there": "We say it was paid. Their record does not.",
    "paid_there_not_here": "Their record says it was paid. Ours does not.",
    "amounts_differ": "The two amounts are not the same.",
    "unknown_here": "Their record has a payment that we do not know.",
    "paid_twice": "Their record has it more than once.",
    "states_differ": "Their record says something else about it.",
}
WHAT_TO_DO = {
    "paid_here_not_there": "Look it up with the bank by its reference. If the money never left, ask the "
    "bank why, and do not pay again until they say so in writing.",
    "paid_there_not_here": "Do not pay it another way. We keep asking the bank, so this may go away by "
    "itself. If it is still here tomorrow, report it paid with the bank's reference.",
    "amounts_differ": "Compare both with the claim. If too much left, talk with the person before "
    "anything is taken back. If too little left, pay the rest.",
    "unknown_here": "Find out who made this payment, and for what. We did not ask for it. If nobody "
    "knows, tell the bank today: it may be fraud.",
    "paid_twice": "Hold other payments to this person, and ask the bank to call one of the two back. "
    "Talk with the person first.",
    "states_differ": "Read both records. If the bank's is right and ours does not follow by tomorrow, "
    "tell whoever looks after this service.",
}
STANDS = {
    "accepted": "on its way",
    "paid": "paid",
    "refused": "refused",
    "returned": "came back",
    "absent": "nothing there",
}


@dataclass(frozen=True)
class Ours:
    """One payment as we have it."""

    payment_id: str
    amount_pence: int
    state: str
    changed_at: datetime


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree. `ours` and `theirs`: how it stands on each side."""

    kind: str
    payment_id: str
    ours: str
    theirs: str
    ours_pence: int | None
    theirs_pence: int | None


def compare(
    ours: Iterable[Ours], theirs: Sequence[BookLine], *, others: Mapping[str, Ours], now: datetime
) -> list[Finding]:
    """Everything that differs. `others`: our payments outside the window, which their lines may be about.

    A payment that moved within the last minutes is left out: its other half may be on the way.
    """
    by_payment: dict[str, list[BookLine]] = defaultdict(list)
    for line in theirs:
        by_payment[line.payment_id].append(line)
    known = {one.payment_id: one for one in ours}
    found: list[Finding] = []
    for payment_id in sorted({*known, *by_payment}):
        own = known.get(payment_id) or others.get(payment_id)
        lines = by_payment[payment_id]
        if (own is None or own.changed_at <= now - GRACE) and not _too_fresh(lines, now):
            found += _differences(payment_id, own, lines)
    return found


def _too_fresh(lines: Iterable[BookLine], now: datetime) -> bool:
    return any(line.at is not None and line.at > now - GRACE for line in lines)


def _differences(payment_id: str, own: Ours | None, lines: list[BookLine]) -> list[Finding]:
    moved = [line for line in lines if line.stands in ("paid", "accepted")]
    best = (moved or lines)[-1] if lines else None
    stands = best.stands if best else "absent"
    pence = best.amount_pence if best else None

    def finding(kind: str, their_pence: int | None = pence) -> Finding:
        state, amount = (own.state, own.amount_pence) if own else ("absent", None)
        return Finding(kind, payment_id, state, stands, amount, their_pence)

    if own is None:
        return [finding("unknown_here")]
    found = []
    if len(moved) > 1:
        found.append(finding("paid_twice", sum(line.amount_pence for line in moved)))
    if best is not None and best.amount_pence != own.amount_pence:
        found.append(finding("amounts_differ"))
    if stands not in AGREES[own.state]:
        found.append(finding(_how(own.state, stands)))
    return found


def _how(state: str, stands: str) -> str:
    if stands == "paid":
        return "paid_there_not_here"
    return "paid_here_not_there" if state == "paid" else "states_differ"
