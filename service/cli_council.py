"""The door for operators who set a council up: `council pay-by`, `oidc`, `keep`. It only translates."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from functools import partial

from service.cli_money import Connect, council_id_of
from service.councils import actions as councils
from service.councils import providers
from service.councils.actions import BANK_RAILS
from service.councils.model import ROLES
from service.days import date_in_words, london_day, utc_now
from service.events import SYSTEM
from service.own_data import retention
from service.policy.commands import Subparsers
from service.vault import Vault


def register(of_council: Subparsers, *, connect: Connect) -> None:
    """Hang the verbs under `reciprocal council`."""
    rail = of_council.add_parser("pay-by", help="by which rail a council pays into bank accounts")
    rail.add_argument("council", help="the council's short name")
    rail.add_argument("rail", choices=BANK_RAILS)
    rail.set_defaults(run=lambda given: _pay_by(given, connect))
    _register_oidc(of_council, connect=connect)
    _register_keep(of_council, connect=connect)


def _register_oidc(of_council: Subparsers, *, connect: Connect) -> None:
    verbs = of_council.add_parser("oidc", help="where a council's staff sign in with their work account")
    by_verb = verbs.add_subparsers(dest="what", required=True)
    put = by_verb.add_parser("set", help="set the provider; the client's secret comes on standard input")
    put.add_argument("council", help="the council's short name")
    put.add_argument(
        "--issuer", required=True, help="https://login.microsoftonline.com/TENANT/v2.0 for Entra"
    )
    put.add_argument("--client-id", required=True)
    put.add_argument(
        "--role",
        action="append",
        required=True,
        metavar="VALUE=ROLE",
        help=f"what the provider says, and our role for it: {', '.join(sorted(ROLES))}; may be repeated",
    )
    put.add_argument("--roles-claim", default="roles", help="roles (app roles) or groups")
    put.add_argument(
        "--address-claim",
        default="email",
        help="email, which counts where the provider checked it; or one that nobody chooses",
    )
    put.set_defaults(run=lambda given: _set_provider(given, connect))
    links = by_verb.add_parser("links", help="whether staff may also sign in by an emailed link")
    links.add_argument("council", help="the council's short name")
    links.add_argument("allowed", choices=("on", "off"))
    links.set_defaults(run=lambda given: _allow_links(given, connect))
    for name, words, run in (
        ("show", "the provider, without its secret", _show_provider),
        ("end", "staff sign in by a link again, and nowhere else", _end_provider),
    ):
        verb = by_verb.add_parser(name, help=words)
        verb.add_argument("council", help="the council's short name")
        verb.set_defaults(run=partial(run, connect))


def _register_keep(of_council: Subparsers, *, connect: Connect) -> None:
    keep = of_council.add_parser("keep", help="how many years a council keeps records of what it paid")
    keep.add_argument("council", help="the council's short name")
    keep.add_argument("record_class", choices=sorted(retention.classes_on(london_day(utc_now()))))
    keep.add_argument("years", type=int, help="from the end of the financial year of the last payment")
    keep.add_argument("--from", dest="since", type=date.fromisoformat, help="the first day that it counts")
    keep.set_defaults(run=lambda given: _keep(given, connect))


def _pay_by(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        councils.pay_by(session, council_id=council_id, bank_rail=given.rail, now=utc_now())
    print(f"{given.council} pays into bank accounts by {given.rail} from now on.")
    return 0


def _set_provider(given: argparse.Namespace, connect: Connect) -> int:
    settings, db = connect()
    council_id = council_id_of(db, given.council)
    roles: dict[str, tuple[str, ...]] = {}
    for pair in given.role:
        value, _, role = pair.rpartition("=")
        roles[value] = (*roles.get(value, ()), role)
    told = providers.ProviderGiven(
        issuer=given.issuer,
        client_id=given.client_id,
        client_secret=sys.stdin.read(),
        roles=roles,
        roles_claim=given.roles_claim,
        address_claim=given.address_claim,
    )
    with db.council(council_id) as session:
        row = providers.put(
            session,
            council_id=council_id,
            given=told,
            vault=Vault(settings.encryption_keys),
            now=utc_now(),
        )
    back = f"{settings.base_url.rstrip('/')}/{given.council}/staff/sign-in/back"
    print(
        f"Staff of {given.council} sign in at {row.issuer}. Give the provider this redirect address: {back}"
    )
    print(f"Emailed links still work for who has never signed in there: `oidc links {given.council} off`.")
    return 0


def _allow_links(given: argparse.Namespace, connect: Connect) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        providers.allow_links(session, council_id=council_id, allowed=given.allowed == "on", now=utc_now())
    print(f"Emailed links for staff of {given.council} are {given.allowed}.")
    return 0


def _show_provider(connect: Connect, given: argparse.Namespace) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        row = providers.of(session, council_id=council_id)
    if row is None:
        print("Staff sign in by an emailed link.")
        return 0
    links = "on" if row.links else "off"
    since = date_in_words(row.made_at)
    print(f"{row.issuer}  client {row.client_id}  since {since}  emailed links {links}")
    for value, roles in sorted(row.roles.items()):
        print(f"{row.roles_claim}: {value}  {', '.join(roles)}")
    return 0


def _end_provider(connect: Connect, given: argparse.Namespace) -> int:
    _, db = connect()
    council_id = council_id_of(db, given.council)
    with db.council(council_id) as session:
        providers.end(session, council_id=council_id, now=utc_now())
    print(f"Staff of {given.council} sign in by an emailed link.")
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
