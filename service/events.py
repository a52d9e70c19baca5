"""What happened, in order, for ever? One append-only table: outbox, timeline and audit log.

An action records its event in its own transaction. A trigger lists it in `event_outbox`; the relay turns
that into one delivery for each task that `service/tasks` lists, and hands the deliveries to the queue in
batches. Events hold ids, never names, reasons or tokens; words that may have to be erased lie in
`event_texts`, and the event keeps only their salted hash, so that erasing them leaves the seal whole.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Text, any_, cast, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

from service import log
from service.db import Base, insert_all

GENESIS = "0" * 64


@dataclass(frozen=True)
class Actor:
    """Who did it. `kind`: person, attorney, helper, staff, key, rule, rail or system; `id` is theirs."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


RULE = Actor("rule", "policy")
SYSTEM = Actor("system", "reciprocal")


class Event(Base):
    """One thing that happened. Never changed, never deleted: the database refuses both."""

    __tablename__ = "events"
    __table_args__ = (
        Index(
            "events_of_claim", "council_id", "claim_id", "id", postgresql_where=text("claim_id IS NOT NULL")
        ),
        Index(
            "events_of_person",
            "council_id",
            "person_id",
            "id",
            postgresql_where=text("person_id IS NOT NULL"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str | None] = mapped_column(Text)
    session_id: Mapped[str | None] = mapped_column(Text)
    claim_id: Mapped[str | None] = mapped_column(Text)
    amount_pence: Mapped[int | None] = mapped_column(BigInteger)
    refs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(Text)
    text_digest: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def actor(self) -> Actor:
        """Who did it."""
        return Actor(self.actor_kind, self.actor_id)


class EventText(Base):
    """Words said with an event (a reason, a question). May be erased."""

    __tablename__ = "event_texts"
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    salt: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)


class Seal(Base):
    """One link of a council's chain: the event's hash joined to the link before it."""

    __tablename__ = "event_seals"
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(Text)


def record(
    session: Session,
    *,
    council_id: str,
    name: str,
    subject_id: str,
    actor: Actor,
    at: datetime,
    person_id: str | None = None,
    session_id: str | None = None,
    claim_id: str | None = None,
    amount_pence: int | None = None,
    refs: dict[str, Any] | None = None,
    words: str | None = None,
) -> Event:
    """Write an event in the caller's transaction.

    `refs` holds ids and numbers only; `words` may be erased.
    """
    salt = secrets.token_hex(16)
    event = Event(
        council_id=council_id,
        name=name,
        subject_id=subject_id,
        person_id=person_id,
        session_id=session_id,
        claim_id=claim_id,
        amount_pence=amount_pence,
        refs=refs or {},
        actor_kind=actor.kind,
        actor_id=actor.id,
        request_id=log.request_id(),
        text_digest=_digest(salt + words) if words else None,
        at=at,
    )
    session.add(event)
    session.flush()
    if words:
        session.add(EventText(council_id=council_id, event_id=event.id, salt=salt, words=words))
    if actor.kind == "helper" and not name.startswith("helper.") and not _is_on_the_way(session, event):
        _tell_the_person(session, event)
    return event


# What a helper does on the way to something else. It stands on the person's page, and is no message alone.
ON_THE_WAY = ("receipt.added", "unsent.changed")
WITH_ITS_RECEIPTS = ("claim.submitted", "claim.changed")


def _is_on_the_way(session: Session, event: Event) -> bool:
    """Whether another message says it: of a picture that was not sent yet, or came or went with its claim."""
    if event.name in ON_THE_WAY:
        return True
    if not event.name.startswith("receipt."):
        return False
    query = select(Event.id).where(
        Event.council_id == event.council_id,
        Event.claim_id == event.claim_id,
        Event.name.in_(WITH_ITS_RECEIPTS),
        Event.actor_kind == event.actor_kind,
        Event.actor_id == event.actor_id,
        Event.at == event.at,
    )
    return event.claim_id is None or session.scalars(query.limit(1)).first() is not None


def _tell_the_person(session: Session, event: Event) -> None:
    """What a helper does is said a second time, for the person: by construction, so none is forgotten."""
    about = {"did": event.name, "event_id": event.id, "claim_id": event.claim_id}
    record(
        session,
        council_id=event.council_id,
        name="helper.did",
        subject_id=event.actor_id,
        actor=event.actor,
        at=event.at,
        person_id=event.person_id,
        session_id=event.session_id,
        refs=about,
    )


def last_moment(session: Session, *, council_id: str) -> datetime:
    """When the newest thing happened in a council; there is one from its founding on."""
    query = select(Event.at).where(Event.council_id == council_id).order_by(Event.at.desc()).limit(1)
    return session.scalars(query).one()


@dataclass(frozen=True, kw_only=True)
class Happening:
    """An event without words that is written together with others. `request_id`: whose work it follows."""

    name: str
    subject_id: str
    request_id: str
    person_id: str | None = None
    session_id: str | None = None
    claim_id: str | None = None
    amount_pence: int | None = None
    refs: dict[str, Any] = field(default_factory=dict)


def record_all(
    session: Session, *, council_id: str, happenings: Sequence[Happening], actor: Actor, at: datetime
) -> None:
    """Write many events in one stroke, in their order, in the caller's transaction."""
    shared = {"council_id": council_id, "actor_kind": actor.kind, "actor_id": actor.id, "at": at}
    insert_all(session, Event, [vars(one) | shared for one in happenings])


def first_requests(session: Session, *, council_id: str, claim_ids: Collection[str]) -> dict[str, str]:
    """Claim id → the request with which it began, so that work by the clock can be told to belong to it."""
    query = (
        select(Event.claim_id, Event.request_id)
        .ext(distinct_on(Event.claim_id))
        .where(Event.council_id == council_id, Event.claim_id == any_(cast(list(claim_ids), ARRAY(Text))))
        .order_by(Event.claim_id, Event.id)
    )
    return {claim_id or "": request_id for claim_id, request_id in session.execute(query)}


def get(session: Session, *, council_id: str, event_id: int) -> Event:
    """One event, which must be there: events are never deleted."""
    return session.scalars(select(Event).where(Event.council_id == council_id, Event.id == event_id)).one()


def of_claim(session: Session, *, council_id: str, claim_id: str) -> list[Event]:
    """What happened to one claim and its payments, oldest first."""
    query = select(Event).where(Event.council_id == council_id, Event.claim_id == claim_id)
    return list(session.scalars(query.order_by(Event.at, Event.id)))


def of_person(session: Session, *, council_id: str, person_id: str, limit: int = 200) -> list[Event]:
    """What happened to one person's offers, claims and payments, newest first."""
    query = select(Event).where(Event.council_id == council_id, Event.person_id == person_id)
    return list(session.scalars(query.order_by(Event.at.desc(), Event.id.desc()).limit(limit)))


def done_since(
    session: Session,
    *,
    council_id: str,
    name: str,
    person_id: str,
    session_id: str,
    actor: Actor,
    since: datetime,
) -> bool:
    """Whether somebody did this for a person, about a session, after a moment."""
    query = select(Event.id).where(
        Event.council_id == council_id,
        Event.person_id == person_id,
        Event.session_id == session_id,
        Event.name == name,
        Event.actor_kind == actor.kind,
        Event.actor_id == actor.id,
        Event.at > since,
    )
    return session.scalars(query.limit(1)).first() is not None


def named(
    session: Session, *, council_id: str, person_id: str, name: str, since: datetime | None = None
) -> list[Event]:
    """Each time that this happened to one person, newest first: however long ago, or since a moment."""
    query = select(Event).where(
        Event.council_id == council_id, Event.person_id == person_id, Event.name == name
    )
    if since is not None:
        query = query.where(Event.at > since)
    return list(session.scalars(query.order_by(Event.at.desc(), Event.id.desc())))


def before_a_claim(session: Session, *, council_id: str, person_id: str, session_id: str) -> list[Event]:
    """What one person was offered for a session, what they said, and whether they came, oldest first."""
    query = select(Event).where(
        Event.council_id == council_id,
        Event.person_id == person_id,
        Event.session_id == session_id,
        Event.claim_id.is_(None),
    )
    return list(session.scalars(query.order_by(Event.at, Event.id)))


def words_of(session: Session, *, council_id: str, event_ids: list[int]) -> dict[int, str]:
    """The words said with those events, where they have not been erased."""
    query = select(EventText).where(EventText.council_id == council_id, EventText.event_id.in_(event_ids))
    return {row.event_id: row.words for row in session.scalars(query)}


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()


def _link(previous: str, event: Event) -> str:
    """The hash of an event, joined to the link before it."""
    facts = [
        event.council_id, event.id, event.name, event.subject_id, event.person_id, event.session_id,
        event.claim_id, event.amount_pence, event.refs, event.actor_kind, event.actor_id, event.request_id,
        event.text_digest, event.at.timestamp(),
    ]  # fmt: skip
    return _digest(previous + json.dumps(facts, sort_keys=True, separators=(",", ":")))


# So many events are joined to a chain with each commit.
SEALED_AT_ONCE = 1000


def seal(session: Session, *, council_id: str, limit: int = SEALED_AT_ONCE) -> int:
    """Join a council's waiting events to its chain. Answers how many. Two at once take turns.

    What waits is listed by a trigger in the writer's own transaction, so an event that commits late is
    sealed late, and none is stepped over.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": "seal" + council_id}
    )
    last = session.scalars(
        select(Seal).where(Seal.council_id == council_id).order_by(Seal.number.desc()).limit(1)
    ).first()
    number, previous = (last.number, last.hash) if last else (0, GENESIS)
    taken = session.scalars(
        text(
            "DELETE FROM event_unsealed WHERE (council_id, event_id) IN (SELECT council_id, event_id"
            " FROM event_unsealed WHERE council_id = :council_id ORDER BY event_id LIMIT :limit)"
            " RETURNING event_id"
        ),
        {"council_id": council_id, "limit": limit},
    ).all()
    those = Event.id == any_(cast(list(taken), ARRAY(BigInteger)))
    waiting = select(Event).where(Event.council_id == council_id, those).order_by(Event.id)
    links: list[dict[str, Any]] = []
    for event in session.scalars(waiting):
        number, previous = number + 1, _link(previous, event)
        links.append({"council_id": council_id, "number": number, "event_id": event.id, "hash": previous})
    insert_all(session, Seal, links)
    return len(taken)


def broken_links(session: Session, *, council_id: str) -> list[str]:
    """Sentences for every place where a council's chain does not hold: changed, missing or unlisted
    events.
    """
    found: list[str] = []
    previous, sealed = GENESIS, set()
    pairs = (
        select(Seal, Event)
        .outerjoin(Event, (Event.council_id == Seal.council_id) & (Event.id == Seal.event_id))
        .where(Seal.council_id == council_id)
        .order_by(Seal.number)
    )
    for expected, (link, event) in enumerate(session.execute(pairs), start=1):
        sealed.add(link.event_id)
        if link.number != expected:
            found.append(f"Link {expected} is missing from the chain.")
            break
        if event is None:
            found.append(f"Event {link.event_id} was sealed and is gone.")
        elif _link(previous, event) != link.hash:
            found.append(f"Event {event.id} ({event.name}) is not what was sealed.")
        previous = link.hash
    waiting = session.scalars(
        text("SELECT event_id FROM event_unsealed WHERE council_id = :council_id"), {"council_id": council_id}
    )
    known = sealed | set(waiting)
    everything = session.scalars(select(Event.id).where(Event.council_id == council_id))
    found += [f"Event {event_id} was never sealed." for event_id in everything if event_id not in known]
    found += [
        f"The words said with event {row.event_id} were changed."
        for row, event in session.execute(
            select(EventText, Event)
            .join(Event, (Event.council_id == EventText.council_id) & (Event.id == EventText.event_id))
            .where(EventText.council_id == council_id)
        )
        if _digest(row.salt + row.words) != event.text_digest
    ]
    return found
