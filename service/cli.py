"""The door for operators: `reciprocal …`. It only translates."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from service import (
    cli_council,
    cli_keys,
    cli_money,
    cli_policy,
    cli_staff,
    cli_words,
    days,
    events,
    ids,
    log,
    schema,
)
from service.cli_money import council_id_of
from service.councils import actions as councils
from service.councils import keys
from service.councils import queries as council_queries
from service.councils.model import REGION
from service.councils.tables import Council
from service.days import london_day, utc_now
from service.db import Database
from service.errors import NotFound, ReciprocalError
from service.events import SYSTEM
from service.policy import actions as policies
from service.policy import commands as policy_commands
from service.policy.engine import compile_policy
from service.policy.faults import PolicyFaults
from service.policy.sources import Sources
from service.regions import founding
from service.reports import books, regional, regional_words, simulation, simulation_words
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
    of_council = _add_councils(commands)
    _add_regions(commands)
    cli_money.register(commands, connect=_connect)
    cli_staff.register(commands, connect=_connect)
    cli_council.register(of_council, connect=_connect)
    cli_keys.register(commands, connect=_connect)
    cli_words.register(of_council, connect=_connect)
    verbs = policy_commands.register(commands)
    _add_simulate(verbs)
    cli_policy.register(verbs, connect=_database, clock=utc_now)
    given = parser.parse_args(argv)
    try:
        return int(given.run(given) or 0)
    except (ReciprocalError, PolicyFaults) as error:
        print(getattr(error, "detail", str(error)), file=sys.stderr)
        for fault in getattr(error, "errors", ()):
            print(f"  {fault.detail}", file=sys.stderr)
        return 1


def _add_councils(commands: policy_commands.Subparsers) -> policy_commands.Subparsers:
    verbs = commands.add_parser("council", help="councils").add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="add a working council from a name and a policy, or a name and a base")
    add.add_argument("slug", help="the short name in addresses, like exampleshire")
    add.add_argument("--name", required=True)
    first = add.add_mutually_exclusive_group()
    first.add_argument("--policy", metavar="FILE", help="the policy file to adopt")
    first.add_argument(
        "--base", metavar="NAME@VERSION", help="or the base to follow, like region/middleshire@1.0"
    )
    add.add_argument("--region", metavar="SLUG", help="the region it is in; alone: follow its newest base")
    add.add_argument("--nation", default="england-and-wales")
    add.add_argument("--lead", required=True, metavar="EMAIL", help="the first involvement lead")
    add.set_defaults(run=_add_council)
    join = verbs.add_parser("join", help="let a council read a region's base, and be tried by it")
    join.add_argument("slug", help="the council's short name")
    join.add_argument("--region", metavar="SLUG", required=True)
    join.set_defaults(run=_join)
    leave = verbs.add_parser("leave", help="take a council out of its region; its policy stays in force")
    leave.add_argument("slug", help="the council's short name")
    leave.set_defaults(run=_leave)
    return verbs


def _add_regions(commands: policy_commands.Subparsers) -> None:
    verbs = commands.add_parser("region", help="regions").add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="add a region that publishes a base for its councils")
    add.add_argument("slug", help="the short name in addresses, like middleshire")
    add.add_argument("--name", required=True)
    add.add_argument("--policy", metavar="FILE", required=True, help="the base to begin with")
    add.add_argument(
        "--owner", metavar="EMAIL", required=True, action="append", help="a policy owner; two publish a base"
    )
    add.set_defaults(run=_add_region)


def _settings() -> Settings:
    settings = Settings.from_env(os.environ)
    log.configure(level=settings.log_level)
    days.use_newer(settings.bank_holidays_file)
    return settings


def _connect() -> tuple[Settings, Database]:
    settings = _settings()
    return settings, Database(settings.database_url, pooled=False)


def _database() -> Database:
    return Database(_settings().database_url, pooled=False)


def _migrate(_: argparse.Namespace) -> int:
    settings = _settings()
    print(f"The database is at {schema.migrate(settings.owner_url)}.")
    Database(settings.database_url, pooled=False).check_walls()
    return 0


def _relay(_: argparse.Namespace) -> int:
    from service.tasks import NEXT, relay
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
    council_id, now = ids.new("cou"), utc_now()
    new = councils.NewCouncil(
        slug=given.slug,
        name=given.name,
        nation=given.nation,
        contact_email=given.lead,
        region_id=_region_id(db, given.region) if given.region else None,
    )
    with db.council(council_id) as session:
        council = councils.found(session, council_id=council_id, given=new, now=now)
        sources = founding.sources(session, council=council, file=given.policy, base=given.base)
        policies.adopt(session, council_id=council_id, sources=sources, actor=SYSTEM, now=now)
        lead = councils.add_staff(
            session,
            council_id=council_id,
            email=given.lead,
            name=given.lead,
            roles=("lead", "approver"),
            now=now,
        )
        key = _first_key(session, council_id, role="lead", now=now)
        link = _link(session, council, lead.id, now)
    print(f"{given.name} is ready. Its first test key, shown once: {key.secret}")
    print(f"The lead signs in here, once, within the hour: {settings.base_url.rstrip('/')}/link/{link}")
    return 0


def _first_key(session: Session, council_id: str, *, role: str, now: datetime) -> keys.Issued:
    return keys.issue(
        session, council_id=council_id, name="First key", roles=(role,), actor=SYSTEM, now=now, test=True
    )


def _add_region(given: argparse.Namespace) -> int:
    settings = _settings()
    db = Database(settings.database_url, pooled=False)
    sources = founding.as_base(Sources.from_path(given.policy))
    region_id, now, links = ids.new("cou"), utc_now(), {}
    new = councils.NewCouncil(
        slug=given.slug,
        name=given.name,
        kind=REGION,
        contact_name="Policy owner",
        contact_email=given.owner[0],
    )
    with db.council(region_id) as session:
        region = councils.found(session, council_id=region_id, given=new, now=now)
        policies.adopt(session, council_id=region_id, sources=sources, actor=SYSTEM, now=now)
        for email in given.owner:
            owner = councils.add_staff(
                session, council_id=region_id, email=email, name=email, roles=("policy_owner",), now=now
            )
            links[email] = _link(session, region, owner.id, now)
        key = _first_key(session, region_id, role="policy_owner", now=now)
    print(f"{given.name} is ready. Its first test key, shown once: {key.secret}")
    for email, link in links.items():
        print(f"{email} signs in here, once, within the hour: {settings.base_url.rstrip('/')}/link/{link}")
    return 0


def _link(session: Session, council: Council, staff_id: str, now: datetime) -> str:
    return councils.make_link(
        session,
        council_id=council.council_id,
        kind="staff",
        subject_id=staff_id,
        goes_to=f"/{council.slug}/staff",
        now=now,
    )


def _join(given: argparse.Namespace) -> int:
    db = Database(_settings().database_url, pooled=False)
    region_id, council_id = _region_id(db, given.region), council_id_of(db, given.slug)
    with db.council(council_id) as session:
        councils.join_region(session, council_id=council_id, region_id=region_id, now=utc_now())
    print(f"{given.slug} is in {given.region}. It takes on a version of the base when it chooses.")
    return 0


def _leave(given: argparse.Namespace) -> int:
    db = Database(_settings().database_url, pooled=False)
    council_id = council_id_of(db, given.slug)
    with db.council(council_id) as session:
        councils.leave_region(session, council_id=council_id, now=utc_now())
    print(f"{given.slug} is in no region. Its policy stays in force.")
    return 0


def _region_id(db: Database, slug: str) -> str:
    found = council_id_of(db, slug)
    with db.council(found) as session:
        if council_queries.get(session, council_id=found).kind != REGION:
            raise NotFound(f"{slug} is a council, not a region.")
    return found


def _add_simulate(verbs: policy_commands.Subparsers) -> None:
    verb = verbs.add_parser("simulate", help="what a draft would have paid: total, winners, losers")
    verb.add_argument("draft", metavar="DRAFT", help="the policy file to try")
    verb.add_argument(
        "--council", required=True, help="the short name of a council, or of a region for each of its"
    )
    verb.add_argument("--since", type=date.fromisoformat, metavar="D", help="first day of activities")
    verb.add_argument("--until", type=date.fromisoformat, metavar="D", help="last day; it counts too")
    verb.add_argument("--json", action="store_true", help="print the totals as JSON")
    verb.set_defaults(run=_simulate)


def _simulate(given: argparse.Namespace) -> int:
    sources = Sources.from_path(given.draft)
    until = given.until or london_day(utc_now())
    since = given.since or until - timedelta(days=365)
    db = Database(_settings().database_url, pooled=False)
    answer, said = _tried(db, council_id_of(db, given.council), sources, since, until)
    print(json.dumps(answer, ensure_ascii=False, indent=2) if given.json else "\n".join(said))
    return 0


def _tried(
    db: Database, council_id: str, sources: Sources, since: date, until: date
) -> tuple[dict[str, Any], list[str]]:
    """What a draft would have paid in a council, or in every council of a region; and that in words."""
    draft = compile_policy(sources)
    with db.council(council_id) as session:
        if council_queries.get(session, council_id=council_id).kind != REGION:
            answer = simulation.simulate(
                session, council_id=council_id, draft=draft, since=since, until=until, progress=_Progress()
            )
            return answer, simulation_words.sentences(answer)
    asked = regional.Asked(founding.as_base(sources), since, until, london_day(utc_now()))
    across = regional.across(db, region_id=council_id, asked=asked)
    return across, regional_words.sentences(across)


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
