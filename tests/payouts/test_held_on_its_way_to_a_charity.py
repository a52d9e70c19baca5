"""Does a held payment go to whom it should once it is let go, where a charity is named?"""

from __future__ import annotations

from tests.stage import Council, Stage, told


def held_and_let_go(council: Council) -> tuple[str, str | None]:
    """The rail of the one live payment, and the charity it goes to."""
    payment = council.payments()[-1]
    told(council.lead.post(f"payments/{payment['id']}/hold"))
    seen = council.lead.get(f"payments/{payment['id']}").headers["ETag"]
    gone = told(council.lead.post(f"payments/{payment['id']}/release", seen=seen))
    assert gone["status"] == "ready"
    return gone["rail"], gone["give_to"]


def test_a_fee_given_away_still_goes_to_the_charity(stage: Stage) -> None:
    council = stage.council()
    session_id, person_id = council.session(), council.person()
    offer_id = council.offer(session_id, person_id)
    told(council.lead.post(f"offers/{offer_id}/accept", {"give_to": "The Invented Trust"}))
    told(council.tick(session_id, person_id))
    stage.drain()
    assert held_and_let_go(council) == ("charity", "The Invented Trust")


def test_a_method_that_is_a_charity_stays_one(stage: Stage) -> None:
    council = stage.council()
    session_id, person_id = council.session(), council.person(account=None)
    charity = {"kind": "charity", "charity": "The Invented Trust"}
    told(council.lead.put(f"people/{person_id}/payment_method", charity))
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    stage.drain()
    assert held_and_let_go(council) == ("charity", "The Invented Trust")
