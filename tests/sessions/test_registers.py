"""Can a register be sent as it comes, by anybody, more than once, and says it what is wrong?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from service.days import utc_now
from service.tasks import NEXT, relay
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def test_sent_twice_is_sent_once(council: Council) -> None:
    session_id = council.ticked()
    council.stage.drain()
    person_id = council.claim(session=session_id)["person"]
    before = council.stage.picture()
    for _ in range(3):
        told(council.tick(session_id, person_id))
    assert council.stage.picture() == before
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}


def test_two_registers_at_once_are_one_payment(council: Council) -> None:
    session_id = council.session()
    people = [council.person(f"Person {n}") for n in range(3)]
    with ThreadPoolExecutor(6) as several:
        answers = list(
            several.map(lambda _: council.tick(session_id, *people, role="participant"), range(12))
        )
    assert {answer.status_code for answer in answers} == {200}
    council.stage.drain()
    assert [p["status"] for p in council.payments()] == ["paid"] * 3
    assert council.balance() == {"fees": 3 * 1550, "bank:sandbox": -3 * 1550}


def test_two_workers_on_one_register_raise_one_claim(council: Council) -> None:
    """The same work handed out twice, and done at the same time."""
    session_id = council.session()
    people = [council.person(f"Person {n}") for n in range(3)]
    told(council.tick(session_id, *people, role="participant"))
    stage = council.stage
    handed: list[tuple[str, list[tuple[str, int]]]] = []
    relay.hand_over(
        stage.hands.db,
        following=NEXT,
        publish=lambda task, _, deliveries: handed.append((task, deliveries)),
        at=stage.clock(),
        hand_again=timedelta(minutes=1),
    )
    with ThreadPoolExecutor(6) as several:
        for task, deliveries in handed * 6:
            several.submit(relay.carry, stage.hands, task=task, deliveries=deliveries)
    stage.settle()
    assert len(told(council.lead.get("claims"))["data"]) == 3
    assert council.balance() == {"fees": 3 * 1550, "bank:sandbox": -3 * 1550}


def test_an_untick_of_somebody_who_was_never_ticked_writes_nothing(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    before = council.stage.picture()
    assert told(council.tick(session_id, person_id, attended=False))["entries"] == []
    assert council.stage.picture() == before


def test_minutes_on_the_register_are_what_is_paid(council: Council) -> None:
    session_id, person_id = council.session(minutes=60), council.person()
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id, minutes=30))
    council.stage.drain()
    assert council.claim(session=session_id)["total_pence"] == 775


def test_minutes_that_change_before_anybody_agreed_are_worked_out_again(council: Council) -> None:
    session_id = council.ticked("practice_review", role="team_member", minutes=300)
    council.stage.drain()
    claim = council.claim(session=session_id)
    assert (claim["status"], claim["total_pence"]) == ("waiting", 9000)
    told(council.tick(session_id, claim["person"], minutes=120))
    council.stage.drain()
    claim = council.claim(session=session_id)
    assert (claim["status"], claim["total_pence"]) == ("paid", 3600)


def test_minutes_that_change_afterwards_pay_the_difference_of_their_own(council: Council) -> None:
    session_id = council.ticked()
    council.stage.drain()
    claim = council.claim(session=session_id)
    told(council.tick(session_id, claim["person"], minutes=180))
    council.stage.drain()
    assert "claim.register_differs" in council.history(claim["id"])
    assert council.balance() == {"fees": 4650, "bank:sandbox": -4650}


@pytest.mark.parametrize(
    ("entry", "pointer"),
    [
        ({"person": "per_none", "attended": True, "role": "participant"}, "/entries/0/person"),
        ({"person": "{me}", "attended": True}, "/entries/0/role"),
        ({"person": "{me}", "attended": True, "role": "king"}, "/entries/0/role"),
        ({"person": "{me}", "attended": True, "role": "participant", "minutes": -1}, "/entries/0/minutes"),
        ({"person": "{me}", "attended": True, "role": "participant", "minutes": 20161}, "/entries/0/minutes"),
        ({"person": "{me}", "attended": "maybe"}, "/entries/0/attended"),
        ({"person": "{me}"}, "/entries/0/attended"),
        ({"attended": True}, "/entries/0/person"),
        ({"person": "{me}", "attended": True, "minutes": 1.5}, "/entries/0/minutes"),
    ],
)
def test_refuses_a_line_that_cannot_be(council: Council, entry: dict[str, Any], pointer: str) -> None:
    session_id, person_id = council.session(), council.person()
    sent = {key: person_id if value == "{me}" else value for key, value in entry.items()}
    before = council.stage.picture()
    refused(council.lead.put(f"sessions/{session_id}/register", {"entries": [sent]}), 422, pointer)
    assert council.stage.picture() == before


def test_one_wrong_line_saves_none(council: Council) -> None:
    session_id, first, second = council.session(), council.person(), council.person("Bo Example")
    council.invited(session_id, first)
    before = council.stage.picture()
    refused(council.tick(session_id, first, second), 422, "/entries/1/role")
    assert council.stage.picture() == before


def test_refuses_the_same_person_twice(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    council.invited(session_id, person_id)
    refused(council.tick(session_id, person_id, person_id), 422, "/entries/1/person")


def test_a_cancelled_session_takes_no_ticks_and_every_untick(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    council.invited(session_id, person_id)
    told(council.lead.post(f"sessions/{session_id}/cancel"))
    refused(council.tick(session_id, person_id), 409)
    told(council.tick(session_id, person_id, attended=False))


def test_a_session_at_which_somebody_was_is_not_cancelled(council: Council) -> None:
    session_id = council.ticked()
    before = council.stage.picture()
    refused(council.lead.post(f"sessions/{session_id}/cancel"), 409)
    refused(council.lead.send("DELETE", f"sessions/{session_id}"), 409)
    assert council.stage.picture() == before


def test_cancelling_twice_is_cancelling_once_and_everybody_is_told_once(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    council.offer(session_id, person_id)
    assert told(council.lead.post(f"sessions/{session_id}/cancel"))["status"] == "cancelled"
    before = council.stage.picture("kept_answers")
    assert told(council.lead.send("DELETE", f"sessions/{session_id}"))["status"] == "cancelled"
    assert council.stage.picture("kept_answers") == before
    council.stage.drain()
    assert council.messages(person_id).count("This session is not going ahead: Over a Brew") == 1


@pytest.mark.parametrize(
    ("hours", "pence"), [(1, 3600), (47, 1800), (100, 0)], ids=["late", "short", "early"]
)
def test_a_late_cancellation_pays_what_the_policy_says_to_who_had_said_yes(
    council: Council, hours: int, pence: int
) -> None:
    starts = utc_now().replace(microsecond=0) + timedelta(hours=hours, minutes=1)
    session_id = council.session("advisory_network", minutes=120, ends=starts + timedelta(hours=2))
    yes, maybe = council.person(), council.person("Bo Example")
    council.invited(session_id, yes, "member")
    council.offer(session_id, maybe, "member")
    told(council.lead.post(f"sessions/{session_id}/cancel"))
    council.stage.drain()
    assert council.balance() == ({"fees": pence, "bank:sandbox": -pence} if pence else {})
    assert {row["person"] for row in told(council.lead.get("claims"))["data"]} == ({yes} if pence else set())


SESSION = {
    "title": "Over a Brew",
    "activity": "over_a_brew",
    "starts_at": "2026-10-01T10:00:00Z",
    "ends_at": "2026-10-01T11:00:00Z",
}


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"title": "  "}, "/title"),
        ({"title": None}, "/title"),
        ({"activity": "chess"}, "/activity"),
        ({"starts_at": "2026-10-01T10:00:00"}, "/starts_at"),
        ({"starts_at": "tomorrow"}, "/starts_at"),
        ({"ends_at": "2026-10-01T10:00:00Z"}, "/ends_at"),
        ({"ends_at": "2026-10-16T10:00:00Z"}, "/ends_at"),
        ({"starts_at": "1026-10-01T10:00:00Z"}, "/starts_at"),
        ({"facts": {"shoes": 43}}, "/facts/shoes"),
        ({"facts": {"days": -1}}, "/facts/days"),
        ({"facts": {"on": "2026-01-01"}}, "/facts/on"),
        ({"facts": {"expenses": []}}, "/facts/expenses"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_refuses_a_session_that_cannot_be(council: Council, wrong: dict[str, Any], pointer: str) -> None:
    before = council.stage.picture()
    refused(council.lead.post("sessions", SESSION | wrong), 422, pointer)
    assert council.stage.picture() == before


def test_an_offer_cannot_say_what_the_session_says(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    body = {"person": person_id, "role": "participant", "on": "2020-01-01", "activity": "coaching"}
    before = council.stage.picture()
    refused(council.lead.post(f"sessions/{session_id}/offers", body), 422, "/activity", "/on")
    assert council.stage.picture() == before


def test_a_no_is_a_no_and_a_yes_after_it_is_a_yes(council: Council) -> None:
    offer_id = council.offer(council.session(), council.person())
    for verb, status in (("decline", "declined"), ("accept", "accepted"), ("decline", "declined")):
        for _ in range(2):
            assert told(council.lead.post(f"offers/{offer_id}/{verb}", {}))["status"] == status


def test_an_offer_pays_no_more_than_it_says(council: Council) -> None:
    offer_id = council.offer(council.session(), council.person())
    before = council.stage.picture()
    refused(council.lead.post(f"offers/{offer_id}/accept", {"accept_pence": 1551}), 422, "/accept_pence")
    refused(council.lead.post(f"offers/{offer_id}/accept", {"accept_pence": -1}), 422, "/accept_pence")
    assert council.stage.picture() == before


def test_one_offer_at_a_time_stands_between_a_person_and_a_session(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    council.offer(session_id, person_id)
    body = {"person": person_id, "role": "participant"}
    with ThreadPoolExecutor(4) as several:
        answers = list(
            several.map(lambda _: council.lead.post(f"sessions/{session_id}/offers", body), range(6))
        )
    assert {answer.status_code for answer in answers} == {409}
    assert len(told(council.lead.get(f"sessions/{session_id}/offers"))["data"]) == 1
