"""What counts when a person's answer crosses with something else that happens to the session?"""

from __future__ import annotations

import pytest

from service.events import SYSTEM
from service.sessions import actions
from service.sessions.actions import OfferIsOver
from tests.crossing import crossing
from tests.stage import Stage, refused, told


def test_a_yes_to_an_old_offer_is_refused_while_a_newer_one_stands(stage: Stage) -> None:
    council = stage.council()
    session_id, person_id = council.session(), council.person()
    old = council.offer(session_id, person_id)
    told(council.lead.post(f"offers/{old}/decline"))
    new = council.offer(session_id, person_id)
    before = stage.picture()
    problem = refused(council.lead.post(f"offers/{old}/accept", {}), 409)
    assert problem["detail"] == "There is a newer offer for this session. Please answer that one."
    assert stage.picture() == before
    assert told(council.lead.post(f"offers/{new}/accept", {}))["status"] == "accepted"


def test_a_yes_that_came_first_is_not_forgotten_when_the_session_is_cancelled(stage: Stage) -> None:
    council = stage.council()
    session_id = council.session()
    offer_id = council.offer(session_id, council.person())
    given = {"council_id": council.id, "actor": SYSTEM, "now": stage.clock()}
    crossing(
        council,
        lambda session: actions.accept(session, offer_id=offer_id, **given),
        lambda session: actions.cancel(session, session_id=session_id, **given),
    )
    query = "SELECT refs ->> 'was' FROM events WHERE name = 'offer.cancelled'"
    with stage.admin() as line:
        assert line.execute(query).fetchall() == [("accepted",)]


def test_nobody_is_ticked_by_an_offer_that_they_are_declining(stage: Stage) -> None:
    council = stage.council()
    session_id, person_id = council.session(), council.person()
    offer_id = council.invited(session_id, person_id)
    given = {"council_id": council.id, "actor": SYSTEM, "now": stage.clock()}
    ticks = [actions.Tick(person_id, attended=True)]
    with pytest.raises(actions.Invalid):
        crossing(
            council,
            lambda session: actions.decline(session, offer_id=offer_id, **given),
            lambda session: actions.tick_register(session, session_id=session_id, ticks=ticks, **given),
        )
    assert told(council.lead.get(f"sessions/{session_id}/register"))["entries"] == []


def test_nobody_declines_once_they_are_being_ticked(stage: Stage) -> None:
    council = stage.council()
    session_id, person_id = council.session(), council.person()
    offer_id = council.invited(session_id, person_id)
    given = {"council_id": council.id, "actor": SYSTEM, "now": stage.clock()}
    ticks = [actions.Tick(person_id, attended=True)]
    with pytest.raises(OfferIsOver):
        crossing(
            council,
            lambda session: actions.tick_register(session, session_id=session_id, ticks=ticks, **given),
            lambda session: actions.decline(session, offer_id=offer_id, **given),
        )
    assert told(council.lead.get(f"offers/{offer_id}"))["status"] == "accepted"
