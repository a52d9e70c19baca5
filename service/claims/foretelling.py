"""What would a tick on the register pay? Asked before anything is saved. Writes nothing, locks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.claims import judging, queries
from service.claims.drafting import NewClaim, new_claim
from service.days import london_day
from service.sessions import queries as sessions


@dataclass(frozen=True)
class Foretold:
    """`answer`: what the policy says; None where the person chose no fee. `state`: of the claim there is."""

    answer: dict[str, Any] | None
    state: str


def by_register(
    session: Session,
    *,
    council_id: str,
    session_id: str,
    person_id: str,
    minutes: int | None,
    role: str | None,
    now: datetime,
) -> Foretold:
    """The fee of one person, were they ticked with these minutes: the planned ones where that is None.

    Raises `Invalid` where the policy cannot say, for example for want of a role.
    """
    key = {"council_id": council_id, "session_id": session_id, "person_id": person_id}
    known = sessions.facts_for(session, **key, role=role)
    there = queries.fee_claim(session, **key)
    state = there.state if there else ""
    if known.offer is not None and known.offer.accept_pence == 0:
        return Foretold(None, state)
    claim = new_claim(
        council_id=council_id,
        given=NewClaim(person_id=person_id, session_id=session_id),
        kind="attendance",
        with_fee=True,
        now=now,
    )
    occasion = sessions.get(session, council_id=council_id, session_id=session_id)
    planned = sessions.base_facts(occasion)["minutes"]
    claim.facts = known.facts | {"minutes": planned if minutes is None else minutes}
    claim.offer_id = known.offer.id if known.offer else None
    if there is not None:
        # What that claim has taken of a limit is its own: it is not counted against it a second time.
        claim.id = there.id
    return Foretold(judging.answer_for(session, claim, asked_on=london_day(now))[1], state)
