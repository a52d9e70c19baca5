"""Can somebody who lost phone and mailbox get back in, by a door that a thief cannot use?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from service.people import lost
from service.people import queries as people
from tests.letterbox import Letterbox
from tests.web.test_sign_in import OURS, PHONE, reached, send
from tests.web.world import World

TYPED = {"name": "Jo Marsh", "reach": "07700 900 990", "words": "After 4 is good"}


def _requests(world: World) -> list[tuple[str, ...]]:
    with world.db.council(world.council_id) as session:
        query = "SELECT name, reach, words, coalesce(closed_by, '') FROM contact_requests ORDER BY id"
        return [tuple(row) for row in session.execute(text(query))]


def _contact(world: World, who: str = "jo") -> tuple[str | None, str | None]:
    with world.db.council(world.council_id) as session:
        found = people.get(session, council_id=world.council_id, person_id=world.people[who])
        return found.email, found.phone


def test_a_request_changes_nothing_and_says_nothing_of_who_is_known(world: World) -> None:
    path, before = f"/{world.slug}/sign-in/lost", _contact(world)
    answers = {send(world.client(), path, **{**TYPED, "name": name}) for name in ("Jo Marsh", "Nobody Known")}
    assert answers == {(303, f"{path}/sent")}
    assert _contact(world) == before
    assert world.client("person", "jo").get(f"/{world.slug}/me").status_code == 200


def test_what_is_missing_is_said_and_nothing_typed_is_lost(world: World) -> None:
    status, page = send(world.client(), f"/{world.slug}/sign-in/lost", words="After 4", name=" ")
    assert (status, page.count("Enter your name"), "After 4" in page) == (200, 2, True)
    assert page.count("Enter a phone number or an email address") == 2
    assert _requests(world) == []


@pytest.mark.parametrize(("many", "minutes"), [(lost.MOST_AN_HOUR, 0), (lost.MOST, 2)])
def test_where_too_many_ask_it_says_to_call_and_nothing_typed_is_lost(
    world: World, many: int, minutes: int
) -> None:
    with world.db.council(world.council_id) as session:
        for number in range(many):
            ago = world.now - timedelta(minutes=minutes * (many - number))
            lost.ask(session, council_id=world.council_id, name="A", reach="b", words="", now=ago)
    path = f"/{world.slug}/sign-in/lost"
    status, page = send(world.client(), path, **TYPED)
    assert (status, "Please call or email us instead." in page) == (503, True)
    assert all(value in page for value in TYPED.values())
    assert len(_requests(world)) == many


def test_too_many_tries_keep_what_was_typed(world: World) -> None:
    client, path = world.client(), f"/{world.slug}/sign-in/lost"
    for _ in range(30):
        send(client, path)
    status, page = send(client, path, **TYPED)
    assert (status, all(f'value="{value}"' in page for value in TYPED.values())) == (429, True)
    assert _requests(world) == []


def test_a_lead_talks_with_them_and_changes_the_contact_by_the_one_door(world: World) -> None:
    send(world.client(), f"/{world.slug}/sign-in/lost", **TYPED)
    lead, at = world.client("staff", "sam"), f"/{world.slug}/staff/people"
    page = lead.get(f"{at}/requests").text
    assert "Reach them now: 07700 900 990" in page
    assert "A new number proves nothing." in page
    assert f'href="{at}/{world.people["jo"]}/contact"' in page
    signed_in = world.client("person", "jo")
    send(lead, f"{at}/{world.people['jo']}/contact", email="", phone="07700 900 990")
    assert _contact(world) == (None, "07700900990")
    assert signed_in.get(f"/{world.slug}/me").status_code == 303
    (close,) = re.findall(r'action="([^"]+/close)"', page)
    assert send(lead, close, f"{at}/requests") == (303, f"{at}/requests")
    assert _requests(world) == [("", "", "", f"staff:{world.staff['sam']}")]
    assert send(lead, close, f"{at}/new")[0] == 303
    assert "Nobody is waiting." in lead.get(f"{at}/requests").text


def test_leads_are_told_that_somebody_waits(world: World) -> None:
    box = Letterbox()
    told = replace(world, hands=replace(world.hands, way=box))
    send(world.client(), f"/{world.slug}/sign-in/lost", **TYPED)
    told.drain()
    assert [message.to for message in box.messages] == ["sam@exampleshire.example"]
    assert "/exampleshire/staff/people/requests" in box.messages[0].body
    assert "Jo" not in box.messages[0].body


def test_nobody_else_sees_who_waits(world: World) -> None:
    send(world.client(), f"/{world.slug}/sign-in/lost", **TYPED)
    path = f"/{world.slug}/staff/people/requests"
    found = {who: world.client("staff", who).get(path).status_code for who in world.staff}
    assert found == {who: 200 if who == "sam" else 403 for who in world.staff}
    assert world.client().post(f"{path}/crq_1/close", headers=OURS).status_code == 400


def test_a_code_goes_by_text_alone_and_stays_where_nothing_can_text(world: World) -> None:
    reached(world, "wei", phone=PHONE)
    box = Letterbox()
    told = replace(world, hands=replace(world.hands, way=box))
    send(world.client(), f"/{world.slug}/sign-in", contact=PHONE)
    told.drain()
    assert box.messages == []
    with world.db.council(world.council_id) as session:
        query = "SELECT sent_by FROM notices WHERE name = 'person.sign_in_code_asked'"
        assert list(session.scalars(text(query))) == ["outbox"]
