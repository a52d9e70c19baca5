"""A claim was agreed, but not all of it: who does not agree with the rest, and what did another look say?

What was agreed is paid meanwhile, and nothing here moves money. Where a cost was written down wrongly, it is
put right in the ordinary way (`claims/correcting.py`): nothing is paid twice. Never commits, calls no task.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import events, ids
from service.approvals import queries
from service.approvals.model import Decider, may_be_the_same
from service.approvals.tables import Decision
from service.claims import actions as claims
from service.claims import queries as claim_queries
from service.claims.model import AGREED
from service.claims.tables import Claim
from service.errors import Conflict, Forbidden, one_fault
from service.events import Actor

ASKED, LOOKED = "disagreed", "looked_again"


class MayNotAnswer(Forbidden):
    """Somebody else has to look."""

    title = "Somebody else looks at this"


def less_paid(answer: Mapping[str, Any]) -> list[int]:
    """The lines of an agreed answer that pay nothing, or less than was asked for, by their number.

    A fee that the person chose not to take is none of them.
    """
    none_wanted = answer["facts"].get("accept_pence") == 0
    return [
        number
        for number, line in enumerate(answer["lines"])
        if _is_less(line) and not (none_wanted and line["kind"] == "fee")
    ]


def _is_less(line: Mapping[str, Any]) -> bool:
    if line["outcome"] == "not_payable":
        return True
    claimed = line.get("claimed_pence")
    if claimed is None:
        return any(reason["rule"] == "decided" for reason in line["reasons"])
    return bool(line["amount_pence"] < claimed)


def may_disagree(session: Session, *, claim: Claim) -> list[int]:
    """The lines with which the person may disagree, while no other look at them waits."""
    if claim.state not in AGREED or waits(session, claim=claim):
        return []
    return less_paid(queries.answer(session, council_id=claim.council_id, claim=claim))


def waits(session: Session, *, claim: Claim) -> bool:
    """Whether somebody has still to look at an agreed claim again."""
    rows = queries.decisions(session, council_id=claim.council_id, claim_id=claim.id)
    last = next((row.kind for row in reversed(rows) if row.kind in (ASKED, LOOKED)), None)
    return last == ASKED and claim.state in AGREED


def waiting(session: Session, *, council_id: str) -> set[str]:
    """Every claim at which somebody has still to look again, if it is an agreed one."""
    query = select(Decision.claim_id, Decision.kind).where(
        Decision.council_id == council_id, Decision.kind.in_((ASKED, LOOKED))
    )
    last = {row.claim_id: row.kind for row in session.execute(query.order_by(Decision.id))}
    return {claim_id for claim_id, kind in last.items() if kind == ASKED}


def disagree(session: Session, *, claim: Claim, actor: Actor, words: str, now: datetime) -> Claim:
    """The person of a locked, agreed claim wants another look at the rest. Asked twice is asked once.

    Raises `ClaimHasMoved` where all that was asked for was agreed.
    """
    if waits(session, claim=claim):
        return claim
    if not may_disagree(session, claim=claim):
        raise claims.ClaimHasMoved("All that you asked for was agreed. Look at your claim again.")
    _note(session, claim, ASKED, Decider(actor.kind, actor.id), now=now)
    _tell(session, claim, "claim.look_again_asked", actor, words=words.strip(), now=now)
    return claim


def answer(
    session: Session, *, council_id: str, claim_id: str, decider: Decider, words: str, now: datetime
) -> Claim:
    """Somebody has looked again, and says in words what they found. The claim stays as it is.

    Raises `Invalid` for no words, `MayNotAnswer` for whoever should not look, `Conflict` where nobody waits.
    """
    claim = claims.locked(session, council_id=council_id, claim_id=claim_id)
    if not waits(session, claim=claim):
        raise Conflict("Nobody waits for another look at this claim. Read it again first.")
    if found := in_the_way(session, claim=claim, decider=decider):
        raise MayNotAnswer(found[0])
    if not words.strip():
        raise one_fault("/answer", "Write what you found, in words for the person who asked")
    _note(session, claim, LOOKED, decider, now=now)
    _tell(session, claim, "claim.looked_again", Actor(decider.kind, decider.id), words=words.strip(), now=now)
    return claim


def in_the_way(session: Session, *, claim: Claim, decider: Decider) -> list[str]:
    """Why somebody should not be the one who looks again; empty where nothing speaks against it."""
    key = {"council_id": claim.council_id, "claim_id": claim.id}
    if decider.kind == "person" and decider.id == claim.person_id:
        return ["This is your own claim. Somebody else must look."]
    if (decider.kind, decider.id) in {(who.kind, who.id) for who in claim_queries.makers(session, **key)}:
        return ["You made or changed this claim. Somebody else must look."]
    agreed = queries.hands(session, council_id=claim.council_id, claim_ids=[claim.id])
    if not any(may_be_the_same(who, decider.same_as) for who in agreed):
        return []
    found = replace(queries.matter(session, **key, decider=decider), refused_by=tuple(agreed))
    if queries.somebody_else(session, claim=claim, found=found):
        return ["You decided this before. Somebody else looks at it now."]
    return []


def _note(session: Session, claim: Claim, kind: str, who: Decider, *, now: datetime) -> None:
    session.add(
        Decision(
            council_id=claim.council_id,
            id=ids.new("dec"),
            claim_id=claim.id,
            claim_version=claim.version,
            kind=kind,
            role="",
            decider_kind=who.kind,
            decider_id=who.id,
            decider_by=who.by.strip(),
            clause=None,
            sums=[],
            decided_at=now,
        )
    )
    session.flush()


def _tell(session: Session, claim: Claim, name: str, actor: Actor, *, words: str, now: datetime) -> None:
    events.record(
        session,
        council_id=claim.council_id,
        name=name,
        subject_id=claim.id,
        claim_id=claim.id,
        person_id=claim.person_id,
        session_id=claim.session_id,
        actor=actor,
        at=now,
        refs={"version": claim.version},
        words=words or None,
    )
