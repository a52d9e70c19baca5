"""Who else hears of what keeps money safe? Wherever somebody was reached not long ago.

An address or a number that was changed, and the way that was chosen before, each for two weeks: so nobody who
came in by one of them can change the rest unseen. What goes there signs nobody in and holds no code, because
it may be somebody else's by now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from service import events
from service.events import Event
from service.messages.protocol import By
from service.notices import reaching
from service.people import stopping
from service.people.tables import Person

# Where a message is about a code, this one says the same without it.
WITHOUT_CODE = "person.method_proposed"


@dataclass(frozen=True)
class Earlier:
    """Where somebody was reached before. `mark`: what the key of a message to there ends in."""

    by: By
    to: str = field(repr=False)
    mark: str


def places(session: Session, *, person: Person, open_ways: Collection[By], now: datetime) -> list[Earlier]:
    """Each of them once. Letters can always be printed here."""
    found = [*_contacts(session, person, now), *_ways(session, person, open_ways, now)]
    able = [one for one in found if one.by in open_ways or one.by == "letter"]
    return list({(one.by, one.to): one for one in reversed(able)}.values())[::-1]


def key_of(notice_id: str, earlier: Earlier) -> str:
    """The key of a message to such a place."""
    return f"{notice_id}-{earlier.mark}"


def is_own(notice_id: str, key: str) -> bool:
    """Whether a key is of a message to the person themselves, by their first way or by another."""
    return key == notice_id or key in {f"{notice_id}-{by}" for by in reaching.WAYS}


def letter_to(session: Session, *, council_id: str, name: str, key: str) -> str:
    """Name and address of a letter to an address that was given up; the name alone once that is erased."""
    number = int(key.removesuffix("-letter").rpartition("-")[2])
    return _letter(name, events.words_of(session, council_id=council_id, event_ids=[number]), number)


def _letter(name: str, words: dict[int, str], event_id: int) -> str:
    return "\n".join(one for one in (name, words.get(event_id, "")) if one)


def _contacts(session: Session, person: Person, now: datetime) -> Iterator[Earlier]:
    today = {person.email, person.phone, None}
    key = {"council_id": person.council_id, "person_id": person.id}
    for row in stopping.former_contacts(session, **key, now=now):
        if row.email is not None and row.email not in today:
            yield Earlier("email", row.email, f"{row.id}-email")
        if row.phone is not None and row.phone not in today:
            yield Earlier("text", row.phone, f"{row.id}-text")


def _ways(session: Session, person: Person, open_ways: Collection[By], now: datetime) -> Iterator[Earlier]:
    key = {"council_id": person.council_id, "person_id": person.id}
    since = now - stopping.NEW_CONTACT
    for event in events.named(session, **key, name="person.reach_chosen", since=since):
        if "was" in event.refs:
            yield from _way(session, person, event, open_ways)


def _way(session: Session, person: Person, event: Event, open_ways: Collection[By]) -> Iterator[Earlier]:
    """The way that was given up, and where. Who had left it to us was reached by the first we have."""
    words = events.words_of(session, council_id=person.council_id, event_ids=[event.id])
    if event.refs["was"] == "letter":
        if event.id in words:
            yield Earlier("letter", _letter(person.name, words, event.id), f"{event.id}-letter")
        return
    known = reaching.contacts(person, reaching.Choice(event.refs["was"]))
    for by, to in known.items():
        if by in open_ways:
            yield Earlier(by, to, f"{event.id}-{by}")
            return
