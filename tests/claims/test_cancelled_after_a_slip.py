"""Who was ticked by mistake, and whose session is then cancelled: do they still get what the terms give?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.days import utc_now
from tests.stage import A_WHILE, Council, Stage, told


def slipped(stage: Stage) -> tuple[Council, str, str]:
    """Somebody with a place tomorrow who was ticked by mistake; their fee is agreed and has not left."""
    council = stage.council()
    tomorrow = utc_now().replace(microsecond=0) + timedelta(hours=12)
    session_id, person_id = council.session(ends=tomorrow), council.person()
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    stage.drain(leaving=("payouts.send",))
    return council, session_id, person_id


def test_the_terms_of_a_late_cancellation_are_paid_once(stage: Stage) -> None:
    council = stage.council()
    tomorrow = utc_now().replace(microsecond=0) + timedelta(hours=12)
    session_id, person_id = council.session(ends=tomorrow), council.person()
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    stage.drain(leaving=("payouts.send",))
    told(council.tick(session_id, person_id, attended=False))
    stage.drain()
    claim = council.claim(session=session_id)
    assert (claim["kind"], claim["status"]) == ("attendance", "withdrawn")
    told(council.lead.post(f"sessions/{session_id}/cancel"))
    stage.settle()
    claim = council.claim(session=session_id)
    assert (claim["kind"], claim["status"], claim["total_pence"]) == ("cancellation", "paid", 1550)
    assert claim["facts"]["notice_hours"] == 10
    assert [payment["status"] for payment in claim["payments"]] == ["cancelled", "paid"]
    assert council.balance() == {"bank:sandbox": -1550, "fees": 1550}


@pytest.mark.parametrize("late", ["payouts.stop", "claims.follow_register"])
def test_they_are_paid_too_where_the_mistake_is_still_being_put_right(stage: Stage, late: str) -> None:
    """The cancellation is followed while the claim for coming still stands."""
    council, session_id, person_id = slipped(stage)
    told(council.tick(session_id, person_id, attended=False))
    told(council.lead.post(f"sessions/{session_id}/cancel"))
    stage.drain(leaving=("payouts.send", late))
    claim = council.claim(session=session_id)
    assert (claim["kind"], claim["status"]) == ("attendance", "approved")
    stage.clock.forward(A_WHILE)
    stage.carry_again(late)
    stage.drain(leaving=("payouts.send",))
    stage.settle()
    claim = council.claim(session=session_id)
    assert (claim["kind"], claim["status"], claim["total_pence"]) == ("cancellation", "paid", 1550)
    assert council.balance() == {"bank:sandbox": -1550, "fees": 1550}


def test_what_somebody_here_calls_off_stays_called_off(stage: Stage) -> None:
    council, session_id, person_id = slipped(stage)
    told(council.tick(session_id, person_id, attended=False))
    told(council.lead.post(f"sessions/{session_id}/cancel"))
    stage.drain(leaving=("payouts.send",))
    claim = council.claim(session=session_id)
    assert (claim["kind"], claim["status"]) == ("cancellation", "approved")
    live = claim["payments"][-1]["id"]
    seen = council.lead.get(f"payments/{live}").headers["ETag"]
    told(council.finance.post(f"payments/{live}/cancel", {}, seen=seen))
    stage.settle()
    assert council.claim(session=session_id)["status"] == "withdrawn"
    assert council.balance() == {}


@pytest.mark.parametrize("first", ["put right", "cancelled"])
def test_what_was_paid_for_a_mistake_is_too_much_only_as_far_as_it_is_not_due(
    stage: Stage, first: str
) -> None:
    """£36.00 for coming was paid. With 47 hours of notice £18.00 is due, and the rest was too much."""
    council = stage.council()
    starts = utc_now().replace(microsecond=0) + timedelta(hours=47, minutes=1)
    session_id = council.session("advisory_network", minutes=120, ends=starts + timedelta(hours=2))
    person_id = council.person()
    council.invited(session_id, person_id, "member")
    told(council.tick(session_id, person_id))
    stage.drain()
    assert council.claim(session=session_id)["status"] == "paid"
    told(council.tick(session_id, person_id, attended=False))
    if first == "put right":
        stage.drain()
        assert council.claim(session=session_id)["overpaid_pence"] == 3600
    told(council.lead.post(f"sessions/{session_id}/cancel"))
    stage.settle()
    claim = council.claim(session=session_id)
    assert (claim["status"], claim["total_pence"], claim["overpaid_pence"]) == ("paid", 3600, 1800)
    assert council.balance() == {"fees": 1800, "overpayments": 1800, "bank:sandbox": -3600}
