"""Who may call, how often, and what does every answer carry?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service import schema
from service.app import create_app
from service.councils import keys
from service.councils.model import SCOPES_OF_ROLE
from service.events import SYSTEM
from service.settings import Settings
from service.tasks import hands as in_use
from service.tasks import housekeeping
from tests.servers import Broker
from tests.stage import Council, Door, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def test_refuses_a_call_without_a_key(council: Council) -> None:
    for key in ("", "rcp_test_nobody"):
        answer = Door(council.stage.app, key).get("people")
        assert refused(answer, 401)["type"] == "urn:reciprocal:problem:not-signed-in"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_refuses_a_key_that_has_ended(council: Council) -> None:
    refused(council.key("lead", lives=timedelta(0)).get("people"), 401)


def test_a_key_can_be_ended_while_its_successor_works(council: Council) -> None:
    told(council.lead.get("people"))
    with council.stage.admin() as line:
        ((key_id,),) = line.execute("SELECT id FROM api_keys WHERE roles = '{lead}'").fetchall()
    successor = council.key("lead")
    with council.stage.hands.db.council(council.id) as session:
        keys.end(session, council_id=council.id, key_id=key_id, actor=SYSTEM, now=council.stage.clock())
    refused(council.lead.get("people"), 401)
    told(successor.get("people"))


def test_keeps_no_key_only_its_hash(council: Council) -> None:
    everything = str(council.stage.picture())
    for door in council.doors.values():
        assert door.key.startswith("rcp_test_")
        assert door.key not in everything


@pytest.mark.parametrize(
    ("role", "path"),
    [("finance", "people"), ("ops", "payments"), ("lead", "queues"), ("approver", "ledger/entries")],
)
def test_refuses_a_key_without_the_scope(council: Council, role: str, path: str) -> None:
    scope = path.partition("/")[0] + ":read"
    assert scope not in SCOPES_OF_ROLE[role]
    assert scope in refused(council.doors[role].get(path), 403)["detail"]


def test_counts_the_calls_of_each_key_apart(stage: Stage, settings: Settings) -> None:
    council = stage.council()
    few = create_app(replace(settings, rate_limit="3 per minute"))
    lead, approver = (Door(few, council.doors[role].key) for role in ("lead", "approver"))
    for _ in range(3):
        fine = lead.get("people")
        told(fine)
        assert "Retry-After" not in fine.headers
    over = lead.get("people")
    assert refused(over, 429)["type"] == "urn:reciprocal:problem:too-many-requests"
    assert 0 < int(over.headers["Retry-After"]) <= 60
    told(approver.get("people"))


def test_goes_on_without_the_counter(stage: Stage, settings: Settings, broker: Broker) -> None:
    council = stage.council()
    lead = Door(create_app(replace(settings, rate_limit="1000 per hour")), council.lead.key)
    broker.kill()
    told(lead.get("people"))


def test_every_answer_names_its_request(council: Council) -> None:
    given = council.lead.send("GET", "people", headers={"X-Request-Id": "abcdefgh-1"})
    assert given.headers["X-Request-Id"] == "abcdefgh-1"
    made_up = council.lead.send("GET", "people", headers={"X-Request-Id": "<script>"})
    assert made_up.headers["X-Request-Id"].startswith("req_")


def test_the_request_id_stands_on_every_event_that_followed(council: Council) -> None:
    session_id, person_id = council.session(), council.person()
    council.invited(session_id, person_id)
    entries = {"entries": [{"person": person_id, "attended": True}]}
    council.lead.send(
        "PUT", f"sessions/{session_id}/register", entries, headers={"X-Request-Id": "register-1"}
    )
    council.stage.drain()
    query = "SELECT name FROM events WHERE request_id = 'register-1' ORDER BY id"
    with council.stage.admin() as line:
        followed = [name for (name,) in line.execute(query).fetchall()]
    assert followed[:4] == ["register.ticked", "claim.submitted", "claim.approved", "payout.ready"]
    assert followed[-1] == "notice.written"
    assert "claim.paid" in followed


def test_an_address_that_is_none_is_a_problem_too(council: Council) -> None:
    assert refused(council.lead.get("nothing"), 404)["title"] == "Not Found"
    wrong = council.lead.send("DELETE", "people")
    assert refused(wrong, 405)["title"] == "Method Not Allowed"
    assert set(wrong.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_says_that_it_lives_and_that_it_can_work(stage: Stage, broker: Broker) -> None:
    door = Door(stage.app, "")
    assert told(door.get("/healthz")) == {"status": "ok"}
    idle = {"status": "ok", "database": "ok", "queue": "ok", "work": "waiting", "books": "ok"}
    assert told(door.get("/readyz")) == idle
    in_use.use(stage.hands)
    housekeeping.sweep_payouts()
    assert told(door.get("/readyz")) == idle | {"work": "ok"}
    broker.kill()
    waiting = told(door.get("/readyz"), 503)
    assert (waiting["status"], waiting["database"]) == ("waiting", "ok")
    assert waiting["queue"].startswith("out of reach")
    told(door.get("/healthz"))


def test_is_not_ready_when_the_tables_are_not_of_this_code(stage: Stage) -> None:
    with stage.admin() as line:
        line.execute("UPDATE alembic_version SET version_num = '0000'")
        try:
            waiting = told(Door(stage.app, "").get("/readyz"), 503)
        finally:
            line.execute("UPDATE alembic_version SET version_num = %s", (schema.head(),))
    assert waiting["database"] == f"at 0000, this code needs {schema.head()}"


def test_tells_how_much_waits_behind_each_queue(council: Council) -> None:
    council.ticked()
    stage = council.stage
    stage.drain()
    quiet = Door(stage.app, "").get("/metrics").get_data(as_text=True)
    assert 'reciprocal_queue_jobs{queue="claims",state="waiting"} 0.0' in quiet
    assert 'reciprocal_queue_pence{queue="payouts"} 0.0' in quiet
    assert 'reciprocal_requests_total{door="api",method="PUT",status="200"}' in quiet
    assert {row["queue"] for row in told(council.ops.get("queues"))["data"]} == {
        "claims",
        "approvals",
        "payouts",
        "notices",
        "housekeeping",
    }
