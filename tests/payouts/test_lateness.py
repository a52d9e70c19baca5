"""Does somebody hear, once, that money is late, when it is we who are late?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.tasks import hands as in_use
from service.tasks import housekeeping
from tests.stage import Council, Stage, told

LATE = "We are late in paying: Over a Brew"


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def hours_pass(council: Council, by: timedelta) -> None:
    """The clock comes round, twice."""
    council.stage.clock.forward(by)
    in_use.use(council.stage.hands)
    for _ in range(2):
        housekeeping.own_up_to_late()
        council.stage.drain(leaving=("payouts.send",))


def test_a_payment_that_did_not_come_by_the_promised_day_is_owned_up_to_once(council: Council) -> None:
    session_id = council.ticked()
    council.stage.drain(leaving=("payouts.send",))
    claim = council.claim(session=session_id)
    assert [payment["status"] for payment in claim["payments"]] == ["ready"]
    hours_pass(council, timedelta(hours=1))
    assert LATE not in council.messages(claim["person"])
    hours_pass(council, timedelta(days=60))
    assert council.messages(claim["person"]).count(LATE) == 1
    with council.stage.admin() as line:
        query = "SELECT body, amount_pence FROM notices WHERE name = 'payment.late'"
        ((body, pence),) = line.execute(query).fetchall()
    assert pence == claim["total_pence"]
    assert "We promised £15.50 by " in body
    assert "It is late. We are sorry." in body
    hours_pass(council, timedelta(days=60))
    assert council.messages(claim["person"]).count(LATE) == 1


def test_what_was_paid_refused_or_waits_for_the_persons_own_word_is_not_late(council: Council) -> None:
    paid = council.claim(session=_worked(council, council.ticked()))
    waits = council.claim(session=_worked(council, council.ticked(account=None)))
    gone = council.ticked("practice_review", role="team_member", minutes=300)
    refused = council.claim(session=_worked(council, gone))
    seen = council.lead.get(f"claims/{refused['id']}").headers["ETag"]
    said = {"clause": "3.1", "reason": "Not this time."}
    told(council.approver.post(f"claims/{refused['id']}/refuse", said, seen=seen))
    hours_pass(council, timedelta(days=60))
    for claim in (paid, waits, refused):
        assert "payment.late" not in council.history(claim["id"])


def _worked(council: Council, session_id: str) -> str:
    council.stage.drain()
    return session_id
