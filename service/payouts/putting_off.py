"""Verbs of the person about when they are paid: on a later day, or as usual after all. Never commit.

A payment that was put off is held until the first moment of the chosen day and goes by itself then; nobody
else can let it go before. Nothing is put off that the person did not put off.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from service import events, ids
from service.claims import actions as claims
from service.claims import queries as claim_queries
from service.claims.drafting import take_turns
from service.claims.tables import Claim
from service.days import london_day
from service.errors import Conflict, one_fault
from service.events import Actor
from service.payouts import actions, choosing, covering, moving, queries
from service.payouts.choice_tables import PaymentChoice
from service.payouts.choosing import LATER, LONGEST
from service.payouts.model import HELD_BY, ONES_OWN_CHOICE, OURS
from service.payouts.tables import Payout
from service.sessions import queries as sessions

# What may be waited for and yet be put off: nothing else lets such a payment go behind the person's back.
GIVES_WAY = ("next_run", "no_funds", *(because for scope, because in HELD_BY.items() if scope != "payment"))


class TooLate(Conflict):
    """The money has left, or somebody has it in hand."""

    title = "It is too late to choose another day"


def hold_still(session: Session, *, council_id: str, offer_id: str) -> None:
    """From here on nobody makes, or brings back, the claim with the fee of an offer before this is committed.

    Whoever answers the offer too says this first: allowances are locked last, by whoever makes the claim too.
    """
    offer = sessions.offer(session, council_id=council_id, offer_id=offer_id)
    take_turns(session, council_id=council_id, session_id=offer.session_id, person_id=offer.person_id)


def for_offer(
    session: Session,
    *,
    council_id: str,
    offer_id: str,
    answer: str,
    actor: Actor,
    now: datetime,
    day: date | None = None,
) -> PaymentChoice:
    """Write down what somebody chose about the fee of an offer. Where its claim is made, it is about that.

    Raises `Invalid` for a day that cannot be, `TooLate`.
    """
    hold_still(session, council_id=council_id, offer_id=offer_id)
    offer = sessions.offer(session, council_id=council_id, offer_id=offer_id)
    key = {"council_id": council_id, "session_id": offer.session_id, "person_id": offer.person_id}
    claim = claim_queries.fee_claim(session, **key)
    carries = claim is not None and claim_queries.carries_fee(session, claim=claim)
    if claim is not None and carries and claim.offer_id == offer_id:
        return for_claim(
            session, council_id=council_id, claim_id=claim.id, answer=answer, actor=actor, now=now, day=day
        )
    occasion = sessions.get(session, council_id=council_id, session_id=offer.session_id)
    _check_day(answer, day, after=max(london_day(now), london_day(occasion.ends_at)), now=now)
    if claim is not None and not carries:
        _forget(session, claim, now=now)
    return _write(
        session,
        PaymentChoice(council_id=council_id, person_id=offer.person_id, offer_id=offer_id, claim_id=None),
        answer=answer,
        day=day,
        actor=actor,
        now=now,
    )


def for_claim(
    session: Session,
    *,
    council_id: str,
    claim_id: str,
    answer: str,
    actor: Actor,
    now: datetime,
    day: date | None = None,
) -> PaymentChoice:
    """Write down what somebody chose about one claim, and let its payment wait, or go. Safe to repeat.

    Raises `Invalid` for a day that cannot be, `TooLate`.
    """
    claim = claims.locked(session, council_id=council_id, claim_id=claim_id)
    _check_day(answer, day, after=london_day(now), now=now)
    owed = queries.obligation_of(session, council_id=council_id, claim_id=claim_id)
    live = moving.standing(session, owed=owed) if owed else None
    if live is not None:
        moving.call_back(session, payout=live, now=now)
    if not may_choose(claim, live):
        raise TooLate("This money has left, or somebody has it in hand already. So its day stays as it is.")
    choice = _write(
        session,
        PaymentChoice(council_id=council_id, person_id=claim.person_id, offer_id=None, claim_id=claim_id),
        answer=answer,
        day=day,
        actor=actor,
        now=now,
    )
    if live is not None:
        _follow(session, live, day, now=now)
    return choice


def may_choose(claim: Claim, live: Payout | None) -> bool:
    """Whether a person may still say when the money of a claim comes."""
    if claim.state in ("draft", "refused", "withdrawn", "paid"):
        return False
    if live is None:
        return True
    if moving.with_somebody_else(live) or live.held_because == "in_run":
        return False
    return live.state == "held" or (live.state == "ready" and live.rail in OURS)


def _check_day(answer: str, day: date | None, *, after: date, now: datetime) -> None:
    if answer != LATER:
        return
    if day is None:
        raise one_fault("/day", "Enter the day on which you would like the money")
    if day <= after:
        raise one_fault("/day", f"Enter a day after {after.day} {after:%B} {after.year}")
    if day > london_day(now) + LONGEST:
        last = london_day(now) + LONGEST
        raise one_fault("/day", f"Enter a day up to {last.day} {last:%B} {last.year}. That is half a year")


def _write(
    session: Session, choice: PaymentChoice, *, answer: str, day: date | None, actor: Actor, now: datetime
) -> PaymentChoice:
    stood = _stands(session, choice)
    if stood is not None and (stood.answer, stood.day) == (answer, day):
        return stood
    if stood is not None:
        stood.replaced_at = now
        session.flush()
    choice.id, choice.answer, choice.day = ids.new("cho"), answer, day if answer == LATER else None
    choice.chosen_by, choice.chosen_at = str(actor), now
    session.add(choice)
    session.flush()
    if choice.day != (stood.day if stood else None):
        # Only that a day was chosen is anybody else's business: what was asked, and why, is not.
        events.record(
            session,
            council_id=choice.council_id,
            name="payment.day_chosen",
            subject_id=choice.id,
            person_id=choice.person_id,
            claim_id=choice.claim_id,
            actor=actor,
            at=now,
        )
    return choice


def _forget(session: Session, claim: Claim, *, now: datetime) -> None:
    """What was chosen about a claim that is over does not count for the yes that came after it."""
    stood = choosing.about(session, claim=claim)
    if stood is not None and stood.claim_id:
        stood.replaced_at = now
        session.flush()


def _stands(session: Session, choice: PaymentChoice) -> PaymentChoice | None:
    """What was chosen before; what was chosen about an offer counts for its claim until it is said anew."""
    if choice.claim_id:
        claim = claim_queries.get(session, council_id=choice.council_id, claim_id=choice.claim_id)
        return choosing.about(session, claim=claim)
    known = choosing.standing(session, council_id=choice.council_id, person_id=choice.person_id)
    return next((row for row in known if row.offer_id == choice.offer_id), None)


def _follow(session: Session, live: Payout, day: date | None, *, now: datetime) -> None:
    """Let the payment that stands wait for its day, or go on when there is none any more."""
    live.own_day = day
    if day is not None and (live.state == "ready" or live.held_because in (*GIVES_WAY, ONES_OWN_CHOICE)):
        covering.wait(session, payout=live, because=ONES_OWN_CHOICE, now=now)
        live.held_until = choosing.begins(day)
    elif day is None and live.held_because == ONES_OWN_CHOICE:
        live.held_until = now
        session.flush()
        actions.release_due(session, council_id=live.council_id, payout_id=live.id, now=now)
