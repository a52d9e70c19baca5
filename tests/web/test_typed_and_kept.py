"""Is what somebody typed still there when it could not be taken, and are secrets not?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.approvals import actions as approvals
from service.claims.tables import Claim
from service.db import Database
from service.events import Actor
from tests.web.filling import bus, filler
from tests.web.test_costs import costs_of
from tests.web.test_look_again import decide
from tests.web.world import World

WORDS = "I walked back.\nThe bus did not come."


class Broken:
    """A database that nobody foresaw."""

    @contextmanager
    def council(self, _: str) -> Any:
        raise RuntimeError("Nobody foresaw this.")
        yield


@pytest.fixture
def asked(world: World) -> Claim:
    """A dear bus about which Jo has a question to answer."""
    world.tick("jo")
    one = filler(world, "jo")
    bus(one, world, pence="80.00")
    one.send()
    world.drain()
    (claim,) = costs_of(world, "jo")
    assert decide(world, "ada", claim, "ask", question="Both ways?")[0] == 200
    return claim


def post(client: FlaskClient, path: str, *, origin: str = "http://localhost", **typed: str) -> TestResponse:
    return client.post(path, data=typed, headers={"Origin": origin, "Referer": f"http://localhost{path}"})


def answer(world: World) -> str:
    return f"/{world.slug}/me/claims/{costs_of(world, 'jo')[0].id}/answer"


def test_words_stand_on_the_page_when_somebody_else_answered_meanwhile(world: World, asked: Claim) -> None:
    client, path = world.client("person", "jo"), answer(world)
    with world.db.council(world.council_id) as session:
        helper = Actor("person", world.people["jo"])
        key: dict[str, Any] = {"council_id": world.council_id, "claim_id": asked.id, "now": world.now}
        approvals.answer(session, actor=helper, words="Yes.", **key)
    page = post(client, path, words=WORDS)
    assert page.status_code == 409
    assert f">{WORDS}</div>" in page.text
    assert "This claim waits for somebody to say yes. So that cannot be done now." in page.text
    assert "Send it again" not in page.text
    assert "“answer”" not in page.text


@pytest.mark.parametrize(("away", "status"), [(True, 503), (False, 500)])
def test_words_stand_on_the_page_and_go_again_when_something_is_away(
    world: World, asked: Claim, away: bool, status: int
) -> None:
    client, path = world.client("person", "jo"), answer(world)
    there = world.app.extensions["db"]
    gone = Database("postgresql+psycopg://localhost:1/nowhere") if away else Broken()
    world.app.extensions["db"] = gone
    page = post(client, path, words=WORDS)
    world.app.extensions["db"] = there
    assert page.status_code == status
    assert f">{WORDS}</div>" in page.text
    assert f'<input type="hidden" name="words" value="{WORDS}">' in page.text
    assert f'action="{path}"' in page.text
    assert post(client, path, words=WORDS).status_code == 303
    assert costs_of(world, "jo")[0].state == "waiting"


def test_staff_keep_what_they_typed_too(world: World, asked: Claim) -> None:
    client, path = world.client("staff", "ada"), f"/{world.slug}/staff/claims/{asked.id}/refuse"
    (now,) = costs_of(world, "jo")
    there = world.app.extensions["db"]
    world.app.extensions["db"] = Broken()
    page = post(client, path, seen=now.tag, clause="6.4", reason=WORDS)
    world.app.extensions["db"] = there
    assert page.status_code == 500
    assert f">{WORDS}</div>" in page.text
    assert now.tag not in page.text.split("<form")[0]


def test_secrets_and_what_another_site_sends_are_not_on_the_page(world: World) -> None:
    client, path = world.client("person", "wei"), f"/{world.slug}/me/payment-method/bank"
    typed = {"account_name": "Wei Chen", "sort_code": "10-88-00", "account_number": "00012345"}
    there = world.app.extensions["db"]
    world.app.extensions["db"] = Broken()
    page = post(client, path, **typed, code="123456")
    other = post(client, path, origin="https://elsewhere.example", **typed)
    world.app.extensions["db"] = there
    assert (page.status_code, other.status_code) == (500, 500)
    assert "Wei Chen" in page.text
    for secret in ("10-88-00", "00012345", "123456"):
        assert secret not in page.text
    assert "Wei Chen" not in other.text
