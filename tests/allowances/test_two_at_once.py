"""Can two at once both take the last of an allowance, or wait for each other in a ring?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from service.claims import actions as claims
from service.errors import ReciprocalError
from service.events import SYSTEM
from service.payouts import putting_off
from service.sessions import actions as sessions
from service.sessions.allowing import LessNow
from tests.allowances.counting import assert_totals_are_what_is_held, at, counting, offered, stands
from tests.crossing import crossing
from tests.stage import Council, Stage, told

LAST = """
counters: {week_talks: {name: Talks in a week, counts: activities, each: week}}
limits: {one: {clause: "L", sentence: One a week., counter: week_talks, at_most: 1 time, beyond: not payable}}
"""
SHARED = LAST.replace("each: week", "each: week, per: organisation")


def known(council: Council, who: str) -> None:
    """A yes and a no, so that the row of the week is there and only its lock stands between two."""
    offer_id = offered(council, at(council, "2026-05-14"), who)["id"]
    told(council.lead.post(f"offers/{offer_id}/accept", {}))
    told(council.lead.post(f"offers/{offer_id}/decline"))
    assert stands(council, who, "2026-05-12") == {"week_talks": (0, 0)}


def test_of_two_who_say_yes_at_once_one_gets_the_last(stage: Stage) -> None:
    """Two people of one organisation, each with an offer of their own: nothing else makes them wait."""
    council = counting(stage, SHARED)
    ada, bo = (council.person(name, organisation="Voices") for name in ("Ada", "Bo"))
    known(council, ada)
    one, other = (offered(council, at(council, "2026-05-12"), who)["id"] for who in (ada, bo))
    given = {"council_id": council.id, "actor": SYSTEM, "now": stage.clock()}
    with pytest.raises(LessNow):
        crossing(
            council,
            lambda session: sessions.accept(session, offer_id=one, **given),
            lambda session: sessions.accept(session, offer_id=other, **given),
        )
    found = [told(council.lead.get(f"offers/{offer}")) for offer in (one, other)]
    assert [(offer["status"], offer["fee_pence"]) for offer in found] == [("accepted", 2000), ("made", 0)]
    assert stands(council, ada, "2026-05-12") == {"week_talks": (1, 0)}


def test_of_many_who_say_yes_at_once_one_gets_the_last(stage: Stage) -> None:
    council = counting(stage, LAST)
    ada = council.person()
    known(council, ada)
    offers = [offered(council, at(council, f"2026-05-{day}"), ada)["id"] for day in range(11, 17)]
    with ThreadPoolExecutor(6) as several:
        answers = list(several.map(lambda offer: council.lead.post(f"offers/{offer}/accept", {}), offers))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    assert stands(council, ada, "2026-05-12") == {"week_talks": (1, 0)}
    assert_totals_are_what_is_held(council)


def test_of_two_claims_at_once_one_gets_the_last(stage: Stage) -> None:
    council = counting(stage, LAST)
    ada = council.person()
    known(council, ada)
    places = [at(council, day) for day in ("2026-05-12", "2026-05-13")]
    for place in places:
        told(council.tick(place, ada, role="member"))
    given = {"council_id": council.id, "person_id": ada, "now": stage.clock()}
    crossing(
        council,
        lambda session: claims.follow_register(session, session_id=places[0], **given),
        lambda session: claims.follow_register(session, session_id=places[1], **given),
    )
    found = [council.claim(session=place) for place in places]
    assert [claim["total_pence"] for claim in found] == [2000, 0]
    assert found[1]["assessment"]["facts"]["used"] == {"week_talks": 1}
    assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 1)}


def test_a_claim_waits_for_a_yes_that_takes_the_last(stage: Stage) -> None:
    council = counting(stage, LAST)
    ada = council.person()
    known(council, ada)
    offer_id = offered(council, at(council, "2026-05-12"), ada)["id"]
    came_to = at(council, "2026-05-13")
    told(council.tick(came_to, ada, role="member"))
    now = stage.clock()
    key = {"council_id": council.id, "now": now}
    crossing(
        council,
        lambda session: sessions.accept(session, offer_id=offer_id, actor=SYSTEM, **key),
        lambda session: claims.follow_register(session, session_id=came_to, person_id=ada, **key),
    )
    assert council.claim(session=came_to)["total_pence"] == 0
    assert stands(council, ada, "2026-05-12") == {"week_talks": (1, 0)}


def test_nobody_waits_in_a_ring(stage: Stage) -> None:
    """Sessions with the same people in another order, accepted, cancelled and claimed all at once."""
    council = counting(stage, LAST.replace("at_most: 1 time", "at_most: 50 times"))
    people = [council.person(f"Person {n}", account=None) for n in range(4)]
    places = [at(council, "2026-05-12") for _ in range(6)]
    offers = {
        place: [offered(council, place, who)["id"] for who in (people if n % 2 else people[::-1])]
        for n, place in enumerate(places)
    }
    start = Barrier(len(places))
    given = {"council_id": council.id, "actor": SYSTEM}

    def live(place: str) -> list[int]:
        number = places.index(place)
        start.wait(timeout=20)
        paths = [f"offers/{offer_id}/accept" for offer_id in offers[place]]
        found = [council.lead.post(path, {}).status_code for path in paths]
        now = stage.clock()
        with stage.hands.db.council(council.id) as session:
            if number % 3 == 0:
                sessions.cancel(session, session_id=place, now=now, **given)
            else:
                ticks = [sessions.Tick(who, number % 3 == 1) for who in people]
                sessions.tick_register(session, session_id=place, ticks=ticks, now=now, **given)
        for who in people if number % 2 else people[::-1]:
            with stage.hands.db.council(council.id) as session:
                claims.follow_register(
                    session, council_id=council.id, session_id=place, person_id=who, now=now
                )
        return found

    with ThreadPoolExecutor(len(places)) as several:
        answers = [one for found in several.map(live, places) for one in found]
    assert answers == [200] * 24
    # Two sessions each were cancelled, came to, and stayed away from.
    for who in people:
        assert stands(council, who, "2026-05-12") == {"week_talks": (0, 2)}
    assert_totals_are_what_is_held(council)


def test_a_choice_of_a_day_and_a_claim_do_not_wait_in_a_ring(stage: Stage) -> None:
    """The choice is about another session of the same person, whose allowance the yes holds."""
    council = counting(stage, LAST.replace("at_most: 1 time", "at_most: 50 times"))
    ada = council.person()
    known(council, ada)
    offer_id = offered(council, at(council, "2026-05-12"), ada)["id"]
    came_to = at(council, "2026-05-13")
    told(council.tick(came_to, ada, role="member"))
    key = {"council_id": council.id, "now": stage.clock()}
    answer = {"offer_id": offer_id, "actor": SYSTEM, **key}
    db = stage.hands.db

    def follows() -> None:
        with db.council(council.id) as session:
            claims.follow_register(session, session_id=came_to, person_id=ada, **key)

    with ThreadPoolExecutor(1) as other:
        with db.council(council.id) as session:
            sessions.accept(session, **answer)
            waiting = other.submit(follows)
            stage.wait_for_a_lock()
            putting_off.for_offer(session, **answer, answer="now")
        waiting.result(timeout=20)
    assert told(council.lead.get(f"offers/{offer_id}"))["status"] == "accepted"
    assert council.claim(session=came_to)["total_pence"] == 2000
    assert stands(council, ada, "2026-05-12") == {"week_talks": (1, 1)}


def test_a_refusal_that_stays_says_so_itself() -> None:
    assert LessNow.keeps
    assert not ReciprocalError.keeps
