"""What when something is not owed after all, or may not leave? Never commits, never calls a rail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.claims import actions as claims
from service.claims import queries as claim_queries
from service.claims.model import CANCELLATION
from service.claims.tables import Claim
from service.events import RULE, Actor
from service.payouts import actions, owing, queries
from service.payouts.model import LEFT
from service.payouts.moving import (
    PaymentHasMoved,
    call_back,
    standing,
    take_step,
    was_told,
)
from service.payouts.tables import Payout
from service.people import queries as people
from service.sessions import queries as sessions


def stop(session: Session, *, council_id: str, claim_id: str, now: datetime) -> None:
    """A tick was taken back after approval. Not left: call it off. Left: note it, and a person decides.

    Nothing happens when the register was put right again before this came round; but a top-up stops all the
    same where the claim below it was worked out again, and holds the money itself.
    """
    claim = claims.locked(session, council_id=council_id, claim_id=claim_id)
    if _on_register(session, claim) and not claim_queries.is_left_behind(session, claim=claim):
        return
    owing.let_fall(session, claim=claim, now=now)
    owed = queries.obligation_of(session, council_id=council_id, claim_id=claim_id)
    payout = standing(session, owed=owed) if owed else None
    if payout is not None:
        call_back(session, payout=payout, now=now)
    if payout is not None and (payout.state in LEFT or was_told(session, payout=payout)):
        if claim.kind != CANCELLATION:  # They said yes again, and keep what left for the cancelled place.
            claims.mark_overpaid(session, council_id=council_id, claim_id=claim_id, now=now)
        return
    if payout is not None:
        take_step(session, payout=payout, verb="cancel", actor=RULE, now=now)
    if owed is not None:
        owed.stopped_at = now
    if claim.state == "approved":
        claims.move(session, council_id=council_id, claim_id=claim_id, verb="stop", actor=RULE, now=now)


def cancel(
    session: Session, *, council_id: str, payout_id: str, seen: str, actor: Actor, now: datetime
) -> Payout:
    """Call off a payment that has not left, and stop its claim, with the part of it that was put off.

    Raises `Moved`, `PaymentHasMoved`.
    """
    found = queries.get(session, council_id=council_id, payout_id=payout_id)
    own = claim_queries.get(session, council_id=council_id, claim_id=found.claim_id)
    claims.locked(session, council_id=council_id, claim_id=own.below_id)
    payout = actions.as_seen(session, council_id=council_id, payout_id=payout_id, seen=seen, now=now)
    if payout.exported_at is not None and payout.state in ("ready", "held"):
        raise PaymentHasMoved(
            "The finance system or payroll was told to pay this. Ask them not to. When they have said so, "
            "write it down as taken back. Then you can call it off."
        )
    take_step(session, payout=payout, verb="cancel", actor=actor, now=now)
    queries.obligation(session, council_id=council_id, obligation_id=payout.obligation_id).stopped_at = now
    claim = claims.move(
        session, council_id=council_id, claim_id=payout.claim_id, verb="stop", actor=actor, now=now
    )
    owing.fit(session, claim=claim, pence=0, now=now)
    return payout


def _on_register(session: Session, claim: Claim) -> bool:
    tick = sessions.attendance(
        session, council_id=claim.council_id, session_id=claim.session_id or "", person_id=claim.person_id
    )
    return tick is not None and tick.attended


def is_not_owed(session: Session, *, payout: Payout) -> bool:
    """Whether a payment that has not arrived is for somebody who was taken off the register meanwhile."""
    claim = claims.locked(session, council_id=payout.council_id, claim_id=payout.claim_id)
    return bool(claim.overpaid_pence) and claim.state == "approved"


def give_up_if_not_owed(session: Session, *, payout: Payout, now: datetime) -> None:
    """A payment did not arrive or came back, for somebody who was taken off the register meanwhile.

    So nothing was overpaid after all, and nothing is owed: no new details pay it.
    """
    if not is_not_owed(session, payout=payout):
        return
    claim = claims.locked(session, council_id=payout.council_id, claim_id=payout.claim_id)
    last = claim_queries.last_correction(session, claim=claim)
    if last is not None and last.attended:
        return  # Too much was paid, and some of it is owed: the claim is worked out again.
    owed = queries.obligation(session, council_id=payout.council_id, obligation_id=payout.obligation_id)
    owed.stopped_at = now
    claims.clear_overpaid(session, council_id=claim.council_id, claim_id=claim.id, now=now)
    claims.move(session, council_id=claim.council_id, claim_id=claim.id, verb="stop", actor=RULE, now=now)


def hold_stopped(session: Session, *, council_id: str, person_id: str, now: datetime) -> None:
    """Nothing leaves for a person of whom somebody said that a change was not theirs. Safe to repeat."""
    if not people.is_stopped(session, council_id=council_id, person_id=person_id):
        return
    for owed in queries.unpaid_obligations(session, council_id=council_id, person_id=person_id):
        claims.locked(session, council_id=council_id, claim_id=owed.claim_id)
        live = standing(session, owed=owed)
        if live is not None:
            call_back(session, payout=live, now=now)
        if live is not None and live.state == "ready":
            live.held_because, live.held_until = "stopped", None
            take_step(session, payout=live, verb="hold", actor=RULE, now=now)
        elif live is not None and live.state == "held" and live.held_because != "by_hand":
            live.held_because, live.held_until = "stopped", None
