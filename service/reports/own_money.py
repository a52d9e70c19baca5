"""What does one person get in a week or month of their own, and which fee would take them past their line?

Fees alone count: costs that are paid back, fees that go to a charity and money that was turned down are left
out. A fee counts on the day that it was paid; before that on the day that the person chose, on the day of its
session where that is still to come, and else as if it came today. A week after its session it counts only if
the register says that they came. A fee in two parts counts as two. Read for the person alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from service.claims import queries as claims
from service.claims.model import CANCELLATION
from service.claims.tables import Claim
from service.days import london_day
from service.payouts import choosing, file_queries, putting_off
from service.payouts import queries as payouts
from service.payouts.choice_tables import PaymentChoice
from service.payouts.model import OVER
from service.payouts.tables import Obligation, Payout
from service.people import lines
from service.people import queries as people
from service.people.lines_model import (
    Counted,
    Line,
    Passing,
    first_day_within,
    passing,
    passing_in_order,
    room_within,
)
from service.sessions import queries as sessions
from service.sessions.tables import InvolvementSession, Offer

# What makes a key of its own of the later part of a fee that nobody has agreed yet.
REST = " rest"

NOT_COMING = ("draft", "refused", "withdrawn")
FOR_OTHERS = ("charity", "none")

# So long after a session its register may still be ticked, and the day of its fee be chosen.
TICKED_LATER = timedelta(days=7)


@dataclass(frozen=True)
class Fee:
    """One fee of a person. `choice`: what they said about when it comes; `open`: they may still say so.

    `whole`: which fee it is, or is a part of, where somebody chose to have one in two; `later`: it is the
    later part; `may_split`: it may come in two parts; `divided`: it does already.
    """

    counted: Counted
    session_id: str
    offer_id: str = ""
    claim_id: str = ""
    choice: PaymentChoice | None = None
    open: bool = False
    whole: str = ""
    later: bool = False
    may_split: bool = False
    divided: bool = False

    @property
    def answered(self) -> bool:
        """Whether they have chosen. A no that they took back since is no answer."""
        return self.choice is not None and self.choice.answer != choosing.NO


@dataclass(frozen=True)
class OwnMoney:
    """Everything that a person's lines count, in the order in which it comes; and what nobody asked yet."""

    lines: tuple[Line, ...]
    fees: tuple[Fee, ...]
    today: date
    # All of it goes to a charity, or the person is not paid: nothing that comes later counts.
    elsewhere: bool = False

    @property
    def counted(self) -> list[Counted]:
        """The fees alone."""
        return [fee.counted for fee in self.fees]

    def passes(self, fee: Fee) -> tuple[Passing, ...]:
        """The lines that a fee takes its person past, when those before it have come."""
        return passing_in_order(self.lines, self.counted, fee.counted)

    def to_ask(self) -> list[tuple[Fee, tuple[Passing, ...]]]:
        """Fees that are still to come, would pass a line, and about which the person has not chosen."""
        waiting = [(fee, self.passes(fee)) for fee in self.fees if fee.open and not fee.answered]
        return [(fee, found) for fee, found in waiting if found]

    def with_more(self, one: Counted) -> tuple[Passing, ...]:
        """The lines that one more fee would pass, on top of everything that is there or promised."""
        return () if self.elsewhere else passing(self.lines, self.counted, one)

    def first_day_for(self, one: Counted) -> date | None:
        """The first day after its own on which a fee would pass no line."""
        until = self.today + choosing.LONGEST
        return first_day_within(self.lines, self.counted, one, after=max(one.day, self.today), until=until)

    def without(self, fee: Fee) -> OwnMoney:
        """The same, where a fee with all its parts were not there."""
        return replace(self, fees=tuple(one for one in self.fees if one.whole != fee.whole))

    def as_one(self, fee: Fee) -> Fee:
        """A fee as if all its parts that have not left came at once, on the day of the first of them."""
        parts = [one for one in self.fees if one.whole == fee.whole and not one.counted.left]
        first = min(parts, key=lambda one: (one.later, one.counted.day), default=fee)
        pence = sum(one.counted.pence for one in parts)
        return replace(first, counted=replace(first.counted, pence=pence)) if parts else fee

    def parts_within(self, one: Counted) -> tuple[int, date] | None:
        """As much of a fee as passes no line, and the first day on which the rest passes none either."""
        room = room_within(self.lines, self.counted, one)
        if room is None or not 0 < room < one.pence:
            return None
        first = Fee(replace(one, pence=room), "")
        rest = replace(one, key=f"{one.key}{REST}", pence=one.pence - room)
        day = replace(self, fees=(*self.fees, first)).first_day_for(rest)
        return (room, day) if day is not None else None

    def past_in_parts(
        self, one: Counted, *, now_pence: int, day: date
    ) -> tuple[tuple[Passing, ...], tuple[Passing, ...]]:
        """The lines that the first part of a fee, and then the rest on a later day, would pass."""
        first = replace(one, pence=now_pence)
        rest = replace(one, key=f"{one.key}{REST}", pence=one.pence - now_pence, day=day)
        there = replace(self, fees=(*self.fees, Fee(first, "")))
        return self.with_more(first), there.with_more(rest)


def of_person(session: Session, *, council_id: str, person_id: str, now: datetime) -> OwnMoney:
    """A person's lines, and what they count."""
    today, key = london_day(now), {"council_id": council_id, "person_id": person_id}
    method = people.current_method(session, **key)
    elsewhere = method is not None and method.kind in FOR_OTHERS
    whole = _claimed(session, **key, today=today, elsewhere=elsewhere)
    if not elsewhere:
        whole += _promised(session, **key, today=today)
    found = [part for fee in whole for part in _as_chosen(fee)]
    return OwnMoney(
        lines=lines.of_person(session, council_id=council_id, person_id=person_id),
        fees=tuple(sorted(found, key=lambda fee: fee.counted.order)),
        today=today,
        elsewhere=elsewhere,
    )


def of_offer(offer: Offer, held: InvolvementSession, *, pence: int, today: date) -> Counted:
    """What an offer would be counted as, if the person said yes to so much of it."""
    return Counted(offer.id, max(today, london_day(held.ends_at)), pence)


def _as_chosen(fee: Fee) -> list[Fee]:
    """A fee that is not agreed yet, in the two parts that its person chose."""
    choice, one = fee.choice, fee.counted
    asked = fee.may_split and not fee.divided and not one.left
    asked = asked and choice is not None and choice.answer == choosing.SPLIT
    if choice is None or not asked or choice.day is None or choice.now_pence is None:
        return [fee]
    if choice.now_pence >= one.pence or choice.day <= one.day:
        return [fee]
    rest = replace(one, key=f"{one.key}{REST}", pence=one.pence - choice.now_pence, day=choice.day)
    first = replace(one, pence=choice.now_pence)
    return [replace(fee, counted=first, divided=True), replace(fee, counted=rest, later=True, divided=True)]


def _promised(session: Session, *, council_id: str, person_id: str, today: date) -> list[Fee]:
    """Offers that were accepted and have no claim with their fee yet, while their register may be ticked."""
    key = {"council_id": council_id, "person_id": person_id}
    accepted = [
        offer
        for offer in sessions.offers_of(session, **key)
        if offer.state == "accepted" and offer.promised_pence > 0 and not offer.give_to
    ]
    made = claims.of_person(session, **key)
    claimed = {claim.session_id for claim in made if claims.carries_fee(session, claim=claim)}
    # Paid for a place that was cancelled before there was this one: only the rest is still to come.
    had = {c.session_id: c.fee_pence for c in made if (c.kind, c.state) == (CANCELLATION, "paid")}
    held = sessions.by_ids(session, council_id=council_id, session_ids={o.session_id for o in accepted})
    chosen = {row.offer_id: row for row in choosing.standing(session, **key) if row.offer_id}
    return [
        Fee(
            counted=Counted(
                offer.id,
                _later(_own_day(chosen.get(offer.id)), london_day(held[offer.session_id].ends_at), today),
                max(0, offer.promised_pence - had.get(offer.session_id, 0)),
            ),
            session_id=offer.session_id,
            offer_id=offer.id,
            choice=chosen.get(offer.id),
            open=True,
            whole=offer.id,
            may_split=True,
        )
        for offer in accepted
        if offer.session_id not in claimed
        and held[offer.session_id].cancelled_at is None
        and london_day(held[offer.session_id].ends_at) >= today - TICKED_LATER
    ]


def _own_day(choice: PaymentChoice | None, *, later: bool = False) -> date | None:
    """The day that was chosen; of a fee in two parts only the `later` one has it."""
    if choice is None or (choice.answer == choosing.SPLIT and not later):
        return None
    return choice.day


def _later(own_day: date | None, day: date, today: date) -> date:
    """The day that was chosen, if it is still to come; else when it would come: today or later."""
    soonest = max(day, today)
    return own_day if own_day is not None and own_day > soonest else soonest


def _claimed(session: Session, *, council_id: str, person_id: str, today: date, elsewhere: bool) -> list[Fee]:
    """Fees of claims, whether they wait, are on their way or were paid."""
    key = {"council_id": council_id, "person_id": person_id}
    found = [claim for claim in claims.of_person(session, **key) if claim.state not in NOT_COMING]
    paid = payouts.of_claims(session, council_id=council_id, claim_ids=[claim.id for claim in found])
    rows = [payout for tries in paid.values() for payout in tries]
    owed = payouts.obligations(
        session, council_id=council_id, obligation_ids={payout.obligation_id for payout in rows}
    )
    arrives = file_queries.entry_days(session, council_id=council_id, payout_ids=[p.id for p in rows])
    given = {offer.id for offer in sessions.offers_of(session, **key) if offer.give_to}
    fees = []
    for claim in found:
        last = next((p for p in reversed(paid[claim.id]) if p.state not in OVER), None)
        if _goes_elsewhere(last) if last else elsewhere or (claim.with_fee and claim.offer_id in given):
            continue
        fees.append(_fee(session, claim, last, owed, arrives, today))
    return [fee for fee in fees if fee.counted.pence > 0]


def _goes_elsewhere(payout: Payout) -> bool:
    return bool(payout.give_to) or payout.rail in FOR_OTHERS or payout.held_because == "not_wanted"


def _fee(
    session: Session,
    claim: Claim,
    last: Payout | None,
    owed: Mapping[str, Obligation],
    arrives: Mapping[str, date],
    today: date,
) -> Fee:
    choice, later = choosing.about(session, claim=claim), claim.rest_of_id is not None
    left = last is not None and last.state not in ("ready", "held")
    return Fee(
        counted=Counted(
            claim.id,
            _day_of(last, arrives, _own_day(choice, later=later), today),
            owed[last.obligation_id].fee_pence if last else claim.fee_pence,
            left,
        ),
        session_id=claim.session_id or "",
        offer_id=claim.offer_id or "",
        claim_id=claim.id,
        choice=choice,
        open=not left and putting_off.may_choose(claim, last),
        whole=claim.rest_of_id or claim.id,
        later=later,
        may_split=claim.with_fee,
        divided=later or claim.put_off_pence > 0,
    )


def _day_of(last: Payout | None, arrives: Mapping[str, date], own_day: date | None, today: date) -> date:
    """The day on which a fee counts."""
    if last is None:
        return _later(own_day, today, today)
    if last.state == "paid":
        return last.paid_on or london_day(last.changed_at)
    if last.state not in ("ready", "held"):
        return arrives.get(last.id, london_day(last.changed_at))
    waits_until = london_day(last.held_until) if last.held_until else today
    return max(today, waits_until, last.own_day or today)
