"""The door for operators to a policy's life: `reciprocal policy draft`, `try`, `ask`, `sign`, `publish`, …"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from service.cli_money import council_id_of
from service.councils import queries as councils
from service.days import london_day
from service.db import Database
from service.errors import Forbidden, NotFound
from service.people import readers
from service.policy import actions, life, queries, signing
from service.policy.commands import Subparsers
from service.policy.life import Author
from service.policy.queries import Standing
from service.policy.tables import PolicySignOff
from service.policy.wording import day
from service.reports import simulation, simulation_words

OK, FAULTS = 0, 1


@dataclass(frozen=True)
class Desk:
    """Where a command works: one council, this moment, and whoever gave it."""

    session: Session
    council_id: str
    now: datetime
    author: Author

    @property
    def today(self) -> date:
        """This day in London."""
        return london_day(self.now)


Command = Callable[[argparse.Namespace, Desk], int]
Connect = Callable[[], Database]


def register(verbs: Subparsers, *, connect: Connect, clock: Callable[[], datetime]) -> None:
    """Adds the verbs of a policy's life. `connect` opens the database, once a command runs."""

    def add(name: str, run: Command, words: str, *, of: str = "", writes: bool = True) -> Any:
        verb = verbs.add_parser(name, help=words)
        if of:
            verb.add_argument("id", metavar=of, help="as `standings` lists it")
        verb.add_argument("--council", required=True, help="the council's short name")
        if writes:
            verb.add_argument("--by", required=True, metavar="EMAIL", help="the member of staff who does it")
        verb.set_defaults(run=lambda given: _at_a_desk(given, run, connect, clock()))
        return verb

    standings_ = add(
        "standings", standings, "drafts and versions of a council, and their state", writes=False
    )
    standings_.add_argument("--json", action="store_true")
    add("show", show, "one draft: mistakes, changes, who has agreed", of="ID", writes=False)
    add("draft", draft, "keep a file as a draft").add_argument("file", metavar="FILE")
    try_ = add("try", try_it, "try a draft on past claims", of="ID")
    try_.add_argument("--since", type=date.fromisoformat, metavar="D", help="first day of activities")
    try_.add_argument("--until", type=date.fromisoformat, metavar="D", help="last day; it counts too")
    ask_ = add("ask", ask, "ask people to read a draft", of="ID")
    ask_.add_argument("people", nargs="+", metavar="PERSON", help="a person's id")
    sign_ = add("sign", sign, "agree to a draft, or do not", of="ID")
    sign_.add_argument("--no", action="store_true", help="do not agree")
    sign_.add_argument("--words", default="", help="in your own words")
    publish_ = add("publish", publish, "put a draft in force", of="ID")
    publish_.add_argument(
        "--from", dest="first", type=date.fromisoformat, metavar="D", help="a later day than the text names"
    )


def standings(given: argparse.Namespace, desk: Desk) -> int:
    """Prints every draft that is not published, then every version, newest first."""
    rows = queries.standings(desk.session, council_id=desk.council_id, today=desk.today)
    if given.json:
        print(json.dumps([_row(one) for one in rows], ensure_ascii=False, indent=2))
    for one in [] if given.json else rows:
        starts = day(one.row.effective_from) if one.row.effective_from else "no day yet"
        print(f"{one.row.id}  {one.row.version or '?'}  {life.STATES[one.state]}, from {starts}")
    return OK


def _row(one: Standing) -> dict[str, Any]:
    row = one.row
    starts = row.effective_from.isoformat() if row.effective_from else None
    return {
        "id": row.id,
        "version": row.version,
        "state": one.state,
        "effective_from": starts,
        "hash": row.hash,
    }


def show(given: argparse.Namespace, desk: Desk) -> int:
    """Prints where one draft or version stands. 1 if it has mistakes."""
    key = {"council_id": desk.council_id, "policy_id": given.id}
    found = queries.standing(desk.session, today=desk.today, **key)
    print(f"{found.row.name or 'It cannot be read yet'}, version {found.row.version or '?'}")
    print(f"{life.STATES[found.state]}.")
    for fault in found.faults:
        print(f"{fault['file']}:{fault['line']}: {fault['what']}\n    {fault['remedy']}")
    if found.published_at is None:
        print("\n".join(one.sentence for one in queries.changes(desk.session, on=desk.today, **key)))
        _signs(desk, given.id)
    return FAULTS if found.faults else OK


def _signs(desk: Desk, policy_id: str) -> None:
    rows = queries.sign_offs(desk.session, council_id=desk.council_id, policy_id=policy_id)
    known = councils.names_of(desk.session, council_id=desk.council_id)
    for row in rows:
        print(f"{_who(row, known)}: {_ANSWERS[row.agrees]}.")
    found = queries.draft(desk.session, council_id=desk.council_id, policy_id=policy_id)
    print("\n".join(queries.missing_of(desk.session, draft=found, on=desk.today).words(known)))


_ANSWERS = {None: "has not answered yet", True: "agrees", False: "does not agree"}


def _who(row: PolicySignOff, known: dict[str, str]) -> str:
    return life.said_by(Author(row.kind, row.signer_id, row.signer_by), known)


def draft(given: argparse.Namespace, desk: Desk) -> int:
    """Keeps a file as a draft, with every mistake in it. 1 if there is one."""
    try:
        text = Path(given.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise NotFound(f"{given.file} cannot be read as text. Check its name.") from None
    row = actions.write(desk.session, council_id=desk.council_id, text=text, author=desk.author, now=desk.now)
    print(row.id)
    for fault in row.faults:
        print(f"{fault['file']}:{fault['line']}: {fault['what']}\n    {fault['remedy']}", file=sys.stderr)
    return FAULTS if row.faults else OK


def try_it(given: argparse.Namespace, desk: Desk) -> int:
    """Tries a draft on past claims and keeps what was found. Many claims are left to a task."""
    until = given.until or desk.today
    row = simulation.ask(
        desk.session,
        council_id=desk.council_id,
        policy_id=given.id,
        since=given.since or until - timedelta(days=365),
        until=until,
        author=desk.author,
        now=desk.now,
    )
    said = (
        simulation_words.sentences(row.answer) if row.answer else ["There are many claims: it is under way."]
    )
    print("\n".join(said))
    return OK


def ask(given: argparse.Namespace, desk: Desk) -> int:
    """Asks people to read a draft."""
    readers.ask(
        desk.session,
        council_id=desk.council_id,
        policy_id=given.id,
        person_ids=given.people,
        author=desk.author,
        now=desk.now,
    )
    _signs(desk, given.id)
    return OK


def sign(given: argparse.Namespace, desk: Desk) -> int:
    """Agrees to a draft, or does not."""
    signing.answer(
        desk.session,
        council_id=desk.council_id,
        policy_id=given.id,
        signer=desk.author,
        agrees=not given.no,
        words=given.words,
        now=desk.now,
    )
    _signs(desk, given.id)
    return OK


def publish(given: argparse.Namespace, desk: Desk) -> int:
    """Puts a draft in force from the day that its text names, or from a later one."""
    row = actions.publish(
        desk.session,
        council_id=desk.council_id,
        policy_id=given.id,
        author=desk.author,
        now=desk.now,
        effective_from=given.first,
    )
    print(f"Version {row.version} counts from {day(row.effective_from)}.")
    return OK


def _at_a_desk(given: argparse.Namespace, run: Command, connect: Connect, now: datetime) -> int:
    db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        author = Author("system", "reciprocal")
        if "by" in given:
            author = _member(session, council_id, given.by, signs=run is sign)
        return run(given, Desk(session, council_id, now, author))


def _member(session: Session, council_id: str, email: str, *, signs: bool) -> Author:
    """The member of staff with this address. Raises `NotFound`, and `Forbidden` where no role allows it.

    Whether somebody may sign is asked of the draft itself, which may name other roles.
    """
    found = councils.staff_by_email(session, council_id=council_id, email=email)
    if found is None:
        raise NotFound(f"Nobody with the address {email} works there.")
    caller = councils.caller_by_staff(session, council_id=council_id, staff_id=found.id)
    if caller is None or not (signs or "policies:write" in caller.scopes):
        raise Forbidden(f"{found.name} may not change the policy. Ask a policy owner or an involvement lead.")
    return Author("staff", found.id, roles=caller.roles)
