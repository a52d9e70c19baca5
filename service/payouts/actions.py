"""Verbs about obligations and payments. Never commit, never call a task, never call a rail."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from service import ids
from service.claims import actions as claims
from service.claims import queries as claim_queries
from service.claims.tables import Claim
from service.councils import queries as councils
from service.days import clock_in_words, day_in_words
from service.errors import Moved
from service.events import RULE, Actor
from service.payouts import choosing, covering, holdbook, offsetting, queries, second, waiting
from service.payouts.holdbook import Hand
from service.payouts.model import (
    BY_THE_CLOCK,
    FIRST_WAITS,
    HELD_BECAUSE,
    HELD_BY,
    ONES_OWN_CHOICE,
    OURS,
    rail_for,
    reference,
)
from service.payouts.moving import (
    PaymentHasMoved,
    call_back,
    end_own_hold,
    locked,
    standing,
    take_step,
    tell,
    with_somebody_else,
)
from service.payouts.orders import declined, methods_of, overtaken
from service.payouts.tables import Obligation, Payout
from service.people import actions as people_actions
from service.people import queries as people
from service.people import recipients
from service.people.tables import PaymentMethod

ASK_FIRST = (
    "The finance system may have this payment, to be paid the way from before. Ask them. If they will not "
    "pay it, write it down as taken back, then release it: it goes the way that counts now."
)

# What nobody lets go one payment at a time → what lets it go.
GOES_BY_ITSELF = {
    **{
        because: "It goes on when that is released."
        for scope, because in HELD_BY.items()
        if scope != "payment"
    },
    "next_run": "It goes by itself, or start a run now.",
    "in_run": "Release the run.",
    "no_funds": "Nobody needs to let it go.",
    "new_details": "Nobody can let it go before.",
    ONES_OWN_CHOICE: "It goes by itself on that day.",
}


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
    because, until = (None, None) if given_to else _why_held(session, method, now)
    if people.is_stopped(session, council_id=owed.council_id, person_id=owed.person_id):
        because, until = "stopped", None
    kind = "charity" if given_to else method.kind if method else "bank_account"
    rail = rail_for(kind=kind, bank_rail=council.bank_rail)
    claim = claim_queries.get(session, council_id=owed.council_id, claim_id=owed.claim_id)
    own_day = choosing.own_day(session, claim=claim)
    if because is None:
        because, until = _next_wait(session, owed, rail=rail, over=None, now=now, own_day=own_day)
    payout = Payout(
        council_id=owed.council_id,
        id=payout_id,
        obligation_id=owed.id,
        claim_id=owed.claim_id,
        person_id=owed.person_id,
        method_id=method.id if method and not given_to else None,
        give_to=given_to or (method.charity if method else None),
        rail=rail,
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
        own_day=own_day,
    )
    session.add(payout)
    session.flush()
    offsetting.take_off(session, payout, owed, now=now)
    _stay_on_hold(session, payout, claim, now=now)
    tell(session, payout=payout, name=_said_of(because), actor=RULE, now=now)
    if not because:
        covering.cover_one(session, payout=payout, now=now)
    return payout


def _stay_on_hold(session: Session, payout: Payout, claim: Claim, *, now: datetime) -> None:
    """What held its payments before holds this one: of a fee in two parts also what held the other."""
    rest = claim_queries.rest_of(session, council_id=claim.council_id, claim_id=claim.id)
    ending = [claim.id] + ([rest.id] if rest is not None else [])
    of_claims = ending + ([claim.rest_of_id] if claim.rest_of_id else [])
    holdbook.carry_over(session, payout=payout, of_claims=of_claims, ending=ending, now=now)


def _said_of(because: str | None) -> str:
    """The event of a payment that was laid out and waits for this. A person is told of what is theirs."""
    if because is None:
        return "payout.ready"
    return "payout.held" if because in FIRST_WAITS else "payout.waiting"


def _next_wait(
    session: Session,
    owed: Obligation,
    *,
    rail: str,
    over: str | None,
    now: datetime,
    own_day: date | None,
) -> waiting.Wait:
    claim = claim_queries.get(session, council_id=owed.council_id, claim_id=owed.claim_id)
    return waiting.next_wait(
        session,
        council_id=owed.council_id,
        rail=rail,
        in_all_pence=claim_queries.whole_pence(session, claim=claim),
        pay_by=owed.pay_by,
        over=over,
        now=now,
        own_day=own_day,
    )


def _why_held(
    session: Session, method: PaymentMethod | None, now: datetime
) -> tuple[str | None, datetime | None]:
    if method is None:
        return "no_method", None
    if method.kind == "none":
        return "not_wanted", None
    if method.usable_at > now:
        return "new_details", method.usable_at
    return recipients.why_it_waits(session, method=method), None


def wait_or_go(session: Session, *, payout: Payout, method: PaymentMethod, now: datetime) -> None:
    """Something changed about the way of a held payment: it goes, or waits for what it must wait for now."""
    because, until = _why_held(session, method, now)
    if because is None:
        _release(session, payout, over=payout.held_because, actor=RULE, now=now)
    else:
        payout.held_because, payout.held_until = because, until


def follow_method(session: Session, *, council_id: str, person_id: str, now: datetime) -> None:
    """A person has said how they want to be paid: what waited for it, failed or came back is paid that way.

    What a rail, or somebody who pays for us, may already be working on stays as it is; only what waited for
    a talk with the person goes on, or is for staff to look at. Safe to repeat.
    """
    method = people.current_method(session, council_id=council_id, person_id=person_id)
    for owed in queries.unpaid_obligations(session, council_id=council_id, person_id=person_id):
        claims.locked(session, council_id=council_id, claim_id=owed.claim_id)
        # Only now does it stand still: it may have been stopped, or sent, while we waited.
        session.refresh(owed)
        live = standing(session, owed=owed)
        if live is not None and may_go_another_way(payout=live, method=method):
            take_step(session, payout=live, verb="cancel", actor=RULE, now=now)
            live = None
        elif live is not None:
            _go_on_after_a_talk(session, payout=live, now=now)
        if live is None and owed.stopped_at is None:
            lay_out(session, owed=owed, now=now)


def _go_on_after_a_talk(session: Session, *, payout: Payout, now: datetime) -> None:
    """Another system may have it in hand, and staff have talked with the person: it goes on as it was.

    Was it to go where the person is not paid any more, somebody asks that system first.
    """
    key = {"council_id": payout.council_id, "person_id": payout.person_id}
    methods = methods_of(session, council_id=payout.council_id, payouts=[payout])
    waited = payout.state == "held" and payout.held_because == "stopped"
    waits_for_staff = payout.state == "held" and payout.held_because == HELD_BY["payment"]
    if payout.state not in ("ready", "held") or waits_for_staff or people.is_stopped(session, **key):
        return
    if not declined(payout, methods=methods) and not (waited and overtaken(payout, methods=methods)):
        if waited:
            _release(session, payout, over="stopped", actor=RULE, now=now)
        return
    if payout.state == "ready":
        take_step(session, payout=payout, verb="hold", actor=RULE, now=now)
    payout.held_because, payout.held_until = HELD_BY["payment"], None
    holdbook.write(
        session,
        council_id=payout.council_id,
        scope="payment",
        subject=payout.id,
        reason=ASK_FIRST,
        hand=Hand(RULE),
        now=now,
    )


def may_go_another_way(*, payout: Payout, method: PaymentMethod | None = None) -> bool:
    """Whether nobody has a payment in hand yet, so that it may be called off and laid out anew."""
    if with_somebody_else(payout):
        return False
    goes_so_already = method is not None and payout.method_id == method.id
    untouched = payout.state == "ready" and payout.rail in OURS and not goes_so_already
    return untouched or (payout.state == "held" and payout.held_because != "by_hand")


def hold(
    session: Session, *, council_id: str, payout_id: str, seen: str, actor: Actor, now: datetime
) -> Payout:
    """Stop a payment that has not left. Raises `Moved`, `PaymentHasMoved`."""
    payout = as_seen(session, council_id=council_id, payout_id=payout_id, seen=seen, now=now)
    take_step(session, payout=payout, verb="hold", actor=actor, now=now)
    payout.held_because, payout.held_until = "by_hand", None
    holdbook.write(
        session,
        council_id=council_id,
        scope="payment",
        subject=payout_id,
        reason="",
        hand=Hand(actor),
        now=now,
    )
    return payout


def release(
    session: Session, *, council_id: str, payout_id: str, seen: str, actor: Actor, now: datetime, by: str = ""
) -> Payout:
    """Let a held payment go. `by`: the person in the caller's own system, where a key speaks for several.

    One that would go another way than before is looked at like a new one: it rests while its details are new,
    and waits for a second person above the limit. Raises `Moved`, `SecondPersonNeeded`, `PaymentHasMoved`,
    also when we cannot know where to.
    """
    payout = as_seen(session, council_id=council_id, payout_id=payout_id, seen=seen, now=now)
    if people.is_stopped(session, council_id=council_id, person_id=payout.person_id):
        raise PaymentHasMoved("A change was not theirs, somebody said. Talk with the person first.")
    if payout.state == "held" and payout.held_because in GOES_BY_ITSELF:
        raise PaymentHasMoved(_what_lets_go(payout))
    if payout.state == "held" and payout.held_because == "second_release":
        second.require_another(
            session,
            council_id=council_id,
            claim_ids=[payout.claim_id],
            opened=None,
            hand=Hand(actor, by),
        )
    over = payout.held_because if payout.state == "held" else ""
    if payout.state == "held" and _aim(session, payout, now=now):
        over = None
    return _release(session, payout, over=over, actor=actor, now=now)


def _what_lets_go(payout: Payout) -> str:
    because = payout.held_because or ""
    words = f"{HELD_BECAUSE[because]} {GOES_BY_ITSELF[because]}"
    if because == "new_details" and payout.held_until:
        until = payout.held_until
        words += f" It goes by itself on {day_in_words(until)} at {clock_in_words(until)}."
    return words


def _aim(session: Session, payout: Payout, *, now: datetime) -> bool:
    """Point a payment that has never left to the way of paying that counts now. Answers whether it changed.

    A fee that was given away has no way of the person's own behind it, and keeps its way. So does one that
    another system may have in hand.
    """
    if payout.give_to and payout.method_id is None:
        return False
    if with_somebody_else(payout):
        _refuse_where_declined(session, payout)
        return False
    people_actions.keep_method(session, council_id=payout.council_id, person_id=payout.person_id)
    method = people.current_method(session, council_id=payout.council_id, person_id=payout.person_id)
    waits = _why_held(session, method, now)[0]
    if method is None or waits in ("not_wanted", "name_check", "onboarding"):
        raise PaymentHasMoved("This waits for the person to say how they would like to be paid.")
    council = councils.get(session, council_id=payout.council_id)
    before = payout.method_id, payout.rail
    payout.method_id, payout.give_to = method.id, method.charity
    payout.rail = rail_for(kind=method.kind, bank_rail=council.bank_rail)
    return (payout.method_id, payout.rail) != before


def _refuse_where_declined(session: Session, payout: Payout) -> None:
    if declined(payout, methods=methods_of(session, council_id=payout.council_id, payouts=[payout])):
        raise PaymentHasMoved(f"This was to go where the person says is not theirs. {ASK_FIRST}")


def _release(session: Session, payout: Payout, *, over: str | None, actor: Actor, now: datetime) -> Payout:
    """Let a held payment go for which the reason `over` has gone, or hold it for what comes next."""
    owed = queries.obligation(session, council_id=payout.council_id, obligation_id=payout.obligation_id)
    because, until = _rests(session, payout, now)
    if because is None:
        rail, own_day = payout.rail, payout.own_day
        because, until = _next_wait(session, owed, rail=rail, over=over, now=now, own_day=own_day)
    if because is not None:
        end_own_hold(session, payout=payout, actor=actor, now=now)
        payout.held_because, payout.held_until, payout.changed_at = because, until, now
        tell(session, payout=payout, name=_said_of(because), actor=actor, now=now)
        return payout
    take_step(session, payout=payout, verb="release", actor=actor, now=now)
    payout.held_because = payout.held_until = None
    covering.cover_one(session, payout=payout, now=now)
    return payout


def _rests(session: Session, payout: Payout, now: datetime) -> waiting.Wait:
    """Nothing lets a payment go to details that are still new, whatever it was held for."""
    if payout.method_id is None:
        return None, None
    method = people.method(session, council_id=payout.council_id, method_id=payout.method_id)
    return ("new_details", method.usable_at) if method.usable_at > now else (None, None)


def release_due(session: Session, *, council_id: str, payout_id: str, now: datetime) -> Payout:
    """Let a payment go whose day has come, or whose new details may be used now. Safe to repeat."""
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    until = payout.held_until if payout.held_because in BY_THE_CLOCK else None
    stopped = people.is_stopped(session, council_id=council_id, person_id=payout.person_id)
    if payout.state == "held" and not stopped and until is not None and until <= now:
        waits = _waits_at_stripe(session, payout)
        if waits is None:
            _release(session, payout, over=payout.held_because, actor=RULE, now=now)
        else:
            payout.held_because, payout.held_until = waits, None
    return payout


def _waits_at_stripe(session: Session, payout: Payout) -> str | None:
    if payout.method_id is None:
        return None
    method = people.method(session, council_id=payout.council_id, method_id=payout.method_id)
    return recipients.why_it_waits(session, method=method)


def as_seen(session: Session, *, council_id: str, payout_id: str, seen: str, now: datetime) -> Payout:
    """The payment as somebody saw it, locked; no worker that has not called has it. Raises `Moved`."""
    payout = locked(session, council_id=council_id, payout_id=payout_id)
    if payout.tag != seen:
        raise Moved("This payment changed while you were looking. Read it again, then decide.")
    call_back(session, payout=payout, now=now)
    return payout
