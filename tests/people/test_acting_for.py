"""Who may act on a person's money, and what may they do: on a document that two have seen, and no more?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.errors import Forbidden, Invalid
from service.events import Actor
from service.people import actions, authorities
from service.people.authorities import AuthorityGiven, SecondPersonNeeded
from tests.letterbox import Letterbox
from tests.people.changes import OTHER, SECOND, STAFF, about, gives, newest_code, shown, types
from tests.stage import Council, Stage


@pytest.fixture
def council(stage: Stage, post: Letterbox) -> Council:
    return stage.council()


def writes_down(council: Council, person_id: str, **other: Any) -> str:
    today = council.stage.clock().date()
    given = AuthorityGiven("attorney", "Al Attorney", "al@example.net", "LPA 1", today, today)
    with council.stage.hands.db.council(council.id) as session:
        row = authorities.record(
            session, given=replace(given, **other), actor=STAFF, **about(council, person_id)
        )
        return row.id


def sees_it_too(council: Council, authority_id: str, actor: Actor = SECOND) -> None:
    with council.stage.hands.db.council(council.id) as session:
        key = {"council_id": council.id, "now": council.stage.clock()}
        authorities.check(session, authority_id=authority_id, actor=actor, **key)
    council.stage.drain()


def test_an_attorney_gives_details_once_two_have_seen_the_document(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    council.stage.drain()
    post.messages.clear()
    authority_id = writes_down(council, person_id)
    attorney = Actor("attorney", authority_id)
    with pytest.raises(Forbidden):
        gives(council, person_id, OTHER, actor=attorney)
    with pytest.raises(SecondPersonNeeded):
        sees_it_too(council, authority_id, STAFF)
    sees_it_too(council, authority_id)
    assert sorted((m.to, m.subject) for m in post.messages) == [
        ("ada@example.org", "Al Attorney may act for you now"),
        ("ada@example.org", "Somebody may soon act for you"),
        ("al@example.net", "Your link to say how Ada Example is paid"),
    ]
    assert gives(council, person_id, OTHER, actor=attorney) == "proposed"
    to_person, to_attorney = sorted(post.messages[3:], key=lambda m: m.to)
    assert (to_person.to, to_attorney.to) == ("ada@example.org", "al@example.net")
    assert "Al Attorney, who acts for you, asked us to change how we pay you." in to_person.body
    assert re.findall(r"\d{6}", to_person.body) == []
    # The code is the attorney's own: the person's sign-in does not take it.
    with pytest.raises(Invalid):
        types(council, person_id, newest_code(post))
    types(council, person_id, newest_code(post), actor=attorney)
    assert shown(council, person_id) == "account ending 3445"
    with council.stage.admin() as line:
        rows = line.execute("SELECT recorded_by FROM payment_methods WHERE state = 'current'").fetchall()
    assert rows == [(str(attorney),)]
    assert post.messages[-1].subject == "How we pay you has been written down"


def test_an_attorney_asks_for_a_link_as_anybody_does_and_only_while_they_may_act(
    council: Council, post: Letterbox
) -> None:
    person_id = council.person(account=None, email="ada@example.org")
    authority_id = writes_down(council, person_id)

    def asks() -> list[str]:
        council.stage.clock.forward(timedelta(minutes=2))
        post.messages.clear()
        now = council.stage.clock()
        with council.stage.hands.db.council(council.id) as session:
            actions.ask_for_link(session, council_id=council.id, email="AL@example.net", now=now)
        council.stage.drain()
        return [m.subject for m in post.messages if m.to == "al@example.net"]

    assert asks() == []
    sees_it_too(council, authority_id)
    assert asks() == ["Your link to say how Ada Example is paid"]
    with council.stage.hands.db.council(council.id) as session:
        key = {"council_id": council.id, "now": council.stage.clock()}
        authorities.end(session, authority_id=authority_id, actor=STAFF, **key)
    assert asks() == []


def test_an_attorney_of_one_person_is_nobody_to_another_and_none_once_ended(
    council: Council, post: Letterbox
) -> None:
    person_id, other = council.person(), council.person()
    authority_id = writes_down(council, person_id)
    sees_it_too(council, authority_id)
    attorney = Actor("attorney", authority_id)
    with pytest.raises(Forbidden):
        gives(council, other, OTHER, actor=attorney)
    with council.stage.hands.db.council(council.id) as session:
        key = {"council_id": council.id, "now": council.stage.clock()}
        authorities.end(session, authority_id=authority_id, actor=STAFF, **key)
    with pytest.raises(Forbidden):
        gives(council, person_id, OTHER, actor=attorney)


def test_whoever_saw_the_document_never_writes_down_details(council: Council) -> None:
    person_id = council.person(account=None)
    sees_it_too(council, writes_down(council, person_id))
    for actor in (STAFF, SECOND):
        with pytest.raises(Forbidden):
            gives(council, person_id, OTHER, actor=actor)


@pytest.mark.parametrize(
    ("wrong", "pointers"),
    [
        ({"kind": "appointee"}, ["/kind"]),
        ({"name": " "}, ["/name"]),
        ({"email": ""}, ["/email"]),
        ({"email": "ada@example.org"}, ["/email"]),
        ({"document": ""}, ["/document"]),
        ({"dated": None}, ["/dated"]),
        ({"from_day": None}, ["/from_day"]),
    ],
)
def test_a_document_that_does_not_say_enough_is_not_written_down(
    council: Council, wrong: dict[str, Any], pointers: list[str]
) -> None:
    person_id = council.person(email="ada@example.org")
    before = council.stage.picture()
    with pytest.raises(Invalid) as refusal:
        writes_down(council, person_id, **wrong)
    assert [fault.pointer for fault in refusal.value.errors] == pointers
    assert council.stage.picture() == before
