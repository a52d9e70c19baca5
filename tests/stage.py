"""What does a test act on? Councils with their keys, a door to the API for each, and a clock to move.

Everything is made as outside systems make it, by REST and by the tasks that follow; a council alone is made
by the verbs behind `reciprocal council add`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
from flask import Flask
from werkzeug.test import TestResponse

from service import ids, worker  # noqa: F401 - the worker gathers every task
from service.app import create_app
from service.councils import actions as councils
from service.councils import keys
from service.days import utc_now
from service.events import SYSTEM, Actor
from service.people import confirming
from service.policy import actions as policies
from service.policy.sources import Sources
from service.rails.protocol import Rail
from service.rails.sandbox import Sandbox
from service.rails.stripe import Stripe
from service.reports import books
from service.settings import Settings
from service.tasks import NEXT, housekeeping, relay
from service.tasks import hands as in_use
from service.tasks.hands import Hands, hands_for
from tests.doors import Door, bank_account, refused, told

__all__ = ["A_WHILE", "Clock", "Council", "Crash", "Door", "Stage", "bank_account", "refused", "told"]

ROLES = ("lead", "approver", "finance", "ops")
# Long enough for every wait of the sweeper and of the pretend bank.
A_WHILE = timedelta(minutes=2)


@functools.cache
def app_for(settings: Settings) -> Flask:
    """One application for all tests of a worker: the database and broker behind it are emptied, not moved."""
    return create_app(settings)


@functools.cache
def _hands_for(settings: Settings) -> Hands:
    return hands_for(settings)


class Crash(BaseException):
    """A process ends here, as if its power had gone: nothing in it can catch this."""


class TooManyCodes(Exception):
    """Somebody asked for more codes than they may have in an hour."""


class Clock:
    """The real time, moved ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.ahead += by


class Stage:
    """One test's service: the application, the hands of its tasks, and a clock."""

    def __init__(self, settings: Settings, *, admin_url: str) -> None:
        self.settings = settings
        self.admin_url = admin_url
        self.clock = Clock()
        self.app = app_for(settings)
        shared = _hands_for(settings)
        sandbox = Sandbox(shared.db, clock=self.clock)
        stripe = Stripe(shared.db, settings=settings, vault=shared.vault, clock=self.clock)
        rails: dict[str, Rail] = {sandbox.name: sandbox, stripe.name: stripe}
        self.hands = replace(shared, clock=self.clock, sandbox=sandbox, stripe=stripe, rails=rails)

    def council(
        self,
        slug: str = "exampleshire",
        *,
        rail: str = "sandbox",
        policy: str | None = None,
        sources: Sources | None = None,
    ) -> Council:
        """A working council with a key for each role. `policy` is one of `policies/councils/`."""
        council_id, now = ids.new("cou"), utc_now()
        sources = sources or Sources.from_path(f"policies/councils/{policy or slug}.yaml")
        with self.hands.db.council(council_id) as session:
            new = councils.NewCouncil(slug=slug, name=slug.title(), bank_rail=rail)
            councils.found(session, council_id=council_id, given=new, now=now)
            policies.adopt(session, council_id=council_id, sources=sources, actor=SYSTEM, now=now)
        made = Council(self, council_id, {})
        for role in ROLES:
            made.doors[role] = made.key(role)
        return made

    def drain(self, *, leaving: tuple[str, ...] = ()) -> None:
        """Let every task that waits do its work; those named in `leaving` are handed over and lost."""
        self._hand_over(leaving, hand_again=timedelta(days=3650))

    def hand_again(self) -> None:
        """A minute later: what the broker lost, or a dead worker held, is handed over again and done."""
        self.clock.forward(A_WHILE)
        self._hand_over((), hand_again=timedelta(minutes=1))

    def carry_again(self, *tasks: str) -> None:
        """Hand over again what was lost of these tasks only, and do it. What follows waits."""
        done: list[tuple[str, list[tuple[str, int]]]] = []
        relay.hand_over(
            self.hands.db,
            following=NEXT,
            publish=lambda task, _, deliveries: done.append((task, deliveries)),
            at=self.clock(),
            hand_again=timedelta(minutes=1),
        )
        for task, deliveries in done:
            if task in tasks:
                relay.carry(self.hands, task=task, deliveries=deliveries)

    def _hand_over(self, leaving: tuple[str, ...], *, hand_again: timedelta) -> None:
        def publish(task: str, _: str, deliveries: list[tuple[str, int]]) -> None:
            if task not in leaving:
                relay.carry(self.hands, task=task, deliveries=deliveries)

        while relay.hand_over(
            self.hands.db, following=NEXT, publish=publish, at=self.clock(), hand_again=hand_again
        ):
            pass

    def settle(self) -> None:
        """Time passes until nothing more happens by itself."""
        self.hand_again()
        for _ in range(3):
            self.sweep()

    def sweep(self, *, after: timedelta = A_WHILE) -> None:
        """Time passes, the housekeeper comes round, and what follows from that is done."""
        self.clock.forward(after)
        in_use.use(self.hands)
        housekeeping.sweep_payouts()
        housekeeping.mind_held()
        housekeeping.try_funds()
        self.drain()
        housekeeping.apply_corrections()
        self.drain()

    @contextmanager
    def admin(self) -> Iterator[psycopg.Connection[Any]]:
        """A line to the database that no wall stops, to look with."""
        with psycopg.connect(self.admin_url, autocommit=True) as line:
            yield line

    def wait_for_a_lock(self) -> None:
        """Until somebody waits for a lock in this database."""
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        with self.admin() as line:
            for _ in range(2000):
                if line.execute(query).fetchone() != (0,):
                    return
                line.execute("SELECT pg_sleep(0.005)")
        raise AssertionError("Nobody waits.")

    def picture(self, *leaving_out: str) -> dict[str, list[str]]:
        """Every row of every table, as text: two equal pictures mean that nothing changed."""
        with self.admin() as line:
            names = [name for (name,) in line.execute(TABLES).fetchall() if name not in leaving_out]
            return {
                name: [row for (row,) in line.execute(f"SELECT t::text FROM {name} t ORDER BY 1").fetchall()]
                for name in names
            }


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


@dataclass(frozen=True)
class Council:
    """One council and the doors of its keys, by role; and what its people do there."""

    stage: Stage = field(repr=False)
    id: str
    doors: dict[str, Door] = field(repr=False)

    @property
    def lead(self) -> Door:
        """May do all that an involvement lead does."""
        return self.doors["lead"]

    @property
    def approver(self) -> Door:
        """May say yes, and makes nothing."""
        return self.doors["approver"]

    @property
    def finance(self) -> Door:
        """Reads payments and reports them paid."""
        return self.doors["finance"]

    @property
    def ops(self) -> Door:
        """Looks after the queues."""
        return self.doors["ops"]

    def key(self, *roles: str, lives: timedelta = timedelta(days=30)) -> Door:
        """The door of a new key."""
        with self.stage.hands.db.council(self.id) as session:
            issued = keys.issue(
                session,
                council_id=self.id,
                name=" and ".join(roles) or "nothing",
                roles=roles,
                actor=SYSTEM,
                now=utc_now(),
                test=True,
                lives=lives,
            )
        return Door(self.stage.app, issued.secret)

    # What a lead does

    def person(self, name: str = "Ada Example", *, account: str | None = "00012345", **more: Any) -> str:
        """Somebody, who is paid into a sandbox account unless that is None. Answers the id."""
        person_id: str = told(self.lead.post("people", {"name": name, **more}), 201)["id"]
        if account:
            told(self.pays_into(person_id, account))
        return person_id

    def pays_into(self, person_id: str, account: str) -> TestResponse:
        """Record a bank account for somebody."""
        return self.lead.put(f"people/{person_id}/payment_method", bank_account(account))

    def confirmed(self, person_id: str, account: str) -> None:
        """The council writes down another account, and the person says yes to it."""
        told(self.pays_into(person_id, account), 202)
        self.confirms(person_id)

    def confirms(self, person_id: str) -> None:
        """The person says yes to the change that waits, and types the code that they were sent for it."""
        secret = self.stage.settings.secret_key
        with self.stage.hands.db.council(self.id) as session:
            own: dict[str, Any] = {
                "council_id": self.id,
                "person_id": person_id,
                "actor": Actor("person", person_id),
                "now": self.stage.clock(),
            }
            asked = confirming.ask_again(session, **own)
            if asked is None:
                raise TooManyCodes(person_id)
            code = confirming.code_of(secret_key=secret, confirmation_id=asked.id)
            confirming.confirm(session, **own, typed=code, secret_key=secret, hold_hours=0)

    def session(self, activity: str = "over_a_brew", *, minutes: int = 60, **more: Any) -> str:
        """A session that ended an hour ago, online unless told. Answers the id."""
        ends = more.pop("ends", None) or utc_now().replace(microsecond=0) - timedelta(hours=1)
        body = {
            "title": "Over a Brew",
            "activity": activity,
            "starts_at": (ends - timedelta(minutes=minutes)).isoformat(),
            "ends_at": ends.isoformat(),
            "online": True,
            **more,
        }
        session_id: str = told(self.lead.post("sessions", body), 201)["id"]
        return session_id

    def offer(self, session_id: str, person_id: str, role: str = "participant", **facts: Any) -> str:
        """An offer. Answers the id."""
        body = {"person": person_id, "role": role, **facts}
        offer_id: str = told(self.lead.post(f"sessions/{session_id}/offers", body), 201)["id"]
        return offer_id

    def invited(self, session_id: str, person_id: str, role: str = "participant", **facts: Any) -> str:
        """An offer that was accepted. Answers its id."""
        offer_id = self.offer(session_id, person_id, role, **facts)
        told(self.lead.post(f"offers/{offer_id}/accept", {}))
        return offer_id

    def tick(self, session_id: str, *person_ids: str, attended: bool = True, **more: Any) -> TestResponse:
        """Send the register with these people on it."""
        entries = [{"person": person_id, "attended": attended, **more} for person_id in person_ids]
        return self.lead.put(f"sessions/{session_id}/register", {"entries": entries})

    def ticked(self, activity: str = "over_a_brew", *, account: str | None = "00012345", **more: Any) -> str:
        """A session with one person who was invited and came; what follows is not done yet. Answers it."""
        role = more.pop("role", "participant")
        session_id = self.session(activity, **more)
        person_id = self.person(account=account)
        self.invited(session_id, person_id, role)
        told(self.tick(session_id, person_id))
        return session_id

    # What can be seen

    def claim(self, **query: Any) -> dict[str, Any]:
        """The one claim that this finds, whole."""
        (row,) = told(self.lead.get("claims", **query))["data"]
        whole: dict[str, Any] = told(self.lead.get(f"claims/{row['id']}"))
        return whole

    def payments(self, **query: Any) -> list[dict[str, Any]]:
        """Every payment that this finds, the one that changed last at the end."""
        rows: list[dict[str, Any]] = told(self.lead.get("payments", **query))["data"]
        return rows

    def balance(self) -> dict[str, int]:
        """Account → pence, debits above nothing. The totals agree, and every promise about money is kept."""
        found = told(self.lead.get("ledger/trial_balance"))
        assert found["total_debit_pence"] == found["total_credit_pence"]
        assert self.breaches() == []
        return {row["account"]: row["debit_pence"] - row["credit_pence"] for row in found["data"]}

    def breaches(self) -> list[str]:
        """Every promise about money that is broken, in words."""
        with self.stage.hands.db.council(self.id) as session:
            return books.breaches(session, council_id=self.id)

    def history(self, claim_id: str) -> list[str]:
        """The names of everything that happened to a claim and its payments, in order."""
        query = "SELECT name FROM events WHERE claim_id = %s ORDER BY id"
        with self.stage.admin() as line:
            return [name for (name,) in line.execute(query, (claim_id,)).fetchall()]

    def messages(self, person_id: str) -> list[str]:
        """The subjects of everything this person was told, in order."""
        query = "SELECT subject FROM notices WHERE person_id = %s ORDER BY event_id"
        with self.stage.admin() as line:
            return [subject for (subject,) in line.execute(query, (person_id,)).fetchall()]
