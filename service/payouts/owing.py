"""What is owed for an agreed claim, in one part or in two as its person chose? Never commits, calls no rail.

The part that they put off is a claim of its own, the rest, with its own obligation and payment: so approval,
payment, return and books need no second way. Who changes either locks the first claim, and then its rest.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service import ids
from service.claims import actions as claims
from service.claims import parting
from service.claims.tables import Claim
from service.councils import queries as councils
from service.events import RULE
from service.payouts import choosing, queries
from service.payouts.actions import lay_out, may_go_another_way
from service.payouts.model import LEFT
from service.payouts.moving import call_back, standing, take_step, was_told
from service.payouts.tables import Obligation, Payout


def open_obligation(session: Session, *, council_id: str, claim_id: str, now: datetime) -> Payout | None:
    """Owe what was approved, once for a claim, and lay out its payment. Safe to repeat.

    Answers None when there is nothing to pay, or the claim is no longer approved.
    """
    claim = claims.locked(session, council_id=council_id, claim_id=claim_id)
    if claim.state != "approved" or claim.total_pence == 0:
        return None
    owed = queries.obligation_of(session, council_id=council_id, claim_id=claim_id)
    if owed is None or owed.stopped_at is not None:
        divide(session, claim=claim, now=now)
    return owe(session, claim=claim, now=now)


def owe(session: Session, *, claim: Claim, now: datetime) -> Payout:
    """Owe what a locked, approved claim comes to, and lay out its payment where none stands."""
    owed = queries.obligation_of(session, council_id=claim.council_id, claim_id=claim.id)
    if owed is None:
        owed = _new(session, claim, now=now)
    elif owed.stopped_at is not None:
        owed.stopped_at, owed.fee_pence, owed.expenses_pence = None, claim.fee_pence, claim.expenses_pence
    live = queries.live(session, council_id=claim.council_id, obligation_id=owed.id)
    return live or lay_out(session, owed=owed, now=now)


def _new(session: Session, claim: Claim, *, now: datetime) -> Obligation:
    council = councils.get(session, council_id=claim.council_id)
    owed = Obligation(
        council_id=claim.council_id,
        id=ids.new("obl"),
        claim_id=claim.id,
        person_id=claim.person_id,
        fee_pence=claim.fee_pence,
        expenses_pence=claim.expenses_pence,
        cost_centre=claim.cost_code or council.cost_centre,
        pay_by=claim.pay_by,
        opened_at=now,
        stopped_at=None,
    )
    session.add(owed)
    session.flush()
    return owed


def pull_back(session: Session, *, claim: Claim, now: datetime) -> bool:
    """Call off the payment of a locked claim, which has not left. Answers whether there was one."""
    owed = queries.obligation_of(session, council_id=claim.council_id, claim_id=claim.id)
    payout = standing(session, owed=owed) if owed else None
    if payout is not None:
        take_step(session, payout=payout, verb="cancel", actor=RULE, now=now)
    if owed is not None:
        owed.stopped_at = now
        session.flush()
    return payout is not None


def divide(session: Session, *, claim: Claim, now: datetime) -> None:
    """Put off the part of the fee of a locked, agreed claim that its person put off. Safe to repeat.

    Where the rest of an earlier time has left, it is the later part, whatever was chosen since.
    """
    chosen = choosing.parts(session, claim=claim, now=now)
    later = chosen.later_pence if chosen else 0
    rest = parting.locked_rest(session, claim=claim)
    if rest is not None and has_left(session, claim=rest, now=now):
        whole = claim.fee_pence + claim.put_off_pence
        later = rest.fee_pence if rest.fee_pence < whole else 0
    if later != claim.put_off_pence:
        parting.divide(session, claim=claim, put_off_pence=later, now=now)
    fit(session, claim=claim, pence=later, now=now)


def join(session: Session, *, claim: Claim, now: datetime) -> None:
    """The whole fee of a locked claim comes at once again. Its rest must not have left."""
    fit(session, claim=claim, pence=0, now=now)
    if claim.put_off_pence:
        parting.divide(session, claim=claim, put_off_pence=0, now=now)


def fit(session: Session, *, claim: Claim, pence: int, now: datetime) -> None:
    """Make the rest of a locked claim owe so much, or nothing. One that has left stays. Safe to repeat."""
    rest = parting.locked_rest(session, claim=claim)
    stands = rest.fee_pence if rest is not None and parting.is_owed(rest) else 0
    if stands == pence or (rest is not None and has_left(session, claim=rest, now=now)):
        return
    if rest is not None:
        pull_back(session, claim=rest, now=now)
    rest = parting.size(session, claim=claim, pence=pence, now=now)
    if pence:
        owe(session, claim=rest, now=now)


def let_fall(session: Session, *, claim: Claim, now: datetime) -> None:
    """A locked claim is off as a whole: so is its rest. Left already: noted, and a person decides."""
    rest = parting.locked_rest(session, claim=claim)
    if rest is None or not parting.is_owed(rest):
        return
    if has_left(session, claim=rest, now=now):
        claims.mark_overpaid(session, council_id=rest.council_id, claim_id=rest.id, now=now)
    else:
        fit(session, claim=claim, pence=0, now=now)


def has_left(session: Session, *, claim: Claim, now: datetime) -> bool:
    """Whether the money of a locked claim has left, or another system was told to pay it."""
    payout = _standing(session, claim, now=now)
    return claim.state == "paid" or (
        payout is not None and (payout.state in LEFT or was_told(session, payout=payout))
    )


def may_be_laid_anew(session: Session, *, claim: Claim, now: datetime) -> bool:
    """Whether the payment of a locked claim may be called off and laid out with another sum."""
    payout = _standing(session, claim, now=now)
    return claim.state != "paid" and (payout is None or may_go_another_way(payout=payout))


def _standing(session: Session, claim: Claim, *, now: datetime) -> Payout | None:
    owed = queries.obligation_of(session, council_id=claim.council_id, claim_id=claim.id)
    payout = standing(session, owed=owed) if owed else None
    if payout is not None:
        call_back(session, payout=payout, now=now)
    return payout
