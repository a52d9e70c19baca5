"""What does a claim come to once what it rests on was corrected, after somebody had agreed it?

Nothing is sent from here: `payouts/correcting.py` compares with what was paid. Never commits, calls no task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import events, ids
from service.claims import actions, cancelling, judging, queries
from service.claims.comparing import PARTS
from service.claims.drafting import NewClaim, new_claim
from service.claims.model import ADVANCE, AGREED, DIFFERENCE, NOTICE, ON_TOP, OPEN
from service.claims.tables import Claim, ClaimAssessment, Correction
from service.days import london_day
from service.errors import Fault, Invalid
from service.events import RULE, Actor
from service.policy import queries as policies
from service.policy.figures import of_this_policy
from service.sessions import queries as sessions

Sums = dict[str, int]


@dataclass(frozen=True)
class Wish:
    """What a claim should rest on. `asked_by`, `event_id`: who said so, and the event with their reason."""

    because: str
    attended: bool
    facts: dict[str, Any]
    expenses: list[dict[str, Any]]
    asked_by: str
    event_id: int | None = None

    def same_as(self, other: Wish) -> bool:
        """Whether the same is asked of the policy."""
        mine = (self.attended, self.facts, self.expenses)
        return mine == (other.attended, other.facts, other.expenses)


@dataclass(frozen=True)
class Judged:
    """What one version said to the corrected facts."""

    policy_id: str
    asked: dict[str, Any]
    answer: dict[str, Any]


def ask(
    session: Session,
    *,
    council_id: str,
    claim_id: str,
    expenses: tuple[dict[str, Any], ...],
    reason: str,
    actor: Actor,
    now: datetime,
) -> Correction:
    """Ask for the costs of an agreed claim to be put right, with a reason. What follows is worked out later.

    Raises `ClaimHasMoved` when nobody has agreed the claim yet, or it comes on top of another; `Invalid` for
    an empty reason, and for costs that the policy cannot read.
    """
    claim = actions.locked(session, council_id=council_id, claim_id=claim_id)
    faults = []
    if not reason.strip():
        faults.append(Fault("/reason", "Say why it should be put right"))
    if not expenses and not claim.with_fee:
        faults.append(Fault("/expenses", "Give every cost as it should be. For nothing spent, say 0"))
    if faults:
        raise Invalid("The correction needs another look.", errors=tuple(faults))
    if claim.kind in ON_TOP:
        raise actions.ClaimHasMoved("This comes on top of another claim. Correct that one.")
    if claim.state not in AGREED:
        raise actions.ClaimHasMoved("Nobody has agreed this claim yet. Change the claim itself.")
    standing = stands(session, claim)
    because = "spent" if claim.kind == ADVANCE else "asked"
    wish = Wish(because, standing.attended, standing.facts, list(expenses), str(actor))
    work_out(session, claim, wish, stored=[_stored(session, claim)])
    event = events.record(
        session,
        council_id=council_id,
        name="claim.correction_asked",
        subject_id=claim.id,
        claim_id=claim.id,
        person_id=claim.person_id,
        session_id=claim.session_id,
        actor=actor,
        at=now,
        words=reason.strip(),
    )
    return wait(session, claim, replace_event(wish, event.id), now=now)


def replace_event(wish: Wish, event_id: int) -> Wish:
    """The same wish, with the event that holds its reason."""
    return Wish(wish.because, wish.attended, wish.facts, wish.expenses, wish.asked_by, event_id)


def stands(session: Session, claim: Claim) -> Wish:
    """What a claim rests on now: its last correction, or itself."""
    last = queries.last_correction(session, claim=claim)
    if last is None:
        return Wish("register", True, claim.facts, claim.expenses, str(RULE))
    return Wish(last.because, last.attended, last.facts, last.expenses, last.asked_by, last.event_id)


def wanted(session: Session, claim: Claim) -> Wish:
    """What a claim should rest on: what the register says now, and the costs as somebody asked last."""
    waiting = queries.waiting_correction(session, claim=claim)
    base = stands(session, claim)
    if waiting is not None and waiting.because in ("asked", "spent"):
        base = Wish(
            waiting.because,
            base.attended,
            base.facts,
            waiting.expenses,
            waiting.asked_by,
            waiting.event_id,
        )
    if claim.kind != "attendance" or claim.session_id is None:
        return base
    key = {"council_id": claim.council_id, "session_id": claim.session_id, "person_id": claim.person_id}
    known = sessions.facts_for(session, **key)
    tick = sessions.attendance(session, **key)
    if tick is not None and not known.attended:
        due = claim.facts if was_cancelled(claim) else cancelling.facts_due(session, claim=claim)
        if due is not None:
            # They had not come: what was due for the cancelled place is still due.
            return Wish("register", True, due, claim.expenses, tick.ticked_by)
    if tick is None or (known.attended, known.facts) == (base.attended, base.facts):
        return base
    facts = known.facts if known.attended else base.facts
    if base.because in ("asked", "spent") and waiting is not None:
        return Wish(base.because, known.attended, facts, base.expenses, base.asked_by, base.event_id)
    return Wish("register", known.attended, facts, base.expenses, tick.ticked_by)


def work_out(session: Session, claim: Claim, wish: Wish, *, stored: Sequence[ClaimAssessment]) -> Judged:
    """What the versions that have judged this claim say to the corrected facts: the one that pays most.

    Each is asked as it was asked then (the day of the claim, the counters), with the corrected facts. Who
    came although their place was cancelled is judged by the versions of their new yes too, as they said it.
    """
    asking = [(row.policy_id, row.facts) for row in stored]
    said: dict[str, Any] = {}
    if came := was_cancelled(claim) and NOTICE not in wish.facts:
        offer = None
        if claim.offer_id:
            offer = sessions.offer(session, council_id=claim.council_id, offer_id=claim.offer_id)
            said = judging.said_with_yes(offer)
        on = date.fromisoformat(str(wish.facts["on"]))
        newer = judging.versions(session, council_id=claim.council_id, on=on, offer=offer)
        asking += [(judge.id, stored[0].facts) for judge in newer]
    left = {"expenses", *claim.facts, *(("accept_pence", "give_to") if came else ())}
    found = []
    for policy_id, facts in asking:
        judge = policies.by_id(session, council_id=claim.council_id, policy_id=policy_id)
        kept = {k: v for k, v in facts.items() if k not in left}
        asked = {**kept, **said, **wish.facts, **({"expenses": wish.expenses} if wish.expenses else {})}
        asked = dict(of_this_policy(asked, judge.policy))
        found.append(Judged(judge.id, asked, judge.assess(asked)))
    return max(found, key=lambda one: int(one.answer["total_pence"]))


def was_cancelled(claim: Claim) -> bool:
    """Whether a claim was agreed for a cancelled place, before its person came after all."""
    return claim.kind == "attendance" and NOTICE in claim.facts


def judged_by(session: Session, claim: Claim) -> list[ClaimAssessment]:
    """The answers that a claim rests on: its own, and those of what was agreed on top of it."""
    agreed = [
        one
        for one in queries.top_ups(session, council_id=claim.council_id, claim_id=claim.id)
        if one.state in AGREED
    ]
    return [_stored(session, one) for one in (claim, *agreed)]


def _stored(session: Session, claim: Claim) -> ClaimAssessment:
    return queries.assessment(session, council_id=claim.council_id, claim_id=claim.id)


def wait(session: Session, claim: Claim, wish: Wish, *, now: datetime) -> Correction:
    """Note a wish that has to wait. A wish that waits already gives way to it."""
    waiting = queries.waiting_correction(session, claim=claim)
    if waiting is not None and _wish_of(waiting) == wish:
        return waiting
    if waiting is not None:
        waiting.state = "replaced"
        session.flush()
    return _add(session, claim, wish, state="waiting", now=now)


def _wish_of(row: Correction) -> Wish:
    return Wish(row.because, row.attended, row.facts, row.expenses, row.asked_by, row.event_id)


def give_up(session: Session, claim: Claim) -> None:
    """Nothing is to be corrected any more: a wish that waits is replaced."""
    waiting = queries.waiting_correction(session, claim=claim)
    if waiting is not None:
        waiting.state = "replaced"
        session.flush()


def apply(
    session: Session,
    claim: Claim,
    wish: Wish,
    *,
    judged: Judged | None,
    paid: Sums,
    right: Sums,
    now: datetime,
) -> Correction:
    """Keep a correction for good: what it rests on, what the policy says, what was paid and what is right."""
    row = queries.waiting_correction(session, claim=claim)
    if row is None or _wish_of(row) != wish:
        give_up(session, claim)
        row = _add(session, claim, wish, state="applied", now=now)
    row.state, row.applied_at = "applied", now
    row.sums = {part: {"before_pence": paid[part], "after_pence": right[part]} for part in PARTS}
    if judged is not None:
        row.policy_id, row.asked, row.answer = judged.policy_id, judged.asked, judged.answer
    session.flush()
    actions.tell(
        session,
        claim=claim,
        name="claim.corrected",
        now=now,
        pence=sum(right.values()),
        refs={"number": row.number, "because": row.because},
    )
    return row


def _add(session: Session, claim: Claim, wish: Wish, *, state: str, now: datetime) -> Correction:
    key = {"council_id": claim.council_id, "claim_id": claim.id}
    query = select(func.max(Correction.number)).where(
        Correction.council_id == claim.council_id, Correction.claim_id == claim.id
    )
    row = Correction(
        **key,
        id=ids.new("cor"),
        number=(session.scalar(query) or 0) + 1,
        because=wish.because,
        state=state,
        attended=wish.attended,
        facts=wish.facts,
        expenses=wish.expenses,
        asked_by=wish.asked_by,
        event_id=wish.event_id,
        made_at=now,
    )
    session.add(row)
    session.flush()
    return row


def owe_difference(
    session: Session, claim: Claim, row: Correction, *, need: Sums, judged: Judged, now: datetime
) -> Claim:
    """The claim for what is right and was not paid yet. It goes through approval as the policy says."""
    given = NewClaim(person_id=claim.person_id, session_id=claim.session_id, facts=row.facts)
    more = new_claim(council_id=claim.council_id, given=given, kind=DIFFERENCE, with_fee=False, now=now)
    more.offer_id, more.cost_code = claim.offer_id, claim.cost_code
    more.fee_pence, more.expenses_pence = need["fee"], need["expense"]
    more.corrects_id, more.correction_number = claim.id, row.number
    sums: Mapping[str, Mapping[str, int]] = row.sums or {}
    more.difference = {
        part: {
            "before_pence": sums[part]["after_pence"] - need[part],
            "after_pence": sums[part]["after_pence"],
        }
        for part in PARTS
        if need[part]
    }
    session.add(more)
    session.flush()
    judging.store(session, more, judged.asked, judged.answer, now=now)
    kind, _, who = row.asked_by.partition(":")
    asker = RULE if row.because in ("register", "followed") else Actor(kind, who)
    key = {"council_id": claim.council_id, "claim_id": more.id}
    actions.move(session, **key, verb="submit", actor=asker, now=now, refs={"corrects": claim.id})
    more.pay_by = judging.promised(session, more, on=london_day(now))
    session.flush()
    return more


def drop_difference(session: Session, more: Claim, *, now: datetime) -> None:
    """A later correction holds what an open difference was for."""
    if more.state in OPEN:
        actions.move(
            session,
            council_id=more.council_id,
            claim_id=more.id,
            verb="withdraw",
            actor=RULE,
            now=now,
        )
