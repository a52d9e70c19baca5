"""The door for operators who set a council up: `reciprocal staff …`, `council pay-by`, `council keep`.

It only translates.
"""

from __future__ import annotations

import argparse
from datetime import date

from service.cli_money import Connect, council_id_of
from service.councils import actions as councils
from service.councils import queries
from service.councils.actions import BANK_RAILS
from service.councils.model import ROLES
from service.days import london_day, utc_now
from service.events import SYSTEM
from service.own_data import retention
from service.policy.commands import Subparsers


def register(commands: Subparsers, of_council: Subparsers, *, connect: Connect) -> None:
    """Hang the verbs under `reciprocal` and `reciprocal council`."""
    rail = of_council.add_parser("pay-by", help="by which rail a council pays into bank accounts")
    rail.add_argument("council", help="the council's short name")
    rail.add_argument("rail", choices=BANK_RAILS)
    rail.set_defaults(run=lambda given: _pay_by(given, connect))
    keep = of_council.add_parser("keep", help="how many years a council keeps records of what it paid")
    keep.add_argument("council", help="the council's short name")
    keep.add_argument("record_class", choices=sorted(retention.classes_on(london_day(utc_now()))))
    keep.add_argument("years", type=int, help="from the end of the financial year of the last payment")
    keep.add_argument("--from", dest="since", type=date.fromisoformat, help="the first day that it counts")
    keep.set_defaults(run=lambda given: _keep(given, connect))
    verbs = commands.add_parser("staff", help="who works for a council, and what they may do").add_subparsers(
        dest="verb", required=True
    )
    add = verbs.add_parser("add", help="add somebody; they sign in by a link that is mailed to them")
    _whom(add)
    add.add_argument("--name", required=True)
    _which_roles(add)
    add.set_defaults(run=lambda given: _add(given, connect))
    change = verbs.add_parser("roles", help="give somebody these roles instead of the ones they have")
    _whom(change)
    _which_roles(change)
    change.set_defaults(run=lambda given: _change(given, connect))
    leave = verbs.add_parser("leave", help="somebody has left: they can no longer sign in")
    _whom(leave)
    leave.set_defaults(run=lambda given: _leave(given, connect))
    show = verbs.add_parser("show", help="who is here, with their roles")
    show.add_argument("council", help="the council's short name")
    show.set_defaults(run=lambda given: _show(given, connect))


def _whom(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("council", help="the council's short name")
    verb.add_argument("email", help="their address at work")


def _which_roles(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--role",
        action="append",
        required=True,
        choices=sorted(ROLES),
        metavar="ROLE",
        help=f"may be repeated: {', '.join(sorted(ROLES))}",
    )


def _pay_by(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        councils.pay_by(session, council_id=council_id, bank_rail=given.rail, now=utc_now())
    print(f"{given.council} pays into bank accounts by {given.rail} from now on.")
    return 0


def _keep(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id, now = council_id_of(db, given.council), utc_now()
    since = given.since or london_day(now)
    with db.council(council_id) as session:
        retention.keep_for(
            session,
            council_id=council_id,
            record_class=given.record_class,
            years=given.years,
            starts_on=since,
            actor=SYSTEM,
            now=now,
        )
    print(f"{given.council} keeps {given.record_class} for {given.years} years, from {since} on.")
    return 0


def _add(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        member = councils.add_staff(
            session,
            council_id=council_id,
            email=given.email,
            name=given.name,
            roles=tuple(given.role),
            now=utc_now(),
        )
    print(f"{member.email} is here as {', '.join(member.roles)}. They sign in at /{given.council}/staff.")
    return 0


def _change(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        member = councils.change_staff(
            session, council_id=council_id, email=given.email, roles=given.role, now=utc_now()
        )
    print(f"{member.email} is {', '.join(member.roles)} now.")
    return 0


def _leave(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        member = councils.change_staff(
            session, council_id=council_id, email=given.email, roles=None, now=utc_now()
        )
    print(f"{member.email} can no longer sign in.")
    return 0


def _show(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        rows = queries.staff(session, council_id=council_id)
    for row in rows:
        print(f"{row.email}  {row.name}  {', '.join(row.roles)}")
    return 0
