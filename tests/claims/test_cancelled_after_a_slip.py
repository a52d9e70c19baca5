"""Who was ticked by mistake, and whose session is then cancelled: do they still get what the terms give?"""

from __future__ import annotations

from datetime import timedelta

from service.days import utc_now
from tests.stage import Stage, told


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
