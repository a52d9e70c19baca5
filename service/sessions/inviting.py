"""What would happen if everybody on a list were asked to a session, and to what sum for each? Then: ask them.

`check` writes nothing. `invite` does what `check` said, and no more: whoever pressed saw the same rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import events, ids, log
from service.days import london_day
from service.db import insert_all
from service.errors import Conflict, Invalid, Moved
from service.events import Actor
from service.people import actions as people_actions
from service.people import queries as people
from service.people.actions import NewPerson
from service.people.model import read_email, read_phone
from service.people.tables import Person
from service.policy import queries as policies
from service.policy.queries import Judge
from service.sessions import allowing, queries
from service.sessions.invited_list import Line
from service.sessions.model import LIVE_OFFERS, said_twice
from service.sessions.moving import locked
from service.sessions.planning import NewOffer, new_row
from service.sessions.tables import InvolvementSession, Offer

# What would happen with a line.
KNOWN, NEW, ASKED, TWICE, WRONG = "known", "new", "asked", "twice", "wrong"
TO_ASK = (KNOWN, NEW)


@dataclass(frozen=True)
class Row:
    """One line, and what would happen with it. `words`: what to know, or to mend."""

    line: Line
    verdict: str
    words: str = ""
    person_id: str | None = None
    name: str = ""
    email: str = ""
    phone: str = ""
    role: str = ""
    fee_pence: int | None = None
    outcome: str = ""


@dataclass(frozen=True)
class Plan:
    """Every line of a list with what would happen. `seen` changes when anything of it does."""

    rows: tuple[Row, ...]

    @property
    def to_ask(self) -> tuple[Row, ...]:
        """Those who would be asked."""
        return tuple(row for row in self.rows if row.verdict in TO_ASK)

    @property
    def wrong(self) -> tuple[Row, ...]:
        """Those that need mending."""
        return tuple(row for row in self.rows if row.verdict == WRONG)

    @property
    def total_pence(self) -> int:
        """What all of them would be paid for their time, if each says yes."""
        return sum(row.fee_pence or 0 for row in self.to_ask)

    @property
    def seen(self) -> str:
        """A mark of this very plan."""
        said = [[r.line.number, r.verdict, r.person_id, r.name, r.role, r.fee_pence] for r in self.rows]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


@dataclass
class _Known:
    """Who is here already, by what a line may say of them, and who was asked."""

    roles: dict[str, str]
    default_role: str
    by_email: dict[str, list[Person]] = field(default_factory=dict)
    by_phone: dict[str, list[Person]] = field(default_factory=dict)
    by_reference: dict[str, list[Person]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    met: dict[str, int] = field(default_factory=dict)


def roles_of(session: Session, *, occasion: InvolvementSession) -> dict[str, str]:
    """Role → its plain name, for the activity of a session; all roles where the policy names none for it."""
    on = london_day(occasion.starts_at)
    catalogue = policies.in_force(session, council_id=occasion.council_id, on=on).policy.catalogue(on=on)
    mine: list[str] = next((a["roles"] for a in catalogue["activities"] if a["key"] == occasion.activity), [])
    return {row["key"]: row["name"] for row in catalogue["roles"] if row["key"] in mine or not mine}


def check(
    session: Session,
    *,
    council_id: str,
    session_id: str,
    lines: Sequence[Line],
    default_role: str,
    facts: dict[str, Any],
) -> Plan:
    """What would happen with each line. Raises `NotFound`, `Conflict` for a session that is cancelled."""
    occasion = queries.get(session, council_id=council_id, session_id=session_id)
    if occasion.cancelled_at is not None:
        raise Conflict("This session is cancelled. Plan a new one, then ask people.")
    known = _known(session, occasion, lines, default_role)
    sums = _Sums(session, occasion, facts)
    rows = []
    for line in lines:
        row = _placed(known, line)
        rows.append(sums.added(row) if row.verdict in TO_ASK else row)
    return Plan(tuple(rows))


def invite(
    session: Session,
    *,
    council_id: str,
    session_id: str,
    lines: Sequence[Line],
    default_role: str,
    facts: dict[str, Any],
    seen: str,
    actor: Actor,
    now: datetime,
) -> Plan:
    """Ask everybody whose line is in order, adding those who are new. All of them, or on an error none.

    Raises `Moved` when what would happen is no longer what was seen.
    """
    occasion = locked(session, council_id, session_id)
    if faults := said_twice(facts, pointer=""):
        raise Invalid("The offers need another look.", errors=tuple(faults))
    plan = check(
        session,
        council_id=council_id,
        session_id=session_id,
        lines=lines,
        default_role=default_role,
        facts=facts,
    )
    if plan.seen != seen:
        raise Moved("Something changed since you looked. Check the list again, then ask them.")
    new = [row for row in plan.to_ask if row.person_id is None]
    added = people_actions.add_all(
        session,
        council_id=council_id,
        given=[NewPerson(row.name, row.email, row.phone, row.line.reference) for row in new],
        actor=actor,
        now=now,
    )
    by_line = {row.line.number: person_id for row, person_id in zip(new, added, strict=True)}
    _offer_all(session, occasion, plan, by_line, facts, actor=actor, now=now)
    return plan


def _offer_all(
    session: Session,
    occasion: InvolvementSession,
    plan: Plan,
    added: dict[int, str],
    facts: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """As `actions.offer` for each, in one stroke."""
    sums = _Sums(session, occasion, facts)
    rows = []
    for row in plan.to_ask:
        given = NewOffer(row.person_id or added[row.line.number], row.role, facts)
        offer = new_row(
            occasion, given=given, offer_id=ids.new("off"), judge=sums.judge, answer=sums.answer(row)
        )
        rows.append({**offer, "made_by": str(actor), "made_at": now})
    insert_all(session, Offer, rows)
    told = [
        events.Happening(
            name="offer.made",
            subject_id=row["id"],
            request_id=log.request_id(),
            person_id=row["person_id"],
            session_id=occasion.id,
            amount_pence=row["fee_pence"],
            refs={"offer_id": row["id"]},
        )
        for row in rows
    ]
    events.record_all(session, council_id=occasion.council_id, happenings=told, actor=actor, at=now)


def _known(
    session: Session, occasion: InvolvementSession, lines: Sequence[Line], default_role: str
) -> _Known:
    names = roles_of(session, occasion=occasion)
    roles = {key.casefold(): key for key in names} | {name.casefold(): key for key, name in names.items()}
    found = _Known(roles, default_role)
    rows = people.matching(
        session,
        council_id=occasion.council_id,
        emails={line.email.lower() for line in lines if line.email},
        phones={phone for line in lines if (phone := _phone(line.phone))},
        references={line.reference for line in lines if line.reference},
    )
    for person in rows:
        for said, by in (
            (person.email, found.by_email),
            (person.phone, found.by_phone),
            (person.external_reference, found.by_reference),
        ):
            if said:
                by.setdefault(said, []).append(person)
    key = {"council_id": occasion.council_id, "session_id": occasion.id}
    found.asked = {o.person_id for o in queries.offers(session, **key) if o.state in LIVE_OFFERS}
    return found


def _placed(known: _Known, line: Line) -> Row:
    """What would happen with one line, without its sum."""
    role = known.roles.get(line.role.casefold()) if line.role else known.default_role
    try:
        email, phone = read_email(line.email) or "", read_phone(line.phone) or ""
    except Invalid as refusal:
        return Row(line, WRONG, refusal.detail, name=line.name)
    if line.wrong:
        return Row(line, WRONG, line.wrong, name=line.name)
    if role is None:
        return Row(line, WRONG, f"We do not know the role “{line.role}” for this session", name=line.name)
    if not role:
        return Row(line, WRONG, "Write a role on this line, or choose one for everybody", name=line.name)
    who, fault = _who(known, line, email, phone)
    if fault:
        return Row(line, WRONG, fault, name=line.name)
    mark = who.id if who else "|".join((line.reference, email, phone, _plain(line.name)))
    if mark in known.met:
        return Row(
            line, TWICE, f"The same person as on line {known.met[mark]}", name=who.name if who else line.name
        )
    known.met[mark] = line.number
    if who is None:
        return Row(line, NEW, "", None, line.name, email, phone, role)
    if who.id in known.asked:
        return Row(line, ASKED, "They have an offer for this session already", who.id, who.name)
    return Row(line, KNOWN, "", who.id, who.name, who.email or "", who.phone or "", role)


def _who(known: _Known, line: Line, email: str, phone: str) -> tuple[Person | None, str]:
    """The person whom a line means, None for somebody new; or what to mend."""
    found = (
        known.by_reference.get(line.reference) or known.by_email.get(email) or known.by_phone.get(phone) or []
    )
    if not found:
        if not line.name:
            return None, "We do not know them yet. Write their name too"
        if not email and not phone:
            return None, "Write an email address or a phone number too, so that we can reach them"
        return None, ""
    fits = [one for one in found if not line.name or _plain(one.name) == _plain(line.name)]
    if len(fits) == 1:
        return fits[0], ""
    names = " and ".join(sorted(one.name for one in found))
    if not fits:
        return None, f"Here this is {names}. Write that name, or add the other person first, under People"
    return None, f"More than one person here fits: {names}. Write the reference too"


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _phone(text: str) -> str:
    try:
        return read_phone(text) or ""
    except Invalid:
        return ""


class _Sums:
    """What each would be paid. People for whom nothing is counted share one answer a role."""

    def __init__(self, session: Session, occasion: InvolvementSession, facts: dict[str, Any]) -> None:
        self.session, self.occasion = session, occasion
        self.facts = queries.base_facts(occasion) | facts
        on = london_day(occasion.starts_at)
        self.judge: Judge = policies.in_force(session, council_id=occasion.council_id, on=on)
        self.known: dict[tuple[str, str | None], dict[str, Any]] = {}

    def added(self, row: Row) -> Row:
        """The row with its sum."""
        answer = self.answer(row)
        return Row(**{**vars(row), "fee_pence": answer["fee_pence"], "outcome": answer["outcome"]})

    def answer(self, row: Row) -> dict[str, Any]:
        """What the policy says to one row."""
        key = (row.role, row.person_id if self.judge.counters else None)
        if key not in self.known:
            facts = self.facts | {"role": row.role}
            self.known[key] = self.judge.assess(facts) if key[1] is None else self._counted(facts, key[1])
        return self.known[key]

    def _counted(self, facts: dict[str, Any], person_id: str) -> dict[str, Any]:
        who = allowing.occasion(session_id=self.occasion.id, person_id=person_id, holder="")
        return allowing.foreseen(
            self.session,
            council_id=self.occasion.council_id,
            judge=self.judge,
            facts=facts,
            person_id=person_id,
            who=who,
        )
