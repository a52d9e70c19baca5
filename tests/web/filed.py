"""A small world on a Thursday that stands still, whose council pays bank accounts by file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from service.events import SYSTEM, Actor
from service.payouts import queries as payouts
from service.payouts.tables import Payout
from service.people import actions as people
from service.people.actions import MethodGiven
from service.rails import credentials
from service.tasks import hands as in_use
from service.tasks import housekeeping
from service.tasks.hands import Hands
from tests.bacs import OURS, THURSDAY, at
from tests.web.world import World, build


def filed(app: Flask, hands: Hands, rail: str) -> Iterator[World]:
    """The world, while it is Thursday 26 November 2026 there."""
    with at(THURSDAY):
        world = build(app, hands)
        with world.db.council(world.council_id) as session:
            change = "UPDATE councils SET bank_rail = :rail WHERE council_id = :council_id"
            session.execute(text(change), {"rail": rail, "council_id": world.council_id})
            for kind, values in OURS.items():
                credentials.add(
                    session,
                    council_id=world.council_id,
                    rail="bacs",
                    kind=kind,
                    values=values,
                    vault=hands.vault,
                    actor=SYSTEM,
                    now=world.now,
                )
        yield world


def paid_by_voucher(world: World, who: str) -> None:
    """Somebody would like vouchers."""
    person = world.people[who]
    with world.db.council(world.council_id) as session:
        people.set_method(
            session,
            council_id=world.council_id,
            person_id=person,
            given=MethodGiven("voucher"),
            allowed=["voucher"],
            hold_hours=0,
            vault=world.hands.vault,
            actor=Actor("person", person),
            now=world.now,
        )


def payment_of(world: World, who: str) -> Payout:
    """The newest payment of somebody."""
    with world.db.council(world.council_id) as session:
        return payouts.of_person(session, council_id=world.council_id, person_id=world.people[who])[0]


def settle(world: World) -> None:
    """The housekeeper looks whose day has come."""
    in_use.use(world.hands)
    housekeeping.settle_files()
    world.drain()


def send(client: FlaskClient, page: str, goes_to: str = "", **form: object) -> TestResponse:
    """Send a form of a page, with the token that the page gave."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found, page
    return client.post(
        goes_to or page, data={"csrf_token": found[1], **form}, content_type="multipart/form-data"
    )
