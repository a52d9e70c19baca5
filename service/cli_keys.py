"""The door for operators who let a council's other systems in: `reciprocal key …`. It only translates."""

from __future__ import annotations

import argparse
from datetime import datetime

from service.cli_money import Connect, council_id_of
from service.cli_staff import which_roles
from service.councils import keys, queries
from service.councils.model import scopes_of
from service.councils.tables import ApiKey
from service.days import date_in_words, utc_now
from service.events import SYSTEM
from service.policy.commands import Subparsers


def register(commands: Subparsers, *, connect: Connect) -> None:
    """Hang the verbs under `reciprocal`."""
    verbs = commands.add_parser("key", help="a council's keys to the API").add_subparsers(
        dest="verb", required=True
    )
    add = verbs.add_parser("add", help="make one that counts for a year; it is shown once")
    add.add_argument("council", help="the council's short name")
    add.add_argument("--name", required=True, help="what it is for, like Finance system")
    which_roles(add)
    add.add_argument("--test", action="store_true", help="a test key, for trying things out")
    add.set_defaults(run=lambda given: _add(given, connect))
    show = verbs.add_parser("show", help="every key with what it may do, and until when")
    show.add_argument("council", help="the council's short name")
    show.set_defaults(run=lambda given: _show(given, connect))
    end = verbs.add_parser("end", help="from now on nobody comes in by this key")
    end.add_argument("council", help="the council's short name")
    end.add_argument("id", help="as `reciprocal key show` prints it")
    end.set_defaults(run=lambda given: _end(given, connect))


def _add(given: argparse.Namespace, connect: Connect) -> int:
    """In a demonstration every key is a test key: nothing there is paid for real."""
    settings, db = connect()
    council_id, now = council_id_of(db, given.council), utc_now()
    with db.council(council_id) as session:
        kind = queries.get(session, council_id=council_id).kind
        issued = keys.issue(
            session,
            council_id=council_id,
            name=given.name,
            roles=tuple(given.role),
            actor=SYSTEM,
            now=now,
            test=given.test or settings.demo,
        )
        line = _line(issued.row, kind=kind, now=now)
    print(f"Put it in place now, for it is shown once: {issued.secret}")
    print(line)
    return 0


def _show(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id, now = council_id_of(db, given.council), utc_now()
    with db.council(council_id) as session:
        kind = queries.get(session, council_id=council_id).kind
        lines = [_line(row, kind=kind, now=now) for row in queries.keys(session, council_id=council_id)]
    print("\n".join(lines) or "There is no key.")
    return 0


def _line(row: ApiKey, *, kind: str, now: datetime) -> str:
    if row.ended_at is not None:
        until = f"ended {date_in_words(row.ended_at)}"
    else:
        until = f"{'until' if row.expires_at > now else 'ran out'} {date_in_words(row.expires_at)}"
    scopes = sorted(scopes_of(tuple(row.roles), kind=kind))
    return f"{row.id}  {row.name}  {row.prefix}…  {until}  {', '.join(row.roles)}: {', '.join(scopes)}"


def _end(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        row = keys.end(session, council_id=council_id, key_id=given.id, actor=SYSTEM, now=utc_now())
        name = row.name
    print(f"{given.id} ({name}) lets nobody in any more.")
    return 0
