"""What was worked out and why, in somebody's own words? From the stored answer and the policy that judged."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from service.approvals import queries as approvals
from service.claims import queries as claims
from service.claims.tables import Claim
from service.events import Event
from service.policy import queries as policies
from service.policy.explanation import explain
from service.sessions import queries as sessions


def paragraphs(session: Session, *, council_id: str, answer: dict[str, Any], words: str) -> list[str]:
    """The reasons, by paragraph. `words`: `en`, `cy` or `easy`."""
    if words == "en":
        return explain(answer)
    judge = policies.by_id(session, council_id=council_id, policy_id=answer["policy"]["id"])
    return explain(answer, form=words, policy=judge.policy)


def agreed(session: Session, *, claim: Claim) -> dict[str, Any]:
    """The answer as it was agreed: of a fee in two parts both, but of the later part itself only that."""
    found = approvals.answer if claim.rest_of_id else approvals.whole_answer
    return found(session, council_id=claim.council_id, claim=claim)


def of_event(session: Session, event: Event, *, words: str) -> str:
    """The reasons that belong to what happened: an offer's, or a claim's as it stands."""
    key = {"council_id": event.council_id}
    if event.name.startswith("offer."):
        answer = sessions.offer(session, **key, offer_id=event.subject_id).assessment
    else:
        claim = claims.get(session, **key, claim_id=event.claim_id or "")
        answer = agreed(session, claim=claim)
    return "\n".join(paragraphs(session, **key, answer=answer, words=words))
