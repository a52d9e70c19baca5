"""What happens when the register, or a cost, is put right after the money has left?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.claims.top_ups import in_order, now_is, small
from tests.stage import Council, Stage, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return small(stage)


def paid_for(council: Council, *, minutes: int = 60, account: str | None = "00012345") -> tuple[str, str]:
    """Somebody came to a meeting of an hour and was paid £15.00 for it. Session and person."""
    session_id, person_id = council.session("meeting", minutes=60), council.person(account=account)
    council.invited(session_id, person_id, "member")
    told(council.tick(session_id, person_id, minutes=minutes))
    council.stage.drain()
    return session_id, person_id


def put_right(council: Council, session_id: str, person_id: str, **tick: Any) -> None:
    """The register says something else now, and what follows is done."""
    told(council.tick(session_id, person_id, **tick))
    council.stage.drain()


def first(council: Council, session_id: str) -> dict[str, Any]:
    rows = told(council.lead.get("claims", session=session_id))["data"]
    (found,) = [row for row in rows if row["kind"] == "attendance"]
    return now_is(council, found)


def differences(council: Council, session_id: str) -> list[dict[str, Any]]:
    rows = told(council.lead.get("claims", session=session_id))["data"]
    found = [now_is(council, row) for row in rows if row["kind"] == "difference"]
    return sorted(found, key=lambda row: str(row["id"]))


def overpayments(council: Council) -> list[dict[str, Any]]:
    return list(told(council.lead.get("overpayments"))["data"])


def paid_in_all(council: Council, person_id: str) -> int:
    return sum(
        p["amount_pence"]
        for p in council.payments(limit=100)
        if p["person"] == person_id and p["status"] == "paid"
    )


def test_more_minutes_pay_only_the_difference(council: Council) -> None:
    session_id, person_id = paid_for(council)
    put_right(council, session_id, person_id, minutes=90)
    (more,) = differences(council, session_id)
    assert (more["status"], more["total_pence"]) == ("paid", 750)
    assert more["difference"] == {"fee": {"before_pence": 1500, "after_pence": 2250}}
    claim = first(council, session_id)
    assert (claim["status"], claim["total_pence"], more["corrects"]) == ("paid", 1500, claim["id"])
    (correction,) = claim["corrections"]
    assert (correction["because"], correction["status"], correction["difference"]) == (
        "register",
        "applied",
        more["id"],
    )
    assert council.balance() == {"fees": 2250, "bank:sandbox": -2250}
    assert overpayments(council) == []
    put_right(council, session_id, person_id, minutes=90)
    council.stage.settle()
    assert paid_in_all(council, person_id) == 2250
    in_order(council)


def test_fewer_minutes_are_an_overpayment_and_take_nothing(council: Council) -> None:
    session_id, person_id = paid_for(council)
    put_right(council, session_id, person_id, minutes=40)
    (found,) = overpayments(council)
    assert (found["part"], found["over_pence"], found["status"]) == ("fee", 500, "noted")
    assert found["noticed_by"].startswith("key:")
    assert first(council, session_id)["overpaid_pence"] == 500
    assert council.balance() == {"fees": 1000, "overpayments": 500, "bank:sandbox": -1500}
    council.ticked("meeting", role="member")
    council.stage.settle()
    assert paid_in_all(council, person_id) == 1500
    in_order(council)


@pytest.mark.parametrize(
    ("minutes", "paid", "over"),
    [
        ((90, 120), 3000, 0),
        ((90, 30), 2250, 1500),
        ((30, 90), 2250, 0),
        ((30, 60), 1500, 0),
        ((120, 30, 90, 150), 3750, 0),
    ],
)
def test_corrections_one_after_another_sum_right(
    council: Council, minutes: tuple[int, ...], paid: int, over: int
) -> None:
    session_id, person_id = paid_for(council)
    for each in minutes:
        put_right(council, session_id, person_id, minutes=each)
    council.stage.settle()
    assert paid_in_all(council, person_id) == paid
    assert sum(row["over_pence"] for row in overpayments(council)) == over
    in_order(council)
