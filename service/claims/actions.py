"""Verbs about claims. Never commit, never call a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from service import events
from service.allowances import actions as allowances
from service.claims import booking, judging, queries
from service.claims.drafting import NewClaim, draft, new_claim, take_turns
from service.claims.model import AGREED, ALLOWANCES, CANCELLATION, ON_TOP, OPEN, TRANSITIONS
from service.claims.tables import Claim
from service.days import london_day
from service.errors import Conflict, Moved, one_fault
from service.events import RULE, Actor
from service.ledger import actions as ledger
from service.sessions import queries as sessions


class ClaimHasMoved(Conflict):
    """The claim is no longer in a state where that can be done."""

    title = "This claim can no longer be changed that way"


def submit(session: Session, *, council_id: str, given: NewClaim, actor: Actor, now: datetime) -> Claim:
    """Ask for money: a new claim, assessed at once. Raises `Invalid`, or `Conflict` for a second fee."""
    claim = draft(session, council_id=council_id, given=given, actor=actor, now=now)
    session.add(claim)
    session.flush()
    judging.assess(session, claim, now=now)
    _move(session, claim, verb="submit", actor=actor, now=now)
    return claim


def preview(
    session: Session, *, council_id: str, given: NewClaim, actor: Actor, now: datetime
) -> dict[str, Any]:
    """The assessment that `submit` would store, with nothing stored."""
    return judging.answer_for(
        session,
        draft(session, council_id=council_id, given=given, actor=actor, now=now),
        asked_on=london_day(now),
    )[1]


def follow_register(
    session: Session, *, council_id: str, session_id: str, person_id: str, now: datetime
) -> Claim | None:
    """Make the fee claim of one person say what the register says now. Safe to repeat, in any order.

    Ticked: the claim is raised, brought back, or worked out again while nobody has agreed it. Un-ticked: not
    yet approved → withdrawn; approved → stopped; already paid → recorded as overpaid, and a person decides.
    """
    take_turns(session, council_id=council_id, session_id=session_id, person_id=person_id)
    tick = sessions.attendance(session, council_id=council_id, session_id=session_id, person_id=person_id)
    claim = queries.fee_claim(session, council_id=council_id, session_id=session_id, person_id=person_id)
    if claim is not None:
        claim = locked(session, council_id=council_id, claim_id=claim.id)
    if tick is None or not tick.attended:
        return _untick(session, claim, now=now) if claim else None
    known = sessions.facts_for(session, council_id=council_id, session_id=session_id, person_id=person_id)
    if claim is None:
        return _raise(session, council_id, session_id, person_id, known, now=now)
    for one in (claim, *locked_rests(session, claim=claim)):
        if one.overpaid_pence:
            _note_overpaid(session, one, pence=0, now=now)
    if claim.state in AGREED:
        _bring_back_top_ups(session, claim, now=now)
    after_all = claim.kind == CANCELLATION
    if after_all:
        _came_after_all(session, claim, known, now=now)
    if claim.kind != "attendance" or (
        claim.state != "withdrawn" and queries.rests_on(session, claim=claim) == known.facts
    ):
        return claim
    if claim.state in (*OPEN, "withdrawn") or (after_all and claim.state == "refused"):
        claim.facts, claim.offer_id = known.facts, known.offer.id if known.offer else None
        return work_out_again(session, claim=claim, actor=RULE, now=now)
    tell(session, claim=claim, name="claim.register_differs", now=now)
    return claim


def _came_after_all(session: Session, claim: Claim, known: sessions.Attended, *, now: datetime) -> None:
    """Their place had been cancelled. What was agreed for that is part of their fee, whose rest is owed."""
    claim.kind = "attendance"
    if claim.state in AGREED:
        claim.offer_id = known.offer.id if known.offer else None
        if known.offer is not None:
            judging.take_place(session, claim, known.offer, now=now)
            ledger.release(session, council_id=claim.council_id, offer_ids=[known.offer.id], at=now)


def _raise(
    session: Session,
    council_id: str,
    session_id: str,
    person_id: str,
    known: sessions.Attended,
    *,
    now: datetime,
) -> Claim | None:
    claim = new_claim(
        council_id=council_id,
        given=NewClaim(person_id=person_id, session_id=session_id),
        kind="attendance",
        with_fee=True,
        now=now,
    )
    occasion = sessions.get(session, council_id=council_id, session_id=session_id)
    claim.facts, claim.cost_code = known.facts, occasion.cost_code
    claim.offer_id = known.offer.id if known.offer else None
    if known.offer is not None and known.offer.for_nothing and not _pays_by_now(session, claim, known, now):
        return None  # They knew there was no fee, or chose none: nothing to claim, and nothing to refuse.
    return enter(session, claim=claim, now=now)


def _pays_by_now(session: Session, claim: Claim, known: sessions.Attended, now: datetime) -> bool:
    """An allowance that was taken up when they said yes may have come free since."""
    if known.offer is None or known.offer.accept_pence == 0 or "uses" not in known.offer.assessment:
        return False
    return bool(judging.answer_for(session, claim, asked_on=london_day(now))[1]["outcome"] != "not_payable")


def enter(session: Session, *, claim: Claim, now: datetime) -> Claim:
    """A claim that nobody had to make: stored, worked out and on its way."""
    session.add(claim)
    session.flush()
    judging.assess(session, claim, now=now)
    _move(session, claim, verb="submit", actor=RULE, now=now)
    return claim


def _untick(session: Session, claim: Claim, *, now: datetime) -> Claim:
    if claim.kind == "attendance":
        for one in (claim, *locked_top_ups(session, claim=claim), *locked_differences(session, claim=claim)):
            undo(session, claim=one, now=now)
    return claim


def undo(session: Session, *, claim: Claim, now: datetime) -> None:
    """What a locked claim rests on is gone: it is withdrawn, stopped, or noted as paid too much."""
    if claim.state in (*OPEN, "draft"):
        _move(session, claim, verb="withdraw", actor=RULE, now=now)
    elif claim.state == "approved":
        # The payouts room answers: it cancels what has not left, or notes the claim as overpaid.
        tell(session, claim=claim, name="claim.stop_asked", now=now)
    elif claim.state == "paid" and not claim.overpaid_pence:
        _note_overpaid(session, claim, pence=claim.total_pence, now=now)


def locked_top_ups(session: Session, *, claim: Claim) -> list[Claim]:
    """What was offered on top of a claim, each row locked after the claim's own."""
    found = queries.top_ups(session, council_id=claim.council_id, claim_id=claim.id)
    return [locked(session, council_id=one.council_id, claim_id=one.id) for one in found]


def locked_differences(session: Session, *, claim: Claim) -> list[Claim]:
    """What corrections of a claim came to more, each row locked after the claim's own."""
    found = queries.differences(session, council_id=claim.council_id, claim_id=claim.id)
    return [locked(session, council_id=one.council_id, claim_id=one.id) for one in found]


def locked_rests(session: Session, *, claim: Claim) -> list[Claim]:
    """The part of a claim's fee that was put off, if there ever was one, locked after the claim's own row."""
    found = queries.rest_of(session, council_id=claim.council_id, claim_id=claim.id)
    return [locked(session, council_id=found.council_id, claim_id=found.id)] if found else []


def _bring_back_top_ups(session: Session, claim: Claim, *, now: datetime) -> None:
    """A slip of the register was put right: what was offered on top of the claim is offered again."""
    for one in locked_top_ups(session, claim=claim):
        if queries.is_left_behind(session, claim=one):
            continue
        if one.overpaid_pence:
            _note_overpaid(session, one, pence=0, now=now)
        if one.state == "withdrawn" and queries.withdrawn_by(session, claim=one) == RULE:
            _move(session, one, verb="offer_again", actor=RULE, now=now)


def tell(
    session: Session,
    *,
    claim: Claim,
    name: str,
    now: datetime,
    refs: dict[str, Any] | None = None,
    pence: int | None = None,
) -> None:
    """Write down something that the rule did, or saw, about a claim whose state stays as it is."""
    events.record(
        session,
        council_id=claim.council_id,
        name=name,
        subject_id=claim.id,
        claim_id=claim.id,
        person_id=claim.person_id,
        session_id=claim.session_id,
        amount_pence=claim.total_pence if pence is None else pence,
        actor=RULE,
        at=now,
        refs=refs,
    )


def _note_overpaid(session: Session, claim: Claim, *, pence: int, now: datetime) -> None:
    claim.overpaid_pence, claim.changed_at = pence, now
    tell(session, claim=claim, name="claim.overpaid" if pence else "claim.not_overpaid", now=now, pence=pence)


def mark_overpaid(session: Session, *, council_id: str, claim_id: str, now: datetime) -> Claim:
    """Record that money left for somebody who is no longer on the register. A person decides what follows."""
    claim = locked(session, council_id=council_id, claim_id=claim_id)
    if not claim.overpaid_pence:
        _note_overpaid(session, claim, pence=claim.total_pence, now=now)
        _withdraw_offers_on_top(session, claim, now=now)
    return claim


def clear_overpaid(session: Session, *, council_id: str, claim_id: str, now: datetime) -> Claim:
    """Record that nothing is overpaid any more. Safe to repeat."""
    claim = locked(session, council_id=council_id, claim_id=claim_id)
    if claim.overpaid_pence:
        _note_overpaid(session, claim, pence=0, now=now)
    return claim


def edit(
    session: Session,
    *,
    council_id: str,
    claim_id: str,
    expenses: tuple[dict[str, Any], ...],
    seen: str,
    actor: Actor,
    now: datetime,
) -> Claim:
    """Change what is asked for, until somebody has agreed it. Raises `Moved`, `ClaimHasMoved`, `Invalid`."""
    claim = locked(session, council_id=council_id, claim_id=claim_id)
    require_seen(claim=claim, seen=seen)
    if claim.kind in ON_TOP:
        raise ClaimHasMoved("This comes on top of another claim. Say yes or no to it, as it is.")
    if expenses and claim.with_fee and _given_away(session, claim):
        raise one_fault("/expenses", "This fee is given away. Ask for the costs in a claim of their own.")
    claim.expenses = list(expenses)
    return work_out_again(session, claim=claim, actor=actor, now=now)


def _given_away(session: Session, claim: Claim) -> bool:
    if claim.offer_id is None:
        return False
    return bool(sessions.offer(session, council_id=claim.council_id, offer_id=claim.offer_id).give_to)


def work_out_again(
    session: Session,
    *,
    claim: Claim,
    actor: Actor,
    now: datetime,
    asked_on: date | None = None,
    verb: str = "edit",
) -> Claim:
    """Judge a locked claim anew and send it on its way again. Whatever came on top of it is in it now."""
    for one in (*locked_top_ups(session, claim=claim), *locked_differences(session, claim=claim)):
        undo(session, claim=one, now=now)
    for row in queries.corrections(session, council_id=claim.council_id, claim_id=claim.id):
        row.state = "replaced"
    claim.version += 1
    judging.assess(session, claim, now=now, asked_on=asked_on)
    _move(session, claim, verb=verb, actor=actor, now=now)
    return claim


def move(
    session: Session,
    *,
    council_id: str,
    claim_id: str,
    verb: str,
    actor: Actor,
    now: datetime,
    words: str | None = None,
    refs: dict[str, Any] | None = None,
) -> Claim:
    """Take a claim one step along `TRANSITIONS`, with its event. Raises `ClaimHasMoved`."""
    claim = locked(session, council_id=council_id, claim_id=claim_id)
    _move(session, claim, verb=verb, actor=actor, now=now, words=words, refs=refs)
    return claim


def settle_lines(
    session: Session, *, council_id: str, claim_id: str, lines: Sequence[Mapping[str, Any]], now: datetime
) -> Claim:
    """Write the sums that a person decided for lines the policy left open. `lines`: all, as they are now."""
    claim = locked(session, council_id=council_id, claim_id=claim_id)
    claim.fee_pence = sum(line["amount_pence"] for line in lines if line["kind"] == "fee")
    claim.expenses_pence = sum(line["amount_pence"] for line in lines if line["kind"] != "fee")
    claim.decided_lines = booking.shares_of(lines)
    claim.changed_at = now
    judging.use_decided(session, claim, lines=lines, now=now)
    return claim


def withdraw(session: Session, *, council_id: str, claim_id: str, actor: Actor, now: datetime) -> Claim:
    """Take a claim back, before anybody has agreed it. Doing it twice is doing it once."""
    claim = locked(session, council_id=council_id, claim_id=claim_id)
    if claim.state != "withdrawn":
        _move(session, claim, verb="withdraw", actor=actor, now=now)
    return claim


def require_seen(*, claim: Claim, seen: str) -> None:
    """Raise `Moved` when a claim is not what somebody saw when they made up their mind."""
    if claim.tag != seen:
        raise Moved("This claim changed while you were looking. Read it again, then decide.")


def locked(session: Session, *, council_id: str, claim_id: str) -> Claim:
    """The claim with its row locked, so that two decisions at once take turns. Raises `NotFound`."""
    claim = session.get(Claim, (council_id, claim_id), with_for_update=True, populate_existing=True)
    return claim or queries.get(session, council_id=council_id, claim_id=claim_id)


def _move(
    session: Session,
    claim: Claim,
    *,
    verb: str,
    actor: Actor,
    now: datetime,
    words: str | None = None,
    refs: dict[str, Any] | None = None,
) -> None:
    if (claim.state, verb) not in TRANSITIONS:
        raise ClaimHasMoved(_cannot(claim.state))
    was = claim.state
    claim.state, name = TRANSITIONS[was, verb]
    claim.changed_at = now
    session.flush()
    if claim.state == "withdrawn" and claim.kind not in ON_TOP:
        _withdraw_offers_on_top(session, claim, now=now)
    if claim.counted:
        _tell_allowances(session, claim, verb=verb, now=now)
    booking.book(session, claim, was=was, verb=verb, now=now)
    events.record(
        session,
        council_id=claim.council_id,
        name=name,
        subject_id=claim.id,
        person_id=claim.person_id,
        session_id=claim.session_id,
        claim_id=claim.id,
        amount_pence=claim.total_pence,
        actor=actor,
        at=now,
        refs={"version": claim.version, **(refs or {})},
        words=words,
    )


def _withdraw_offers_on_top(session: Session, claim: Claim, *, now: datetime) -> None:
    for one in locked_top_ups(session, claim=claim):
        if one.state in (*OPEN, "draft"):
            _move(session, one, verb="withdraw", actor=RULE, now=now)


def _tell_allowances(session: Session, claim: Claim, *, verb: str, now: datetime) -> None:
    follows = ALLOWANCES.get(verb)
    if follows == "free":
        allowances.free(session, council_id=claim.council_id, holders=[claim.id], now=now)
    elif follows == "use":
        allowances.use_again(session, council_id=claim.council_id, holders=[claim.id], now=now)


def _cannot(state: str) -> str:
    stands = {
        "paid": "This claim has been paid.",
        "approved": "This claim has been agreed and the money is on its way.",
        "refused": "This claim was not agreed.",
        "withdrawn": "This claim was taken back.",
        "draft": "This was offered, and nobody has answered yet.",
        "submitted": "This claim is being worked out.",
        "needs_person": "Somebody is looking at this claim.",
        "waiting": "This claim waits for somebody to say yes.",
        "asked": "This claim waits for an answer to a question.",
    }
    return f"{stands[state]} So that cannot be done now. Look at the claim again first."
