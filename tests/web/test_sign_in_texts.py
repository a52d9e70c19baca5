"""Is a number asked for where texts leave, and only there?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from service.events import SYSTEM
from service.notices import reaching
from service.notices.reaching import Choice
from service.rails import credentials
from tests.fake_notify import KEY, TEMPLATES
from tests.web.test_helpers import named
from tests.web.test_paid import details, post
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


@pytest.mark.parametrize(
    ("open_ways", "chosen", "goes_to"),
    [
        (("email", "text"), "text", "…982"),
        (("email", "text"), "email", "j…@people.example"),
        (("email", "text"), "", "j…@people.example"),
        (("email", "text"), "letter", "j…@people.example"),
        (("email",), "text", "j…@people.example"),
        (("text",), "email", "…982"),
    ],
)
def test_the_page_names_the_place_to_which_the_code_for_a_change_goes(
    no_demo: World, open_ways: tuple[str, ...], chosen: str, goes_to: str
) -> None:
    reached(no_demo, "jo", email="jo@people.example", phone=PHONE, ago=timedelta(days=20))
    _with_notify(no_demo, *open_ways)
    with no_demo.db.council(no_demo.council_id) as session:
        reaching.choose(
            session,
            council_id=no_demo.council_id,
            person_id=no_demo.people["jo"],
            given=Choice(chosen, "en", "1 Made Up Street\nExampleton\nEX1 2MP"),
            actor=no_demo.lead,
            now=no_demo.now,
        )
    client, at = no_demo.client("person", "jo"), f"/{no_demo.slug}/me/payment-method"
    page = post(client, f"{at}/bank", **details("00733445")).text
    assert f"we sent a code to {goes_to}. It works until" in page
    assert ("junk mail" in page) == ("@" in goes_to)


def test_the_page_says_when_no_code_was_sent_whoever_has_the_number(no_demo: World) -> None:
    reached(no_demo, "wei", phone=PHONE)
    _with_notify(no_demo, "email", "text")
    path, told = f"/{no_demo.slug}/sign-in", []
    for phone in (PHONE, "07700 900999"):
        client = no_demo.client()
        send(client, path, contact=phone)
        first = client.get(f"{path}/code").text
        assert "a code is on its way" in first
        assert "one code a minute, 5 an hour and 10 a day" in " ".join(first.split())
        assert send(client, f"{path}/code/again", f"{path}/code") == (303, f"{path}/code")
        page = client.get(f"{path}/code").text
        assert "a code is on its way" not in page
        said = re.search(r"We sent no new code now\. Use the newest one you have, or ask for another", page)
        told.append(said is not None)
        # Opened once more, it is the page of the code that was sent.
        assert "a code is on its way" in client.get(f"{path}/code").text
        # Another number is another matter.
        send(client, path, contact="07700 900998")
        assert "a code is on its way" in client.get(f"{path}/code").text
    assert told == [True, True]
    assert len(texted(no_demo)) == 1


def test_a_helper_with_a_number_alone_has_no_link_only_where_texts_stay(no_demo: World) -> None:
    named(no_demo, email="", phone=PHONE)
    client, said = no_demo.client("person", "jo"), "so we cannot send them a link to sign in."
    assert said in client.get(f"/{no_demo.slug}/me/helpers").text
    _with_notify(no_demo, "text")
    assert said not in client.get(f"/{no_demo.slug}/me/helpers").text


def test_who_lost_a_phone_hears_that_the_old_place_is_told_whatever_it_was(world: World) -> None:
    page = world.client().get(f"/{world.slug}/sign-in/lost/sent").text
    assert "We also write to your old email address or number." in page
