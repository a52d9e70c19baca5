"""What does a person see of their own line: what it counts, what comes, and what would take them past it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from service.claims.tables import Claim
from service.days import day_in_words, london_day
from service.money import pounds
from service.payouts.choosing import NOW, SPLIT
from service.people.lines_model import MONTH, WEEKDAYS, Counted, Line, Passing, Window
from service.reports import own_money
from service.reports.own_money import Fee, OwnMoney
from service.sessions import queries as sessions
from service.sessions.tables import InvolvementSession, Offer
from service.web import here

AS_USUAL = "You said that it comes as usual."


@dataclass(frozen=True)
class LinePart:
    """One line as its person reads it: the sum, where they stand now, and what is left of it."""

    per: str
    pence: int
    starts: str
    window: str
    so_far_pence: int
    left_pence: int


@dataclass(frozen=True)
class ComingFee:
    """A fee that is still to come. `choose`: where its day is chosen; empty when it is too late for that."""

    title: str
    pence: int
    day: date
    said: str
    past: tuple[str, ...]
    choose: str


@dataclass(frozen=True)
class LinePage:
    """Somebody's own lines, and everything that they count."""

    lines: tuple[LinePart, ...]
    coming: tuple[ComingFee, ...]
    free: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One fee about which its person may choose. `past`: sentences about each line that it would pass.

    `offered`: nobody has said yes yet. `may_less`: the sum may still be changed. `first_day`: the first later
    day on which it would pass no line. `back`: the page of the person from which they came. `may_split`: it
    may come in two parts; `within`: as much as passes no line, the rest, and the first day for that.
    """

    title: str
    pence: int
    past: tuple[str, ...]
    first_day: date | None
    said: str
    offered: bool
    may_less: bool
    back: str
    may_split: bool = False
    within: tuple[int, int, date] | None = None


def of_me(session: Session) -> OwnMoney:
    """The lines of whoever is signed in, and what they count."""
    return own_money.of_person(session, council_id=here.council_id(), person_id=here.me().id, now=here.now())


def page(session: Session) -> LinePage:
    """The page about somebody's own line."""
    money = of_me(session)
    coming = [fee for fee in money.fees if not fee.counted.left]
    held = _held(session, coming)
    return LinePage(
        lines=tuple(_part(line, money) for line in money.lines),
        coming=tuple(_coming(fee, held, money) for fee in coming),
        free=tuple(per for per in ("week", "month") if per not in {line.per for line in money.lines}),
    )


def days_chosen(money: OwnMoney) -> dict[str, str]:
    """Offer → what its person chose about when its fee comes, where they chose a day."""
    fees = [fee for fee in money.fees if fee.offer_id and not fee.claim_id and not fee.later]
    return {fee.offer_id: said_of(fee) for fee in fees if fee.choice and fee.choice.day}


def asking(session: Session, money: OwnMoney) -> tuple[ComingFee, ...]:
    """Fees about which the person has to be told before they come: they would pass a line of theirs."""
    if not money.lines:
        return ()
    found = [fee for fee, _ in money.to_ask()]
    held = _held(session, found)
    return tuple(_coming(fee, held, money) for fee in found)


def asks_before_yes(session: Session, offer: Offer, *, accept_pence: int | None, give_to: str | None) -> bool:
    """Whether a yes to so much of an offer would take the person past a line of theirs.

    Never for a helper: nobody else learns that there is a line. The person is told on their own page.
    """
    if here.me().acting or give_to or offer.state == "accepted":
        return False
    pence = offer.fee_pence if accept_pence is None else accept_pence
    return bool(of_me(session).with_more(counted(session, offer, pence)))


def asks_before_more(session: Session, claim: Claim) -> bool:
    """Whether a yes to what is offered on top of a claim would take the person past a line of theirs."""
    return claim.state == "draft" and bool(of_me(session).with_more(counted_more(claim)))


def counted_more(claim: Claim) -> Counted:
    """What is offered on top of a claim, as the person's lines would count it: it would come today."""
    return Counted(claim.id, london_day(here.now()), claim.fee_pence)


def counted(session: Session, offer: Offer, pence: int) -> Counted:
    """An offer as the person's lines would count it."""
    held = sessions.get(session, council_id=offer.council_id, session_id=offer.session_id)
    return own_money.of_offer(offer, held, pence=pence, today=london_day(here.now()))


def about_offer(session: Session, offer: Offer, pence: int) -> Question:
    """The question before somebody says yes to an offer."""
    money, one = of_me(session), counted(session, offer, pence)
    held = sessions.get(session, council_id=offer.council_id, session_id=offer.session_id)
    past = money.with_more(one)
    return Question(
        title=held.title,
        pence=pence,
        past=tuple(past_in_words(each) for each in past),
        first_day=money.first_day_for(one) if past else None,
        said="",
        offered=True,
        may_less=True,
        back=f"offers/{offer.id}",
        may_split=pence > 1,
        within=_within(money, one) if past else None,
    )


def _within(money: OwnMoney, one: Counted) -> tuple[int, int, date] | None:
    """The first part, the rest and its day, so that a fee in two parts passes no line."""
    found = money.parts_within(one)
    return (found[0], one.pence - found[0], found[1]) if found else None


def about_more(session: Session, claim: Claim, title: str) -> Question:
    """The question before somebody says yes to what is offered on top of a claim."""
    money, one = of_me(session), counted_more(claim)
    past = money.with_more(one)
    return Question(
        title=title,
        pence=claim.fee_pence,
        past=tuple(past_in_words(each) for each in past),
        first_day=money.first_day_for(one) if past else None,
        said="",
        offered=True,
        may_less=False,
        back=f"claims/{claim.id}",
    )


def about_fee(session: Session, fee: Fee, money: OwnMoney) -> Question:
    """The question about a fee that was promised already. `money`: everything else."""
    past, may_split = money.passes(fee), fee.may_split and fee.counted.pence > 1
    return Question(
        title=_title(fee, _held(session, [fee])),
        pence=fee.counted.pence,
        past=tuple(past_in_words(each) for each in past),
        first_day=money.first_day_for(fee.counted) if past else None,
        said=said_of(fee),
        offered=False,
        may_less=not fee.claim_id,
        back="line",
        may_split=may_split,
        within=_within(money, fee.counted) if past and may_split else None,
    )


def past_in_words(found: Passing) -> str:
    """`With this fee it would come to £220.00 in the week from … to …. Your line is £204.00.`

    What is known to come after it in the same week or month is said too, so that nobody counts on less.
    """
    said = (
        f"With this fee it would come to {pounds(found.total_pence)} in the {found.line.per} "
        f"{span_of(found.window)}. Your line is {pounds(found.line.amount_pence)}."
    )
    if not found.after_pence:
        return said
    every = pounds(found.total_pence + found.after_pence)
    return f"{said} With all that comes after it in that {found.line.per}, it would be {every}."


def span_of(window: Window) -> str:
    """`from Monday 30 November 2026 to Sunday 6 December 2026`."""
    return f"from {day_in_words(window.first)} to {day_in_words(window.last)}"


def start_in_words(line: Line) -> str:
    """When somebody's own week or month begins."""
    if line.per == MONTH:
        return f"that starts on day {line.starts} of the month"
    return f"that starts on a {WEEKDAYS[line.starts]}"


def said_of(fee: Fee) -> str:
    """What its person chose about a fee."""
    if fee.choice is None:
        return ""
    if fee.choice.answer == SPLIT and fee.choice.day is not None and not fee.later:
        first, day = pounds(fee.choice.now_pence or 0), day_in_words(fee.choice.day)
        return f"You chose {first} first, and the rest on {day}." if fee.divided else ""
    if fee.choice.day is not None:
        return f"You chose {day_in_words(fee.choice.day)}."
    return AS_USUAL if fee.choice.answer == NOW else ""


def _part(line: Line, money: OwnMoney) -> LinePart:
    window = line.window(money.today)
    so_far = sum(one.pence for one in money.counted if window.holds(one.day))
    return LinePart(
        per=line.per,
        pence=line.amount_pence,
        starts=start_in_words(line),
        window=span_of(window),
        so_far_pence=so_far,
        left_pence=max(0, line.amount_pence - so_far),
    )


def _coming(fee: Fee, held: dict[str, InvolvementSession], money: OwnMoney) -> ComingFee:
    return ComingFee(
        title=_title(fee, held),
        pence=fee.counted.pence,
        day=fee.counted.day,
        said=said_of(fee),
        past=tuple(past_in_words(each) for each in money.passes(fee)),
        choose=f"{here.at()}/me/line/fees/{fee.claim_id or fee.offer_id}" if fee.open else "",
    )


def _held(session: Session, fees: list[Fee]) -> dict[str, InvolvementSession]:
    wanted = {fee.session_id for fee in fees if fee.session_id}
    return sessions.by_ids(session, council_id=here.council_id(), session_ids=wanted)


def _title(fee: Fee, held: dict[str, InvolvementSession]) -> str:
    found = held.get(fee.session_id)
    title = found.title if found else "Your claim"
    return f"The rest of: {title}" if fee.later else title
