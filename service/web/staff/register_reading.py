"""What stands on the register page: everybody, what a tick pays, and what becomes of money already sent?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from service.claims import foretelling
from service.claims import queries as claims
from service.claims.model import OPEN
from service.claims.tables import Claim
from service.councils import queries as councils
from service.errors import Invalid
from service.money import pounds
from service.people import queries as people
from service.sessions import queries
from service.sessions.model import LONGEST_MINUTES, length_minutes
from service.sessions.registering import Seen
from service.sessions.tables import Attendance, Offer
from service.web import here, wording
from service.web.answers import Answers
from service.web.person import reading
from service.web.staff.sessions import roles_for
from service.web.staff.shapes import Choice, RegisterPage, RegisterRow

# At most so many people of one name on a phone.
MOST_FOUND = 8


@dataclass(frozen=True)
class Typed:
    """One line that somebody changed and has not saved, and the version that their page showed of it."""

    ticked: bool
    minutes: str
    version: int


def page(
    session: Session,
    council_id: str,
    session_id: str,
    answers: Answers,
    typed: Mapping[str, Typed],
    *,
    key: str,
) -> RegisterPage:
    """The whole page. `typed`: person → what is typed and not saved; `key`: of the next save."""
    held = queries.get(session, council_id=council_id, session_id=session_id)
    lines = rows(session, council_id, session_id, answers, typed)
    listed = {row.person_id for row in lines}
    looked = answers["q"]
    everybody = people.find(session, council_id=council_id, words=looked, limit=50) if looked else []
    return RegisterPage(
        session_id=session_id,
        occasion=reading.occasion_of(session, held),
        planned_minutes=length_minutes(held.starts_at, held.ends_at),
        rows=lines,
        found=tuple(Choice(p.id, p.name) for p in everybody if p.id not in listed)[:MOST_FOUND],
        looked=bool(looked),
        roles=tuple(roles_for(session, session_id)),
        cancelled=held.cancelled_at is not None,
        once=key,
    )


def rows(
    session: Session, council_id: str, session_id: str, answers: Answers, typed: Mapping[str, Typed]
) -> tuple[RegisterRow, ...]:
    """Everybody who may have come: who was asked and did not say no, and who was ever on the register."""
    key = {"council_id": council_id, "session_id": session_id}
    ticks = {tick.person_id: tick for tick in queries.register(session, **key)}
    offers = {o.person_id: o for o in queries.offers(session, **key) if o.state in ("made", "accepted")}
    known = people.by_ids(session, council_id=council_id, person_ids={*ticks, *offers})
    roles = {choice.value: choice.text for choice in roles_for(session, session_id)}
    fees = {claim.person_id: claim for claim in claims.of_session(session, **key) if claim.with_fee}
    found = []
    for person_id, person in known.items():
        tick = ticks.get(person_id)
        came, minutes, version = (tick.attended, tick.minutes, tick.version) if tick else (False, None, 0)
        role = _role(tick, offers.get(person_id))
        saved = Typed(came, "" if minutes is None else str(minutes), version)
        shown = typed.get(person_id, saved)
        found.append(
            RegisterRow(
                person_id=person_id,
                name=person.name,
                role=roles.get(role, role),
                came=came,
                minutes=minutes,
                ticked=shown.ticked,
                typed=shown.minutes,
                version=shown.version,
                sum=_sum(session, key, person_id, _minutes(shown.minutes, answers), role),
                note=_note(person.name, fees.get(person_id)) if came else "",
                fault=answers.faults.get(f"minutes-{person_id}", ""),
            )
        )
    return tuple(sorted(found, key=lambda row: row.name))


def _role(tick: Attendance | None, offer: Offer | None) -> str:
    return (tick.role if tick and tick.role else None) or (offer.role if offer else "")


def _minutes(typed: str, answers: Answers) -> int | None:
    """The minutes of a line as typed, else those typed for all; None where they are the planned ones."""
    for text in (typed, answers["all_minutes"]):
        if text.isascii() and text.isdigit() and int(text[:9]) <= LONGEST_MINUTES:
            return int(text)
    return None


def _sum(session: Session, key: dict[str, str], person_id: str, minutes: int | None, role: str) -> str:
    """What the policy pays for one line, in a few words; empty where it cannot say yet."""
    try:
        told = foretelling.by_register(
            session, **key, person_id=person_id, minutes=minutes, role=role or None, now=here.now()
        )
    except Invalid:
        return ""
    if told.answer is None:
        return "no fee, as they asked"
    words = {
        "payable": pounds(told.answer["fee_pence"]),
        "needs_person": "somebody decides what it pays",
        "not_payable": "no fee, by the rules",
    }[told.answer["outcome"]]
    return f"{words}, paid" if told.state == "paid" and told.answer["outcome"] == "payable" else words


def _note(name: str, claim: Claim | None) -> str:
    """What an un-tick would mean for money that was agreed or has gone."""
    if claim is None or claim.state not in ("approved", "paid"):
        return ""
    pence = pounds(claim.total_pence)
    if claim.state == "paid":
        return f"{pence} was paid. If you un-tick {name}, it stays with them until somebody has looked at it."
    return f"{pence} is on its way. If you un-tick {name}, we stop it if we still can."


def after_unticks(session: Session, council_id: str, session_id: str, away: Sequence[str]) -> dict[str, str]:
    """Person → what happens to their money now that they are un-ticked, kindly said."""
    if not away:
        return {}
    key = {"council_id": council_id, "session_id": session_id}
    fees = {claim.person_id: claim for claim in claims.of_session(session, **key) if claim.with_fee}
    known = people.by_ids(session, council_id=council_id, person_ids=set(away))
    found = {}
    for person_id, person in known.items():
        claim = fees.get(person_id)
        if claim is not None and (words := _after(person.name, claim)):
            found[person_id] = words
    return found


def _after(name: str, claim: Claim) -> str:
    pence = pounds(claim.total_pence)
    if claim.state == "paid":
        return (
            f"{name} was paid {pence} already. It stays with them. {name} has done nothing wrong, and we "
            "tell them so. Somebody here looks at it. Nothing is taken from them unless they say yes."
        )
    if claim.state == "approved":
        return (
            f"{pence} for {name} was agreed. We stop it if it has not left. If it has, it stays with them "
            "until somebody here has looked at it."
        )
    return f"Nothing had been sent to {name}. The {pence} is taken back." if claim.state in OPEN else ""


def crossings(
    session: Session, council_id: str, lines: Sequence[Seen], crossed: Sequence[Attendance]
) -> list[str]:
    """A sentence for each line that somebody else had changed: what they did, and what was not written."""
    names = councils.names_of(session, council_id=council_id)
    known = people.by_ids(session, council_id=council_id, person_ids={row.person_id for row in crossed})
    mine: dict[str, Any] = {line.tick.person_id: line.tick for line in lines}
    return [
        f"{names.get(row.ticked_by.partition(':')[2], 'Somebody else')} changed {known[row.person_id].name} "
        f"while you had this page open, to: {_standing(row.attended, row.minutes)}. "
        f"You had: {_standing(mine[row.person_id].attended, mine[row.person_id].minutes)}. "
        "We kept theirs. Change it again below if yours is right."
        for row in crossed
    ]


def _standing(came: bool, minutes: int | None) -> str:
    if not came:
        return "did not come"
    return f"came, for {wording.length(minutes)}" if minutes is not None else "came"
