"""What becomes of an offer on top, or of money that was paid on top, when the register changes?"""

from __future__ import annotations

from typing import Any

from tests.claims.top_ups import held, in_order, now_is, policy, publish, small, top_ups, yes
from tests.stage import Council, Stage, refused, told


def came(stage: Stage) -> tuple[Council, str, str, dict[str, Any]]:
    """Somebody came and was paid £15.00; then £1.00 more was offered. Council, session, person, top-up."""
    council = small(stage)
    session_id, person_id = held(council)
    stage.drain()
    publish(council, policy(version="1.1", hour=1600))
    stage.drain()
    (more,) = top_ups(council)
    assert (more["session"], more["fee_pence"]) == (session_id, 100)
    return council, session_id, person_id, more


def fee_claim(council: Council, session_id: str) -> dict[str, Any]:
    rows = told(council.lead.get("claims", session=session_id))["data"]
    (found,) = [row for row in rows if row["kind"] != "top_up"]
    return now_is(council, found)


def test_taking_a_tick_back_takes_back_what_was_offered_and_a_tick_brings_it_again(stage: Stage) -> None:
    council, session_id, person_id, more = came(stage)
    told(council.tick(session_id, person_id, attended=False))
    stage.drain()
    assert now_is(council, more)["status"] == "withdrawn"
    assert fee_claim(council, session_id)["overpaid_pence"] == 1500
    refused(council.lead.post(f"claims/{more['id']}/submit"), 409)
    assert council.messages(person_id)[-2:] == [
        "We took back our offer: Over a Brew",
        "We paid you more than we should have",
    ]
    told(council.tick(session_id, person_id))
    stage.drain()
    assert now_is(council, more)["status"] == "draft"
    assert fee_claim(council, session_id)["overpaid_pence"] == 0
    assert yes(council, more)["status"] == "paid"
    in_order(council)


def test_taking_a_tick_back_notes_what_was_paid_on_top_as_overpaid(stage: Stage) -> None:
    council, session_id, person_id, more = came(stage)
    assert yes(council, more)["status"] == "paid"
    told(council.tick(session_id, person_id, attended=False))
    stage.drain()
    assert (now_is(council, more)["status"], now_is(council, more)["overpaid_pence"]) == ("paid", 100)
    told(council.tick(session_id, person_id))
    stage.drain()
    assert now_is(council, more)["overpaid_pence"] == 0
    in_order(council)


def test_a_no_stays_a_no_when_the_register_changes(stage: Stage) -> None:
    council, session_id, person_id, more = came(stage)
    told(council.lead.post(f"claims/{more['id']}/withdraw", {}))
    for attended in (False, True):
        told(council.tick(session_id, person_id, attended=attended))
        stage.drain()
    assert now_is(council, more)["status"] == "withdrawn"


def test_a_claim_that_was_stopped_and_comes_back_holds_what_came_on_top(stage: Stage) -> None:
    council = small(stage)
    session_id, person_id = council.session("meeting"), council.person(account=None)
    council.invited(session_id, person_id, "member")
    told(council.tick(session_id, person_id))
    stage.drain()
    publish(council, policy(version="1.1", hour=1600))
    stage.drain()
    (more,) = top_ups(council)
    assert yes(council, more)["status"] == "approved"
    told(council.tick(session_id, person_id, attended=False))
    stage.drain()
    assert now_is(council, more)["status"] == "withdrawn"
    assert fee_claim(council, session_id)["status"] == "withdrawn"
    told(council.tick(session_id, person_id))
    stage.drain()
    assert (fee_claim(council, session_id)["fee_pence"], now_is(council, more)["status"]) == (
        1600,
        "withdrawn",
    )
    told(council.pays_into(person_id, "00012345"))
    stage.settle()
    assert council.balance() == {"fees": 1600, "bank:sandbox": -1600}
    in_order(council)


def test_who_was_off_the_register_then_is_offered_it_once_they_are_on_it_again(stage: Stage) -> None:
    council = small(stage)
    session_id, person_id = held(council)
    stage.drain()
    told(council.tick(session_id, person_id, attended=False))
    stage.drain()
    publish(council, policy(version="1.1", hour=1600))
    stage.drain()
    assert top_ups(council) == []
    told(council.tick(session_id, person_id))
    stage.drain()
    assert [row["total_pence"] for row in top_ups(council)] == [100]
