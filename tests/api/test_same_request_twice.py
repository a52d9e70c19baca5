"""Is the same request, sent again, one effect and one answer?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import text

from service.days import utc_now
from service.tasks import hands, housekeeping
from tests.stage import Council, Door, Stage, refused, told

ADA = {"name": "Ada Example"}


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def kept(stage: Stage) -> int:
    return len(stage.picture()["kept_answers"])


def test_gives_the_first_answer_again_and_does_nothing(council: Council) -> None:
    first = council.lead.post("people", ADA, once="k")
    before = council.stage.picture()
    again = council.lead.post("people", ADA, once="k")
    assert told(again, 201) == told(first, 201)
    assert again.get_data() == first.get_data()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert council.stage.picture() == before


def test_gives_the_first_etag_again(council: Council) -> None:
    body = {"person": council.person(), "facts": {"activity": "over_a_brew", "role": "participant"}}
    body["facts"] |= {"on": utc_now().date().isoformat(), "minutes": 60, "online": True}
    first = council.lead.post("claims", body, once="k")
    council.stage.drain()
    again = council.lead.post("claims", body, once="k")
    assert told(again, 201)["status"] == "submitted"
    assert again.headers["ETag"] == first.headers["ETag"]


def test_refuses_the_key_for_another_request(council: Council) -> None:
    person_id = told(council.lead.post("people", ADA, once="k"), 201)["id"]
    offer = {"person": person_id, "role": "participant"}
    before = council.stage.picture()
    for answer in (
        council.lead.post("people", {"name": "Bo Example"}, once="k"),
        council.lead.post(f"sessions/{person_id}/offers", offer, once="k"),
    ):
        assert refused(answer, 422)["type"] == "urn:reciprocal:problem:key-reused"
    assert council.stage.picture() == before


def test_the_scope_is_the_council_not_the_key(council: Council) -> None:
    first = told(council.lead.post("people", ADA, once="k"), 201)
    colleague = council.key("lead").post("people", ADA, once="k")
    assert told(colleague, 201) == first
    assert colleague.headers["Idempotent-Replayed"] == "true"
    stranger = council.stage.council("demoford").lead.post("people", ADA, once="k")
    assert told(stranger, 201)["id"] != first["id"]
    assert "Idempotent-Replayed" not in stranger.headers


@pytest.mark.parametrize("once", ["", " ", "x" * 256])
def test_refuses_to_write_without_a_fit_key(council: Council, once: str) -> None:
    before = council.stage.picture()
    answer = council.lead.send("POST", "people", ADA, headers={"Idempotency-Key": once})
    refused(answer, 422, "/Idempotency-Key")
    assert council.stage.picture() == before


def test_keeps_no_answer_but_those_of_success(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    before = kept(council.stage)
    offer = {"person": person_id, "role": "nobody"}
    refused(council.lead.post(f"sessions/{session_id}/offers", offer, once="k"), 422, "/role")
    refused(council.lead.post("sessions/ses_none/offers", offer, once="k"), 404)
    refused(council.approver.post("people", ADA, once="k"), 403)
    assert kept(council.stage) == before
    told(council.lead.post("people", ADA, once="k"), 201)
    assert kept(council.stage) == before + 1


def test_forgets_after_thirty_days(council: Council) -> None:
    lead = council.key("lead", lives=timedelta(days=365))
    first = told(lead.post("people", ADA, once="k"), 201)
    with time_machine.travel(utc_now() + timedelta(days=29, hours=23)):
        assert told(lead.post("people", ADA, once="k"), 201) == first
    with time_machine.travel(utc_now() + timedelta(days=30, seconds=5)):
        anew = told(lead.post("people", ADA, once="k"), 201)
        assert anew["id"] != first["id"]
        assert told(lead.post("people", ADA, once="k"), 201) == anew


def test_the_housekeeper_drops_what_is_older_than_thirty_days(council: Council) -> None:
    told(council.lead.post("people", ADA), 201)
    hands.use(council.stage.hands)
    council.stage.clock.forward(timedelta(days=29))
    housekeeping.forget_answers()
    assert kept(council.stage) == 1
    council.stage.clock.forward(timedelta(days=1, minutes=1))
    housekeeping.forget_answers()
    assert kept(council.stage) == 0


def test_says_at_once_that_the_same_request_is_still_running(council: Council) -> None:
    with council.stage.hands.db.council(council.id) as other:
        other.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 1))"), {"name": f"{council.id}:k"}
        )
        answer = council.lead.post("people", ADA, once="k")
        assert refused(answer, 409)["type"] == "urn:reciprocal:problem:still-running"
    told(council.lead.post("people", ADA, once="k"), 201)
    assert len(told(council.lead.get("people"))["data"]) == 1


def test_many_at_once_are_one_effect(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    offer_id = council.offer(session_id, person_id)

    def accept(_: int) -> Any:
        return council.lead.post(f"offers/{offer_id}/accept", {}, once="k")

    with ThreadPoolExecutor(8) as several:
        answers = list(several.map(accept, range(24)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    done = [answer for answer in answers if answer.status_code == 200]
    assert len([a for a in done if "Idempotent-Replayed" not in a.headers]) == 1
    assert len({answer.get_data() for answer in done}) == 1
    with council.stage.admin() as line:
        said = line.execute("SELECT count(*) FROM events WHERE name = 'offer.accepted'").fetchone()
    assert said == (1,)


def test_every_call_that_writes_by_post_asks_for_a_key(council: Council) -> None:
    """But for the one that only answers a question. The list comes from the URL map."""
    stage = council.stage
    everything = council.key("lead", "approver", "finance", "ops")
    without = Door(stage.app, everything.key)
    asked = {}
    for rule in stage.app.url_map.iter_rules():
        if rule.rule.startswith("/v1/") and "POST" in (rule.methods or set()):
            path = rule.rule.replace("<", "").replace(">", "")
            problem = without.send("POST", path, {}).json
            asked[rule.rule] = [fault["pointer"] for fault in problem.get("errors", [])]
    assert {rule for rule, pointers in asked.items() if pointers != ["/Idempotency-Key"]} == {
        "/v1/assessments"
    }
