"""Do the counters follow what is put right after a claim was paid, so that the next one is judged truly?"""

from __future__ import annotations

import pytest

from tests.allowances.counting import assert_totals_are_what_is_held, at, came, counting, stands
from tests.allowances.test_kept import ASKS, EVERYTHING, MONEY, STRICT, decide
from tests.stage import Stage, told

DAY = "2026-05-12"


def test_the_hours_and_the_fee_follow_the_register(stage: Stage) -> None:
    council = counting(stage, EVERYTHING)
    ada, session_id = council.person(), at(council, DAY, hours=2)
    assert came(council, session_id, ada)["status"] == "paid"
    for minutes in (60, 180, 120, 150):
        told(council.tick(session_id, ada, role="member", minutes=minutes))
        stage.settle()
        pence = minutes * 2000 // 60
        assert stands(council, ada, DAY) == {
            "fee": (0, pence),
            "costs": (0, 0),
            "total": (0, pence),
            "hours": (0, minutes),
            "miles": (0, 0),
            "days": (0, 1),
            "activities": (0, 0),
            "times": (0, 1),
        }
        assert_totals_are_what_is_held(council)


def test_costs_that_are_put_right_count_as_they_are(stage: Stage) -> None:
    council = counting(stage, EVERYTHING)
    ada, session_id = council.person(), at(council, DAY)
    came(council, session_id, ada)
    car = [{"category": "car", "miles": 10}]
    body = {"person": ada, "session": session_id, "expenses": car}
    claim = told(council.lead.post("claims", body), 201)
    stage.drain()
    assert stands(council, ada, DAY)["miles"] == (0, 100)
    right = {"expenses": [{"category": "car", "miles": 4}], "reason": "They shared a car on the way back."}
    told(council.lead.post(f"claims/{claim['id']}/corrections", right), 202)
    stage.settle()
    now = stands(council, ada, DAY)
    assert (now["miles"], now["costs"], now["total"]) == ((0, 40), (0, 220), (0, 2220))
    assert_totals_are_what_is_held(council)


def test_who_was_paid_and_did_not_come_has_used_nothing(stage: Stage) -> None:
    council = counting(stage, STRICT)
    ada = council.person()
    one, two, three = (at(council, day) for day in ("2026-05-11", DAY, "2026-05-13"))
    for session_id in (one, two):
        assert came(council, session_id, ada)["status"] == "paid"
    for attended, used in ((False, 1), (True, 2), (False, 1)):
        told(council.tick(two, ada, role="member", attended=attended))
        stage.settle()
        assert stands(council, ada, DAY) == {"week_talks": (0, used)}
    # So the third talk of the week is their second.
    assert came(council, three, ada)["total_pence"] == 2000
    assert stands(council, ada, DAY) == {"week_talks": (0, 2)}
    assert_totals_are_what_is_held(council)


@pytest.mark.parametrize(("minutes", "later"), [(60, 3000), (120, 1000)])
def test_the_next_claim_is_judged_on_what_is_right(stage: Stage, minutes: int, later: int) -> None:
    """£50.00 a year: what is left for the next one follows what the first one comes to."""
    council = counting(stage, MONEY)
    ada, session_id = council.person(), at(council, DAY, hours=1.5)
    assert came(council, session_id, ada)["total_pence"] == 3000
    told(council.tick(session_id, ada, role="member", minutes=minutes))
    stage.settle()
    assert stands(council, ada, DAY) == {"year_fee": (0, minutes * 2000 // 60)}
    assert came(council, at(council, "2026-05-13", hours=2), ada)["total_pence"] == later
    assert stands(council, ada, DAY) == {"year_fee": (0, 5000)}


def test_what_a_person_decided_still_counts_once_it_is_put_right(stage: Stage) -> None:
    council = counting(stage, ASKS)
    ada = council.person()
    for day in ("2026-05-11", DAY):
        came(council, at(council, day), ada)
    third = came(council, at(council, "2026-05-13"), ada)
    sums = [{"line": 0, "amount_pence": 2000, "reason": "A busy week."}]
    decide(council, third["id"], "approve", sums=sums)
    stage.drain()
    assert stands(council, ada, DAY) == {"week_talks": (0, 3)}
    told(council.tick(third["session"], ada, role="member", minutes=90))
    stage.settle()
    assert stands(council, ada, DAY) == {"week_talks": (0, 3)}
    assert_totals_are_what_is_held(council)
