"""Does a fee that somebody gives away go to whom they named, and nowhere else?"""

from __future__ import annotations

from tests.stage import Stage, refused, told


def test_a_fee_given_away_waits_for_somebody_to_pay_the_charity(stage: Stage) -> None:
    council = stage.council()
    session_id, person_id = council.session(), council.person()
    offer_id = council.offer(session_id, person_id)
    told(council.lead.post(f"offers/{offer_id}/accept", {"give_to": "The Invented Trust"}))
    told(council.tick(session_id, person_id))
    stage.drain()
    (payment,) = council.payments()
    assert (payment["rail"], payment["status"], payment["give_to"]) == (
        "charity",
        "ready",
        "The Invented Trust",
    )
    assert council.balance() == {"fees": 1550, "creditors": -1550}
    paid = {"bank_reference": "BACS 7", "paid_on": "2026-01-02"}
    told(council.finance.post(f"payments/{payment['id']}/paid", paid))
    assert council.balance() == {"fees": 1550, "bank:charity": -1550}


def test_a_policy_without_charities_says_so_and_keeps_the_offer_open(stage: Stage) -> None:
    council = stage.council("samplebury")
    session_id, person_id = council.session(), council.person()
    offer_id = council.offer(session_id, person_id)
    refused(
        council.lead.post(f"offers/{offer_id}/accept", {"give_to": "The Invented Trust"}), 422, "/give_to"
    )
    assert told(council.lead.get(f"offers/{offer_id}"))["status"] == "made"
