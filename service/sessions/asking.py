"""What may a person ask about an offer, and how does it get its answer? Never commits, calls no task.

A question has an answer in words. A cost to be met before the day is booked, handed over or refused by staff:
the room of claims meets it, and says so here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import ids
from service.days import london_day
from service.errors import Conflict, Fault, Invalid, one_fault
from service.events import Actor
from service.events import words_of as event_words
from service.policy import queries as policies
from service.sessions import queries
from service.sessions.model import (
    ASK_TRANSITIONS,
    COST,
    LIVE_OFFERS,
    LONGEST_WORDS,
    QUESTION,
    WISHES,
    plain_words,
)
from service.sessions.moving import AskIsOver, OfferIsOver, locked_offer, move_ask, tell_of_ask
from service.sessions.tables import InvolvementSession, Offer, OfferAsk


@dataclass(frozen=True)
class CostAsk:
    """A cost that a person would like met before the day. `wish`: book or advance. `words` may be empty."""

    category: str
    about_pence: int
    wish: str
    words: str = ""


def ask_question(
    session: Session, *, council_id: str, offer_id: str, words: str, actor: Actor, now: datetime
) -> OfferAsk:
    """Ask about an offer, answered or not. The same words again, while they wait, are one question.

    Raises `Invalid` for no words, or too many.
    """
    found = locked_offer(session, council_id, offer_id)
    said = _read_words(words, "Write your question")
    for one in queries.asks_of(session, council_id=council_id, offer_ids=[offer_id]):
        if (one.kind, one.state) == (QUESTION, "waiting") and asked_words(session, [one]).get(one.id) == said:
            return one
    return _write_down(session, found, {"kind": QUESTION}, words=said, actor=actor, now=now)


def ask_for_cost(
    session: Session, *, council_id: str, offer_id: str, given: CostAsk, actor: Actor, now: datetime
) -> OfferAsk:
    """Ask that a cost be booked, or the money for it given, before the day. Safe to repeat.

    Raises `Invalid` for a kind of cost that the policy does not pay, `OfferIsOver` once the day has begun or
    the offer no longer stands, `Conflict` where another sum for that kind waits already.
    """
    found = locked_offer(session, council_id, offer_id)
    occasion = queries.get(session, council_id=council_id, session_id=found.session_id)
    _require_before(found, occasion, now)
    _check_cost(session, found, given)
    words = plain_words(given.words)[:LONGEST_WORDS]
    row = {"category": given.category, "wish": given.wish, "about_pence": given.about_pence}
    for one in queries.asks_of(session, council_id=council_id, offer_ids=[offer_id]):
        if one.state == "waiting" and one.category == given.category:
            if {name: getattr(one, name) for name in row} == row:
                return one
            raise Conflict("You have asked for this kind of cost already. Take that back, then ask again.")
    return _write_down(session, found, {"kind": COST, **row}, words=words, actor=actor, now=now)


def _require_before(offer: Offer, occasion: InvolvementSession, now: datetime) -> None:
    if offer.state not in LIVE_OFFERS or occasion.cancelled_at is not None:
        raise OfferIsOver("This offer no longer stands, so nothing can be booked for it.")
    if occasion.starts_at <= now:
        raise OfferIsOver("The day has begun. Tell us what you paid, and we pay it back.")


def _check_cost(session: Session, offer: Offer, given: CostAsk) -> None:
    faults = []
    if given.category not in {row["category"] for row in payable(session, offer=offer)}:
        faults.append(Fault("/category", "Choose what it is for"))
    if not 1 <= given.about_pence <= 1_000_000:
        faults.append(Fault("/about_pence", "Enter about how much it costs, like 24.50"))
    if given.wish not in WISHES:
        faults.append(Fault("/wish", "Choose what would help you"))
    if faults:
        raise Invalid("This needs another look.", errors=tuple(faults))


def payable(session: Session, *, offer: Offer) -> list[dict[str, Any]]:
    """The kinds of cost that are paid back for an offer, in the policy's words (see `Policy.covers`)."""
    occasion = queries.get(session, council_id=offer.council_id, session_id=offer.session_id)
    judge = policies.in_force(session, council_id=offer.council_id, on=london_day(occasion.starts_at))
    return judge.policy.covers(queries.base_facts(occasion) | offer.facts | {"role": offer.role})


def answer(
    session: Session, *, council_id: str, ask_id: str, words: str, actor: Actor, now: datetime
) -> OfferAsk:
    """Answer a question in words. Raises `Invalid` for none, `AskIsOver` where it has its answer."""
    row = locked_ask(session, council_id=council_id, ask_id=ask_id)
    _require_kind(row, QUESTION)
    said = _read_words(words, "Write your answer")
    move_ask(session, row, verb="answer", actor=actor, now=now, words=said)
    return row


def refuse(
    session: Session, *, council_id: str, ask_id: str, words: str, actor: Actor, now: datetime
) -> OfferAsk:
    """Say no to a cost before the day, and why. It can still be paid back after it. Raises as `answer`."""
    row = locked_ask(session, council_id=council_id, ask_id=ask_id)
    _require_kind(row, COST)
    said = _read_words(words, "Say why, in words that they can use")
    move_ask(session, row, verb="refuse", actor=actor, now=now, words=said)
    return row


def look_again(
    session: Session, *, council_id: str, ask_id: str, words: str, actor: Actor, now: datetime
) -> OfferAsk:
    """The person does not agree with a no to a cost before the day: it waits again, with what they say to it.

    Asked twice, it is asked once. Raises `AskIsOver` where nobody said no, `OfferIsOver` once the day has
    begun or the offer no longer stands, `Conflict` where that kind of cost waits already.
    """
    row = locked_ask(session, council_id=council_id, ask_id=ask_id)
    if row.state == "waiting" and row.answered_event_id is not None:
        return row
    if (row.state, "look_again") not in ASK_TRANSITIONS:
        raise AskIsOver("Nobody has said no to this. Look at your offer again.")
    offer = queries.offer(session, council_id=council_id, offer_id=row.offer_id)
    _require_before(offer, queries.get(session, council_id=council_id, session_id=row.session_id), now)
    others = queries.asks_of(session, council_id=council_id, offer_ids=[row.offer_id])
    if any((one.state, one.category) == ("waiting", row.category) for one in others):
        raise Conflict("You have asked for this kind of cost again already. It waits for an answer.")
    # What they wrote first stands above it. The no and its reason stay, to be read beside it.
    said = [asked_words(session, [row]).get(row.id, ""), plain_words(words)[:LONGEST_WORDS]]
    row.state, name = ASK_TRANSITIONS[row.state, "look_again"]
    told = "\n\n".join(one for one in said if one)
    row.asked_event_id = tell_of_ask(session, row, name=name, actor=actor, now=now, words=told).id
    session.flush()
    return row


def take_back(session: Session, *, council_id: str, ask_id: str, actor: Actor, now: datetime) -> OfferAsk:
    """The person no longer asks. Doing it twice is doing it once. Raises `AskIsOver` once it is answered."""
    row = locked_ask(session, council_id=council_id, ask_id=ask_id)
    if row.state != "taken_back":
        move_ask(session, row, verb="take_back", actor=actor, now=now)
    return row


def locked_ask(session: Session, *, council_id: str, ask_id: str) -> OfferAsk:
    """One ask with its row locked, so that two answers at once take turns. Raises `NotFound`."""
    found = session.get(OfferAsk, (council_id, ask_id), with_for_update=True, populate_existing=True)
    return found or queries.ask(session, council_id=council_id, ask_id=ask_id)


def asked_words(session: Session, asks: list[OfferAsk]) -> dict[str, str]:
    """Ask → what the person wrote, where it was not erased."""
    return _words(session, asks, {one.asked_event_id: one.id for one in asks})


def answered_words(session: Session, asks: list[OfferAsk]) -> dict[str, str]:
    """Ask → what staff wrote back."""
    return _words(session, asks, {one.answered_event_id: one.id for one in asks})


def _words(session: Session, asks: list[OfferAsk], wanted: dict[int | None, str]) -> dict[str, str]:
    numbers = [number for number in wanted if number is not None]
    if not numbers:
        return {}
    said = event_words(session, council_id=asks[0].council_id, event_ids=numbers)
    return {wanted[number]: words for number, words in said.items()}


def _require_kind(row: OfferAsk, kind: str) -> None:
    if row.kind != kind:
        raise Conflict(
            "This is a question. Answer it in words."
            if kind == COST
            else "This asks for a cost. Book it, give the money first, or say no to it."
        )


def _read_words(words: str, if_none: str) -> str:
    said = plain_words(words)
    if not said:
        raise one_fault("/words", if_none)
    if len(said) > LONGEST_WORDS:
        raise one_fault("/words", f"Write {LONGEST_WORDS:,} letters at most. This has {len(said):,}")
    return said


def _write_down(
    session: Session, offer: Offer, given: dict[str, Any], *, words: str, actor: Actor, now: datetime
) -> OfferAsk:
    row = OfferAsk(
        council_id=offer.council_id,
        id=ids.new("ask"),
        offer_id=offer.id,
        session_id=offer.session_id,
        person_id=offer.person_id,
        state="waiting",
        asked_by=str(actor),
        asked_at=now,
        **given,
    )
    session.add(row)
    session.flush()
    row.asked_event_id = tell_of_ask(session, row, name="ask.made", actor=actor, now=now, words=words).id
    session.flush()
    return row
