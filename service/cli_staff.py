"""The door for operators who say who works for a council: `reciprocal staff …`. It only translates."""

from __future__ import annotations

import argparse

from service.cli_money import Connect, council_id_of
from service.councils import actions as councils
from service.councils import providers, queries
from service.councils.model import ROLES
from service.days import utc_now
from service.policy.commands import Subparsers


def register(commands: Subparsers, *, connect: Connect) -> None:
    """Hang the verbs under `reciprocal`."""
    verbs = commands.add_parser("staff", help="who works for a council, and what they may do").add_subparsers(
        dest="verb", required=True
    )
    add = verbs.add_parser("add", help="add somebody; they sign in by a link that is mailed to them")
    _whom(add)
    add.add_argument("--name", required=True)
    which_roles(add)
    add.set_defaults(run=lambda given: _add(given, connect))
    change = verbs.add_parser("roles", help="give somebody these roles instead of the ones they have")
    _whom(change)
    which_roles(change)
    change.set_defaults(run=lambda given: _change(given, connect))
    leave = verbs.add_parser("leave", help="somebody has left: they can no longer sign in")
    _whom(leave)
    leave.set_defaults(run=lambda given: _leave(given, connect))
    unlink = verbs.add_parser("unlink", help="their work account is new: they come in by their address again")
    _whom(unlink)
    unlink.set_defaults(run=lambda given: _unlink(given, connect))
    show = verbs.add_parser("show", help="who is here, with their roles")
    show.add_argument("council", help="the council's short name")
    show.set_defaults(run=lambda given: _show(given, connect))


def _whom(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("council", help="the council's short name")
    verb.add_argument("email", help="their address at work")


def which_roles(verb: argparse.ArgumentParser) -> None:
    """Let a verb take the roles of somebody, or of a key."""
    verb.add_argument(
        "--role",
        action="append",
        required=True,
        choices=sorted(ROLES),
        metavar="ROLE",
        help=f"may be repeated: {', '.join(sorted(ROLES))}",
    )


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


def _unlink(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        member = providers.unlink(session, council_id=council_id, email=given.email, now=utc_now())
    print(f"{member.email} comes in by their address once more, at their next sign-in.")
    return 0


def _show(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        rows = queries.staff(session, council_id=council_id)
    for row in rows:
        print(f"{row.email}  {row.name}  {', '.join(row.roles)}")
    return 0
