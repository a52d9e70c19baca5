"""The door for operators: `reciprocal …`. It only translates."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from service import days, events, ids, log, schema
from service.councils import actions as councils
from service.councils import queries as council_queries
from service.days import utc_now
from service.db import Database
from service.errors import ReciprocalError
from service.events import SYSTEM
from service.policy import actions as policies
from service.policy import commands as policy_commands
from service.policy.faults import PolicyFaults
from service.policy.sources import Sources
from service.reports import books
from service.settings import Settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit status 0 when it did what was asked, 1 when it found faults, 2 for a bad call."""
    parser = argparse.ArgumentParser(prog="reciprocal", description="Pays people with lived experience.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to the shape this code needs").set_defaults(
        run=_migrate
    )
    commands.add_parser("relay", help="hand events to the queue, until stopped").set_defaults(run=_relay)
    commands.add_parser("verify", help="check the event chains and the books").set_defaults(run=_verify)
    commands.add_parser("openapi", help="print the description of the API").set_defaults(run=_openapi)
    council = commands.add_parser("council", help="councils").add_subparsers(dest="verb", required=True)
    add = council.add_parser("add", help="add a working council from a name and a policy")
    add.add_argument("slug", help="the short name in addresses, like exampleshire")
    add.add_argument("--name", required=True)
    add.add_argument("--policy", required=True, help="the policy file to adopt")
    add.add_argument("--nation", default="england-and-wales")
    add.add_argument("--lead", required=True, metavar="EMAIL", help="the first involvement lead")
    add.set_defaults(run=_add_council)
    policy_commands.register(commands)
    given = parser.parse_args(argv)
    try:
        return int(given.run(given) or 0)
    except (ReciprocalError, PolicyFaults) as error:
        print(getattr(error, "detail", str(error)), file=sys.stderr)
        for fault in getattr(error, "errors", ()):
            print(f"  {fault}", file=sys.stderr)
        return 1


def _settings() -> Settings:
    settings = Settings.from_env(os.environ)
    log.configure(level=settings.log_level)
    days.use_newer(settings.bank_holidays_file)
    return settings


def _migrate(_: argparse.Namespace) -> int:
    settings = _settings()
    print(f"The database is at {schema.migrate(settings.owner_url)}.")
    Database(settings.database_url, pooled=False).check_walls()
    return 0


def _relay(_: argparse.Namespace) -> int:
    from service.tasks import NEXT, approvals, claims, notices, payouts, relay  # noqa: F401
    from service.worker import create_worker

    settings = _settings()
    relay.run(settings, following=NEXT, send_task=create_worker(settings).send_task)
    return 0


def _verify(_: argparse.Namespace) -> int:
    db = Database(_settings().database_url, pooled=False)
    faults = 0
    for council_id in db.council_ids():
        with db.council(council_id) as session:
            name = council_queries.get(session, council_id=council_id).name
            found = events.broken_links(session, council_id=council_id)
            found += books.breaches(session, council_id=council_id)
        print(f"{name}: {'all is well' if not found else f'{len(found)} faults'}")
        for line in found:
            print(f"  {line}")
        faults += len(found)
    return 1 if faults else 0


def _openapi(_: argparse.Namespace) -> int:
    from service import api

    print(api.description(), end="")
    return 0


def _add_council(given: argparse.Namespace) -> int:
    settings = _settings()
    db = Database(settings.database_url, pooled=False)
    sources = Sources.from_path(given.policy)
    council_id, now = ids.new("cou"), utc_now()
    new = councils.NewCouncil(slug=given.slug, name=given.name, nation=given.nation, contact_email=given.lead)
    with db.council(council_id) as session:
        councils.found(session, council_id=council_id, given=new, now=now)
        policies.adopt(session, council_id=council_id, sources=sources, actor=SYSTEM, now=now)
        lead = councils.add_staff(
            session,
            council_id=council_id,
            email=given.lead,
            name=given.lead,
            roles=("lead", "approver"),
            now=now,
        )
        key = councils.issue_key(
            session, council_id=council_id, name="First key", roles=("lead",), now=now, test=True
        )
        link = councils.make_link(
            session,
            council_id=council_id,
            kind="staff",
            subject_id=lead.id,
            goes_to=f"/{given.slug}/staff",
            now=now,
        )
    print(f"{given.name} is ready. Its first test key, shown once: {key}")
    print(f"The lead signs in here, once, within the hour: {settings.base_url.rstrip('/')}/link/{link}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
