"""Verbs of the person about when they are paid: later, in two parts, or as usual after all. Never commit.

A payment that was put off is held until the first moment of the chosen day and goes by itself then; nobody
else can let it go before. Nothing is put off that the person did not put off. Before a fee is agreed what was
chosen is only written down; then it is carried out, and may be changed until the money has left.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from service import events, ids
from service.claims import actions as claims
from service.claims import parting
from service.claims import queries as claim_queries
from service.claims.drafting import take_turns
from service.claims.model import ON_TOP
from service.claims.tables import Claim
from service.days import date_in_words, london_day
from service.errors import Conflict, one_fault
from service.events import Actor
from service.money import pounds
from service.payouts import actions, choosing, covering, moving, owing, queries
from service.payouts.choice_tables import PaymentChoice
from service.payouts.choosing import LATER, LONGEST, NOW, SPLIT, WITH_A_DAY
from service.payouts.model import HELD_BY, ONES_OWN_CHOICE, OURS
from service.payouts.tables import Payout
from service.sessions import queries as sessions

# What may be waited for and yet be put off: nothing else lets such a payment go behind the person's back.
GIVES_WAY = ("next_run", "no_funds", *(because for scope, because in HELD_BY.items() if scope != "payment"))

GONE = "This money has left, or somebody has it in hand already. So its day stays as it is."


class StaysWhole(Conflict):
    """What somebody would like in two parts cannot be divided."""

    title = "This cannot come in two parts"


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
    now_pence: int | None = None,
) -> PaymentChoice:
    """Write down what somebody chose about the fee of an offer. Where its claim is made, it is about that.

    `now_pence`: of a fee in two parts what comes as usual; the rest comes on `day`. Raises `Invalid` for
    a day or a sum that cannot be, `StaysWhole`, `TooLate`.
    """
    hold_still(session, council_id=council_id, offer_id=offer_id)
    offer = sessions.offer(session, council_id=council_id, offer_id=offer_id)
    key = {"council_id": council_id, "session_id": offer.session_id, "person_id": offer.person_id}
    claim = claim_queries.fee_claim(session, **key)
    carries = claim is not None and claim_queries.carries_fee(session, claim=claim)
    if claim is not None and carries and claim.offer_id == offer_id:
        return for_claim(
            session,
            council_id=council_id,
            claim_id=claim.id,
            answer=answer,
            actor=actor,
            now=now,
            day=day,
            now_pence=now_pence,
        )
    if answer == SPLIT and offer.give_to:
        raise StaysWhole("You give this fee away. It goes in one payment.")
    check_sum(answer, now_pence, whole_pence=offer.promised_pence)
    occasion = sessions.get(session, council_id=council_id, session_id=offer.session_id)
    _check_day(answer, day, after=max(london_day(now), london_day(occasion.ends_at)), now=now)
    if claim is not None and not carries:
        _forget(session, claim, now=now)
    return _write(
        session,
        PaymentChoice(council_id=council_id, person_id=offer.person_id, offer_id=offer_id, claim_id=None),
        answer=answer,
        day=day,
        now_pence=now_pence,
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
    now_pence: int | None = None,
) -> PaymentChoice:
    """Write down what somebody chose about one claim, and let its payment wait, or go. Safe to repeat.

    Of a fee in two parts: about both, or, by the claim of the rest, about when that comes. Raises `Invalid`
    for a day or a sum that cannot be, `StaysWhole`, `TooLate`.
    """
    asked = claim_queries.get(session, council_id=council_id, claim_id=claim_id)
    claim = claims.locked(session, council_id=council_id, claim_id=asked.rest_of_id or claim_id)
    rest = parting.locked_rest(session, claim=claim)
    _check_day(answer, day, after=london_day(now), now=now)
    live = _live(session, claim, now=now)
    given: dict[str, Any] = {"answer": answer, "day": day, "now_pence": now_pence}
    if asked.rest_of_id and rest is not None:
        given = _about_rest(session, claim, rest, given, now=now)
    elif not may_choose(claim, live):
        raise TooLate(GONE)
    elif answer == SPLIT:
        _check_may_be_divided(session, claim)
        check_sum(answer, now_pence, whole_pence=claim.fee_pence + claim.put_off_pence)
    new = PaymentChoice(council_id=council_id, person_id=claim.person_id, offer_id=None, claim_id=claim.id)
    choice = _write(session, new, **given, actor=actor, now=now)
    if may_choose(claim, live):
        _divide_anew(session, claim, now=now)
    for part in (claim, *claims.locked_rests(session, claim=claim)):
        waits = _live(session, part, now=now)
        if waits is not None and may_choose(part, waits):
            _follow(session, waits, choosing.own_day(session, claim=part), now=now)
    return choice


def _live(session: Session, claim: Claim, *, now: datetime) -> Payout | None:
    """The payment of a locked claim that stands, taken back from a worker that has not called for it."""
    owed = queries.obligation_of(session, council_id=claim.council_id, claim_id=claim.id)
    live = moving.standing(session, owed=owed) if owed else None
    if live is not None:
        moving.call_back(session, payout=live, now=now)
    return live


def _about_rest(
    session: Session, claim: Claim, rest: Claim, given: dict[str, Any], *, now: datetime
) -> dict[str, Any]:
    """What was said about the rest alone, as a choice about the fee: another day for it, or as usual."""
    if not may_choose(rest, _live(session, rest, now=now)):
        raise TooLate(GONE)
    if given["answer"] == SPLIT:
        raise StaysWhole("This is a part of a fee already. You can choose another day for it.")
    if given["answer"] != LATER:
        return {"answer": NOW, "day": None, "now_pence": None}
    return {"answer": SPLIT, "day": given["day"], "now_pence": claim.fee_pence}


def _divide_anew(session: Session, claim: Claim, *, now: datetime) -> None:
    """Carry out what was chosen just now about the parts of a locked claim, where that changes them."""
    wanted = choosing.parts(session, claim=claim, now=now)
    if claim.state != "approved" or (wanted.later_pence if wanted else 0) == claim.put_off_pence:
        return  # Nobody has agreed it yet; or the same parts, at most on another day.
    rest = parting.locked_rest(session, claim=claim)
    for part in (claim, *([rest] if rest is not None and claim.put_off_pence else [])):
        if not owing.may_be_laid_anew(session, claim=part, now=now):
            raise TooLate(GONE)
    owed = queries.obligation_of(session, council_id=claim.council_id, claim_id=claim.id)
    was_laid_out = owing.pull_back(session, claim=claim, now=now)
    owing.divide(session, claim=claim, now=now)
    if was_laid_out:
        owing.owe(session, claim=claim, now=now)
    elif owed is not None:
        owed.stopped_at, owed.fee_pence = None, claim.fee_pence


def may_choose(claim: Claim, live: Payout | None) -> bool:
    """Whether a person may still say when the money of a claim comes."""
    if claim.state in ("draft", "refused", "withdrawn", "paid"):
        return False
    if live is None:
        return True
    if moving.with_somebody_else(live) or live.held_because == "in_run":
        return False
    return live.state == "held" or (live.state == "ready" and live.rail in OURS)


def _check_may_be_divided(session: Session, claim: Claim) -> None:
    if claim.kind in ON_TOP:
        raise StaysWhole("This comes on top of a fee. It comes in one payment. You can choose its day.")
    if not choosing.may_be_divided(session, claim=claim):
        raise StaysWhole("There is no fee for you in this that could be divided. You can choose its day.")


def check_sum(answer: str, now_pence: int | None, *, whole_pence: int) -> None:
    """Raises `Invalid` unless both parts are above nothing, as far as the whole is known."""
    if answer != SPLIT:
        return
    if now_pence is None or now_pence <= 0:
        raise one_fault("/now_pence", "Enter how much you would like first, 1p or more")
    if 0 < whole_pence <= now_pence:
        raise one_fault("/now_pence", f"Enter less than {pounds(whole_pence)}, which is the whole fee")


def _check_day(answer: str, day: date | None, *, after: date, now: datetime) -> None:
    if answer not in WITH_A_DAY:
        return
    if day is None:
        raise one_fault("/day", "Enter the day on which you would like the money")
    if day <= after:
        raise one_fault("/day", f"Enter a day after {date_in_words(after)}")
    if day > london_day(now) + LONGEST:
        last = date_in_words(london_day(now) + LONGEST)
        raise one_fault("/day", f"Enter a day up to {last}. That is half a year")


def _write(
    session: Session,
    choice: PaymentChoice,
    *,
    answer: str,
    day: date | None,
    now_pence: int | None,
    actor: Actor,
    now: datetime,
) -> PaymentChoice:
    stood = _stands(session, choice)
    if stood is not None and (stood.answer, stood.day, stood.now_pence) == (answer, day, now_pence):
        return stood
    if stood is not None:
        stood.replaced_at = now
        session.flush()
    choice.id, choice.answer, choice.day = ids.new("cho"), answer, day if answer in WITH_A_DAY else None
    choice.now_pence = now_pence if answer == SPLIT else None
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
