"""The door for operators' money matters: `reciprocal rail …`, `payments …`, `keys …`. It only translates."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime

from service import resealing
from service.councils import queries as councils
from service.days import date_in_words, utc_now
from service.db import Database
from service.errors import NotFound, one_fault
from service.events import SYSTEM
from service.payouts import holdbook
from service.payouts.holdbook import Hand
from service.policy.commands import Subparsers
from service.rails import credentials
from service.resealing import Page, Sealed
from service.settings import Settings
from service.vault import Vault

Connect = Callable[[], tuple[Settings, Database]]


def register(commands: Subparsers, *, connect: Connect) -> None:
    """Hang the verbs under `reciprocal`. `connect` answers the settings and the database they name."""
    keys = commands.add_parser("keys", help="the keys that seal").add_subparsers(dest="verb", required=True)
    rotate = keys.add_parser("rotate", help="bring everything sealed under the newest of ENCRYPTION_KEYS")
    rotate.set_defaults(run=lambda _: _rotate(connect))
    verbs = commands.add_parser("rail", help="a council's own keys to its rails").add_subparsers(
        dest="verb", required=True
    )
    add = verbs.add_parser("add", help="keep a credential; its values come as JSON on standard input")
    _whose(add)
    add.add_argument("kind", help="what it is, like secret_key or webhook_secret")
    add.set_defaults(run=lambda given: _add(given, connect))
    show = verbs.add_parser("show", help="what stands, by its last four letters")
    _whose(show)
    show.set_defaults(run=lambda given: _show(given, connect))
    end = verbs.add_parser("end", help="use a credential no longer")
    _whose(end)
    end.add_argument("id", help="as `reciprocal rail show` prints it")
    end.set_defaults(run=lambda given: _end(given, connect))
    _register_switch(commands, connect=connect)


def _register_switch(commands: Subparsers, *, connect: Connect) -> None:
    verbs = commands.add_parser("payments", help="stop every payment of every council, or let them go")
    by_verb = verbs.add_subparsers(dest="verb", required=True)
    stop = by_verb.add_parser("stop", help="from now on no call to a rail begins")
    stop.add_argument("reason", help="why, for the councils and for those who come after you")
    _who(stop)
    stop.set_defaults(run=lambda given: _stop(given, connect))
    go = by_verb.add_parser("go", help="everything goes on by itself")
    _who(go)
    go.set_defaults(run=lambda given: _go(given, connect))


def _who(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--by", default=getpass.getuser(), help="who you are, for the record")


def _stop(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    if not given.reason.strip():
        raise one_fault("", "Say why, for those who come after you.")
    now = utc_now()
    with db.crossing() as outside:
        stopped = holdbook.stop_everything(
            outside, reason=given.reason.strip(), hand=Hand(SYSTEM, given.by), now=now
        )
    _tell_all(db, at=now)
    print(f"Stopped. No call to a rail begins from now on; {stopped} councils have it on record.")
    return 0


def _go(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    now = utc_now()
    with db.crossing() as outside:
        released = holdbook.let_everything_go(outside, hand=Hand(SYSTEM, given.by), now=now)
    _tell_all(db, at=now)
    print(f"Payments go on by themselves, in {released} councils." if released else "Nothing was stopped.")
    return 0


def _tell_all(db: Database, *, at: datetime) -> None:
    """Each council's own record of it, and its payments follow. What this misses the clock makes good."""
    for council_id in db.council_ids():
        with db.council(council_id) as session:
            holdbook.tell_of_everything(session, council_id=council_id, actor=SYSTEM, at=at)


def _whose(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("council", help="the council's short name")
    verb.add_argument("rail", choices=sorted(credentials.KINDS), help="which rail")


def council_id_of(db: Database, slug: str) -> str:
    """The council with this short name. Raises `NotFound`."""
    with db.crossing() as outside:
        found = councils.council_id_of(outside, slug=slug)
    if found is None:
        raise NotFound(f"There is no council called {slug} here.")
    return found


def _values() -> dict[str, str]:
    try:
        values = json.loads(sys.stdin.read())
    except ValueError:
        values = None
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        raise one_fault("", 'Give the values as JSON on standard input, like {"secret": "whsec_1"}')
    return values


def _add(given: argparse.Namespace, connect: Connect) -> int:
    settings, db = connect()
    council_id, values = council_id_of(db, given.council), _values()
    with db.council(council_id) as session:
        row = credentials.add(
            session,
            council_id=council_id,
            rail=given.rail,
            kind=given.kind,
            values=values,
            vault=Vault(settings.encryption_keys),
            actor=SYSTEM,
            now=utc_now(),
        )
    print(f"{row.id} is kept: {given.rail} {given.kind} ending {row.hint}.")
    return 0


def _show(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        rows = credentials.listed(session, council_id=council_id, rail=given.rail)
    for row in rows:
        print(f"{row.id}  {row.kind}  ending {row.hint}  since {date_in_words(row.made_at)}")
    if not rows:
        print("Nothing stands.")
    return 0


def _end(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        credentials.end(session, council_id=council_id, credential_id=given.id, actor=SYSTEM, now=utc_now())
    print(f"{given.id} is used no longer.")
    return 0


def _rotate(connect: Connect) -> int:
    """Page by page, each kept at once: broken off, it goes on where it was when it is asked again."""
    settings, db = connect()
    vault = Vault(settings.encryption_keys)
    with db.crossing() as outside:
        wanted = resealing.columns(outside)
    lost = 0
    for sealed in wanted:
        pages = [page for council_id in db.council_ids() for page in _pages(db, council_id, sealed, vault)]
        unreadable = sum(page.opened_by_none for page in pages)
        print(
            f"{sealed.name}: {sum(page.looked_at for page in pages)} looked at, "
            f"{sum(page.sealed_anew for page in pages)} sealed anew, {unreadable} that no key opens"
        )
        lost += unreadable
    if lost:
        print("Keep every key, and find the one that is missing: some things are opened by none of these.")
        return 1
    print("Everything is under the newest key. The others can be taken out of ENCRYPTION_KEYS.")
    return 0


def _pages(db: Database, council_id: str, sealed: Sealed, vault: Vault) -> Iterator[Page]:
    after: tuple[str, ...] | None = None
    while True:
        with db.council(council_id) as session:
            page = resealing.reseal_page(
                session, council_id=council_id, sealed=sealed, vault=vault, after=after
            )
        yield page
        if page.after is None:
            return
        after = page.after
