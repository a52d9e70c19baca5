"""What somebody told staff on the phone or on paper: who wrote the claim down, and does the person agree?

Whoever enters a claim made it, so they never approve it (`approvals/model.py`). The person is told, and may
say that it is wrong: a claim that nobody has agreed yet is then taken back; of any other, staff are told.
Never commits, never calls a task.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service import events
from service.claims import actions, queries
from service.claims.drafting import NewClaim
from service.claims.model import OPEN
from service.claims.tables import Claim
from service.errors import Conflict, one_fault
from service.events import Actor, Event

# How it was told → in words that end a sentence.
HOW = {"phone": "on the phone", "paper": "on paper", "in_person": "in person"}


class NotEntered(Conflict):
    """The person made this claim themselves."""

    title = "Nobody entered this claim for you"


def enter(
    session: Session,
    *,
    council_id: str,
    given: NewClaim,
    how: str,
    actor: Actor,
    now: datetime,
    words: str = "",
) -> Claim:
    """Send a claim for somebody. `words`: what else they said. Raises as `submit`, `Invalid` for `how`."""
    if how not in HOW:
        raise one_fault("/how", "Choose how they told you")
    claim = actions.submit(session, council_id=council_id, given=given, actor=actor, now=now)
    events.record(
        session,
        council_id=council_id,
        name="claim.entered",
        subject_id=claim.id,
        claim_id=claim.id,
        person_id=claim.person_id,
        session_id=claim.session_id,
        amount_pence=claim.total_pence,
        actor=actor,
        at=now,
        refs={"how": how},
        words=words.strip() or None,
    )
    return claim


def entered(session: Session, *, council_id: str, claim_id: str) -> Event | None:
    """Who entered a claim for the person, when and how; None where they made it themselves."""
    told = events.of_claim(session, council_id=council_id, claim_id=claim_id)
    return next((event for event in told if event.name == "claim.entered"), None)


def say_wrong(
    session: Session, *, council_id: str, claim_id: str, words: str, actor: Actor, now: datetime
) -> Claim:
    """The person says that a claim which staff entered is wrong. Safe to repeat with the same words.

    Nobody has agreed it yet: it is taken back. Raises `Invalid`, `NotEntered`.
    """
    claim = actions.locked(session, council_id=council_id, claim_id=claim_id)
    if entered(session, council_id=council_id, claim_id=claim_id) is None:
        raise NotEntered("You sent this claim yourself. You can change it or take it back on its page.")
    if not words.strip():
        raise one_fault("/words", "Say in a few words what is wrong")
    if _said(session, claim) == words.strip():
        return claim
    events.record(
        session,
        council_id=council_id,
        name="claim.said_wrong",
        subject_id=claim.id,
        claim_id=claim.id,
        person_id=claim.person_id,
        session_id=claim.session_id,
        actor=actor,
        at=now,
        words=words.strip(),
    )
    if claim.state in OPEN:
        actions.withdraw(session, council_id=council_id, claim_id=claim_id, actor=actor, now=now)
    return queries.get(session, council_id=council_id, claim_id=claim_id)


def _said(session: Session, claim: Claim) -> str:
    """What the person last said was wrong."""
    told = events.of_claim(session, council_id=claim.council_id, claim_id=claim.id)
    mine = [event.id for event in told if event.name == "claim.said_wrong"]
    words = events.words_of(session, council_id=claim.council_id, event_ids=mine)
    return words.get(mine[-1], "") if mine else ""
