"""What does a test act on? Councils with their keys, a door to the API for each, and a clock to move.

Everything is made as outside systems make it, by REST and by the tasks that follow; a council alone is made
by the verbs behind `reciprocal council add`.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
from flask import Flask
from werkzeug.test import TestResponse

from service import ids
from service.app import create_app
from service.councils import actions as councils
from service.days import utc_now
from service.events import SYSTEM
from service.people import actions as people
from service.policy import actions as policies
from service.policy.sources import Sources
from service.rails.sandbox import Sandbox
from service.settings import Settings
from service.tasks import NEXT, approvals, claims, housekeeping, notices, payouts, relay  # noqa: F401
from service.tasks import hands as in_use
from service.tasks.hands import Hands, hands_for

SORT_CODE = "108800"
ROLES = ("lead", "approver", "finance", "ops")
# Long enough for every wait of the sweeper and of the pretend bank.
A_WHILE = timedelta(minutes=2)

_numbers = itertools.count(1)


@functools.cache
def app_for(settings: Settings) -> Flask:
    """One application for all tests of a worker: the database and broker behind it are emptied, not moved."""
    return create_app(settings)


@functools.cache
def _hands_for(settings: Settings) -> Hands:
    return hands_for(settings)


def told(answer: TestResponse, status: int = 200) -> Any:
    """The body of an answer, which must have this status."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def refused(answer: TestResponse, status: int, *pointers: str) -> dict[str, Any]:
    """The problem in an answer, which must have this status and name these fields."""
    problem: dict[str, Any] = told(answer, status)
    assert answer.mimetype == "application/problem+json"
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert [fault["pointer"] for fault in problem.get("errors", [])] == list(pointers)
    return problem


class Crash(BaseException):
    """A process ends here, as if its power had gone: nothing in it can catch this."""


class Clock:
    """The real time, moved ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.ahead += by


@dataclass(frozen=True)
class Door:
    """The API, as the holder of one key meets it."""

    app: Flask
    key: str = field(repr=False)

    def get(self, path: str, **query: Any) -> TestResponse:
        """Ask."""
        return self.send("GET", path, query=query)

    def post(
        self, path: str, body: Any = None, *, once: str | None = None, seen: str | None = None, **query: Any
    ) -> TestResponse:
        """Do something; `once` is the Idempotency-Key (a fresh one by itself), `seen` the If-Match."""
        return self.send("POST", path, body, once=once or f"test-{next(_numbers)}", seen=seen, query=query)

    def put(self, path: str, body: Any) -> TestResponse:
        """Say how something is."""
        return self.send("PUT", path, body)

    def patch(self, path: str, body: Any, *, seen: str | None = None) -> TestResponse:
        """Change something that was seen."""
        return self.send("PATCH", path, body, seen=seen)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        once: str | None = None,
        seen: str | None = None,
        query: dict[str, Any] | None = None,
        **more: Any,
    ) -> TestResponse:
        """Any call. `body` is made JSON; `data` in `more` sends bytes as they are."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= {"Idempotency-Key": once} if once else {}
        headers |= {"If-Match": seen} if seen else {}
        headers |= more.pop("headers", {})
        if body is not None:
            more["json"] = body
        # A client of its own for each call: calls from several threads do not share one.
        return self.app.test_client().open(
            path if path.startswith("/") else f"/v1/{path}",
            method=method,
            headers=headers,
            query_string=query,
            **more,
        )


class Stage:
    """One test's service: the application, the hands of its tasks, and a clock."""

    def __init__(self, settings: Settings, *, admin_url: str) -> None:
        self.settings = settings
        self.admin_url = admin_url
        self.clock = Clock()
        self.app = app_for(settings)
        shared = _hands_for(settings)
        sandbox = Sandbox(shared.db, clock=self.clock)
        self.hands = replace(shared, clock=self.clock, sandbox=sandbox, rails={sandbox.name: sandbox})

    def council(
        self, slug: str = "exampleshire", *, rail: str = "sandbox", policy: str | None = None
    ) -> Council:
        """A working council with a key for each role. `policy` is one of `policies/councils/`."""
        council_id, now = ids.new("cou"), utc_now()
        sources = Sources.from_path(f"policies/councils/{policy or slug}.yaml")
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
        self.drain()

    @contextmanager
    def admin(self) -> Iterator[psycopg.Connection[Any]]:
        """A line to the database that no wall stops, to look with."""
        with psycopg.connect(self.admin_url, autocommit=True) as line:
            yield line

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
            secret = councils.issue_key(
                session,
                council_id=self.id,
                name=" and ".join(roles) or "nothing",
                roles=roles,
                now=utc_now(),
                test=True,
                lives=lives,
            )
        return Door(self.stage.app, secret)

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
        """The person says yes to the change that was proposed."""
        now = self.stage.clock()
        with self.stage.hands.db.council(self.id) as session:
            people.answer_proposed(session, council_id=self.id, person_id=person_id, accept=True, now=now)

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
        """Account → pence, debits above nothing. The two totals must agree."""
        found = told(self.lead.get("ledger/trial_balance"))
        assert found["total_debit_pence"] == found["total_credit_pence"]
        return {row["account"]: row["debit_pence"] - row["credit_pence"] for row in found["data"]}

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


@dataclass(frozen=True)
class Furnished:
    """A council in which every kind of thing is there to be called upon, and a key that may do everything."""

    council: Council
    door: Door
    ids: dict[str, str]


def furnished(stage: Stage, slug: str = "exampleshire", *, rail: str = "finance_system") -> Furnished:
    """One thing of each kind; `ids` has an id for each name that stands in an address."""
    council = stage.council(slug, rail=rail)
    session_id, person_id = council.session(), council.person()
    offer_id = council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    stage.drain()
    claim = council.claim(session=session_id)
    ids = {
        "person_id": person_id,
        "session_id": council.session(),
        "offer_id": offer_id,
        "claim_id": claim["id"],
        "payment_id": claim["payments"][0]["id"],
        "job_id": "1.payouts.send",
    }
    return Furnished(council, council.key(*ROLES), ids)


def bank_account(number: str) -> dict[str, str]:
    """Bank details in the sandbox: the account number chooses what happens."""
    return {
        "kind": "bank_account",
        "account_name": "A Example",
        "sort_code": SORT_CODE,
        "account_number": number,
    }
