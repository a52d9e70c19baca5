"""Who came? One page on a phone: ticks, a different time where it differs, somebody who dropped in.

Only lines that somebody changed on this page are written, each with the version that the page showed, so
that two people with the page open at once undo nothing of each other's. A save carries a key, so that it
counts once however often it is sent: the script of this page sends it again when the signal is back.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, g, jsonify, redirect, render_template, request
from flask import session as cookie
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service import once
from service.errors import Conflict, Invalid, StillRunning
from service.sessions import queries, registering
from service.sessions.actions import Tick
from service.sessions.model import LONGEST_MINUTES
from service.sessions.registering import DropIn, Seen
from service.web import here
from service.web.answers import Answers
from service.web.here import needs
from service.web.staff import register_reading as reading
from service.web.staff.register_reading import Typed

pages = Blueprint("register", __name__, url_prefix="/sessions/<session_id>/register")
TIME = "Enter how many minutes they were there, like 45"
NEW = "new"
# The version of a line that was written once.
FIRST = 1
# What a save answers goes into the cookie for the next page; no more of it than fits.
MOST_TOLD = 6


@pages.before_request
def _place() -> None:
    g.place = "sessions"


@pages.get("")
@needs("sessions:write")
def show(session_id: str) -> str:
    """The register as it stands."""
    return _render(session_id, Answers(), typed={})


@pages.post("")
@needs("sessions:write")
def save(session_id: str) -> str | Response | tuple[Response, int]:
    """Write what changed on the page; or only tick everybody, find somebody, or work out the sums."""
    answers = Answers(request.form)
    do = answers["do"]
    with here.room() as session:
        roles = _roles(session, session_id)
    lines = _changed(answers, roles)
    drop_ins = _drop_ins(answers) if do not in ("all", "find", "sums") else []
    if do in ("all", "find", "sums") or answers.wrong:
        return _not_saved(session_id, answers, everybody=do == "all")
    try:
        told = _write(session_id, lines, drop_ins)
    except StillRunning:
        # The same save is being written at this moment, and may yet fail: the script asks again.
        if _by_script():
            return jsonify({"running": True}), 503
        answers.general.append("This is being saved already. Wait a moment, then press save again")
        return _not_saved(session_id, answers)
    except (Invalid, Conflict) as refusal:
        answers.learn(refusal, _fields(lines, drop_ins))
        return _not_saved(session_id, answers)
    return _done(session_id, told)


@pages.post("/sums")
@needs("sessions:write")
def sums(session_id: str) -> Response:
    """What each line would pay, with the minutes as typed: for the script of the page. Nothing is saved."""
    answers = Answers(request.form)
    with here.room() as session:
        rows = reading.rows(session, here.council_id(), session_id, answers, _typed(answers))
    return jsonify({row.person_id: row.sum for row in rows})


def _not_saved(session_id: str, answers: Answers, *, everybody: bool = False) -> str | tuple[Response, int]:
    """The page again, with nothing typed lost. The script asks for the whole page then."""
    if _by_script():
        return jsonify({"wrong": True}), 422
    return _render(session_id, answers, typed=_typed(answers), everybody=everybody)


def _done(session_id: str, told: Mapping[str, Any]) -> Response:
    # Of two saves in a row that no page has told of yet, both are told.
    before = cookie.get("saved") or {}
    both = {name: [*before.get(name, ()), *told[name]] for name in ("crossed", "notes")}
    cookie["saved"] = {**told, **{name: list(dict.fromkeys(both[name]))[-MOST_TOLD:] for name in both}}
    if _by_script():
        return jsonify({"saved": True})
    return redirect(f"{here.at()}/staff/sessions/{session_id}/register", 303)


def _by_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _write(session_id: str, lines: list[Seen], drop_ins: list[DropIn]) -> dict[str, Any]:
    """Write it, once for each key and contents; answers what is said about it."""
    council_id = here.council_id()
    # The same page sent with other contents is another save: so the contents are part of the key.
    sent = [pair for pair in request.form.items(multi=True) if pair[0] not in ("csrf_token", "once")]
    mark = once.fingerprint(method="POST", path=request.path, body=json.dumps(sorted(sent)).encode())
    key = f"register:{here.staff().id}:{request.form.get('once', '')[:40]}:{mark}"
    with here.room() as session:
        kept = once.first_answer(session, council_id=council_id, key=key, mark=mark, now=here.now())
        if kept is not None:
            answered: dict[str, Any] = json.loads(kept.body)
            return answered
        lines, drop_ins = _as_known(session, lines, drop_ins)
        away = [line.tick.person_id for line in lines if not line.tick.attended]
        notes = reading.after_unticks(session, council_id, session_id, away)
        written = registering.write(
            session,
            council_id=council_id,
            session_id=session_id,
            lines=lines,
            drop_ins=drop_ins,
            actor=here.staff_actor(),
            now=here.now(),
        )
        _remember(session, drop_ins, written.dropped_in)
        crossed = {row.person_id for row in written.crossed}
        told = {
            "came": sum(row.attended for row in written.register),
            "crossed": reading.crossings(session, council_id, lines, written.crossed)[:MOST_TOLD],
            "notes": [words for who, words in notes.items() if who not in crossed][:MOST_TOLD],
        }
        answer = once.Answer(200, json.dumps(told), {})
        once.keep(session, council_id=council_id, key=key, mark=mark, answer=answer, now=here.now())
    return told


def _as_known(session: Session, lines: list[Seen], drop_ins: list[DropIn]) -> tuple[list[Seen], list[DropIn]]:
    """Somebody new who came with an earlier save of this page is a person by now: theirs is a line.

    Its answer was lost, perhaps, and one more was ticked: that is another save with the same somebody in it.
    """
    said = {line.tick.person_id for line in lines}
    known: list[Seen] = []
    new: list[DropIn] = []
    for one in drop_ins:
        key, mark = _key_of(one)
        kept = None
        if key:
            kept = once.first_answer(
                session, council_id=here.council_id(), key=key, mark=mark, now=here.now()
            )
        if kept is None:
            new.append(one)
        elif (person_id := json.loads(kept.body)) not in said:
            known.append(Seen(Tick(person_id, True, None, one.role), FIRST))
    return [*lines, *known], new


def _remember(session: Session, drop_ins: list[DropIn], person_ids: Sequence[str]) -> None:
    """Keep who somebody new is, beside the page that they came from."""
    for one, person_id in zip(drop_ins, person_ids, strict=True):
        key, mark = _key_of(one)
        if key:
            answer = once.Answer(200, json.dumps(person_id), {})
            once.keep(
                session, council_id=here.council_id(), key=key, mark=mark, answer=answer, now=here.now()
            )


def _key_of(one: DropIn) -> tuple[str, str]:
    """The key of somebody new, by the page and their name, and what stands for both; empty for the known."""
    page = request.form.get("once", "")[:40]
    if one.person_id or not page:
        return "", ""
    name = " ".join(one.name.split()).casefold()
    mark = once.fingerprint(method="POST", path=request.path, body=name.encode())
    return f"drop-in:{here.staff().id}:{page}:{mark}", mark


def _changed(answers: Answers, roles: Mapping[str, str]) -> list[Seen]:
    """Lines that differ from what this page showed. A time for all counts where none is typed."""
    came = set(request.form.getlist("came"))
    for_all = answers.whole("all_minutes", "Enter how many minutes it was, like 45", most=LONGEST_MINUTES)
    lines = []
    for person_id in request.form.getlist("on_page"):
        minutes = answers.whole(f"minutes-{person_id}", TIME, most=LONGEST_MINUTES)
        ticked = person_id in came
        if minutes is None and ticked and not answers[f"minutes-{person_id}"]:
            minutes = for_all
        now = f"{'yes' if ticked else 'no'} {'' if minutes is None else minutes}".strip()
        if now != answers[f"was-{person_id}"]:
            tick = Tick(person_id, ticked, minutes, roles.get(person_id))
            lines.append(Seen(tick, _version(answers, person_id)))
    return lines


def _drop_ins(answers: Answers) -> list[DropIn]:
    """Somebody who dropped in, if anybody was typed: chosen from who was found, or new."""
    if not answers["add"] and not answers["q"]:
        return []
    if not answers["add"]:
        answers.fault("add", "Choose who it is, or say that they are new")
        return []
    role = answers.need("add_role", "Choose which role they took")
    pence = 0 if answers["takes"] == "nothing" else None
    if answers["add"] != NEW:
        return [DropIn(role, person_id=answers["add"], accept_pence=pence)]
    name = answers.need("q", "Enter their name")
    return [
        DropIn(role, name=name, email=answers["new_email"], phone=answers["new_phone"], accept_pence=pence)
    ]


def _roles(session: Session, session_id: str) -> dict[str, str]:
    """Person → the role to write down where no accepted offer says it."""
    key = {"council_id": here.council_id(), "session_id": session_id}
    unanswered = {o.person_id: o.role for o in queries.offers(session, **key) if o.state == "made"}
    return unanswered | {tick.person_id: tick.role for tick in queries.register(session, **key) if tick.role}


def _fields(lines: list[Seen], drop_ins: list[DropIn]) -> dict[str, str]:
    """Which field of the page each sentence of the room belongs to."""
    fields = {"/name": "q", "/email": "new_email", "/phone": "new_phone", "/role": "add_role"}
    for number, line in enumerate(lines):
        fields[f"/entries/{number}/minutes"] = f"minutes-{line.tick.person_id}"
    for number in range(len(lines), len(lines) + len(drop_ins)):
        fields |= {f"/entries/{number}/person": "add", f"/entries/{number}/role": "add_role"}
    return fields


def _typed(answers: Answers) -> dict[str, Typed]:
    """Lines that somebody changed on the page that was sent, with the version that it showed.

    All others are shown as they are saved: they may have been saved by somebody else since.
    """
    came = set(request.form.getlist("came"))
    found = {}
    for person_id in request.form.getlist("on_page"):
        minutes = answers[f"minutes-{person_id}"]
        now = f"{'yes' if person_id in came else 'no'} {minutes}".strip()
        if now != answers[f"was-{person_id}"]:
            found[person_id] = Typed(person_id in came, minutes, _version(answers, person_id))
    return found


def _version(answers: Answers, person_id: str) -> int:
    return answers.whole(f"version-{person_id}", "", most=10**9) or 0


def _render(session_id: str, answers: Answers, *, typed: Mapping[str, Typed], everybody: bool = False) -> str:
    # Until it is saved it is the same page, so that whatever is in it counts once.
    key = request.form.get("once") or uuid.uuid4().hex
    with here.room() as session:
        page = reading.page(session, here.council_id(), session_id, answers, typed, key=key)
    if everybody:
        page = replace(page, rows=tuple(replace(row, ticked=True) for row in page.rows))
    saved = cookie.pop("saved", None)
    return render_template(
        "staff/register.html", page=page, answers=answers, saved=saved, by=here.staff().id, new=NEW
    )
