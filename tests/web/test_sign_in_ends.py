"""Does a sign-in end when it should, and must it be proved again before how somebody is paid is shown?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from service.people import queries as people
from service.web.sign_in_time import FRESH, IDLE, WHOLE
from tests.web.cookies import sign_in
from tests.web.test_paid import details
from tests.web.test_sign_in import OURS, reached, send, texted
from tests.web.world import World

A_BIT = timedelta(seconds=5)


@pytest.mark.parametrize("kind", ["person", "staff"])
def test_a_sign_in_ends_when_it_is_idle_and_at_the_end_of_the_day(world: World, kind: str) -> None:
    who, page = ("jo", "me") if kind == "person" else ("sam", "staff/sessions")
    subject = world.people[who] if kind == "person" else world.staff[who]
    found = {}
    for name, shown, used in (
        ("new", timedelta(), timedelta()),
        ("busy", WHOLE - A_BIT, timedelta()),
        ("old", WHOLE, timedelta()),
        ("almost idle", IDLE[kind] - A_BIT, IDLE[kind] - A_BIT),
        ("idle", IDLE[kind], IDLE[kind]),
    ):
        client = sign_in(world.client(), world.council_id, kind, subject, shown=shown, used=used)
        found[name] = client.get(f"/{world.slug}/{page}").status_code
    assert found == {"new": 200, "busy": 200, "old": 303, "almost idle": 200, "idle": 303}


def test_a_page_that_is_opened_keeps_the_sign_in_alive(world: World) -> None:
    almost = IDLE["person"] - A_BIT
    client = sign_in(
        world.client(), world.council_id, "person", world.people["jo"], shown=almost, used=almost
    )
    client.get(f"/{world.slug}/me")
    with client.session_transaction() as cookie:
        shown, used = cookie["signed_in"][f"person:{world.council_id}"]
    assert used - shown == pytest.approx(almost.total_seconds(), abs=5)


def test_a_cookie_that_says_nothing_of_when_is_no_sign_in(world: World) -> None:
    client = world.client()
    with client.session_transaction() as cookie:
        cookie["person"] = {world.council_id: world.people["jo"]}
    assert client.get(f"/{world.slug}/me").status_code == 303


@pytest.mark.parametrize("kind", ["person", "staff"])
def test_signing_out_everywhere_ends_every_other_sign_in_and_every_old_link(world: World, kind: str) -> None:
    who, leaf = ("jo", "me") if kind == "person" else ("sam", "staff")
    here, elsewhere, link = world.client(kind, who), world.client(kind, who), world.link(kind, who)
    at = f"/{world.slug}/{leaf}"
    assert send(here, f"{at}/sign-out", where="everywhere")[0] == 303
    assert [client.get(f"{at}/sign-out").status_code for client in (here, elsewhere)] == [303, 303]
    assert world.client().get(link).status_code == 410
    again = world.client()
    assert send(again, world.link(kind, who))[0] == 303
    assert again.get(f"{at}/sign-out").status_code == 200


def test_signing_out_in_one_browser_leaves_the_others(world: World) -> None:
    here, elsewhere = world.client("person", "jo"), world.client("person", "jo")
    send(here, f"/{world.slug}/me/sign-out")
    assert [client.get(f"/{world.slug}/me").status_code for client in (here, elsewhere)] == [303, 200]


def test_a_new_contact_signs_out_whoever_has_the_old_phone(world: World) -> None:
    client, link = world.client("person", "jo"), world.link("person", "jo")
    reached(world, "jo", email="new@people.example")
    assert client.get(f"/{world.slug}/me").status_code == 200  # Signed in after the moment of the change.
    old = sign_in(world.client(), world.council_id, "person", world.people["jo"], shown=timedelta(minutes=10))
    assert old.get(f"/{world.slug}/me").status_code == 303
    assert world.client().get(link).status_code == 410


# Before how somebody is paid


def _a_while_ago(world: World, who: str = "jo") -> FlaskClient:
    return sign_in(world.client(), world.council_id, "person", world.people[who], shown=FRESH)


def test_every_page_about_how_one_is_paid_asks_again_once_the_sign_in_is_old(world: World) -> None:
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    assert client.get(at).status_code == 200
    for leaf in ("", "/choose", "/bank", "/confirm", "/stripe"):
        answer = client.get(f"{at}/payment-method{leaf}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{at}/again"), leaf
    assert "Is it still you?" in client.get(f"{at}/again").text


def test_a_code_opens_the_page_that_was_wanted(world: World) -> None:
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    client.get(f"{at}/payment-method/choose")
    status, page = send(client, f"{at}/again/send", f"{at}/again", way="email")
    world.drain()
    (code,) = texted(world, "jo")
    assert (status, "j…@people.example" in page, f"The code in this one is {code}." in page) == (
        200,
        True,
        True,
    )
    status, page = send(client, f"{at}/again/code", f"{at}/again", code="000000")
    assert (status, page.count("That code does not work.")) == (200, 2)
    assert send(client, f"{at}/again/code", f"{at}/again", code=code) == (
        303,
        f"{at}/payment-method/choose",
    )
    assert client.get(f"{at}/payment-method/choose").status_code == 200


def test_nothing_typed_is_lost_when_the_sign_in_has_grown_old_meanwhile(world: World) -> None:
    client, at = world.client("person", "jo"), f"/{world.slug}/me"
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{at}/payment-method/bank").text)
    assert token is not None
    sign_in(client, world.council_id, "person", world.people["jo"], shown=FRESH)
    before = _shown(world)
    typed = details("00733445", account_name="Jo & Wei")
    answer = client.post(f"{at}/payment-method/bank", data={"csrf_token": token[1], **typed}, headers=OURS)
    assert answer.status_code == 401
    page = client.post(f"{at}/again/send", data={**hidden(answer.text), "way": "email"}, headers=OURS).text
    wrong = client.post(f"{at}/again/code", data={**hidden(page), "code": "1"}, headers=OURS).text
    assert _shown(world) == before
    (code,) = texted(world, "jo")
    kept = client.post(f"{at}/again/code", data={**hidden(wrong), "code": code}, headers=OURS)
    assert (kept.status_code, "Nothing you typed is lost." in kept.text) == (200, True)
    assert {name: value for name, value in hidden(kept.text).items() if name in typed} == typed
    done = client.post(f"{at}/payment-method/bank", data=hidden(kept.text), headers=OURS)
    assert (done.status_code, done.headers["Location"]) == (303, f"{at}/payment-method/confirm")


def test_who_asks_for_too_many_codes_is_told_to_wait(world: World) -> None:
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    for said in (0, 1):
        page = send(client, f"{at}/again/send", f"{at}/again", way="email")[1]
        assert page.count("We sent a code not long ago.") == said
    assert len(texted(world, "jo")) == 1


def test_what_waits_can_only_go_to_a_page_of_ones_own(world: World) -> None:
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    send(client, f"{at}/again/send", f"{at}/again", way="email")
    (code,) = texted(world, "jo")
    elsewhere = {"kept-address": "https://bad.example/", "kept-field-a": "b", "code": code}
    assert send(client, f"{at}/again/code", f"{at}/again", **elsewhere) == (303, f"{at}/payment-method")


def test_a_code_of_somebody_else_is_none(world: World) -> None:
    reached(world, "wei", phone="07700 900982")
    client, at = _a_while_ago(world), f"/{world.slug}/me"
    send(world.client(), f"/{world.slug}/sign-in", contact="07700 900982")
    (code,) = texted(world, "wei")
    status, page = send(client, f"{at}/again/code", f"{at}/again", code=code)
    assert (status, "That code does not work." in page) == (200, True)
    assert client.get(f"{at}/payment-method").status_code == 303


def hidden(page: str) -> dict[str, str]:
    """The fields out of sight of the first form on a page."""
    form = page.split("<form")[1].split("</form")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: value.replace("&amp;", "&") for name, value in found}


def _shown(world: World) -> list[str]:
    with world.db.council(world.council_id) as session:
        found = people.methods_of(session, council_id=world.council_id, person_id=world.people["jo"])
        return [f"{row.state} {row.masked}" for row in found]
