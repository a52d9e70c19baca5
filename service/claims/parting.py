"""How does an agreed fee become two parts, each a claim of its own, and one again? Never commits.

What its person put off to a later day is the claim's `rest`: it rests on the same answer and the same yes, so
nobody agrees to it again. The two come to what was agreed, to the penny. A claim has one rest at most, which
comes back when it is put off anew. When the parts are paid is the payouts room's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.claims import actions, booking
from service.claims.drafting import NewClaim, new_claim
from service.claims.model import REST
from service.claims.tables import Claim
from service.events import RULE


def locked_rest(session: Session, *, claim: Claim) -> Claim | None:
    """The later part of a claim, in whatever state, locked after the claim's own row."""
    return next(iter(actions.locked_rests(session, claim=claim)), None)


def divide(session: Session, *, claim: Claim, put_off_pence: int, now: datetime) -> None:
    """So much of the fee of a locked, agreed claim comes later, and not with it. Nothing: all of it does."""
    claim.fee_pence += claim.put_off_pence - put_off_pence
    claim.put_off_pence, claim.changed_at = put_off_pence, now
    session.flush()
    booking.accrue(session, claim, now=now)


def size(session: Session, *, claim: Claim, pence: int, now: datetime) -> Claim:
    """Make the rest of a locked claim come to so much. The rest must be locked, and its money not have left.

    Nothing: there is no rest any more.
    """
    rest = locked_rest(session, claim=claim) or _new(session, claim, now=now)
    key: dict[str, Any] = {"council_id": rest.council_id, "claim_id": rest.id}
    if not pence:
        return actions.move(session, **key, verb="take_in", actor=RULE, now=now) if is_owed(rest) else rest
    rest.fee_pence, rest.changed_at = pence, now
    rest.assessment_id, rest.decided_lines, rest.pay_by = (
        claim.assessment_id,
        claim.decided_lines,
        claim.pay_by,
    )
    session.flush()
    if not is_owed(rest):
        return actions.move(session, **key, verb="put_off", actor=RULE, now=now, refs={"rest_of": claim.id})
    booking.accrue(session, rest, now=now)
    return rest


def is_owed(rest: Claim) -> bool:
    """Whether the rest stands as agreed and not paid."""
    return rest.state == "approved"


def _new(session: Session, claim: Claim, *, now: datetime) -> Claim:
    given = NewClaim(person_id=claim.person_id, session_id=claim.session_id, facts=claim.facts)
    rest = new_claim(council_id=claim.council_id, given=given, kind=REST, with_fee=False, now=now)
    rest.rest_of_id, rest.offer_id, rest.cost_code = claim.id, claim.offer_id, claim.cost_code
    session.add(rest)
    session.flush()
    return rest
