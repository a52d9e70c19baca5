"""Does a message leave once by Notify, whatever happens to the answer, and what follows when it fails?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service import deliveries
from service.events import SYSTEM, Actor
from service.messages.notify import Notify
from service.messages.protocol import Message, NotSent, NotTaken, Unsure
from service.notices import reaching
from service.notices.reaching import Choice
from service.people import helping, signing_in
from service.people.helping import HelperGiven
from service.rails import credentials
from tests.fake_notify import KEY, TEMPLATES, FakeNotify
from tests.stage import Council, Stage, told

TOKEN = "a-token-of-exampleshire"
AT_HOME = "1 Made Up Street\nExampleton\nEX1 2MP"


@pytest.fixture
def notify() -> Iterator[FakeNotify]:
    with FakeNotify() as fake:
        yield fake


@pytest.fixture
def council(stage: Stage, notify: FakeNotify) -> Council:
    """A council with its own service at Notify, for all three ways."""
    settings = replace(stage.settings, notify_api_base=notify.url)
    stage.hands = replace(stage.hands, settings=settings)
    return with_notify(stage.council())


def with_notify(council: Council, *ways: str) -> Council:
    """Its key, its templates and what Notify says in callbacks."""
    kept: list[tuple[str, dict[str, str]]] = [
        ("api_key", {"key": KEY}),
        ("callback_token", {"token": TOKEN}),
        *((f"{by}_template", {"id": one}) for by, one in TEMPLATES.items() if not ways or by in ways),
    ]
    with council.stage.hands.db.council(council.id) as session:
        for kind, values in kept:
            credentials.add(
                session,
                council_id=council.id,
                rail="notify",
                kind=kind,
                values=values,
                vault=council.stage.hands.vault,
                actor=SYSTEM,
                now=council.stage.clock(),
            )
    return council


def chooses(council: Council, person_id: str, **given: Any) -> None:
    with council.stage.hands.db.council(council.id) as session:
        reaching.choose(
            session,
            council_id=council.id,
            person_id=person_id,
            given=Choice(**given),
            actor=Actor("person", person_id),
            now=council.stage.clock(),
        )


def offered(council: Council, **person: Any) -> str:
    """Somebody who is asked to a session. Answers who; nothing has left yet."""
    person_id = council.person(account=None, **person)
    council.offer(council.session(), person_id)
    return person_id


def states(council: Council) -> list[tuple[str, str]]:
    with council.stage.admin() as line:
        query = "SELECT reached_by, state FROM message_sendings ORDER BY begun_at, key"
        return [(by, state) for by, state in line.execute(query).fetchall()]


def hears(council: Council, reference: str, status: str, *, token: str = TOKEN) -> int:
    """Notify calls back."""
    body = {"id": "n-1", "reference": reference, "status": status, "to": "somebody"}
    return (
        council.stage.app.test_client()
        .post("/webhooks/notify/exampleshire", json=body, headers={"Authorization": f"Bearer {token}"})
        .status_code
    )


def test_each_way_by_its_own_template_under_our_key(notify: FakeNotify) -> None:
    way = Notify(notify.access())
    way.send(Message("ntc_1", "ada@example.org", "Subject", "Body"))
    way.send(Message("ntc_2", "07700900111", "Subject", "Short", by="text"))
    way.send(Message("ntc_3", f"Ada Example\n{AT_HOME}", "Subject", "Long", by="letter"))
    email, text, letter = notify.taken
    assert (email.kind, email.reference, email.to) == ("email", "ntc_1", "ada@example.org")
    assert email.words == {"subject": "Subject", "body": "Body"}
    assert (text.kind, text.to, text.words) == ("text", "07700900111", {"body": "Short"})
    assert letter.to == f"Ada Example\n{AT_HOME}"
    assert letter.words == {"subject": "Subject", "body": "Long"}
    assert way.find("ntc_2") == text.id
    assert way.find("ntc_9") is None


@pytest.mark.parametrize(
    ("fault", "error"), [("busy", NotSent), ("answer_lost", Unsure), ("error_500", Unsure)]
)
def test_what_notify_says_is_told_apart(notify: FakeNotify, fault: str, error: type[Exception]) -> None:
    notify.faults.append(fault)
    with pytest.raises(error):
        Notify(notify.access()).send(Message("ntc_1", "ada@example.org", "s", "b"))


def test_what_notify_refuses_is_never_taken_and_names_nobody(notify: FakeNotify) -> None:
    with pytest.raises(NotTaken) as refusal:
        Notify(notify.access()).send(Message("ntc_1", "01632960001", "s", "b", by="text"))
    assert refusal.value.detail == ("Notify will not take this message: phone_number Not a UK mobile number")


def test_a_wrong_key_loses_nothing(notify: FakeNotify) -> None:
    access = replace(notify.access(), api_key=KEY[:-1] + "b")
    with pytest.raises(NotSent):
        Notify(access).send(Message("ntc_1", "ada@example.org", "s", "b"))
    with pytest.raises(Unsure):
        Notify(access).find("ntc_1")
    assert notify.taken == []


def test_a_lost_answer_is_asked_after_and_nothing_is_sent_twice(council: Council, notify: FakeNotify) -> None:
    stage = council.stage
    offered(council, email="ada@example.org")
    notify.faults.append("answer_lost")
    stage.drain()
    assert len(notify.taken) == 1
    assert states(council) == [("email", "begun")]
    stage.clock.forward(timedelta(seconds=30))
    stage.drain()
    assert notify.asked == []
    stage.clock.forward(timedelta(minutes=5))
    stage.drain()
    assert notify.asked == [notify.taken[0].reference]
    assert len(notify.taken) == 1
    assert states(council) == [("email", "sent")]


def test_what_notify_never_took_is_sent_again(council: Council, notify: FakeNotify) -> None:
    stage = council.stage
    offered(council, email="ada@example.org")
    notify.faults.append("error_500")
    stage.drain()
    assert notify.taken == []
    stage.clock.forward(timedelta(minutes=5))
    stage.drain()
    assert [one.to for one in notify.taken] == ["ada@example.org"]
    assert len(notify.asked) == 1
    with stage.hands.db.council(council.id) as session:
        assert deliveries.failed(session, council_id=council.id) == []


def test_the_reference_says_nothing_of_the_person(council: Council, notify: FakeNotify) -> None:
    offered(council, email="ada@example.org")
    council.stage.drain()
    assert notify.taken[0].reference.startswith("ntc_")


def test_somebody_with_a_phone_alone_gets_a_text(council: Council, notify: FakeNotify) -> None:
    offered(council, phone="07700 900111")
    council.stage.drain()
    (text,) = notify.taken
    assert (text.kind, text.to) == ("text", "07700900111")
    assert len(text.words["body"]) <= 306
    assert "Ada" not in text.words["body"]


def test_a_helper_with_a_phone_alone_is_texted_a_link_also_when_they_ask(
    council: Council, notify: FakeNotify
) -> None:
    person_id, now = council.person(account=None), council.stage.clock()
    given = HelperGiven("supporter", "Hal", phone="+447700900982", until_day=now.date())
    about: dict[str, Any] = {"council_id": council.id, "now": now}
    with council.stage.hands.db.council(council.id) as session:
        by = Actor("person", person_id)
        helping.name(session, person_id=person_id, given=given, actor=by, **about)
    council.stage.drain()
    with council.stage.hands.db.council(council.id) as session:
        signing_in.ask_by_text(session, phone="07700900982", **about)
    council.stage.drain()
    texts = [one.words["body"] for one in notify.taken if one.to == "+447700900982"]
    assert ["two days" in text for text in texts] == [True, False]
    client = council.stage.app.test_client()
    for text in texts:
        (token,) = re.findall(r"/link/(\S+)", text)
        assert client.get(f"/link/{token}").status_code == 200


def test_somebody_who_chose_letters_gets_a_letter_without_a_link_that_signs_in(
    council: Council, notify: FakeNotify
) -> None:
    person_id = offered(council, email="ada@example.org")
    chooses(council, person_id, reached_by="letter", address=AT_HOME)
    council.stage.drain()
    letter = next(one for one in notify.taken if one.kind == "letter")
    # That letters were chosen is told by the way before too, and nothing else.
    by_mail = [one.words["subject"] for one in notify.taken if one.kind == "email"]
    assert by_mail == ["How we write to you"]
    assert letter.to == f"Ada Example\n{AT_HOME}"
    assert "/link/" not in letter.words["body"]
    assert "http://localhost:8000/exampleshire" in letter.words["body"]


def test_delivered_is_noted_once_and_only_with_the_councils_token(
    council: Council, notify: FakeNotify
) -> None:
    offered(council, email="ada@example.org")
    council.stage.drain()
    reference = notify.taken[0].reference
    before = council.stage.picture()
    assert hears(council, reference, "delivered", token="another") == 401
    assert hears(council, reference, "delivered", token="") == 401
    assert council.stage.picture() == before
    assert hears(council, "ntc_nobodys", "delivered") == 200
    assert council.stage.picture() == before
    assert hears(council, reference, "delivered") == 200
    assert states(council) == [("email", "delivered")]
    after = council.stage.picture()
    assert hears(council, reference, "delivered") == 200
    assert hears(council, reference, "temporary-failure") == 200
    assert council.stage.picture() == after


def test_what_notify_gave_up_after_three_days_goes_another_way_and_may_still_arrive(
    council: Council, notify: FakeNotify
) -> None:
    lead(council)
    offered(council, email="ada@example.org", phone="07700900111")
    council.stage.drain()
    for _ in range(2):
        assert hears(council, notify.taken[0].reference, "temporary-failure") == 200
        council.stage.drain()
    assert sorted((one.kind, one.to) for one in notify.taken[1:]) == [
        ("email", "lou@exampleshire.example"),
        ("text", "07700900111"),
    ]
    assert ("email", "delayed") in states(council)
    hears(council, notify.taken[0].reference, "delivered")
    council.stage.drain()
    assert ("email", "delivered") in states(council)
    assert len(notify.taken) == 3


def test_a_letter_without_an_address_is_printed_also_where_letters_leave_by_themselves(
    council: Council, notify: FakeNotify
) -> None:
    lead(council)
    offered(council)
    council.stage.drain()
    assert notify.taken == []
    assert states(council) == [("letter", "to_print")]


def test_a_failure_for_good_tells_the_lead_and_uses_the_other_way_once(
    council: Council, notify: FakeNotify
) -> None:
    stage = council.stage
    lead(council)
    offered(council, email="ada@example.org", phone="07700900111")
    stage.drain()
    (first,) = notify.taken
    for _ in range(2):
        assert hears(council, first.reference, "permanent-failure") == 200
        stage.drain()
    _, *more = notify.taken
    assert sorted((one.kind, one.to) for one in more) == [
        ("email", "lou@exampleshire.example"),
        ("text", "07700900111"),
    ]
    told_lead = next(one for one in more if one.to.startswith("lou"))
    assert told_lead.words["subject"] == "One of our messages did not arrive"
    assert "/exampleshire/staff/people/per_" in told_lead.words["body"]
    text = next(one for one in more if one.kind == "text")
    assert text.reference == f"{first.reference}-text"
    assert hears(council, text.reference, "permanent-failure") == 200
    stage.drain()
    assert [one.kind for one in notify.taken[3:]] == ["email"]


def test_a_number_that_is_none_is_refused_and_the_email_goes_instead(
    council: Council, notify: FakeNotify
) -> None:
    person_id = offered(council, email="ada@example.org", phone="01632960001")
    chooses(council, person_id, reached_by="text")
    council.stage.drain()
    assert {(one.kind, one.to) for one in notify.taken} == {("email", "ada@example.org")}
    assert ("text", "failed") in states(council)


def lead(council: Council, name: str = "lou") -> None:
    """Somebody who leads here."""
    from service.councils import actions as councils

    with council.stage.hands.db.council(council.id) as session:
        councils.add_staff(
            session,
            council_id=council.id,
            email=f"{name}@exampleshire.example",
            name=f"{name.title()} Lead",
            roles=("lead",),
            now=council.stage.clock(),
        )


def test_without_templates_letters_wait_to_be_printed(stage: Stage, notify: FakeNotify) -> None:
    stage.hands = replace(stage.hands, settings=replace(stage.settings, notify_api_base=notify.url))
    council = with_notify(stage.council(), "email")
    offered(council)
    stage.drain()
    assert notify.taken == []
    assert states(council) == [("letter", "to_print")]
    assert told(council.lead.get("people"))["data"][0]["name"] == "Ada Example"


def test_a_letter_that_comes_back_is_a_failure_and_the_email_goes_instead(
    council: Council, notify: FakeNotify
) -> None:
    person_id = offered(council, email="ada@example.org")
    chooses(council, person_id, reached_by="letter", address=AT_HOME)
    council.stage.drain()
    letter = next(one for one in notify.taken if "join us" in one.words["subject"])
    hears(council, letter.reference, "received")
    came_back = {"notification_id": letter.id, "reference": letter.reference, "date_sent": "2026-11-26"}
    told_us = council.stage.app.test_client().post(
        "/webhooks/notify/exampleshire", json=came_back, headers={"Authorization": f"Bearer {TOKEN}"}
    )
    assert told_us.status_code == 200
    council.stage.drain()
    by_email = [one for one in notify.taken if one.kind == "email" and "join us" in one.words["subject"]]
    assert [(one.reference, one.to) for one in by_email] == [(f"{letter.reference}-email", "ada@example.org")]
    assert "/link/" in by_email[0].words["body"]
