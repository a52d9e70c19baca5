"""May this person release it? Above a limit a second person does, who neither agreed to it nor opened it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from service.approvals import queries as approvals
from service.approvals.model import may_be_the_same
from service.claims import queries as claims
from service.councils import queries as councils
from service.councils.model import scopes_of
from service.errors import Conflict
from service.payouts.holdbook import Hand

# Claims looked at in one question.
CHUNK = 1000


class SecondPersonNeeded(Conflict):
    """Whoever asks has had a hand in it already. It waits."""

    title = "A second person must release this"


def require_another(
    session: Session, *, council_id: str, claim_ids: Sequence[str], opened: Hand | None, hand: Hand
) -> None:
    """Raises `SecondPersonNeeded` when this may be who opened it, or who agreed to one of its claims.

    Of a single claim it is also nobody who made it.
    """
    asks = who(hand)
    if opened is not None and may_be_the_same(who(opened), asks):
        raise SecondPersonNeeded(
            f"You opened this, so somebody else has to release it. {_whoever(session, hand)}"
        )
    for start in range(0, len(claim_ids), CHUNK):
        chunk = claims.agreed_as(
            session, council_id=council_id, claim_ids=list(claim_ids[start : start + CHUNK])
        )
        decided = approvals.hands(session, council_id=council_id, claim_ids=chunk)
        if len(claim_ids) == 1:
            makers = claims.makers(session, council_id=council_id, claim_id=chunk[0])
            decided |= {(maker.kind, maker.id, "") for maker in makers}
        if any(may_be_the_same(one, asks) for one in decided):
            raise SecondPersonNeeded(
                "You had a hand in a claim of this, so somebody else has to release it."
                f" {_whoever(session, hand)}"
            )


def who(hand: Hand) -> tuple[str, str, str]:
    """As decisions name people: kind, id, and whom a key named."""
    return hand.actor.kind, hand.actor.id, hand.by.strip().lower()


def _whoever(session: Session, hand: Hand) -> str:
    """Who could, so that a council with one member of staff learns why it waits."""
    council_id = session.info["council_id"]
    others = [
        member
        for member in councils.staff(session, council_id=council_id)
        if member.id != hand.actor.id and "payments:hold" in scopes_of(tuple(member.roles))
    ]
    if others:
        return f"Ask {others[0].name}." if len(others) == 1 else f"Ask {others[0].name} or {others[1].name}."
    return "Nobody else here may do it yet. It waits until a colleague has the role Finance."
