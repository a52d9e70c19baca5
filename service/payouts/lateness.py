"""Which money is late, for a reason that is ours? People are told so once, and not only on their page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from service import events
from service.claims import actions as claims_actions
from service.claims import queries as claims
from service.claims.model import COMING
from service.claims.tables import Claim
from service.days import london_day
from service.events import SYSTEM
from service.payouts import choosing, queries
from service.payouts.choosing import promised
from service.payouts.model import ONES_OWN_CHOICE
from service.payouts.tables import Payout

TOLD = "payment.late"
# So many claims are looked at in one transaction.
AT_ONCE = 200
# Only the person can say what happens next with money that waits for this.
THEIRS_TO_SAY = ("no_method", "not_wanted", "name_check", "onboarding", ONES_OWN_CHOICE)


def is_late(claim: Claim, paid: list[Payout], by: date | None, today: date) -> bool:
    """Whether the day `by` which it is promised is over and the money has not come, for a reason of ours."""
    if by is None or by >= today or claim.state not in COMING:
        return False
    return claim.total_pence > 0 and not (paid and waits_for_person(paid[-1]))


def promises(
    session: Session, *, council_id: str, of: Sequence[Claim], paid: Mapping[str, list[Payout]]
) -> dict[str, date | None]:
    """Claim id → the day by which its money is promised: the day that the person chose, where it is later.

    The payment says what was chosen; while there is none, the choice itself does.
    """
    unpaid = [claim for claim in of if not paid[claim.id]]
    chosen = choosing.own_days(session, council_id=council_id, of=unpaid)
    return {
        claim.id: promised(claim.pay_by, paid[claim.id][-1].own_day if paid[claim.id] else chosen[claim.id])
        for claim in of
    }


def promise(session: Session, *, claim: Claim, paid: list[Payout]) -> date | None:
    """The same for one claim."""
    found = promises(session, council_id=claim.council_id, of=[claim], paid={claim.id: paid})
    return found[claim.id]


def waits_for_person(payout: Payout) -> bool:
    """Whether only the person can say what happens next with their money."""
    return payout.state == "held" and payout.held_because in THEIRS_TO_SAY


def own_up(session: Session, *, council_id: str, after: str, now: datetime) -> str:
    """Say of money that is late that it is, once for each claim. Safe to repeat.

    Looks at some claims behind the id `after`; answers the last one, or nothing where there are no more.
    """
    today = london_day(now)
    found = claims.promised_before(session, council_id=council_id, day=today, after=after, limit=AT_ONCE)
    paid = queries.of_claims(session, council_id=council_id, claim_ids=[claim.id for claim in found])
    days = promises(session, council_id=council_id, of=found, paid=paid)
    for claim in found:
        if is_late(claim, paid[claim.id], days[claim.id], today) and not _was_told(session, claim):
            _tell(session, claim, now=now)
    return found[-1].id if len(found) == AT_ONCE else ""


def _was_told(session: Session, claim: Claim) -> bool:
    """The claim is locked first, so that two who look at once tell once."""
    claims_actions.locked(session, council_id=claim.council_id, claim_id=claim.id)
    history = events.of_claim(session, council_id=claim.council_id, claim_id=claim.id)
    return any(event.name == TOLD for event in history)


def _tell(session: Session, claim: Claim, *, now: datetime) -> None:
    events.record(
        session,
        council_id=claim.council_id,
        name=TOLD,
        subject_id=claim.id,
        claim_id=claim.id,
        person_id=claim.person_id,
        session_id=claim.session_id,
        amount_pence=claim.total_pence,
        actor=SYSTEM,
        at=now,
    )
