"""Does somebody hear that their fee is given away, whoever wrote it down, and can they stop it?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.people import stopping
from tests.notices.test_messages import EMAIL, Letterbox
from tests.people.changes import STAFF, about
from tests.people.test_confirming import press_stop
from tests.stage import Council, Stage, refused, told

CHARITY = "The Invented Trust"
SAID = f"After the session we pay your fee to {CHARITY}. We do not pay it to you."


@pytest.fixture
def post(stage: Stage) -> Letterbox:
    box = Letterbox()
    stage.hands = replace(stage.hands, way=box)
    return box


@pytest.fixture
def council(stage: Stage, post: Letterbox) -> Council:
    return stage.council()


def given_away(council: Council) -> tuple[str, str]:
    """The council's own key says that a fee goes to a charity. Answers the session and the person."""
    session_id, person_id = council.session(), council.person(email=EMAIL)
    offer_id = council.offer(session_id, person_id)
    for _ in range(2):
        told(council.lead.post(f"offers/{offer_id}/accept", {"give_to": CHARITY}))
    council.stage.drain()
    return session_id, person_id


def test_the_person_is_told_once_in_plain_words_and_how_to_stop_it(council: Council, post: Letterbox) -> None:
    given_away(council)
    (said,) = [message for message in post.messages if CHARITY in message.body]
    assert said.to == EMAIL
    assert SAID in said.body
    assert "If you did not ask for this, stop it here." in said.body
    assert [message.subject for message in post.messages] == [
        "How we pay you has been written down",
        "Would you like to join us? Over a Brew",
        "Your fee goes to a charity: Over a Brew",
    ]


def test_a_fee_that_nobody_gives_away_is_said_to_go_to_nobody_else(council: Council, post: Letterbox) -> None:
    council.invited(council.session(), council.person(email=EMAIL))
    council.stage.drain()
    said = post.messages[-1]
    assert said.subject.startswith("Thank you for saying yes")
    assert "charity" not in said.body
    assert "stop it" not in said.body


def test_one_press_keeps_the_fee_from_the_charity(council: Council, post: Letterbox) -> None:
    session_id, person_id = given_away(council)
    press_stop(council, post.messages[-1].body)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    (held,) = council.payments()
    assert (held["status"], held["held_because"]) == ("held", "stopped")
    seen = council.lead.get(f"payments/{held['id']}").headers["ETag"]
    refused(council.lead.post(f"payments/{held['id']}/release", seen=seen), 409)
    council.stage.sweep()
    assert council.payments() == [held]
    with council.stage.hands.db.council(council.id) as session:
        stopping.lift(session, was_theirs=True, actor=STAFF, **about(council, person_id))
    council.stage.drain()
    assert council.payments()[-1]["status"] == "ready"


def test_the_contact_before_a_change_hears_of_it_too(council: Council, post: Letterbox) -> None:
    session_id, person_id = council.session(), council.person(email="before@example.org")
    offer_id = council.offer(session_id, person_id)
    with council.stage.hands.db.council(council.id) as session:
        changed = {"email": EMAIL, "phone": ""}
        stopping.change_contact(session, **changed, actor=STAFF, **about(council, person_id))
    council.stage.drain()
    told(council.lead.post(f"offers/{offer_id}/accept", {"give_to": CHARITY}))
    council.stage.drain()
    assert {message.to for message in post.messages if SAID in message.body} == {EMAIL, "before@example.org"}
