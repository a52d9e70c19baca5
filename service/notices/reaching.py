"""How would somebody like to be written to: by which way, in which words? They say so, or staff for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import events
from service.db import among
from service.errors import one_fault
from service.events import Actor
from service.messages.notify import ADDRESS_LINES
from service.messages.protocol import By
from service.notices.tables import Reach
from service.people import queries as people
from service.people.tables import Person

# How we can reach somebody, in the order in which we try where they have not said.
WAYS: tuple[By, ...] = ("email", "text", "letter")
WAY_NAMES: Mapping[str, str] = {"email": "By email", "text": "By text message", "letter": "By letter"}
WORD_NAMES: Mapping[str, str] = {"en": "English", "cy": "Welsh (Cymraeg)", "easy": "Easy Read"}
_POSTCODE = re.compile(r"^[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}$", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """What somebody said. `reached_by` is empty where they leave it to us; `address` is for letters alone."""

    reached_by: str = ""
    words: str = "en"
    address: str = ""


UNSAID = Choice()


def in_words(choice: Choice) -> str:
    """`by text message, in Welsh.`"""
    ways = {"email": "by email", "text": "by text message", "letter": "by letter"}
    words = {"en": "in English", "cy": "in Welsh", "easy": "in Easy Read"}
    return f"{ways.get(choice.reached_by, 'the way we have')}, {words[choice.words]}."


def choices(session: Session, *, council_id: str, person_ids: Collection[str]) -> dict[str, Choice]:
    """Person id → what they said, for those who said anything."""
    query = select(Reach).where(Reach.council_id == council_id, among(Reach.person_id, person_ids))
    return {
        row.person_id: Choice(row.reached_by, row.words, row.address or "") for row in session.scalars(query)
    }


def choice(session: Session, *, council_id: str, person_id: str) -> Choice:
    """What one person said."""
    return choices(session, council_id=council_id, person_ids=[person_id]).get(person_id, UNSAID)


def choose(
    session: Session, *, council_id: str, person_id: str, given: Choice, actor: Actor, now: datetime
) -> Choice:
    """Write to somebody so from now on. Saying the same again changes nothing. Raises `Invalid`.

    Who wants no letters leaves no address behind: nothing is sent there as another way. What was given up
    stands with the event, so that what keeps money safe is told there too for a while.
    """
    person = people.still_here(session, council_id=council_id, person_id=person_id)
    address = read_address(given.address) if given.reached_by == "letter" else ""
    tidy = Choice(given.reached_by, given.words, address)
    _check(person, tidy)
    row = session.get(Reach, (council_id, person_id), with_for_update=True)
    before = Choice(row.reached_by, row.words, row.address or "") if row else UNSAID
    if before == tidy:
        return tidy
    if row is None:
        row = Reach(council_id=council_id, person_id=person_id)
        session.add(row)
    row.reached_by, row.words, row.address = tidy.reached_by, tidy.words, tidy.address or None
    row.chosen_by, row.chosen_at = str(actor), now
    session.flush()
    elsewhere = (before.reached_by, before.address) != (tidy.reached_by, tidy.address)
    events.record(
        session,
        council_id=council_id,
        name="person.reach_chosen",
        subject_id=person_id,
        person_id=person_id,
        actor=actor,
        at=now,
        refs={"was": before.reached_by} if elsewhere else {},
        words=before.address if elsewhere else None,
    )
    return tidy


def _check(person: Person, given: Choice) -> None:
    if given.reached_by not in ("", *WAYS):
        raise one_fault("/reached_by", "Choose how you would like us to write")
    if given.words not in WORD_NAMES:
        raise one_fault("/words", "Choose which words you would like")
    if given.reached_by == "email" and not person.email:
        raise one_fault("/reached_by", "We have no email address. Tell the team, then choose this")
    if given.reached_by == "text" and not person.phone:
        raise one_fault("/reached_by", "We have no phone number. Tell the team, then choose this")
    if given.reached_by == "letter" and not given.address:
        raise one_fault("/address", "Enter the address, with the postcode on the last line")


def read_address(text: str) -> str:
    """A tidy postal address, one thing a line; nothing for nothing. Raises `Invalid`."""
    lines = [" ".join(line.split()) for line in text.replace(",\n", "\n").splitlines() if line.strip()]
    if not lines:
        return ""
    # The name stands above these.
    if not 2 <= len(lines) < ADDRESS_LINES or any(len(line) > 100 for line in lines):
        raise one_fault("/address", "Enter the address in 2 to 6 lines, with the postcode on the last line")
    if not _POSTCODE.match(lines[-1]):
        raise one_fault("/address", "Enter a full UK postcode on the last line, like SW1A 2AA")
    return "\n".join([*lines[:-1], lines[-1].upper()])


def contacts(person: Person, choice: Choice) -> dict[By, str]:
    """How we can reach somebody → where: what they chose first, then the ways we try."""
    address = choice.address if choice.reached_by == "letter" else ""
    held: dict[By, str] = {
        "email": person.email or "",
        "text": person.phone or "",
        "letter": f"{person.name}\n{address}" if address else "",
    }
    order = sorted(WAYS, key=lambda by: by != choice.reached_by)
    return {by: held[by] for by in order if held[by]}


def able(
    known: Collection[By], *, open_ways: Collection[By], but_not: Collection[str] = (), code: bool = False
) -> list[By]:
    """Of the ways to somebody, in their order, those that a message can take; one with a `code` goes by
    letter only where nothing else does, since it lives for minutes.
    """
    found = [by for by in known if by not in but_not and (by in open_ways or by == "letter")]
    return [by for by in found if by != "letter"] or found if code else found


def has_address(to: str) -> bool:
    """Whether a letter says where it goes, and not only to whom."""
    return "\n" in to
