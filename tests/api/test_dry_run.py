"""Does a dry run answer in full and leave no trace?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.days import london_day, utc_now
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council(rail="finance_system")


def unchanged(council: Council, before: dict[str, list[str]]) -> bool:
    """Nothing at all was written: no row, no event, no kept answer."""
    return council.stage.picture() == before


def test_tries_a_claim(council: Council) -> None:
    person_id = council.person()
    body: dict[str, Any] = {
        "person": person_id,
        "facts": {
            "activity": "advisory_network",
            "role": "member",
            "on": london_day(utc_now()).isoformat(),
            "minutes": 120,
        },
        "expenses": [{"category": "bus", "amount_pence": 410, "receipt": True}],
    }
    before = council.stage.picture()
    tried = told(council.lead.send("POST", "claims", body, query={"dry_run": "true"}), 201)
    assert unchanged(council, before)
    assert (tried["status"], tried["total_pence"]) == ("submitted", 4010)
    assert [line["outcome"] for line in tried["assessment"]["lines"]] == ["payable", "payable"]
    refused(council.lead.get(f"claims/{tried['id']}"), 404)
    done = told(council.lead.post("claims", body), 201)
    assert done["assessment"] == tried["assessment"]


def test_tries_every_answer_to_a_claim(council: Council) -> None:
    session_id = council.ticked("practice_review", role="team_member", minutes=300)
    council.stage.drain()
    claim = council.claim(session=session_id)
    assert claim["status"] == "waiting"
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    before = council.stage.picture()
    for verb, body, status in (
        ("approve", {}, "approved"),
        ("refuse", {"clause": "3.1", "reason": "Not this time."}, "refused"),
        ("ask", {"question": "Which day?"}, "asked"),
        ("withdraw", {}, "withdrawn"),
    ):
        path = f"claims/{claim['id']}/{verb}"
        tried = told(council.lead.send("POST", path, body, seen=seen, query={"dry_run": "true"}))
        assert tried["status"] == status
        assert unchanged(council, before), verb
    refused(council.lead.send("POST", f"claims/{claim['id']}/approve", {}, query={"dry_run": "true"}), 428)


def test_tries_every_verb_of_a_payment(council: Council) -> None:
    council.ticked()
    council.stage.drain()
    (payment,) = council.payments()
    everything = council.key("lead", "finance")
    seen = council.lead.get(f"payments/{payment['id']}").headers["ETag"]
    before = council.stage.picture()
    paid = {"bank_reference": "B1", "paid_on": london_day(utc_now()).isoformat()}
    for verb, body, status in (("hold", None, "held"), ("cancel", None, "cancelled"), ("paid", paid, "paid")):
        path = f"payments/{payment['id']}/{verb}"
        tried = told(everything.send("POST", path, body, seen=seen, query={"dry_run": "true"}))
        assert tried["status"] == status
        assert unchanged(council, before), verb
    assert council.balance() == {"fees": 1550, "creditors": -1550}


def test_a_dry_run_uses_no_idempotency_key_up(council: Council) -> None:
    body = {"name": "Ada Example"}
    told(council.lead.post("people", body, once="k", dry_run="true"), 201)
    done = council.lead.post("people", body, once="k")
    assert "Idempotent-Replayed" not in done.headers
    assert [row["id"] for row in told(council.lead.get("people"))["data"]] == [told(done, 201)["id"]]


def test_refuses_a_word_that_may_have_meant_yes(council: Council) -> None:
    before = council.stage.picture()
    for word in ("1", "yes", "on", ""):
        answer = council.lead.post("people", {"name": "Ada Example"}, dry_run=word)
        refused(answer, 422, "/query/dry_run")
    assert unchanged(council, before)
    told(council.lead.post("people", {"name": "Ada Example"}, dry_run="false"), 201)
    assert not unchanged(council, before)


def test_a_dry_run_is_refused_like_the_call_itself(council: Council) -> None:
    later = (london_day(utc_now()) + timedelta(days=1)).isoformat()
    council.ticked()
    council.stage.drain()
    (payment,) = council.payments()
    body = {"bank_reference": "B1", "paid_on": later}
    path = f"payments/{payment['id']}/paid"
    before = council.stage.picture()
    refused(council.finance.send("POST", path, body, query={"dry_run": "true"}), 422, "/paid_on")
    assert unchanged(council, before)
