"""Who came? One page on a phone: ticks, a different time where it differs, somebody who dropped in.

Only lines that somebody changed on this page are sent, so that two people with the page open at once do not
undo each other's ticks. Sending it again changes nothing.
"""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request
from flask import session as cookie
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.errors import Conflict, Invalid
from service.people import queries as people
from service.sessions import actions, queries
from service.sessions.actions import Tick
from service.sessions.model import LONGEST_MINUTES, length_minutes
from service.web import here, wording
from service.web.answers import Answers
from service.web.here import needs
from service.web.person import reading
from service.web.staff.sessions import roles_for
from service.web.staff.shapes import Choice, RegisterPage, RegisterRow

pages = Blueprint("register", __name__, url_prefix="/sessions/<session_id>/register")
TIME = "Enter how many minutes they were there, like 45"


@pages.before_request
def _place() -> None:
    g.place = "sessions"


@pages.get("")
@needs("sessions:write")
def show(session_id: str) -> str:
    """The register as it stands."""
    return _render(session_id, Answers(), shown={})


@pages.post("")
@needs("sessions:write")
def save(session_id: str) -> str | Response:
    """Write what changed on the page."""
    answers = Answers(request.form)
    with here.room() as session:
        roles = _roles(session, session_id)
    ticks = _changed(answers, roles)
    if not answers.wrong:
        try:
            with here.room() as session:
                register = actions.tick_register(
                    session,
                    council_id=here.council_id(),
                    session_id=session_id,
                    ticks=ticks,
                    actor=here.staff_actor(),
                    now=here.now(),
                )
                came = sum(row.attended for row in register)
            cookie["saved"] = f"{wording.people(came)} came."
            return redirect(f"{here.at()}/staff/sessions/{session_id}/register", 303)
        except (Invalid, Conflict) as refusal:
            answers.learn(refusal, _fields(ticks))
    return _render(session_id, answers, shown=_shown(answers))


def _changed(answers: Answers, roles: dict[str, str]) -> list[Tick]:
    """Lines that differ from what this page showed, and somebody added."""
    came = set(request.form.getlist("came"))
    ticks = []
    for person_id in request.form.getlist("on_page"):
        minutes = answers.whole(f"minutes-{person_id}", TIME, most=LONGEST_MINUTES)
        now = f"{'yes' if person_id in came else 'no'} {'' if minutes is None else minutes}".strip()
        if now != answers[f"was-{person_id}"]:
            ticks.append(Tick(person_id, person_id in came, minutes, roles.get(person_id)))
    if answers["add"]:
        role = answers.need("add_role", "Choose which role they took")
        ticks.append(Tick(answers["add"], True, None, role))
    return ticks


def _roles(session: Session, session_id: str) -> dict[str, str]:
    """Person → the role to write down where no accepted offer says it."""
    key = {"council_id": here.council_id(), "session_id": session_id}
    unanswered = {o.person_id: o.role for o in queries.offers(session, **key) if o.state == "made"}
    return unanswered | {tick.person_id: tick.role for tick in queries.register(session, **key) if tick.role}


def _fields(ticks: list[Tick]) -> dict[str, str]:
    """Which field of the page each sentence of the room belongs to."""
    fields = {}
    for number, tick in enumerate(ticks):
        fields[f"/entries/{number}/minutes"] = f"minutes-{tick.person_id}"
        fields[f"/entries/{number}/person"] = "add"
        fields[f"/entries/{number}/role"] = "add_role"
    return fields


def _shown(answers: Answers) -> dict[str, tuple[bool, str]]:
    """What the page showed when it was sent: person → ticked, minutes as typed."""
    came = set(request.form.getlist("came"))
    return {p: (p in came, answers[f"minutes-{p}"]) for p in request.form.getlist("on_page")}


def _render(session_id: str, answers: Answers, *, shown: dict[str, tuple[bool, str]]) -> str:
    with here.room() as session:
        page = _page(session, session_id, answers, shown)
    return render_template("staff/register.html", page=page, answers=answers, saved=cookie.pop("saved", ""))


def _page(
    session: Session, session_id: str, answers: Answers, shown: dict[str, tuple[bool, str]]
) -> RegisterPage:
    key = {"council_id": here.council_id(), "session_id": session_id}
    held = queries.get(session, **key)
    roles = roles_for(session, session_id)
    rows = _rows(session, key, {choice.value: choice.text for choice in roles}, answers, shown)
    everybody = people.find(session, council_id=key["council_id"])
    listed = {row.person_id for row in rows}
    return RegisterPage(
        session_id=session_id,
        occasion=reading.occasion_of(session, held),
        planned_minutes=length_minutes(held.starts_at, held.ends_at),
        rows=rows,
        may_add=tuple(Choice(p.id, p.name) for p in everybody if p.id not in listed),
        roles=tuple(roles),
        cancelled=held.cancelled_at is not None,
    )


def _rows(
    session: Session,
    key: dict[str, str],
    roles: dict[str, str],
    answers: Answers,
    shown: dict[str, tuple[bool, str]],
) -> tuple[RegisterRow, ...]:
    """Everybody who may have come: who was asked and did not say no, and who was ever on the register."""
    ticks = {tick.person_id: tick for tick in queries.register(session, **key)}
    offers = {o.person_id: o for o in queries.offers(session, **key) if o.state in ("made", "accepted")}
    known = people.by_ids(session, council_id=key["council_id"], person_ids={*ticks, *offers})
    rows = []
    for person_id, person in known.items():
        tick = ticks.get(person_id)
        came, minutes = (tick.attended, tick.minutes) if tick else (False, None)
        role = (tick.role if tick and tick.role else None) or (
            offers[person_id].role if person_id in offers else ""
        )
        saved = (came, "" if minutes is None else str(minutes))
        ticked, typed = shown.get(person_id, saved)
        fault = answers.faults.get(f"minutes-{person_id}", "")
        rows.append(
            RegisterRow(person_id, person.name, roles.get(role, role), came, minutes, ticked, typed, fault)
        )
    return tuple(sorted(rows, key=lambda row: row.name))
