"""Who may help a person, who says so, and what can a helper never do, by whatever way they ask?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from service import events
from service.claims import actions as claims
from service.claims.drafting import NewClaim
from service.errors import Conflict, Forbidden, Invalid
from service.events import Actor
from service.people import actions, helping, stopping
from service.people.authorities import SecondPersonNeeded
from service.people.helping import HelperGiven
from service.people.stopping import PaymentsStopped
from service.sessions import actions as sessions
from service.sessions import queries as session_queries
from tests.letterbox import Letterbox
from tests.people.changes import OTHER, SECOND, STAFF, about, gives
from tests.people.test_confirming import press_stop
from tests.stage import Council, Stage

HAL = HelperGiven("supporter", "Hal Helper", "hal@example.net", may_answer=True, may_ask=True)


@pytest.fixture
def council(stage: Stage, post: Letterbox) -> Council:
    return stage.council()


def names(council: Council, person_id: str, actor: Actor | None = None, **other: Any) -> str:
    """The person, or whoever else, names Hal. Answers the helper's id."""
    given = replace(HAL, until_day=council.stage.clock().date() + timedelta(days=30))
    with council.stage.hands.db.council(council.id) as session:
        row = helping.name(
            session,
            given=replace(given, **other),
            actor=actor or Actor("person", person_id),
            **about(council, person_id),
        )
        return row.id


def in_room(council: Council, verb: Any, **given: Any) -> Any:
    with council.stage.hands.db.council(council.id) as session:
        return verb(session, council_id=council.id, now=council.stage.clock(), **given)


def helps(council: Council, helper_id: str) -> bool:
    with council.stage.hands.db.council(council.id) as session:
        row = helping.get(session, council_id=council.id, helper_id=helper_id)
        return helping.in_force(row, now=council.stage.clock())


def test_a_person_names_a_helper_and_both_are_told_at_once(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    council.stage.drain()
    post.messages.clear()
    helper_id = names(council, person_id)
    assert helps(council, helper_id)
    # Pressed twice, it is one helper.
    assert names(council, person_id) == helper_id
    council.stage.drain()
    assert sorted((m.to, m.subject) for m in post.messages) == [
        ("ada@example.org", "Hal Helper may help you now"),
        ("hal@example.net", "Your link to help Ada Example"),
    ]
    to_person = next(m for m in post.messages if m.to == "ada@example.org")
    assert "- say yes or no to offers\n- ask for your costs" in to_person.body


def test_what_staff_write_down_counts_once_a_second_of_them_has_checked(
    council: Council, post: Letterbox
) -> None:
    person_id = council.person(email="ada@example.org")
    council.stage.drain()
    post.messages.clear()
    with pytest.raises(Invalid) as refusal:
        names(council, person_id, STAFF)
    assert [fault.pointer for fault in refusal.value.errors] == ["/consent"]
    helper_id = names(council, person_id, STAFF, consent="phone")
    council.stage.drain()
    assert not helps(council, helper_id)
    assert [(m.to, m.subject) for m in post.messages] == [("ada@example.org", "Somebody may soon help you")]
    with pytest.raises(SecondPersonNeeded):
        in_room(council, helping.confirm, helper_id=helper_id, actor=STAFF)
    with pytest.raises(Forbidden):
        in_room(council, helping.confirm, helper_id=helper_id, actor=Actor("helper", helper_id))
    assert not helps(council, helper_id)
    in_room(council, helping.confirm, helper_id=helper_id, actor=SECOND)
    council.stage.drain()
    assert helps(council, helper_id)
    assert sorted(m.subject for m in post.messages[1:]) == [
        "Hal Helper may help you now",
        "Your link to help Ada Example",
    ]


def test_the_persons_own_word_makes_good_what_staff_wrote_down(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    helper_id = names(council, person_id, STAFF, consent="phone")
    council.stage.drain()
    post.messages.clear()
    assert not helps(council, helper_id)
    for _ in range(2):
        assert names(council, person_id) == helper_id
    council.stage.drain()
    assert helps(council, helper_id)
    with council.stage.hands.db.council(council.id) as session:
        row = helping.get(session, council_id=council.id, helper_id=helper_id)
        assert (row.consent, row.confirmed_by) == ("own", f"person:{person_id}")
    assert sorted(m.subject for m in post.messages) == [
        "Hal Helper may help you now",
        "Your link to help Ada Example",
    ]


def test_nobody_begins_to_help_while_a_change_was_not_theirs(council: Council) -> None:
    person_id = council.person()
    waits = names(council, person_id, STAFF, consent="phone")
    in_room(council, stopping.stop, person_id=person_id, actor=Actor("person", person_id))
    before = council.stage.picture()
    for actor in (Actor("person", person_id), STAFF):
        with pytest.raises(PaymentsStopped):
            names(council, person_id, actor, consent="phone")
    with pytest.raises(PaymentsStopped):
        in_room(council, helping.confirm, helper_id=waits, actor=SECOND)
    assert council.stage.picture() == before
    in_room(council, stopping.lift, person_id=person_id, was_theirs=True, actor=STAFF)
    in_room(council, helping.confirm, helper_id=waits, actor=SECOND)
    assert helps(council, waits)


def test_this_was_not_me_ends_who_was_named_since_the_day_before_the_message(
    council: Council, post: Letterbox
) -> None:
    person_id, now = council.person(email="ada@example.org"), council.stage.clock()
    long_ago, just_before, by_staff = (
        replace(HAL, name=name, until_day=now.date() + timedelta(days=30), consent="phone")
        for name in ("Lee Longer", "Jan Just", "Sal Staff")
    )
    helpers = []
    with council.stage.hands.db.council(council.id) as session:
        key: dict[str, Any] = about(council, person_id)
        for given, by, hours in ((long_ago, "person", 25), (just_before, "person", 23), (by_staff, "", 1)):
            actor = Actor("person", person_id) if by else STAFF
            key["now"] = now - timedelta(hours=hours)
            helpers.append(helping.name(session, given=given, actor=actor, **key).id)
    in_room(council, helping.confirm, helper_id=helpers[2], actor=SECOND)
    council.stage.drain()
    post.messages.clear()
    helpers.append(names(council, person_id))
    council.stage.drain()
    (told,) = (m for m in post.messages if m.subject == "Hal Helper may help you now")
    post.messages.clear()
    press_stop(council, told.body)
    assert [helps(council, one) for one in helpers] == [True, False, True, False]
    assert {m.subject for m in post.messages if m.to == "ada@example.org"} == {
        "Jan Just helps you no longer",
        "Hal Helper helps you no longer",
        "We hold your payments, to keep your money safe",
    }
    # Payments were held already; a message of before still ends who was named then.
    in_room(
        council,
        stopping.stop,
        person_id=person_id,
        actor=Actor("person", person_id),
        told_at=now - timedelta(hours=2),
    )
    assert [helps(council, one) for one in helpers] == [False, False, True, False]


@pytest.mark.parametrize(
    "given", [{}, {"email": "", "phone": "+44 7700 900982"}, {"email": "", "phone": "07700 900982"}]
)
def test_a_helper_goes_between_those_they_help_by_address_or_else_by_number(
    council: Council, given: dict[str, str]
) -> None:
    first, second, third, fourth = (council.person() for _ in range(4))
    mine = names(council, first, **given)
    theirs = names(council, second, **{**given, **({"phone": "07700900982"} if given else {})})
    # Whoever has the number alone does not get in by the address of another, nor the other way round.
    names(council, third, email="other@example.net", phone="07700 900982")
    names(council, fourth, email="", phone="07700 900983")
    found = in_room(council, helping.others_of, helper_id=mine)
    assert [row.id for row in found] == [theirs]


@pytest.mark.parametrize("who", ["person", "staff", "helper"])
def test_a_helper_is_out_at_once_whoever_ends_it(council: Council, post: Letterbox, who: str) -> None:
    person_id = council.person(email="ada@example.org")
    helper_id = names(council, person_id)
    other = council.person()
    with pytest.raises(Forbidden):
        in_room(council, helping.end, helper_id=helper_id, actor=Actor("person", other))
    actors = {"person": Actor("person", person_id), "staff": STAFF, "helper": Actor("helper", helper_id)}
    for _ in range(2):
        in_room(council, helping.end, helper_id=helper_id, actor=actors[who])
    assert not helps(council, helper_id)
    council.stage.drain()
    assert [m.subject for m in post.messages if "no longer" in m.subject] == [
        "Hal Helper helps you no longer"
    ]
    with pytest.raises(Conflict):
        in_room(council, helping.confirm, helper_id=helper_id, actor=SECOND)


def test_the_last_day_counts_and_the_next_does_not(council: Council) -> None:
    helper_id = names(council, council.person(), until_day=council.stage.clock().date())
    assert helps(council, helper_id)
    council.stage.clock.forward(timedelta(days=1, hours=1))
    assert not helps(council, helper_id)


def test_the_usual_end_is_six_months_away_on_a_day_that_there_is(council: Council) -> None:
    at = council.stage.clock().replace(hour=12)
    ends = [helping.usual_end(at.replace(year=2027, month=m, day=d)) for m, d in ((8, 31), (1, 15), (12, 1))]
    assert ends == [date(2028, 2, 29), date(2027, 7, 15), date(2028, 6, 1)]


@pytest.mark.parametrize(
    ("wrong", "pointers"),
    [
        ({"kind": "king"}, ["/kind"]),
        ({"name": " "}, ["/name"]),
        ({"email": ""}, ["/email"]),
        ({"email": "hal"}, ["/email"]),
        ({"phone": "12"}, ["/phone"]),
        ({"email": "ada@example.org"}, ["/email"]),
        ({"until_day": None}, ["/until_day"]),
        ({"until_day": date(2020, 1, 1)}, ["/until_day"]),
        ({"until_day": date(2099, 1, 1)}, ["/until_day"]),
    ],
)
def test_what_does_not_say_enough_is_not_written_down(
    council: Council, wrong: dict[str, Any], pointers: list[str]
) -> None:
    person_id = council.person(email="ada@example.org")
    before = council.stage.picture()
    with pytest.raises(Invalid) as refusal:
        names(council, person_id, **wrong)
    assert [fault.pointer for fault in refusal.value.errors] == pointers
    assert council.stage.picture() == before


def test_an_interpreter_only_sees(council: Council) -> None:
    helper_id = names(council, council.person(), kind="interpreter")
    with council.stage.hands.db.council(council.id) as session:
        row = helping.get(session, council_id=council.id, helper_id=helper_id)
        assert helping.may(row) == {"see"}


def test_a_helper_asks_for_a_link_once_a_minute_and_for_each_person_they_help(
    council: Council, post: Letterbox
) -> None:
    """Hal is paid here too: Hal's own link comes beside those for the people whom Hal helps."""
    council.person("Hal Helper", email="hal@example.net")
    first, second = council.person("Ada Example"), council.person("Bo Other")
    names(council, first)
    ended = names(council, second)
    council.stage.drain()

    def asks() -> list[str]:
        council.stage.clock.forward(timedelta(minutes=2))
        post.messages.clear()
        for _ in range(2):
            in_room(council, actions.ask_for_link, email="HAL@example.net")
        council.stage.drain()
        return sorted(m.subject for m in post.messages if m.to == "hal@example.net")

    both = ["Your link to help Ada Example", "Your link to help Bo Other", "Your link to sign in"]
    assert asks() == both
    in_room(council, helping.end, helper_id=ended, actor=Actor("person", second))
    assert asks() == [both[0], both[2]]


@pytest.mark.parametrize("kind", ["supporter", "appointee", "interpreter"])
def test_no_helper_redirects_money_reaches_the_person_elsewhere_or_names_another(
    council: Council, kind: str
) -> None:
    person_id = council.person(email="ada@example.org")
    session_id = council.session()
    offer_id = council.offer(session_id, person_id)
    helper = Actor("helper", names(council, person_id, kind=kind))
    council.stage.drain()
    before = council.stage.picture()
    with pytest.raises(Forbidden):
        gives(council, person_id, OTHER, actor=helper)
    with pytest.raises(Forbidden):
        names(council, person_id, helper, name="Another", email="another@example.net")
    contact = {"person_id": person_id, "email": "hal@example.net", "phone": ""}
    with pytest.raises(Forbidden):
        in_room(council, stopping.change_contact, actor=helper, **contact)
    for choice in ({"accept_pence": 0}, {"accept_pence": 100}, {"give_to": "Hal"}):
        with pytest.raises(Forbidden):
            in_room(council, sessions.accept, offer_id=offer_id, actor=helper, **choice)
    assert council.stage.picture() == before


@pytest.mark.parametrize("choice", [{"accept_pence": 0}, {"accept_pence": 100}, {"give_to": "A Hospice"}])
def test_a_helper_who_says_no_and_yes_again_leaves_what_the_person_chose(
    council: Council, choice: dict[str, Any]
) -> None:
    person_id = council.person()
    offer_id = council.offer(council.session(), person_id)
    helper = Actor("helper", names(council, person_id))
    in_room(council, sessions.accept, offer_id=offer_id, actor=Actor("person", person_id), **choice)
    in_room(council, sessions.accept, offer_id=offer_id, actor=helper)
    in_room(council, sessions.decline, offer_id=offer_id, actor=helper)
    in_room(council, sessions.accept, offer_id=offer_id, actor=helper)
    with council.stage.hands.db.council(council.id) as session:
        found = session_queries.offer(session, council_id=council.id, offer_id=offer_id)
        chosen = {"accept_pence": found.accept_pence, "give_to": found.give_to}
        assert (found.state, chosen) == ("accepted", {"accept_pence": None, "give_to": None, **choice})


def test_a_helper_asks_for_costs_and_never_for_a_fee(council: Council) -> None:
    person_id, session_id = council.person(), council.session()
    helper = Actor("helper", names(council, person_id))
    before = council.stage.picture()
    given = NewClaim(person_id, session_id=session_id, facts={"role": "participant"})
    with pytest.raises(Invalid) as refusal:
        in_room(council, claims.submit, given=given, actor=helper)
    assert [fault.pointer for fault in refusal.value.errors] == ["/expenses"]
    assert council.stage.picture() == before


def test_whatever_a_helper_does_is_told_to_the_person(council: Council, post: Letterbox) -> None:
    person_id = council.person(email="ada@example.org")
    offer_id = council.offer(council.session(), person_id)
    helper = Actor("helper", names(council, person_id))
    council.stage.drain()
    post.messages.clear()
    in_room(council, sessions.accept, offer_id=offer_id, actor=helper)
    in_room(council, sessions.decline, offer_id=offer_id, actor=helper)
    council.stage.drain()
    told = [m for m in post.messages if m.subject == "Hal Helper did something for you"]
    assert [re.findall(r"said (yes|no) to an offer for you", m.body) for m in told] == [["yes"], ["no"]]
    assert {m.to for m in told} == {"ada@example.org"}
    with council.stage.hands.db.council(council.id) as session:
        found = events.of_person(session, council_id=council.id, person_id=person_id)
    assert [e.name for e in found if e.actor == helper and e.name != "helper.did"] == [
        "offer.declined",
        "offer.accepted",
    ]
