"""What if two people tick one register at once, or somebody comes who was not asked?

Each line says which version of itself was on the page that it comes from. A line that somebody else changed
since is not written over: it is handed back, with who changed it, and all other lines are written. Whoever
drops in is offered a place and ticked in one go. Never commits, never calls a task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.errors import one_fault
from service.events import Actor
from service.people import actions as people
from service.sessions import actions, queries
from service.sessions.actions import NewOffer, Tick
from service.sessions.tables import Attendance, InvolvementSession


@dataclass(frozen=True)
class Seen:
    """One changed line, and the version of it that the page showed: 0 for somebody never ticked."""

    tick: Tick
    version: int


@dataclass(frozen=True)
class DropIn:
    """Somebody who was not asked. `person_id`, or `name` and perhaps a contact of somebody who is new.

    `accept_pence`: 0 where they would rather not be paid; None for all of the fee.
    """

    role: str
    person_id: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    accept_pence: int | None = None


@dataclass(frozen=True)
class Written:
    """The register as it stands now, and the lines that somebody else had changed meanwhile.

    `dropped_in`: the ids of the people who dropped in, in the order in which they were given.
    """

    register: tuple[Attendance, ...]
    crossed: tuple[Attendance, ...]
    dropped_in: tuple[str, ...]


def write(
    session: Session,
    *,
    council_id: str,
    session_id: str,
    lines: Sequence[Seen],
    drop_ins: Sequence[DropIn],
    actor: Actor,
    now: datetime,
) -> Written:
    """Write the lines that nobody else has changed since, and whoever dropped in. Safe to repeat.

    Raises as `tick_register` does, and then nothing is written. Pointers: `/entries/n` for the lines in their
    order, `/drop_ins/n` for who dropped in.
    """
    key = {"council_id": council_id, "session_id": session_id}
    queries.get(session, **key)
    session.get(InvolvementSession, (council_id, session_id), with_for_update=True, populate_existing=True)
    standing = {row.person_id: row for row in queries.register(session, **key)}
    crossed = [
        standing[line.tick.person_id]
        for line in lines
        if line.tick.person_id in standing and _crosses(standing[line.tick.person_id], line, actor)
    ]
    theirs = {row.person_id for row in crossed}
    ticks = [line.tick for line in lines if line.tick.person_id not in theirs]
    added = [
        _offered(session, number, drop_in, **key, actor=actor, now=now)
        for number, drop_in in enumerate(drop_ins)
    ]
    register = actions.tick_register(session, **key, ticks=[*ticks, *added], actor=actor, now=now)
    return Written(tuple(register), tuple(crossed), tuple(tick.person_id for tick in added))


def _crosses(row: Attendance, line: Seen, actor: Actor) -> bool:
    """Whether somebody else changed this line since, to something else than is wanted now."""
    same = (row.attended, row.minutes) == (line.tick.attended, line.tick.minutes)
    return row.version != line.version and row.ticked_by != str(actor) and not same


def _offered(
    session: Session,
    number: int,
    given: DropIn,
    *,
    council_id: str,
    session_id: str,
    actor: Actor,
    now: datetime,
) -> Tick:
    """Somebody who dropped in, known from now on and with a place: what they are paid stands in the offer."""
    key: dict[str, Any] = {"council_id": council_id, "actor": actor, "now": now}
    person_id = given.person_id
    if not person_id:
        if not given.name.strip():
            raise one_fault(f"/drop_ins/{number}/name", "Enter their name")
        person_id = people.add(session, name=given.name, email=given.email, phone=given.phone, **key).id
    standing = queries.live_offer(session, council_id=council_id, session_id=session_id, person_id=person_id)
    if standing is None:
        place = NewOffer(person_id, given.role)
        standing = actions.offer(session, session_id=session_id, given=place, **key)
    if standing.state == "made":
        actions.accept(session, offer_id=standing.id, accept_pence=given.accept_pence, **key)
    return Tick(person_id, True, None, given.role)
