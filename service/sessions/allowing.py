"""What do a person's allowances say to a policy, and what does its answer take of them?

The one place where the policy's counters meet the figures that are kept. Offers and claims both come here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from service.allowances import actions as allowances
from service.allowances import queries as allowance_queries
from service.allowances.model import Allowance, Key, Occasion, Take, allowance, payee
from service.allowances.queries import Book
from service.errors import Conflict
from service.money import pounds
from service.people import queries as people
from service.policy import queries as policies
from service.policy.figures import USED, used_facts
from service.policy.queries import Judge
from service.sessions.tables import Offer

# From the best answer to the worst, where they come to the same sum.
OUTCOMES = ("payable", "needs_person", "not_payable")


class LessNow(Conflict):
    """An allowance was taken up meanwhile, so the offer would come to less than it said."""

    title = "What you would be paid has changed"
    keeps = True


@dataclass(frozen=True)
class Judged:
    """The facts as a policy was asked, its answer, and what that takes of each allowance."""

    facts: dict[str, Any]
    answer: dict[str, Any]
    takes: dict[Key, Take]

    @property
    def total_pence(self) -> int:
        """What it comes to."""
        total: int = self.answer["total_pence"]
        return total

    @property
    def rank(self) -> tuple[int, int]:
        """How good the answer is for the person."""
        return _rank(self.answer)


def occasion(*, session_id: str, person_id: str, holder: str, takes_over: tuple[str, ...] = ()) -> Occasion:
    """One person at one session: their offer and their claims for it have this in common."""
    return Occasion(f"{session_id}:{person_id}", holder, takes_over)


def counted(
    session: Session, *, judge: Judge, council_id: str, person_id: str, on: date
) -> dict[str, Allowance]:
    """Counter → the allowance that a policy looks at for a person and a day.

    Asks the database nothing where the policy counts nothing.
    """
    found = {}
    organisation = None
    if any(one.per == "organisation" for one in judge.counters):
        organisation = people.get(session, council_id=council_id, person_id=person_id).organisation
    for one in judge.counters:
        found[one.key] = allowance(
            payee=payee(per=one.per, person_id=person_id, organisation=organisation),
            counter=one.key,
            name=one.name,
            counts=one.counts,
            each=one.each,
            week_starts=judge.week_starts,
            on=on,
        )
    return found


def judged(
    *, judge: Judge, facts: Mapping[str, Any], counters: Mapping[str, Allowance], book: Book | None
) -> Judged:
    """What a policy answers when it is told what others have used and what is kept for them.

    Whoever holds a place already keeps it: the figures that it was given with still count, wherever the
    answer takes no more than is held, and where that is better for the person. So nobody who said yes first
    is paid less because others said yes later, and no limit is passed by it.
    """
    if not counters or book is None:
        return Judged(dict(facts), judge.assess(dict(facts)), {})
    now = {name: book.figure(one.key) for name, one in counters.items()}
    best = _ask(judge, facts, counters, now)
    held = {name: take for name, one in counters.items() if (take := book.held(one.key)) is not None}
    figures = now | {name: take.handed_in for name, take in held.items()}
    while figures != now:
        kept = _ask(judge, facts, counters, figures)
        past = [
            name
            for name, take in held.items()
            if figures[name] != now[name] and kept.takes[counters[name].key].amount > take.amount
        ]
        if not past:
            return max(best, kept, key=lambda one: one.rank)
        figures |= {name: now[name] for name in past}
    return best


def _ask(
    judge: Judge, facts: Mapping[str, Any], counters: Mapping[str, Allowance], figures: Mapping[str, int]
) -> Judged:
    used = {name: figure for name, figure in figures.items() if figure}
    asked = {**facts, USED: used_facts(used, judge.policy)} if used else dict(facts)
    answer = judge.assess(asked)
    # An answer of nothing takes nothing, also on a day that the policy does not cover.
    uses = answer["uses"] if answer["total_pence"] else {}
    takes = {one.key: Take(uses.get(name, 0), figures[name]) for name, one in counters.items()}
    return Judged(asked, answer, takes)


def look(
    session: Session, *, council_id: str, counters: Sequence[Mapping[str, Allowance]], who: Occasion
) -> Book | None:
    """The allowances as they stand, for an answer that takes nothing yet."""
    keys = {one.key for each in counters for one in each.values()}
    if not keys:
        return None
    return allowance_queries.book(session, council_id=council_id, keys=keys, occasion=who)


# An offer


def foreseen(
    session: Session,
    *,
    judge: Judge,
    facts: Mapping[str, Any],
    person_id: str,
    who: Occasion,
    council_id: str,
) -> dict[str, Any]:
    """The answer for an offer that is being made: nothing is kept until somebody says yes."""
    on = date.fromisoformat(facts["on"])
    counters = counted(session, judge=judge, council_id=council_id, person_id=person_id, on=on)
    book = look(session, council_id=council_id, counters=[counters], who=who)
    return judged(judge=judge, facts=facts, counters=counters, book=book).answer


def reserve(
    session: Session, *, offer: Offer, now: datetime, accept_pence: int | None, give_to: str | None
) -> None:
    """Keep for somebody who says yes what their offer takes. Nothing to do where its policy counts nothing.

    The offer is worked out again with the figures of this moment, under their locks. Raises `LessNow` when
    it would come to less than it said: the new answer then stands in the offer, for them to look at. Where
    they had said yes already, and change how much they take, the offer stays as it was promised.
    """
    if "uses" not in offer.assessment:
        return
    council_id = offer.council_id
    judge = policies.by_id(session, council_id=council_id, policy_id=offer.policy_id)
    facts = {name: value for name, value in offer.assessment["facts"].items() if name != USED}
    on = date.fromisoformat(facts["on"])
    counters = counted(session, judge=judge, council_id=council_id, person_id=offer.person_id, on=on)
    who = occasion(session_id=offer.session_id, person_id=offer.person_id, holder=offer.id)
    book = allowances.open_book(
        session, council_id=council_id, wanted=list(counters.values()), occasion=who, now=now
    )
    fresh = judged(judge=judge, facts=facts, counters=counters, book=book)
    before, promised = offer.assessment, offer.state == "accepted"
    if not promised:
        offer.assessment, offer.fee_pence = fresh.answer, fresh.answer["fee_pence"]
    if _rank(fresh.answer, accept_pence) < _rank(before, accept_pence):
        session.flush()
        words = _what_changed(before, fresh.answer, promised=promised)
        raise LessNow(words, clause=_clause(before, fresh.answer))
    said = {"accept_pence": accept_pence, "give_to": give_to or None}
    asked = facts | {name: value for name, value in said.items() if value is not None}
    taken = judged(judge=judge, facts=asked, counters=counters, book=book)
    allowances.hold(session, council_id=council_id, book=book, verb="reserve", takes=taken.takes, now=now)


def free(session: Session, *, council_id: str, offers: Sequence[Offer], now: datetime) -> None:
    """Give back what is kept for these offers. Nothing to do where their policies count nothing."""
    holders = [offer.id for offer in offers if "uses" in offer.assessment]
    if holders:
        allowances.free(session, council_id=council_id, holders=holders, now=now)


def _rank(answer: Mapping[str, Any], accept_pence: int | None = None) -> tuple[int, int]:
    total: int = answer["total_pence"]
    chosen = total if accept_pence is None else min(total, accept_pence)
    return chosen, -OUTCOMES.index(answer["outcome"])


def _what_changed(before: Mapping[str, Any], fresh: Mapping[str, Any], *, promised: bool) -> str:
    now = {
        "payable": f"would now be {pounds(fresh['total_pence'])}",
        "needs_person": "now needs somebody to look at it",
        "not_payable": "would now be paid nothing",
    }[fresh["outcome"]]
    return (
        f"This offer was {pounds(before['total_pence'])}, and {now}. Since it was made, other sessions have"
        " taken up some of what can be paid. "
        + (
            "Your yes stays as it was."
            if promised
            else "You have not said yes yet. Look at the offer again, then answer."
        )
    )


def _clause(before: Mapping[str, Any], fresh: Mapping[str, Any]) -> str | None:
    """The clause of the first reason that was not there before."""
    known = {reason["rule"] for line in before["lines"] for reason in line["reasons"]}
    reasons = (reason for line in fresh["lines"] for reason in line["reasons"])
    return next((reason["clause"] for reason in reasons if reason["rule"] not in known), None)
