"""Does a link let in the right person, once, and does asking for one give nothing away?"""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from service.notices import queries as notices
from tests.web.world import World

OURS = {"Origin": "http://localhost"}


def send(client: FlaskClient, path: str, page: str = "", **typed: str) -> tuple[int, str]:
    """Send a form as its page would. Answers the status and where it leads, or the page's text."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page or path).text)
    token = found[1] if found else ""
    answer = client.post(path, data={"csrf_token": token, **typed}, headers=OURS)
    return answer.status_code, answer.headers.get("Location", "") or answer.text


def _subjects(world: World) -> list[str]:
    with world.db.council(world.council_id) as session:
        return [notice.subject for notice in notices.newest(session, council_id=world.council_id)]


@pytest.mark.parametrize("door", ["sign-in", "staff/sign-in"])
def test_the_answer_is_the_same_for_known_and_unknown_addresses(world: World, door: str) -> None:
    path = f"/{world.slug}/{door}"
    known = "jo@people.example" if door == "sign-in" else f"sam@{world.slug}.example"
    answers = {send(world.client(), path, email=email) for email in (known, "nobody@nowhere.example")}
    assert answers == {(303, f"{path}/sent")}


def test_only_somebody_known_is_sent_a_link(world: World) -> None:
    before = _subjects(world)
    for email in ("JO@people.example ", "nobody@nowhere.example"):
        send(world.client(), f"/{world.slug}/sign-in", email=email)
    world.drain()
    assert len(_subjects(world)) == len(before) + 1


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
    with client.session_transaction() as cookie:
        cookie["staff"] = {world.council_id: "stf_gone"}
    assert client.get(f"/{world.slug}/staff/sessions").status_code == 303


def test_asking_too_often_is_paused_with_a_plain_page(world: World) -> None:
    client, path = world.client(), f"/{world.slug}/sign-in"
    answers = [send(client, path, email="nobody@nowhere.example") for _ in range(31)]
    assert [status for status, _ in answers] == [303] * 30 + [429]
    assert "Wait one minute and try again." in answers[-1][1]
