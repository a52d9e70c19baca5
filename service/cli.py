"""The door for operators: `reciprocal …`. It only translates."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta

from service import cli_policy, days, events, ids, log, schema
from service.councils import actions as councils
from service.councils import queries as council_queries
from service.days import london_day, utc_now
from service.db import Database
from service.errors import NotFound, ReciprocalError
from service.events import SYSTEM
from service.policy import actions as policies
from service.policy import commands as policy_commands
from service.policy.engine import compile_policy
from service.policy.faults import PolicyFaults
from service.policy.sources import Sources
from service.reports import books, simulation, simulation_words
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
    verbs = policy_commands.register(commands)
    _add_simulate(verbs)
    cli_policy.register(verbs, connect=_database, clock=utc_now)
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


def _database() -> Database:
    return Database(_settings().database_url, pooled=False)


def _migrate(_: argparse.Namespace) -> int:
    settings = _settings()
    print(f"The database is at {schema.migrate(settings.owner_url)}.")
    Database(settings.database_url, pooled=False).check_walls()
    return 0


def _relay(_: argparse.Namespace) -> int:
    from service.tasks import NEXT, approvals, claims, notices, payouts, relay  # noqa: F401
    from service.tasks import policies as policy_tasks  # noqa: F401
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


def _add_simulate(verbs: policy_commands.Subparsers) -> None:
    verb = verbs.add_parser("simulate", help="what a draft would have paid: total, winners, losers")
    verb.add_argument("draft", metavar="DRAFT", help="the policy file to try")
    verb.add_argument("--council", required=True, help="the council's short name")
    verb.add_argument("--since", type=date.fromisoformat, metavar="D", help="first day of activities")
    verb.add_argument("--until", type=date.fromisoformat, metavar="D", help="last day; it counts too")
    verb.add_argument("--json", action="store_true", help="print the totals as JSON")
    verb.set_defaults(run=_simulate)


def _simulate(given: argparse.Namespace) -> int:
    draft = compile_policy(Sources.from_path(given.draft))
    until = given.until or london_day(utc_now())
    since = given.since or until - timedelta(days=365)
    db = Database(_settings().database_url, pooled=False)
    with db.crossing() as outside:
        council_id = council_queries.council_id_of(outside, slug=given.council)
    if council_id is None:
        raise NotFound(f"There is no council called {given.council} here.")
    with db.council(council_id) as session:
        answer = simulation.simulate(
            session, council_id=council_id, draft=draft, since=since, until=until, progress=_Progress()
        )
    if given.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        print("\n".join(simulation_words.sentences(answer)))
    return 0


class _Progress:
    """Says every two seconds how far a long piece of work has come."""

    def __init__(self) -> None:
        self.said = time.monotonic()

    def __call__(self, done: int) -> None:
        if time.monotonic() - self.said >= 2:
            self.said = time.monotonic()
            print(f"{done:,} claims so far", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
