"""What does the policy say to a claim? The one place where a claim meets its policy. Never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from service import ids
from service.allowances import actions as allowances
from service.allowances.model import LIVE, Allowance, Key, Occasion, Take
from service.allowances.queries import Book
from service.claims import queries
from service.claims.model import ADVANCE, BY_PERSON
from service.claims.tables import Claim, ClaimAssessment
from service.days import london_day
from service.errors import one_fault
from service.policy import queries as policies
from service.policy.faults import FactFaults
from service.policy.figures import of_this_policy, uses_of
from service.policy.queries import Judge
from service.sessions import allowing
from service.sessions import queries as sessions
from service.sessions.tables import Offer


@dataclass(frozen=True)
class _Judged:
    """The facts that were asked, the answer that counts, and what it takes of which allowances."""

    facts: dict[str, Any]
    answer: dict[str, Any]
    takes: Mapping[Key, Take]
    book: Book | None


def assess(session: Session, claim: Claim, *, now: datetime, asked_on: date | None = None) -> None:
    """Ask the policy, store the answer beside the claim, copy its sums, and use what it takes.

    The allowances that the policy looks at stay locked, so two claims at once cannot both take the last. No
    version is published meanwhile, so whoever publishes one finds every claim that was judged by another.
    """
    policies.stand_still(session, council_id=claim.council_id)
    judged = _judge(session, claim, asked_on=asked_on or london_day(now), keep_at=now)
    answer = judged.answer
    store(session, claim, judged.facts, answer, now=now)
    claim.fee_pence, claim.expenses_pence = answer["fee_pence"], answer["expenses_pence"]
    claim.put_off_pence = 0
    claim.decided_lines = None
    claim.pay_by = date.fromisoformat(answer["pay_by"]) if answer.get("pay_by") else None
    if claim.kind == ADVANCE and claim.pay_by is not None:
        claim.pay_by = _before_the_day(session, claim, today=london_day(now))
    if judged.book is not None:
        claim.counted = True
        allowances.hold(
            session,
            council_id=claim.council_id,
            book=judged.book,
            verb="use",
            takes=judged.takes,
            now=now,
        )
    session.flush()


def store(
    session: Session, claim: Claim, facts: dict[str, Any], answer: dict[str, Any], *, now: datetime
) -> None:
    """Keep an answer for ever, as the one that counts for a claim. The claim's sums stay as they are."""
    stored = ClaimAssessment(
        council_id=claim.council_id,
        id=ids.new("asm"),
        claim_id=claim.id,
        claim_version=claim.version,
        facts=facts,
        answer=answer,
        policy_id=answer["policy"]["id"],
        policy_hash=answer["policy"]["hash"],
        engine_version=answer["engine_version"],
        made_at=now,
    )
    session.add(stored)
    claim.assessment_id = stored.id
    session.flush()


def promised(session: Session, claim: Claim, *, on: date) -> date | None:
    """By when the policy of today promises a claim that is made today."""
    facts = queries.assessment(session, council_id=claim.council_id, claim_id=claim.id).facts
    today = {**facts, "on": on.isoformat(), "claimed_on": on.isoformat()}
    try:
        answer = policies.in_force(session, council_id=claim.council_id, on=on).assess(today)
    except (FactFaults, policies.NoPolicy):
        return None
    return date.fromisoformat(answer["pay_by"]) if answer.get("pay_by") else None


def _before_the_day(session: Session, claim: Claim, *, today: date) -> date | None:
    """By when money for before the day is promised: the day before it at the latest; None where that is over.

    A later day would help nobody, so none is promised then.
    """
    last = _day(claim.facts) - timedelta(days=1)
    if last < today:
        return None
    return min(promised(session, claim, on=today) or last, last)


def answer_for(session: Session, claim: Claim, *, asked_on: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """The facts as the policy was asked, and its answer. Takes nothing.

    `asked_on` is the day of the claim, for deadlines.

    The version of the activity's day judges; where an accepted offer was made under another version, the one
    that pays more counts, so that no later policy pays less than was promised.
    """
    judged = _judge(session, claim, asked_on=asked_on, keep_at=None)
    return judged.facts, judged.answer


def _judge(session: Session, claim: Claim, *, asked_on: date, keep_at: datetime | None) -> _Judged:
    """What is asked and answered. With `keep_at` allowances are locked, so that the claim may use them."""
    offer = None
    if claim.offer_id:
        offer = sessions.offer(session, council_id=claim.council_id, offer_id=claim.offer_id)
    facts = _facts(claim, offer, asked_on)
    on = _day(facts)
    judges = _asked(versions(session, council_id=claim.council_id, on=on, offer=offer), facts)
    counters = [
        allowing.counted(session, judge=judge, council_id=claim.council_id, person_id=claim.person_id, on=on)
        for judge in judges
    ]
    book = _book(session, claim, offer, counters, keep_at=keep_at)
    answers = [
        allowing.judged(judge=judge, facts=facts, counters=own, book=book)
        for judge, own in zip(judges, counters, strict=True)
    ]
    best = max(answers, key=lambda one: one.total_pence)
    # A counter that the other version alone knows has been told of the claim all the same.
    takes = {key: take for one in [*answers, best] for key, take in one.takes.items()}
    return _Judged(best.facts, best.answer, takes, book)


def versions(session: Session, *, council_id: str, on: date, offer: Offer | None) -> list[Judge]:
    """Which versions judge: that of the activity's day, and the one that an offer was made under."""
    judges = [policies.in_force(session, council_id=council_id, on=on)]
    if offer is not None and offer.policy_id != judges[0].id:
        judges.append(policies.by_id(session, council_id=council_id, policy_id=offer.policy_id))
    return judges


def _asked(judges: list[Judge], facts: Mapping[str, Any]) -> list[Judge]:
    """Of these versions those that are asked about such facts."""
    if BY_PERSON not in facts:
        return judges
    # A version that says nothing of it is not asked: it would answer as if the council had cancelled.
    return [judge for judge in judges if speaks_of(judge, BY_PERSON)] or judges


def speaks_of(judge: Judge, fact: str) -> bool:
    """Whether a version knows a fact of a claim."""
    return fact in judge.policy.vocabulary.claim


def said_with_yes(offer: Offer) -> dict[str, Any]:
    """What somebody said of the fee as they said yes: that they take less, or who gets it."""
    said = {"accept_pence": offer.accept_pence, "give_to": offer.give_to or None}
    return {name: value for name, value in said.items() if value is not None}


def _facts(claim: Claim, offer: Offer | None, asked_on: date) -> dict[str, Any]:
    facts: dict[str, Any] = {**claim.facts, "claimed_on": asked_on.isoformat()}
    if claim.expenses:
        facts["expenses"] = claim.expenses
    if not claim.with_fee:
        facts["fee"] = False
    if claim.kind in ("attendance", "cancellation"):
        facts["by_register"] = True
    if offer is not None and claim.with_fee:
        facts |= said_with_yes(offer)
    return facts


def _day(facts: Mapping[str, Any]) -> date:
    if "on" not in facts:
        raise one_fault("/facts/on", "Say which day it was, like 2027-01-12")
    try:
        return date.fromisoformat(str(facts["on"]))
    except ValueError as error:
        raise one_fault("/facts/on", "Write the day like 2027-01-12") from error


def _book(
    session: Session,
    claim: Claim,
    offer: Offer | None,
    counters: Sequence[Mapping[str, Allowance]],
    *,
    keep_at: datetime | None,
) -> Book | None:
    """The allowances that count here. None where no policy counts, and nothing was kept before."""
    wanted = {one for each in counters for one in each.values()}
    offered = claim.with_fee and offer is not None and "uses" in offer.assessment
    if not wanted and not claim.counted and not offered:
        return None
    who = _occasion(claim)
    if keep_at is None:
        return allowing.look(session, council_id=claim.council_id, counters=counters, who=who)
    return allowances.open_book(
        session, council_id=claim.council_id, wanted=wanted, occasion=who, now=keep_at
    )


def _occasion(claim: Claim) -> Occasion:
    """The claim with the fee takes over what was kept for the offer. Costs have a place of their own."""
    if claim.session_id is None:
        return Occasion(claim.id, claim.id)
    return allowing.occasion(
        session_id=claim.session_id,
        person_id=claim.person_id,
        holder=claim.id,
        takes_over=(claim.offer_id,) if claim.with_fee and claim.offer_id else (),
    )


def take_place(session: Session, claim: Claim, offer: Offer, *, now: datetime) -> None:
    """An agreed claim carries the fee of this offer from now on, and uses what was kept for it."""
    if "uses" not in offer.assessment:
        return
    book = allowances.open_book(
        session, council_id=claim.council_id, wanted=(), occasion=_occasion(claim), now=now
    )
    takes = {
        key: Take(one.amount, one.handed_in)
        for (key, holder), one in book.holdings.items()
        if holder == offer.id and one.state in LIVE
    }
    if takes:
        claim.counted = True
        allowances.hold(session, council_id=claim.council_id, book=book, verb="use", takes=takes, now=now)


def use_decided(session: Session, claim: Claim, *, lines: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Use what a claim takes once a person has decided the lines that its policy left open."""
    if not claim.counted or claim.assessment_id is None:
        return
    stored = session.get_one(ClaimAssessment, (claim.council_id, claim.assessment_id))
    judge = policies.by_id(session, council_id=claim.council_id, policy_id=stored.policy_id)
    counters = allowing.counted(
        session,
        judge=judge,
        council_id=claim.council_id,
        person_id=claim.person_id,
        on=_day(stored.facts),
    )
    book = allowances.open_book(
        session,
        council_id=claim.council_id,
        wanted=set(counters.values()),
        occasion=_occasion(claim),
        now=now,
    )
    uses = uses_of(lines, stored.facts, judge.policy)
    held = {key: take for key in book.rows if (take := book.held(key)) is not None}
    decided = {
        one.key: Take(uses[name], held[one.key].handed_in)
        for name, one in counters.items()
        if one.key in held
    }
    allowances.hold(
        session,
        council_id=claim.council_id,
        book=book,
        verb="use",
        takes={**held, **decided},
        now=now,
    )


def use_corrected(
    session: Session,
    claim: Claim,
    *,
    policy_id: str,
    asked: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    left_open: bool,
    now: datetime,
) -> None:
    """Use what a paid claim takes once what it rests on was corrected: what is right, and no more.

    `lines`: what the version `policy_id` says to the facts `asked`, with what a person decided. `left_open`:
    a person has still to decide some of it, so nothing that is held is given back yet. Locks come last here.
    """
    if not claim.counted:
        return
    uses, wanted = _corrected_uses(session, claim, policy_id=policy_id, asked=asked, lines=lines)
    book = allowances.open_book(
        session, council_id=claim.council_id, wanted=wanted, occasion=_occasion(claim), now=now
    )
    held = {key: take for key in book.rows if (take := book.held(key)) is not None}
    counted = {(key.counter, key.counts) for key in uses}
    takes = {key: take for key, take in held.items() if (key.counter, key.counts) not in counted}
    for key, amount in uses.items():
        before = held.get(key) or Take(0, book.figure(key))
        takes[key] = Take(max(amount, before.amount) if left_open else amount, before.handed_in)
    allowances.hold(session, council_id=claim.council_id, book=book, verb="use", takes=takes, now=now)


def _corrected_uses(
    session: Session,
    claim: Claim,
    *,
    policy_id: str,
    asked: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
) -> tuple[dict[Key, int], set[Allowance]]:
    """What each counter is told: by the version that counts, or by another where that one alone knows it."""
    offer = None
    if claim.offer_id:
        offer = sessions.offer(session, council_id=claim.council_id, offer_id=claim.offer_id)
    on = _day(asked)
    judge = policies.by_id(session, council_id=claim.council_id, policy_id=policy_id)
    found = {judge.id: uses_of(lines, asked, judge.policy)}
    judges = {judge.id: judge}
    for other in _asked(versions(session, council_id=claim.council_id, on=on, offer=offer), asked):
        if other.id != policy_id:
            answer = other.assess(dict(of_this_policy(asked, other.policy)))
            found[other.id] = answer["uses"] if answer["total_pence"] else {}
            judges[other.id] = other
    uses: dict[Key, int] = {}
    wanted: set[Allowance] = set()
    for one_id, one in judges.items():
        counters = allowing.counted(
            session, judge=one, council_id=claim.council_id, person_id=claim.person_id, on=on
        )
        wanted |= set(counters.values())
        uses = {each.key: found[one_id].get(name, 0) for name, each in counters.items()} | uses
    return uses, wanted


def give_back(session: Session, claim: Claim, *, now: datetime) -> None:
    """A paid claim takes nothing after all. Safe to repeat."""
    if claim.counted:
        allowances.free(session, council_id=claim.council_id, holders=[claim.id], now=now)
