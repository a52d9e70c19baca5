"""Verbs about obligations and payments. Never commit, never call a task, never call a rail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service import events, ids
from service.claims import actions as claims
from service.claims import queries as claim_queries
from service.claims.tables import Claim
from service.councils import queries as councils
from service.errors import Conflict, Moved
from service.events import RULE, Actor
from service.payouts import offsetting, queries
from service.payouts.model import CALLED, LEFT, TRANSITIONS, rail_for, reference
from service.payouts.tables import Obligation, Payout
from service.people import actions as people_actions
from service.people import queries as people
from service.people.tables import PaymentMethod
from service.sessions import queries as sessions


class PaymentHasMoved(Conflict):
    """The payment is no longer in a state where that can be done."""

    title = "This payment can no longer be changed that way"


def open_obligation(session: Session, *, council_id: str, claim_id: str, now: datetime) -> Payout | None:
    """Owe what was approved, once for a claim, and lay out its payment. Safe to repeat.

    Answers None when there is nothing to pay, or the claim is no longer approved.
    """
    claim = claims.locked(session, council_id=council_id, claim_id=claim_id)
    if claim.state != "approved" or claim.total_pence == 0:
        return None
    owed = queries.obligation_of(session, council_id=council_id, claim_id=claim_id)
    if owed is None:
        owed = _owe(session, claim, now=now)
    elif owed.stopped_at is not None:
        owed.stopped_at, owed.fee_pence, owed.expenses_pence = None, claim.fee_pence, claim.expenses_pence
    standing = queries.live(session, council_id=council_id, obligation_id=owed.id)
    return standing or lay_out(session, owed=owed, now=now)


def _owe(session: Session, claim: Claim, *, now: datetime) -> Obligation:
    council = councils.get(session, council_id=claim.council_id)
    owed = Obligation(
        council_id=claim.council_id,
        id=ids.new("obl"),
        claim_id=claim.id,
        person_id=claim.person_id,
        fee_pence=claim.fee_pence,
        expenses_pence=claim.expenses_pence,
        cost_centre=claim.cost_code or council.cost_centre,
        pay_by=claim.pay_by,
        opened_at=now,
        stopped_at=None,
    )
    session.add(owed)
    session.flush()
    return owed


def lay_out(session: Session, *, owed: Obligation, now: datetime) -> Payout:
    """The next payment of an obligation, by the one rail that the person's method calls for.

    A fee that the person gives away goes to whom they named, whatever their own method is.
    """
    council = councils.get(session, council_id=owed.council_id)
    facts = claim_queries.assessment(session, council_id=owed.council_id, claim_id=owed.claim_id).facts
    given_to: str | None = facts.get("give_to")
    people_actions.keep_method(session, council_id=owed.council_id, person_id=owed.person_id)
    method = people.current_method(session, council_id=owed.council_id, person_id=owed.person_id)
    payout_id = ids.new("pay")
    because, until = (None, None) if given_to else _why_held(method, now)
    kind = "charity" if given_to else method.kind if method else "bank_account"
    payout = Payout(
        council_id=owed.council_id,
        id=payout_id,
        obligation_id=owed.id,
        claim_id=owed.claim_id,
        person_id=owed.person_id,
        method_id=method.id if method and not given_to else None,
        give_to=given_to or (method.charity if method else None),
        rail=rail_for(kind=kind, bank_rail=council.bank_rail),
        amount_pence=owed.amount_pence,
        reference=reference(council_slug=council.slug, payout_id=payout_id),
        state="held" if because else "ready",
        held_because=because,
        held_until=until,
        failure=None,
        bank_reference=None,
        paid_on=None,
        made_at=now,
        changed_at=now,
    )
    session.add(payout)
    session.flush()
    offsetting.take_off(session, payout, owed, now=now)
    _tell(session, payout, name="payout.held" if because else "payout.ready", actor=RULE, now=now)
    return payout


def _why_held(method: PaymentMethod | None, now: datetime) -> tuple[str | None, datetime | None]:
    if method is None:
        return "no_method", None
    if method.kind == "none":
        return "not_wanted", None
    if method.usable_at > now:
        return "new_details", method.usable_at
    return None, None


def follow_method(session: Session, *, council_id: str, person_id: str, now: datetime) -> None:
    """A person has said how they want to be paid: what waited for it, failed or came back is paid that way.

    What a rail, or somebody who pays for us, may already be working on stays as it is. Safe to repeat.
    """
    for owed in queries.unpaid_obligations(session, council_id=council_id, person_id=person_id):
        claims.locked(session, council_id=council_id, claim_id=owed.claim_id)
        # Only now does it stand still: it may have been stopped, or sent, while we waited.
        session.refresh(owed)
        live = standing(session, owed=owed)
        if live is not None and may_go_another_way(live):
            _move(session, live, verb="cancel", actor=RULE, now=now)
            live = None
        if live is None and owed.stopped_at is None:
            lay_out(session, owed=owed, now=now)


def may_go_another_way(payout: Payout) -> bool:
    """Whether nobody has a payment in hand yet, so that it may be called off and laid out anew."""
    untouched = payout.state == "ready" and payout.rail in CALLED
    return untouched or (payout.state == "held" and payout.held_because != "by_hand")


def standing(session: Session, *, owed: Obligation) -> Payout | None:
    """The live payment of an obligation, locked."""
    live = queries.live(session, council_id=owed.council_id, obligation_id=owed.id)
    return locked(session, council_id=owed.council_id, payout_id=live.id) if live else None


def hold(
    session: Session, *, council_id: str, payout_id: str, seen: str, actor: Actor, now: datetime
) -> Payout:
    """Stop a payment that has not left. Raises `Moved`, `PaymentHasMoved`."""
    payout = _seen(session, council_id, payout_id, seen)
    _move(session, payout, verb="hold", actor=actor, now=now)
    payout.held_because, payout.held_until = "by_hand", None
    return payout


def release(
    session: Session, *, council_id: str, payout_id: str, seen: str, actor: Actor, now: datetime
) -> Payout:
    """Let a held payment go. Raises `Moved`, `PaymentHasMoved`, also when we cannot know where to."""
    payout = _seen(session, council_id, payout_id, seen)
    if payout.state == "held":
        _aim(session, payout, now=now)
    return _release(session, payout, actor=actor, now=now)


def _aim(session: Session, payout: Payout, *, now: datetime) -> None:
    """Point a payment that has never left to the way of paying that counts now.

    A fee that was given away has no way of the person's own behind it, and keeps its way.
    """
    if payout.give_to and payout.method_id is None:
        return
    people_actions.keep_method(session, council_id=payout.council_id, person_id=payout.person_id)
    method = people.current_method(session, council_id=payout.council_id, person_id=payout.person_id)
    if method is None or _why_held(method, now)[0] == "not_wanted":
        raise PaymentHasMoved("This waits for the person to say how they would like to be paid.")
    council = councils.get(session, council_id=payout.council_id)
    payout.method_id, payout.give_to = method.id, method.charity
    payout.rail = rail_for(kind=method.kind, bank_rail=council.bank_rail)


def _release(session: Session, payout: Payout, *, actor: Actor, now: datetime) -> Payout:
    _move(session, payout, verb="release", actor=actor, now=now)
    payout.held_because = payout.held_until = None
    return payout


def release_due(session: Session, *, council_id: str, payout_id: str, now: datetime) -> Payout:
    """Let a payment go whose waiting time for new details has run out. Safe to repeat."""
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    if payout.state == "held" and payout.held_until is not None and payout.held_until <= now:
        _release(session, payout, actor=RULE, now=now)
    return payout


def cancel(
    session: Session, *, council_id: str, payout_id: str, seen: str, actor: Actor, now: datetime
) -> Payout:
    """Call off a payment that has not left, and stop its claim. Raises `Moved`, `PaymentHasMoved`."""
    payout = _seen(session, council_id, payout_id, seen)
    _move(session, payout, verb="cancel", actor=actor, now=now)
    queries.obligation(session, council_id=council_id, obligation_id=payout.obligation_id).stopped_at = now
    claims.move(session, council_id=council_id, claim_id=payout.claim_id, verb="stop", actor=actor, now=now)
    return payout


def stop(session: Session, *, council_id: str, claim_id: str, now: datetime) -> None:
    """A tick was taken back after approval. Not left: call it off. Left: note it, and a person decides.

    Nothing happens when the register was put right again before this came round; but a top-up stops all the
    same where the claim below it was worked out again, and holds the money itself.
    """
    claim = claims.locked(session, council_id=council_id, claim_id=claim_id)
    if _on_register(session, claim) and not claim_queries.is_left_behind(session, claim=claim):
        return
    owed = queries.obligation_of(session, council_id=council_id, claim_id=claim_id)
    payout = standing(session, owed=owed) if owed else None
    if payout is not None and payout.state in LEFT:
        claims.mark_overpaid(session, council_id=council_id, claim_id=claim_id, now=now)
        return
    if payout is not None:
        _move(session, payout, verb="cancel", actor=RULE, now=now)
    if owed is not None:
        owed.stopped_at = now
    if claim.state == "approved":
        claims.move(session, council_id=council_id, claim_id=claim_id, verb="stop", actor=RULE, now=now)


def _on_register(session: Session, claim: Claim) -> bool:
    tick = sessions.attendance(
        session, council_id=claim.council_id, session_id=claim.session_id or "", person_id=claim.person_id
    )
    return tick is not None and tick.attended


def give_up_if_not_owed(session: Session, *, payout: Payout, now: datetime) -> None:
    """A payment did not arrive or came back, for somebody who was taken off the register meanwhile.

    So nothing was overpaid after all, and nothing is owed: no new details pay it.
    """
    claim = claims.locked(session, council_id=payout.council_id, claim_id=payout.claim_id)
    if not claim.overpaid_pence or claim.state != "approved":
        return
    last = claim_queries.last_correction(session, claim=claim)
    if last is not None and last.attended:
        return  # Too much was paid, and some of it is owed: the claim is worked out again.
    owed = queries.obligation(session, council_id=payout.council_id, obligation_id=payout.obligation_id)
    owed.stopped_at = now
    claims.clear_overpaid(session, council_id=claim.council_id, claim_id=claim.id, now=now)
    claims.move(session, council_id=claim.council_id, claim_id=claim.id, verb="stop", actor=RULE, now=now)


def move(
    session: Session, *, council_id: str, payout_id: str, verb: str, actor: Actor, now: datetime
) -> Payout:
    """Take a payment one step along `TRANSITIONS`, with its event. Raises `PaymentHasMoved`."""
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    _move(session, payout, verb=verb, actor=actor, now=now)
    return payout


def locked(session: Session, *, council_id: str, payout_id: str) -> Payout:
    """The payment with its row locked, after its claim's. Raises `NotFound`.

    Who stops a claim needs both rows too: with one order for everybody nobody waits for each other in a ring.
    """
    claim_id = queries.get(session, council_id=council_id, payout_id=payout_id).claim_id
    claims.locked(session, council_id=council_id, claim_id=claim_id)
    payout = session.get(Payout, (council_id, payout_id), with_for_update=True, populate_existing=True)
    return payout or queries.get(session, council_id=council_id, payout_id=payout_id)


def _seen(session: Session, council_id: str, payout_id: str, seen: str) -> Payout:
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    if payout.tag != seen:
        raise Moved("This payment changed while you were looking. Read it again, then decide.")
    return payout


def _move(session: Session, payout: Payout, *, verb: str, actor: Actor, now: datetime) -> None:
    if (payout.state, verb) not in TRANSITIONS:
        raise PaymentHasMoved(f"This payment is {payout.state}. Look at it again first.")
    payout.state, name = TRANSITIONS[payout.state, verb]
    payout.changed_at = now
    session.flush()
    _tell(session, payout, name=name, actor=actor, now=now)


def _tell(session: Session, payout: Payout, *, name: str, actor: Actor, now: datetime) -> None:
    owed = queries.obligation(session, council_id=payout.council_id, obligation_id=payout.obligation_id)
    events.record(
        session,
        council_id=payout.council_id,
        name=name,
        subject_id=payout.id,
        person_id=payout.person_id,
        claim_id=owed.claim_id,
        amount_pence=payout.amount_pence,
        actor=actor,
        at=now,
        refs={"payout_id": payout.id, "rail": payout.rail},
    )
