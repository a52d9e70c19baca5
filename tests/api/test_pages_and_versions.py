"""Can a list be read to its end while it grows, and does nobody write over what they have not seen?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.approvals import actions as approvals
from service.claims import queries as claims
from service.days import utc_now
from service.events import Actor
from tests.stage import Council, Stage, refused, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council(rail="finance_system")


def read_all(council: Council, path: str, *, limit: int, meanwhile: Callable[[], Any] = int) -> list[str]:
    """Every id of a list, read in pages; `meanwhile` is done between two pages."""
    found: list[str] = []
    cursor = None
    while True:
        page = told(council.lead.get(path, limit=limit, **({"cursor": cursor} if cursor else {})))
        assert set(page) == {"data", "next_cursor"}
        assert len(page["data"]) <= limit
        found += [row["id"] for row in page["data"]]
        if (cursor := page["next_cursor"]) is None:
            return found
        assert len(page["data"]) == limit
        meanwhile()


def claims_of(council: Council, count: int) -> str:
    """A session with so many claims that were paid or wait for it. Answers it."""
    session_id = council.session()
    people = [council.person(f"Person {n}") for n in range(count)]
    told(council.tick(session_id, *people, role="participant"))
    council.stage.drain()
    return session_id


@pytest.mark.parametrize("path", ["people", "sessions", "claims", "payments", "ledger/entries"])
def test_reads_every_row_once(council: Council, path: str) -> None:
    claims_of(council, 5)
    for n in range(4):
        council.session(title=f"Session {n}")
    finance = council.key("finance")
    for payment in council.payments():
        body = {"bank_reference": "B", "paid_on": utc_now().date().isoformat()}
        told(finance.post(f"payments/{payment['id']}/paid", body))
    for limit in (1, 2, 5, 100):
        found = read_all(council, path, limit=limit)
        # Each claim was owed, and then paid.
        assert len(found) == len(set(found)) == (10 if path == "ledger/entries" else 5)


@pytest.mark.parametrize("path", ["people", "sessions"])
def test_a_list_that_grows_is_read_to_its_end_without_a_gap(council: Council, path: str) -> None:
    grow = council.person if path == "people" else council.session
    first = [grow() for _ in range(4)]
    added: list[str] = []

    def meanwhile() -> None:
        if len(added) < 3:
            added.append(grow())

    assert read_all(council, path, limit=2, meanwhile=meanwhile) == first + added


def test_what_changes_while_a_list_is_read_comes_again_and_nothing_is_missed(council: Council) -> None:
    session_id = claims_of(council, 4)
    people = [row["person"] for row in told(council.lead.get("claims"))["data"]]

    def meanwhile() -> None:
        council.tick(session_id, people[0], attended=False)
        council.stage.drain()

    found = read_all(council, "claims", limit=2, meanwhile=meanwhile)
    first = told(council.lead.get("claims", person=people[0]))["data"][0]["id"]
    assert len(set(found)) == 4
    assert found.count(first) == 2


def test_follows_what_changed_since_a_moment(council: Council) -> None:
    session_id = claims_of(council, 3)
    before = utc_now().isoformat()
    assert told(council.lead.get("claims", since=before))["data"] == []
    person_id = told(council.lead.get("claims"))["data"][0]["person"]
    council.tick(session_id, person_id, attended=False)
    council.stage.drain()
    (changed,) = told(council.lead.get("claims", since=before))["data"]
    assert (changed["person"], changed["status"]) == (person_id, "withdrawn")


def test_finds_by_status_person_session_and_rail(council: Council) -> None:
    session_id = claims_of(council, 2)
    person_id = council.payments()[0]["person"]
    assert len(told(council.lead.get("claims", status="approved", session=session_id))["data"]) == 2
    assert len(told(council.lead.get("claims", status="approved", person=person_id))["data"]) == 1
    assert told(council.lead.get("claims", status="paid"))["data"] == []
    assert len(council.payments(status="ready", rail="finance_system")) == 2
    assert council.payments(rail="sandbox") == []
    refused(council.lead.get("claims", status="nonsense"), 422, "/query/status")
    refused(council.lead.get("payments", status="nonsense"), 422, "/query/status")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.5"])
def test_refuses_a_page_that_is_no_page(council: Council, limit: str) -> None:
    refused(council.lead.get("people", limit=limit), 422, "/query/limit")


def test_refuses_a_cursor_that_it_never_gave(council: Council) -> None:
    claims_of(council, 2)
    of_people = told(council.lead.get("people", limit=1))["next_cursor"]
    for cursor in ("x", "W10=", "bnVsbA==", "WyIiLCIiXQ==", of_people):
        refused(council.lead.get("claims", cursor=cursor), 422, "/query/cursor")


def waiting(council: Council) -> tuple[str, str]:
    """A claim that waits for a person, and the version that was just read."""
    session_id = council.ticked("practice_review", role="team_member", minutes=300)
    council.stage.drain()
    claim_id = council.claim(session=session_id)["id"]
    return claim_id, council.lead.get(f"claims/{claim_id}").headers["ETag"]


def test_approves_only_what_was_seen(council: Council) -> None:
    claim_id, seen = waiting(council)
    before = council.stage.picture()
    approve = f"claims/{claim_id}/approve"
    assert refused(council.approver.post(approve, {}), 428)["type"].endswith(":version-needed")
    assert refused(council.approver.post(approve, {}, seen='"0-waiting"'), 412)["type"].endswith(":moved")
    assert council.stage.picture() == before
    assert told(council.approver.post(approve, {}, seen=seen))["status"] == "approved"


def test_any_one_of_several_versions_will_do(council: Council) -> None:
    claim_id, seen = waiting(council)
    several = f'"0-other", {seen}'
    assert told(council.approver.post(f"claims/{claim_id}/approve", {}, seen=several))["status"] == "approved"


def test_a_question_and_its_answer_are_a_change_to_be_seen(council: Council) -> None:
    claim_id, seen = waiting(council)
    told(council.approver.post(f"claims/{claim_id}/ask", {"question": "Which day?"}, seen=seen))
    with council.stage.hands.db.council(council.id) as session:
        person = Actor("person", claims.get(session, council_id=council.id, claim_id=claim_id).person_id)
        key = {"council_id": council.id, "claim_id": claim_id}
        approvals.answer(session, **key, actor=person, words="The first.", now=utc_now())
    answered = council.lead.get(f"claims/{claim_id}")
    assert told(answered)["status"] == "waiting"
    refused(council.approver.post(f"claims/{claim_id}/approve", {}, seen=seen), 412)
    told(council.approver.post(f"claims/{claim_id}/approve", {}, seen=answered.headers["ETag"]))


def test_edits_only_what_was_seen(council: Council) -> None:
    claim_id, seen = waiting(council)
    before = council.stage.picture()
    refused(council.lead.patch(f"claims/{claim_id}", {"expenses": []}), 428)
    refused(council.lead.patch(f"claims/{claim_id}", {"expenses": []}, seen='"9-x"'), 412)
    assert council.stage.picture() == before
    told(council.lead.patch(f"claims/{claim_id}", {"expenses": []}, seen=seen))


def test_releases_only_what_was_seen(council: Council) -> None:
    council.ticked()
    council.stage.drain()
    (payment,) = council.payments()
    path = f"payments/{payment['id']}"
    ready = council.lead.get(path).headers["ETag"]
    held = council.lead.post(f"{path}/hold", seen=ready)
    assert told(held)["status"] == "held"
    before = council.stage.picture()
    refused(council.lead.post(f"{path}/release"), 428)
    refused(council.lead.post(f"{path}/release", seen=ready), 412)
    assert council.stage.picture() == before
    released = council.lead.post(f"{path}/release", seen=held.headers["ETag"])
    assert told(released)["status"] == "ready"
    refused(council.lead.post(f"{path}/hold", seen=ready), 412)


def test_a_day_and_a_moment_are_written_as_promised(council: Council) -> None:
    council.ticked()
    council.stage.drain()
    (payment,) = council.payments()
    assert payment["currency"] == "GBP"
    assert payment["created_at"].endswith(("Z", "+00:00"))
    assert payment["id"].startswith("pay_")
    assert payment["paid_on"] is None
    made = datetime.fromisoformat(payment["created_at"])
    assert utc_now() - timedelta(minutes=1) < made < utc_now()
