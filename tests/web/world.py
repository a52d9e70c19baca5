"""A small world for page tests: a council with staff, people, a session that was and one that comes.

Everything in it is made by the same verbs that the service uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from service import ids, worker  # noqa: F401 - the worker gathers every task
from service.claims import queries as claims
from service.claims.tables import Claim
from service.councils import actions as councils
from service.councils.actions import LINK_LIVES, NewCouncil
from service.db import Database
from service.events import SYSTEM, Actor
from service.payouts import queries as payout_queries
from service.payouts.tables import Payout
from service.people import actions as people
from service.people.actions import MethodGiven
from service.policy import actions as policies
from service.policy.sources import Sources
from service.sessions import actions as sessions
from service.sessions import asking
from service.sessions.actions import NewOffer, NewSession, Tick
from service.tasks import NEXT, relay
from service.tasks.hands import Hands
from tests.web.cookies import sign_in

POLICIES = Path(__file__).parents[2] / "policies" / "councils"
STAFF = {
    "sam": ("Sam Field", ("lead",)),
    "ada": ("Ada Osei", ("approver", "budget_holder")),
    "fay": ("Fay Lindqvist", ("facilitator",)),
    "kim": ("Kim Doyle", ("finance",)),
    "oli": ("Oli Brand", ("ops",)),
    "pat": ("Pat Owner", ("policy_owner",)),
}
PEOPLE = {"jo": "Jo Marsh", "wei": "Wei Chen", "tom": "Tom Price"}


@dataclass
class World:
    """One council, by the ids that tests need. `hands` carry out what waits."""

    app: Flask
    db: Database
    hands: Hands
    council_id: str
    slug: str
    now: datetime
    staff: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    offers: dict[str, str] = field(default_factory=dict)

    @property
    def lead(self) -> Actor:
        """The involvement lead, as events name them."""
        return Actor("staff", self.staff["sam"])

    def drain(self) -> None:
        """Carry out everything that waits, here and now."""
        relay.drain(self.hands, following=NEXT)

    def link(
        self,
        kind: str,
        who: str,
        *,
        goes_to: str = "",
        ago: timedelta = timedelta(),
        lives: timedelta = LINK_LIVES,
    ) -> str:
        """The address of a sign-in link for somebody, made so long ago."""
        home = f"/{self.slug}/{'me' if kind == 'person' else 'staff'}"
        subject = self.people[who] if kind == "person" else self.staff[who]
        with self.db.council(self.council_id) as session:
            token = councils.make_link(
                session,
                council_id=self.council_id,
                kind=kind,
                subject_id=subject,
                goes_to=goes_to or home,
                now=datetime.now(UTC) - ago,
                lives=lives,
            )
        return f"/link/{token}"

    def client(self, kind: str = "", who: str = "") -> FlaskClient:
        """A browser without eyes, signed in as somebody (or as nobody)."""
        client = self.app.test_client()
        if who:
            subject = self.people[who] if kind == "person" else self.staff[who]
            sign_in(client, self.council_id, kind, subject)
        return client

    def tick(self, *who: str, session: str = "brew") -> None:
        """Write on the register that these people came, and let everything follow."""
        ticks = [Tick(self.people[name], True) for name in who]
        with self.db.council(self.council_id) as within:
            sessions.tick_register(
                within,
                council_id=self.council_id,
                session_id=self.sessions[session],
                ticks=ticks,
                actor=Actor("staff", self.staff["fay"]),
                now=self.now,
            )
        self.drain()

    def asks(self, who: str, offer: str, words: str) -> str:
        """Somebody asks a question about an offer. Answers its id."""
        with self.db.council(self.council_id) as session:
            row = asking.ask_question(
                session,
                council_id=self.council_id,
                offer_id=self.offers[offer],
                words=words,
                actor=Actor("person", self.people[who]),
                now=self.now,
            )
            return row.id

    def payments_of(self, who: str) -> list[Payout]:
        """Every payment to somebody, newest first."""
        with self.db.council(self.council_id) as session:
            return payout_queries.of_person(session, council_id=self.council_id, person_id=self.people[who])

    def claims_of(self, who: str) -> list[Claim]:
        """Everything that somebody claimed, newest first."""
        with self.db.council(self.council_id) as session:
            return claims.of_person(session, council_id=self.council_id, person_id=self.people[who])


def build(app: Flask, hands: Hands, *, slug: str = "exampleshire", colour: str = "#5b2a6e") -> World:
    """A council with six staff, three people and two sessions. Only Jo has a bank account."""
    world = World(app, hands.db, hands, ids.new("cou"), slug, datetime.now(UTC))
    new = NewCouncil(
        slug=slug,
        name=f"{slug.capitalize()} County Council",
        header_colour=colour,
        contact_email=f"involve@{slug}.example",
        contact_phone="01632 960 001",
        bank_rail="sandbox",
    )
    with hands.db.council(world.council_id) as session:
        key = {"council_id": world.council_id}
        councils.found(session, given=new, now=world.now, **key)
        sources = Sources.from_path(str(POLICIES / "exampleshire.yaml"))
        policies.adopt(session, sources=sources, actor=SYSTEM, now=world.now, **key)
        for short, (name, roles) in STAFF.items():
            email = f"{short}@{slug}.example"
            member = councils.add_staff(session, email=email, name=name, roles=roles, now=world.now, **key)
            world.staff[short] = member.id
        for short, name in PEOPLE.items():
            email = f"{short}@people.example"
            person = people.add(session, name=name, email=email, actor=world.lead, now=world.now, **key)
            world.people[short] = person.id
        people.set_method(
            session,
            person_id=world.people["jo"],
            given=MethodGiven("bank_account", "J Marsh", "108800", "00012345"),
            allowed=["bank_account"],
            hold_hours=0,
            vault=hands.vault,
            actor=Actor("person", world.people["jo"]),
            now=world.now,
            **key,
        )
    _sessions(world)
    world.drain()
    return world


def _sessions(world: World) -> None:
    """A brew this morning, that Jo and Wei said yes to; a board next week, that Jo is asked to."""
    began = world.now - timedelta(hours=3)
    brew = NewSession(
        "Over a Brew: what helps?", "over_a_brew", began, began + timedelta(hours=1), online=True
    )
    ahead = world.now + timedelta(days=7)
    board = NewSession(
        "Making it Real board", "making_it_real_board", ahead, ahead + timedelta(hours=2), place="Town Hall"
    )
    with world.db.council(world.council_id) as session:
        key = {"council_id": world.council_id}
        for short, given in (("brew", brew), ("board", board)):
            made = sessions.plan(session, given=given, actor=world.lead, now=world.now, **key)
            world.sessions[short] = made.id
        for short, who, role in (
            ("brew", "jo", "participant"),
            ("brew", "wei", "participant"),
            ("board", "jo", "member"),
        ):
            offer = sessions.offer(
                session,
                session_id=world.sessions[short],
                given=NewOffer(world.people[who], role),
                actor=world.lead,
                now=world.now,
                **key,
            )
            world.offers[f"{short}-{who}"] = offer.id
            if short == "brew":
                person = Actor("person", world.people[who])
                sessions.accept(session, offer_id=offer.id, actor=person, now=world.now, **key)
