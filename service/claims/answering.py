"""How is a cost met that a person asked for before the day? Booked or handed over, and they are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from service.claims import advancing
from service.claims.advancing import Before
from service.claims.tables import BookedCost, Claim
from service.errors import Conflict
from service.events import Actor
from service.sessions import asking
from service.sessions.model import COST
from service.sessions.moving import AskIsOver, move_ask
from service.sessions.tables import OfferAsk

HOW: dict[str, Callable[..., BookedCost | Claim]] = {
    "book": advancing.book,
    "hand_over": advancing.hand_over,
}


def meet(
    session: Session,
    *,
    council_id: str,
    ask_id: str,
    how: str,
    amount_pence: int,
    words: str,
    actor: Actor,
    now: datetime,
) -> OfferAsk:
    """Book the cost, or ask that money be handed over for it (`how`: book, hand_over). They read `words`.

    Money handed over still needs somebody's yes. Raises `AskIsOver` where it has its answer, and what
    `advancing` raises; then nothing was done.
    """
    row = asking.locked_ask(session, council_id=council_id, ask_id=ask_id)
    if row.kind != COST:
        raise Conflict("This is a question. Answer it in words.")
    if row.state != "waiting":
        raise AskIsOver("Somebody has answered this already. Read their answer first.")
    given = Before(row.person_id, row.session_id, row.category or "", amount_pence, words)
    done = HOW[how](session, council_id=council_id, given=given, actor=actor, now=now)
    move_ask(
        session,
        row,
        verb=how,
        actor=actor,
        now=now,
        words=words.strip(),
        met_pence=amount_pence,
        result_id=done.id,
    )
    return row
