"""What may a page do, who may send a form, and is anything typed lost when it may not?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Response
from flask.testing import FlaskClient

from service.sessions import queries as sessions
from tests.web.cookies import sign_in
from tests.web.test_every_page import every_page
from tests.web.world import World

OURS = {"Origin": "http://localhost"}


def test_every_page_forbids_inline_scripts_framing_and_keeping(world: World) -> None:
    for path in ("/", f"/{world.slug}/sign-in", "/no-such-council", "/no/such/page"):
        headers = world.client().get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers


def test_https_is_remembered_where_it_is_used(world: World) -> None:
    answer = world.client().get("/", base_url="https://pay.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"


INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|<[^>]*\s(?:style|on[a-z]+)\s*=", re.IGNORECASE)


def _held_inline(pages: Iterator[tuple[FlaskClient, str]]) -> list[str]:
    """Where a page holds a script or a style of its own, or is none."""
    answers = {path: client.get(path) for client, path in pages}
    return [
        f"{path}: {answer.status_code}"
        for path, answer in answers.items()
        if answer.status_code != 200 or "<h1" not in answer.text or INLINE.search(answer.text)
    ]


def test_no_page_holds_anything_inline(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _held_inline(every_page(world)) == []
    jo, at = world.client("person", "jo"), f"/{world.slug}/me"
    for hole in ('<p style="color: red">', "<p onClick=x>", "<style>", "<script>", '<script\ntype="a">'):
        with monkeypatch.context() as patch:
            patch.setitem(world.app.after_request_funcs, None, [_planted(hole)])
            assert _held_inline(iter([(jo, at)])) == [f"{at}: 200"], hole
    assert _held_inline(iter([(jo, at)])) == []
    assert _held_inline(iter([(world.client(), at)])) == [f"{at}: 303"]


def _planted(hole: str) -> Callable[[Response], Response]:
    """What puts a thing into each page that does not belong there."""

    def plant(answer: Response) -> Response:
        answer.set_data(answer.get_data(as_text=True).replace("<h1", f"{hole}<h1", 1))
        return answer

    return plant


def test_a_form_from_another_site_is_refused_and_nothing_of_it_is_shown(world: World) -> None:
    client, offer = world.client("person", "jo"), world.offers["board-jo"]
    answer = client.post(
        f"/{world.slug}/me/offers/{offer}/less",
        data={"choice": "give", "give_to": "A Bad Cause"},
        headers={"Origin": "https://bad.example"},
    )
    assert answer.status_code == 400
    assert "A Bad Cause" not in answer.text
    with world.db.council(world.council_id) as session:
        assert sessions.offer(session, council_id=world.council_id, offer_id=offer).state == "made"


def test_a_form_that_went_stale_is_offered_again_with_everything_typed(world: World) -> None:
    client, offer = world.client("person", "jo"), world.offers["board-jo"]
    path = f"/{world.slug}/me/offers/{offer}/less"
    kept = client.post(path, data={"choice": "give", "give_to": "Shelter & Sons"}, headers=OURS)
    assert kept.status_code == 400
    assert "Nothing you typed is lost." in kept.text
    assert 'name="give_to" value="Shelter &amp; Sons"' in kept.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', kept.text)
    assert token is not None
    typed = {"csrf_token": token[1], "choice": "give", "give_to": "Shelter & Sons"}
    assert client.post(path, data=typed, headers=OURS).status_code == 303
    with world.db.council(world.council_id) as session:
        assert (
            sessions.offer(session, council_id=world.council_id, offer_id=offer).give_to == "Shelter & Sons"
        )


def test_somebody_signed_out_while_typing_signs_in_in_another_tab_and_sends_it_again(world: World) -> None:
    client, offer = world.client("person", "jo"), world.offers["board-jo"]
    path = f"/{world.slug}/me/offers/{offer}/less"
    page = client.get(path).text
    with client.session_transaction() as cookie:
        cookie.pop("person")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    typed = {"csrf_token": token[1], "choice": "less", "amount": "10"}
    kept = client.post(path, data=typed, headers=OURS)
    assert kept.status_code == 401
    assert 'name="amount" value="10"' in kept.text
    assert f'href="/{world.slug}/sign-in"' in kept.text
    sign_in(client, world.council_id, "person", world.people["jo"])
    assert client.post(path, data=typed, headers=OURS).status_code == 303


def test_a_call_by_a_machine_needs_no_form_token_and_gets_no_page(world: World) -> None:
    answer = world.client().post("/v1/people", json={"name": "Jo"})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_answers_half_given_do_not_wait_for_the_next_person_on_a_shared_phone(world: World) -> None:
    client, first = world.client("person", "jo"), f"/{world.slug}/me/costs/{world.sessions['brew']}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{first}/kind").text)
    assert token is not None
    client.post(f"{first}/kind", data={"csrf_token": token[1], "kind": "bus"}, headers=OURS)
    typed = {"csrf_token": token[1], "amount_pence": "4.10"}
    client.post(f"{first}/amount_pence", data=typed, headers=OURS)
    assert 'value="4.10"' in client.get(f"{first}/amount_pence").text
    client.post(f"/{world.slug}/me/sign-out", data={"csrf_token": token[1]}, headers=OURS)
    sign_in(client, world.council_id, "person", world.people["wei"])
    assert "4.10" not in client.get(f"{first}/kind", follow_redirects=True).text
    assert client.get(f"{first}/amount_pence").headers["Location"] == f"{first}/kind"
