"""Does a remittance advice say what was paid, line by line, and come to what the ledger says?"""

from __future__ import annotations

from typing import Any

import pytest

from service.days import london_day, utc_now
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def advice(council: Council, payment: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = told(council.finance.get(f"payments/{payment['id']}/remittance_advice"))
    return found


def with_costs(council: Council) -> dict[str, Any]:
    person_id = council.person()
    facts = {"activity": "advisory_network", "role": "member", "minutes": 120}
    body = {
        "person": person_id,
        "facts": {**facts, "on": london_day(utc_now()).isoformat()},
        "expenses": [{"category": "bus", "amount_pence": 410, "receipt": True}],
    }
    claim = told(council.lead.post("claims", body), 201)
    council.stage.drain()
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    if told(council.lead.get(f"claims/{claim['id']}"))["status"] == "waiting":
        told(council.approver.post(f"claims/{claim['id']}/approve", {}, seen=seen))
        council.stage.drain()
    found: dict[str, Any] = told(council.lead.get(f"claims/{claim['id']}"))
    return found


def test_says_each_line_with_its_rule_and_comes_to_what_the_ledger_says(council: Council) -> None:
    claim = with_costs(council)
    (payment,) = claim["payments"]
    assert payment["status"] == "paid"
    found = advice(council, payment)
    assert sum(line["amount_pence"] for line in found["lines"]) == found["amount_pence"] == 4010
    said = [(line["what"], line["amount_pence"]) for line in found["lines"]]
    assert said == [("Time", 3600), ("Bus or tram", 410)]
    assert found["settled_pence"] == found["amount_pence"] == -council.balance()["bank:sandbox"]
    assert all(line["reasons"] and line["reasons"][0]["clause"] for line in found["lines"])
    assert (found["name"], found["council"]) == ("Ada Example", "Exampleshire")
    assert found["worked_on"] == london_day(utc_now()).isoformat()
    assert found["reference"] == payment["reference"]


def test_a_whole_day_comes_to_what_the_ledger_says(council: Council) -> None:
    for _ in range(3):
        council.ticked()
    council.stage.drain()
    today = london_day(council.stage.clock()).isoformat()
    found = told(council.finance.get("remittance_advices", paid_on=today))["data"]
    assert len(found) == 3
    assert sum(one["settled_pence"] for one in found) == -council.balance()["bank:sandbox"]
    one = told(council.finance.get("remittance_advices", paid_on=today, person=found[0]["person"]))["data"]
    assert one == [found[0]]
    assert told(council.finance.get("remittance_advices", paid_on="2020-01-01"))["data"] == []
    refused(council.finance.get("remittance_advices"), 422, "/query/paid_on")


def test_what_came_back_has_not_left(council: Council) -> None:
    session_id = council.ticked(account="00000003")
    council.stage.drain()
    council.stage.settle()
    (payment,) = council.claim(session=session_id)["payments"]
    found = advice(council, payment)
    assert (found["status"], found["settled_pence"]) == ("returned", 0)
    assert sum(line["amount_pence"] for line in found["lines"]) == payment["amount_pence"]


def test_less_that_was_taken_is_what_is_said(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    offer_id = council.offer(session_id, person_id)
    told(council.lead.post(f"offers/{offer_id}/accept", {"accept_pence": 500}))
    told(council.tick(session_id, person_id))
    council.stage.drain()
    (payment,) = council.claim(session=session_id)["payments"]
    found = advice(council, payment)
    assert found["amount_pence"] == 500
    assert sum(line["amount_pence"] for line in found["lines"]) == 500


def test_the_message_leads_to_it(council: Council) -> None:
    council.ticked()
    council.stage.drain()
    (payment,) = council.payments()
    with council.stage.admin() as line:
        row = line.execute("SELECT goes_to FROM notices WHERE name = 'payout.paid'").fetchone()
    assert row == (f"payments/{payment['id']}",)


def test_belongs_to_who_may_read_payments(council: Council) -> None:
    council.ticked()
    council.stage.drain()
    (payment,) = council.payments()
    refused(council.ops.get(f"payments/{payment['id']}/remittance_advice"), 403)
    other = council.stage.council("demoford")
    refused(other.finance.get(f"payments/{payment['id']}/remittance_advice"), 404)
