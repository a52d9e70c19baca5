"""Does what keeps money safe reach somebody by the way they had before, with no code and no sign-in?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from service.councils import actions as councils
from service.people import stopping
from tests.fake_notify import FakeNotify
from tests.messages.test_notify import AT_HOME, chooses, council, hears, notify, states, with_notify
from tests.people.changes import OTHER, STAFF, about, gives
from tests.stage import Council, Stage
from tests.web.cookies import sign_in

__all__ = ["council", "notify"]

EMAIL, PHONE, BEFORE = "ada@example.org", "07700900111", "07700900222"
CHOSEN, CODE, DID_YOU = (
    "How we write to you",
    "Your code to change how we pay you",
    "Did you ask for this change?",
)


def said(notify: FakeNotify) -> list[tuple[str, str]]:
    """By which way something went, and where; then it is forgotten."""
    found = sorted((one.kind, one.to) for one in notify.taken)
    notify.taken.clear()
    return found


def test_a_number_that_was_changed_is_texted_too_and_cannot_sign_in_by_it(
    council: Council, notify: FakeNotify
) -> None:
    person_id = council.person(phone=BEFORE)
    council.stage.drain()
    notify.taken.clear()
    with council.stage.hands.db.council(council.id) as session:
        moved = {"email": "", "phone": PHONE}
        stopping.change_contact(session, **moved, actor=STAFF, **about(council, person_id))
    council.stage.drain()
    now, before = (one.words["body"] for one in sorted(notify.taken, key=lambda one: one.to))
    assert said(notify) == [("text", PHONE), ("text", BEFORE)]
    assert (now.count("/link/"), before.count("/link/")) == (2, 1)
    assert "http://localhost:8000/exampleshire/sign-in" in before
    gives(council, person_id, OTHER)
    to_now, to_before = (one.words["body"] for one in sorted(notify.taken, key=lambda one: one.to))
    assert said(notify) == [("text", PHONE), ("text", BEFORE)]
    assert re.findall(r"\b\d{6}\b", to_now)
    assert re.findall(r"\b\d{6}\b", to_before) == []
    assert "did you ask us to pay you another way?" in to_before
    council.stage.clock.forward(timedelta(days=14))
    gives(council, person_id, "00733446")
    assert said(notify) == [("text", PHONE)]


def test_the_way_before_hears_of_another_way_and_of_what_follows(
    council: Council, notify: FakeNotify
) -> None:
    """Somebody who reads their post chooses it in place of their phone, and then changes where money goes."""
    person_id = council.person(email=EMAIL, phone=PHONE)
    chooses(council, person_id, reached_by="text")
    council.stage.drain()
    notify.taken.clear()
    chooses(council, person_id, reached_by="email")
    council.stage.drain()
    assert said(notify) == [("email", EMAIL), ("text", PHONE)]
    gives(council, person_id, OTHER)
    text = next(one.words["body"] for one in notify.taken if one.kind == "text")
    assert said(notify) == [("email", EMAIL), ("text", PHONE)]
    assert re.findall(r"\b\d{6}\b", text) == []
    assert "Stop it: http://localhost:8000/link/" in text
    # What does not keep money safe goes by the way of today alone.
    council.offer(council.session(), person_id)
    council.stage.drain()
    assert said(notify) == [("email", EMAIL)]
    council.stage.clock.forward(timedelta(days=14))
    gives(council, person_id, "00733446")
    assert said(notify) == [("email", EMAIL)]


def test_other_words_by_the_same_way_are_told_once(council: Council, notify: FakeNotify) -> None:
    person_id = council.person(email=EMAIL, phone=PHONE)
    chooses(council, person_id, reached_by="email")
    chooses(council, person_id, reached_by="email", words="cy")
    council.stage.drain()
    assert said(notify) == [("email", EMAIL), ("email", EMAIL), ("email", EMAIL)]


NEW_HOME = "2 Other Road\nExampleton\nEX1 2MR"


@pytest.mark.parametrize("then", [{"reached_by": "email"}, {"reached_by": "letter", "address": NEW_HOME}])
def test_an_address_that_was_given_up_gets_a_letter_of_it_and_nothing_else(
    council: Council, notify: FakeNotify, then: dict[str, str]
) -> None:
    person_id = council.person(email=EMAIL)
    chooses(council, person_id, reached_by="letter", address=AT_HOME)
    council.stage.drain()
    notify.taken.clear()
    chooses(council, person_id, **then)
    council.stage.drain()
    home = ("letter", f"Ada Example\n{AT_HOME}")
    today = ("letter", f"Ada Example\n{NEW_HOME}") if "address" in then else ("email", EMAIL)
    letter = next(one for one in notify.taken if (one.kind, one.to) == home)
    # Before they chose letters they were written to by mail, which is not long ago either.
    assert sorted({home, today, ("email", EMAIL)}) == said(notify)
    assert letter.words["subject"] == CHOSEN
    assert "/link/" not in letter.words["body"]
    gives(council, person_id, OTHER)
    letter = next(one for one in notify.taken if (one.kind, one.to) == home)
    assert letter.words["subject"] == DID_YOU
    assert "account ending 3445" in letter.words["body"]
    assert re.findall(r"code|\b\d{6}\b|/link/", letter.words["body"]) == []
    # A code by letter would be over: it goes by mail, also to whoever wants letters.
    assert sorted([home, ("email", EMAIL)]) == said(notify)
    council.offer(council.session(), person_id)
    council.stage.drain()
    assert said(notify) == [today]


def test_an_address_that_was_given_up_is_no_other_way(council: Council, notify: FakeNotify) -> None:
    person_id = council.person(email=EMAIL)
    chooses(council, person_id, reached_by="letter", address=AT_HOME)
    # What still stands in the field is no answer to another choice.
    chooses(council, person_id, reached_by="email", address=AT_HOME)
    council.stage.drain()
    notify.taken.clear()
    council.offer(council.session(), person_id)
    council.stage.drain()
    (mail,) = notify.taken
    assert hears(council, mail.reference, "permanent-failure") == 200
    council.stage.drain()
    assert notify.taken == [mail]
    assert ("letter", "to_print") not in states(council)


def test_a_message_that_fails_goes_another_way_though_a_letter_waits_for_the_address_before(
    stage: Stage, council: Council, notify: FakeNotify
) -> None:
    """The letter is printed here, with the address that was given up, and is not the person's own."""
    other = with_notify(stage.council("samplebury"), "email", "text")
    person_id = other.person(email=EMAIL, phone=PHONE)
    chooses(other, person_id, reached_by="letter", address=AT_HOME)
    other.stage.drain()
    chooses(other, person_id, reached_by="email")
    notify.taken.clear()
    other.stage.drain()
    (mail,) = notify.taken
    client = _lead(other)
    letters = client.get("/samplebury/staff/letters").text
    pages = [client.get(at).text for at in re.findall(r'href="(/samplebury/staff/letters/[^"]+)"', letters)]
    (about_it,) = [page for page in pages if "by email, in English" in page]
    assert "1 Made Up Street" in about_it
    assert "/link/" not in about_it
    about_mail: Any = {"reference": mail.reference, "id": mail.id, "status": "permanent-failure"}
    token = {"Authorization": "Bearer a-token-of-exampleshire"}
    answer = stage.app.test_client().post("/webhooks/notify/samplebury", json=about_mail, headers=token)
    assert answer.status_code == 200
    other.stage.drain()
    assert ("text", PHONE) in said(notify)


def _lead(council: Council) -> Any:
    with council.stage.hands.db.council(council.id) as session:
        member = councils.add_staff(
            session,
            council_id=council.id,
            email="lou@samplebury.example",
            name="Lou Lead",
            roles=("lead",),
            now=council.stage.clock(),
        )
    return sign_in(council.stage.app.test_client(), council.id, "staff", member.id)
