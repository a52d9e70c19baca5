"""Is a number asked for where texts leave, and only there?"""

from __future__ import annotations

import pytest

from service.events import SYSTEM
from service.rails import credentials
from tests.fake_notify import KEY, TEMPLATES
from tests.web.test_sign_in import PHONE, reached, send, texted
from tests.web.world import World


def _with_notify(world: World, *ways: str) -> None:
    """The council keeps a key for Notify, and its templates for these ways."""
    kept = {"api_key": {"key": KEY}}
    kept |= {f"{by}_template": {"id": one} for by, one in TEMPLATES.items() if by in ways}
    with world.db.council(world.council_id) as session:
        for kind, values in kept.items():
            credentials.add(
                session,
                council_id=world.council_id,
                rail="notify",
                kind=kind,
                values=values,
                vault=world.hands.vault,
                actor=SYSTEM,
                now=world.now,
            )


@pytest.fixture
def no_demo(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same pages where nothing shows what a text would say."""
    monkeypatch.setitem(world.app.config, "TEXTS", False)
    return world


def test_a_council_that_can_text_asks_for_a_number_and_takes_the_code(no_demo: World) -> None:
    _with_notify(no_demo, "email", "text")
    reached(no_demo, "wei", phone=PHONE)
    client, path = no_demo.client(), f"/{no_demo.slug}/sign-in"
    assert "mobile number" in client.get(path).text
    assert send(client, path, contact=PHONE) == (303, f"{path}/code")
    (code,) = texted(no_demo)
    assert send(client, f"{path}/code", code=code)[0] == 303
    assert client.get(f"/{no_demo.slug}/me").status_code == 200


def test_a_key_without_a_template_for_texts_asks_for_none(no_demo: World) -> None:
    _with_notify(no_demo, "email")
    client, path = no_demo.client(), f"/{no_demo.slug}/sign-in"
    assert "mobile number" not in client.get(path).text
    assert client.get(f"{path}/code").headers["Location"] == path
