"""A stage on which Stripe is the pretend one: real SDK, real HTTP, a book to judge by."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.test import TestResponse

from service.events import SYSTEM
from service.rails import credentials
from service.rails.stripe import Stripe
from service.settings import Settings
from service.tasks import hands as in_use
from service.tasks import housekeeping
from tests.fake_stripe import FakeStripe, shapes
from tests.fake_stripe.webhooks import signature
from tests.stage import Council, Stage, told

SECRET, MONEY, WEBHOOK = "sk_test_of_the_demo", "fa_test_demo", "whsec_of_the_demo"


@dataclass
class Paying:
    """A stage and the pretend Stripe behind it."""

    stage: Stage
    fake: FakeStripe

    def person(self, council: Council, name: str = "Ada Fenn", number: str = "00012345") -> str:
        """Somebody who is paid by Stripe, into details that they gave us."""
        person_id = council.person(name, account=None, email="ada@example.org")
        told(self.chooses(council, person_id, name, number))
        return person_id

    def chooses(
        self, council: Council, person_id: str, name: str = "Ada Fenn", number: str = "00012345"
    ) -> TestResponse:
        """Their bank details are written down."""
        body = {"kind": "stripe", "account_name": name, "sort_code": "108800", "account_number": number}
        return council.lead.put(f"people/{person_id}/payment_method", body)

    def came(self, council: Council, person_id: str) -> str:
        """They came to a session, so they are owed £15.50. Answers the session."""
        session_id = council.session()
        council.invited(session_id, person_id)
        told(council.tick(session_id, person_id))
        return session_id

    def payment(self, council: Council) -> dict[str, Any]:
        """The one payment there is."""
        (row,) = council.payments()
        return row

    def ready(self, council: Council) -> dict[str, Any]:
        """A payment that is ready and not sent yet."""
        person_id = self.person(council)
        self.stage.drain()
        self.came(council, person_id)
        self.stage.drain(leaving=("payouts.send",))
        row = self.payment(council)
        assert row["status"] == "ready"
        return row

    def name_checked(self) -> bool:
        """Whether Stripe was asked about a name for the sake of a payment."""
        return any(key.startswith("att_") and key.endswith("-name") for _, key in self.fake.world.keys)

    def moved(self) -> list[tuple[int, str]]:
        """What the book says was moved, of everybody."""
        return [(m.pence, m.status) for rows in self.fake.money().values() for m in rows]

    def hears(self, body: bytes, header: str, at: str = "/webhooks/stripe") -> TestResponse:
        """A webhook comes in."""
        return self.stage.app.test_client().post(at, data=body, headers={"Stripe-Signature": header})

    def tells(self, body: bytes, secret: str = WEBHOOK, at: str = "/webhooks/stripe") -> TestResponse:
        """Stripe signs this and sends it."""
        return self.hears(body, signature(body, secret, self.fake.world.clock()), at)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Everything Stripe would tell of this kind, oldest first."""
        told_ = list(self.fake.world.events.values())
        return [one.event for one in told_ if one.event["type"].endswith(kind)]

    def as_sent(self, event: dict[str, Any], *, shape: str = "thin") -> bytes:
        """An event as its body: thin, or in full as v1 has them."""
        if shape == "snapshot":
            told_ = self.fake.world.events[event["id"]]
            event = shapes.snapshot_event(event, told_.snapshot, at=self.fake.world.clock())
        return json.dumps(event).encode()

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something that the pretend Stripe does on its own, ten seconds at most."""
        end = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < end
            threading.Event().wait(0.01)

    def looks_at_people(self) -> None:
        """The clock's round over those whom Stripe waits for."""
        in_use.use(self.stage.hands)
        housekeeping.look_at_recipients()
        self.stage.drain()


@contextmanager
def paying(stage: Stage, *, default: bool = True, timeout: float = 2.0) -> Iterator[Paying]:
    """Stripe is the pretend one; `default`: the settings name an account there."""
    with FakeStripe(posts_after=None) as fake:
        settings: Settings = replace(stage.settings, stripe_api_base=fake.url)
        if default:
            fake.open_platform(secret=SECRET, financial_account=MONEY, pence=100_000)
            settings = replace(
                settings,
                stripe_api_key=SECRET,
                stripe_financial_account=MONEY,
                stripe_webhook_secret=WEBHOOK,
            )
        rail = Stripe(
            stage.hands.db, settings=settings, vault=stage.hands.vault, clock=stage.clock, timeout=timeout
        )
        rails = {**stage.hands.rails, rail.name: rail}
        before = stage.app.extensions["settings"]
        stage.hands = replace(stage.hands, settings=settings, stripe=rail, rails=rails)
        stage.app.extensions["settings"] = settings
        try:
            yield Paying(stage, fake)
        finally:
            stage.app.extensions["settings"] = before
            stage.app.extensions.pop("stripe", None)


def own_account(council: Council, fake: FakeStripe, name: str, *, pence: int = 100_000) -> None:
    """Give a council an account of its own at Stripe."""
    fake.open_platform(secret=f"sk_test_{name}", financial_account=f"fa_test_{name}", pence=pence)
    keep(council, "secret_key", {"secret": f"sk_test_{name}"})
    keep(council, "financial_account", {"id": f"fa_test_{name}"})
    keep(council, "webhook_secret", {"secret": f"whsec_{name}"})


def keep(council: Council, kind: str, values: dict[str, str]) -> str:
    """One more credential. Answers its id."""
    hands = council.stage.hands
    with hands.db.council(council.id) as session:
        return credentials.add(
            session,
            council_id=council.id,
            rail="stripe",
            kind=kind,
            values=values,
            vault=hands.vault,
            actor=SYSTEM,
            now=hands.clock(),
        ).id
