"""Does a link or a code let in the right person, once, and does asking for one give nothing away?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.councils import codes
from service.notices import queries as notices
from service.people import stopping
from tests.web.cookies import sign_in
from tests.web.world import World

OURS = {"Origin": "http://localhost"}
PHONE = "07700 900982"


def send(client: FlaskClient, path: str, page: str = "", **typed: str) -> tuple[int, str]:
    """Send a form as its page would. Answers the status and where it leads, or the page's text."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page or path).text)
    token = found[1] if found else ""
    answer = client.post(path, data={"csrf_token": token, **typed}, headers=OURS)
    return answer.status_code, answer.headers.get("Location", "") or answer.text


def _subjects(world: World) -> list[str]:
    with world.db.council(world.council_id) as session:
        return [notice.subject for notice in notices.newest(session, council_id=world.council_id)]


def reached(
    world: World, who: str, *, email: str = "", phone: str = "", ago: timedelta = timedelta()
) -> None:
    """Write down where somebody is reached from now on, or since a while."""
    with world.db.council(world.council_id) as session:
        stopping.change_contact(
            session,
            council_id=world.council_id,
            person_id=world.people[who],
            email=email,
            phone=phone,
            actor=world.lead,
            now=world.now - ago,
        )
    world.drain()


def texted(world: World, who: str = "wei", *, purpose: str = codes.SIGN_IN) -> list[str]:
    """Every code that still works for somebody, the newest first."""
    with world.db.council(world.council_id) as session:
        found = codes.standing(
            session,
            council_id=world.council_id,
            subjects=[("person", world.people[who])],
            now=world.hands.clock(),
            purpose=purpose,
        )
    secret = world.hands.settings.secret_key
    return [codes.code_of(secret_key=secret, code_id=row.id) for row in found]


@pytest.mark.parametrize("door", ["sign-in", "staff/sign-in"])
def test_the_answer_is_the_same_for_known_and_unknown_addresses(world: World, door: str) -> None:
    path = f"/{world.slug}/{door}"
    field, known = ("contact", "jo@people.example")
    if door != "sign-in":
        field, known = "email", f"sam@{world.slug}.example"
    answers = {send(world.client(), path, **{field: one}) for one in (known, "nobody@nowhere.example")}
    assert answers == {(303, f"{path}/sent")}


def test_only_somebody_known_is_sent_a_link(world: World) -> None:
    before = _subjects(world)
    for contact in ("JO@people.example ", "nobody@nowhere.example"):
        send(world.client(), f"/{world.slug}/sign-in", contact=contact)
    world.drain()
    assert len(_subjects(world)) == len(before) + 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter your email address or mobile number"),
        ("jo", "like name@example.com or a mobile number"),
        ("jo@", "like name@example.com"),
        ("01632 960 001", "We cannot text any other phone"),
        ("0770", "Enter a mobile number, like 07700 900 982"),
    ],
)
def test_what_is_neither_address_nor_mobile_number_is_said_beside_the_field(
    world: World, typed: str, said: str
) -> None:
    status, page = send(world.client(), f"/{world.slug}/sign-in", contact=typed)
    assert (status, page.count(said)) == (200, 2)
    assert f'value="{typed}"' in page or not typed


def test_a_link_signs_in_once_and_looking_at_it_does_not_use_it_up(world: World) -> None:
    link = world.link("person", "jo")
    scanner, client = world.client(), world.client()
    assert [scanner.get(link).status_code for _ in range(3)] == [200, 200, 200]
    assert send(client, link) == (303, f"/{world.slug}/me")
    assert client.get(f"/{world.slug}/me").status_code == 200
    assert client.get(link).status_code == 410
    late = world.client()
    assert late.post(link, headers=OURS).status_code == 400
    assert late.get(f"/{world.slug}/me").status_code == 303


def test_a_token_that_never_was_is_not_found(world: World) -> None:
    assert world.client().get("/link/never-was").status_code == 404


def test_a_plain_link_leads_on_to_the_page_that_was_wanted(world: World) -> None:
    client, wanted = world.client(), f"/{world.slug}/me/payment-method"
    client.get(wanted)
    assert send(client, world.link("person", "jo")) == (303, wanted)


def test_somebody_who_left_is_out_at_once(world: World) -> None:
    client = world.client("staff", "sam")
    sign_in(client, world.council_id, "staff", "stf_gone")
    assert client.get(f"/{world.slug}/staff/sessions").status_code == 303


# Codes by text


def _asks(world: World, phone: str = PHONE, client: FlaskClient | None = None) -> FlaskClient:
    client = client or world.client()
    assert send(client, f"/{world.slug}/sign-in", contact=phone) == (303, f"/{world.slug}/sign-in/code")
    world.drain()
    return client


def test_a_texted_code_signs_in_once_however_the_number_is_written(world: World) -> None:
    reached(world, "wei", phone="+44 7700 900982")
    client, path = _asks(world, "07700-900 982"), f"/{world.slug}/sign-in/code"
    (code,) = texted(world)
    assert send(client, path, code=f" {code[:3]} {code[3:]}") == (303, f"/{world.slug}/me")
    assert "Hello Wei Chen" in client.get(f"/{world.slug}/me").text
    assert texted(world) == []
    other = world.client()
    with other.session_transaction() as cookie:
        cookie["texted"] = "07700900982"
    status, page = send(other, path, code=code)
    assert (status, codes.WRONG in page) == (200, True)


def test_a_code_stands_in_no_row_and_the_demo_shows_it(world: World) -> None:
    reached(world, "wei", phone=PHONE)
    client = _asks(world)
    (code,) = texted(world)
    with world.db.council(world.council_id) as session:
        (notice, *_) = notices.newest(session, council_id=world.council_id)
    assert (notice.subject, "{code}" in notice.body, code in notice.body) == (
        "Your code to sign in",
        True,
        False,
    )
    assert f"The code for Wei Chen is {code}." in client.get(f"/{world.slug}/sign-in/code").text


def test_known_and_unknown_numbers_are_told_the_same_of_any_code(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the tries are used up, and as it is where real people are paid: no code on the page."""
    monkeypatch.setitem(
        world.app.extensions, "settings", replace(world.app.extensions["settings"], demo=False)
    )
    reached(world, "wei", phone=PHONE)
    path, pages = f"/{world.slug}/sign-in/code", []
    for number in (PHONE, "07700 900983"):
        client = _asks(world, number)
        said = [client.get(path).text, *(send(client, path, code="000000")[1] for _ in range(7))]
        plain = [re.sub(r'name="csrf_token" value="[^"]+"', "", page) for page in said]
        pages.append([page.replace(number[-3:], "…") for page in plain])
    assert pages[0] == pages[1]
    assert codes.WRONG in pages[0][-1]


def test_the_fifth_wrong_try_ends_a_code_and_a_late_one_does_not_work(world: World) -> None:
    reached(world, "wei", phone=PHONE)
    client, path = _asks(world), f"/{world.slug}/sign-in/code"
    (code,) = texted(world)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(4):
        send(client, path, code=wrong)
    assert texted(world) == [code]
    assert send(client, path, code="")[0] == 200  # An empty answer is no try.
    send(client, path, code=wrong)
    assert texted(world) == []
    assert send(client, path, code=code)[0] == 200
    assert client.get(f"/{world.slug}/me").status_code == 303


def test_a_code_lives_ten_minutes_and_one_is_sent_a_minute(world: World) -> None:
    reached(world, "wei", phone=PHONE)
    about: dict[str, Any] = {
        "council_id": world.council_id,
        "kind": "person",
        "subject_id": world.people["wei"],
        "way": "text",
    }
    with world.db.council(world.council_id) as session:
        sent = [
            codes.ask(session, **about, now=world.now + timedelta(minutes=minute, seconds=seconds))
            is not None
            for minute, seconds in ((0, 0), (0, 59), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (61, 0))
        ]
        key = {"council_id": world.council_id, "subjects": [("person", world.people["wei"])]}
        left = [
            len(codes.standing(session, **key, now=world.now + timedelta(minutes=minute)))
            for minute in (61, 70, 71)
        ]
    assert sent == [True, False, True, True, True, True, False, True]
    assert left == [1, 1, 0]


def test_no_code_is_sent_more_than_ten_times_a_day(world: World) -> None:
    about: dict[str, Any] = {
        "council_id": world.council_id,
        "kind": "person",
        "subject_id": world.people["wei"],
        "way": "text",
    }
    with world.db.council(world.council_id) as session:
        sent = [
            codes.ask(session, **about, now=world.now + timedelta(hours=hour)) is not None
            for hour in range(13)
        ]
        again = codes.ask(session, **about, now=world.now + timedelta(hours=24, minutes=1))
    assert sent == [True] * 10 + [False] * 3
    assert again is not None


def test_two_who_share_a_phone_each_have_a_code_of_their_own(world: World) -> None:
    for who in ("wei", "tom"):
        reached(world, who, phone=PHONE)
    client, path = _asks(world), f"/{world.slug}/sign-in/code"
    (code,) = texted(world, "tom")
    send(client, path, code=code)
    assert "Hello Tom Price" in client.get(f"/{world.slug}/me").text


def test_no_number_is_asked_for_where_nothing_can_text(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(world.app.config, "TEXTS", False)
    client, path = world.client(), f"/{world.slug}/sign-in"
    page = client.get(path).text
    assert "mobile number" not in page
    status, page = send(client, path, contact=PHONE)
    assert (status, "Enter an email address in the correct format" in page) == (200, True)
    assert client.get(f"{path}/code").headers["Location"] == path


# How often


def test_asking_too_often_is_paused_with_a_plain_page(world: World) -> None:
    client, path = world.client(), f"/{world.slug}/sign-in"
    answers = [send(client, path, contact=f"nobody-{n}@nowhere.example") for n in range(31)]
    assert [status for status, _ in answers] == [303] * 30 + [429]
    assert re.search(r"Wait (9|10) minutes\. Then press the button\.", answers[-1][1])
    assert 'name="contact" value="nobody-30@nowhere.example"' in answers[-1][1]


@pytest.mark.parametrize("contact", ["jo@people.example", "nobody@nowhere.example"])
def test_one_address_can_be_asked_for_ten_times_an_hour_from_anywhere(world: World, contact: str) -> None:
    path, statuses = f"/{world.slug}/sign-in", []
    for number in range(11):
        client = world.client()
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        statuses.append(send(client, path, contact=contact)[0])
    assert statuses == [303] * 10 + [429]
    assert send(world.client(), path, contact="somebody@else.example")[0] == 303
