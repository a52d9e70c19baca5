"""Does a code reach somebody while it lives: by a way they have, or by the one they asked for alone?"""

from __future__ import annotations

import re
from typing import Any

import pytest

from service.councils import codes
from service.events import Actor
from service.people import actions as people
from service.people import confirming, signing_in
from tests.fake_notify import FakeNotify
from tests.messages.test_notify import AT_HOME, chooses, council, hears, notify, states
from tests.stage import Council, told

__all__ = ["council", "notify"]

PHONE = "07700900111"


def _about(council: Council, person_id: str) -> dict[str, Any]:
    return {"council_id": council.id, "person_id": person_id, "now": council.stage.clock()}


def _asks_for_a_change(council: Council, person_id: str) -> str:
    """The council wrote down another account, and the person asks for the code. Answers the code."""
    told(council.pays_into(person_id, "00733445"), 202)
    council.stage.drain()
    with council.stage.hands.db.council(council.id) as session:
        own = {"actor": Actor("person", person_id)}
        asked = confirming.ask_again(session, **_about(council, person_id), **own)
        assert asked is not None
        code = confirming.code_of(secret_key=council.stage.settings.secret_key, confirmation_id=asked.id)
    council.stage.drain()
    return code


@pytest.mark.parametrize("letters", [False, True], ids=["only a phone", "a phone, and letters by choice"])
def test_a_code_to_change_how_one_is_paid_goes_to_a_phone(
    council: Council, notify: FakeNotify, *, letters: bool
) -> None:
    person_id = council.person(phone=PHONE)
    if letters:
        chooses(council, person_id, reached_by="letter", address=AT_HOME)
    code = _asks_for_a_change(council, person_id)
    [(kind, to, said)] = [(one.kind, one.to, one.words) for one in notify.taken if code in str(one.words)]
    assert (kind, to) == ("text", PHONE)
    # The text has the page to type it on, and the way to stop it.
    assert said["body"].count("/link/") == 2
    assert "email" not in {one.kind for one in notify.taken}


@pytest.mark.parametrize("given", [{"reached_by": "letter", "address": AT_HOME}, {"reached_by": "text"}])
def test_a_link_that_was_asked_for_by_mail_goes_by_mail_whatever_was_chosen(
    council: Council, notify: FakeNotify, given: dict[str, str]
) -> None:
    """Who has lost their phone, or waits for the post, asks by mail."""
    person_id = council.person(account=None, email="ada@example.org", phone=PHONE)
    chooses(council, person_id, **given)
    council.stage.drain()
    notify.taken.clear()
    with council.stage.hands.db.council(council.id) as session:
        people.ask_for_link(
            session, council_id=council.id, email="ada@example.org", now=council.stage.clock()
        )
    council.stage.drain()
    [(kind, to, said)] = [(one.kind, one.to, one.words["body"]) for one in notify.taken]
    assert (kind, to) == ("email", "ada@example.org")
    (token,) = re.findall(r"/link/([\w-]{43})", said)
    assert council.stage.app.test_client().get(f"/link/{token}").status_code == 200


def _asks_to_sign_in(council: Council, person_id: str, way: str) -> str:
    about = {"council_id": council.id, "now": council.stage.clock()}
    subject: dict[str, Any] = {"kind": "person", "subject_id": person_id}
    with council.stage.hands.db.council(council.id) as session:
        signing_in.ask(session, **about, **subject, way=way)
        (standing,) = codes.standing(session, **about, subjects=[("person", person_id)])
        code = codes.code_of(secret_key=council.stage.settings.secret_key, code_id=standing.id)
    council.stage.drain()
    return code


@pytest.mark.parametrize(("way", "to"), [("text", PHONE), ("email", "ada@example.org")])
def test_a_code_to_sign_in_goes_by_the_way_it_was_asked_for_and_by_no_other(
    council: Council, notify: FakeNotify, way: str, to: str
) -> None:
    person_id = council.person(account=None, email="ada@example.org", phone=PHONE)
    chooses(council, person_id, reached_by="email" if way == "text" else "text")
    council.stage.drain()
    notify.taken.clear()
    code = _asks_to_sign_in(council, person_id, way)
    [(kind, where, said)] = [(one.kind, one.to, one.words["body"]) for one in notify.taken]
    assert (kind, where) == (way, to)
    assert code in said
    assert "/link/" not in said
    assert hears(council, notify.taken[0].reference, "permanent-failure") == 200
    council.stage.drain()
    assert [one for one in notify.taken if code in str(one.words)] == notify.taken[:1]
    assert states(council)[-1] == (way, "failed")
