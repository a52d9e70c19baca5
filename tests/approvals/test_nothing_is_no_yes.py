"""May somebody say yes to nothing? Such a claim would be agreed, and never paid."""

from __future__ import annotations

from tests.stage import Stage, refused, told


def test_open_lines_that_come_to_nothing_are_refused_and_not_approved(stage: Stage) -> None:
    council = stage.council()
    council.ticked("recruitment_panel", role="panel_member", minutes=120)
    stage.drain()
    claim = council.claim()
    assert (claim["status"], claim["total_pence"]) == ("needs_person", 0)
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    sums = [{"line": 0, "amount_pence": 0, "reason": "Nothing is due."}]
    before = stage.picture()
    answer = council.approver.post(f"claims/{claim['id']}/approve", {"sums": sums}, seen=seen)
    refused(answer, 422, "/sums")
    assert stage.picture() == before
    body = {"clause": "3.1", "reason": "Nothing is due."}
    assert told(council.approver.post(f"claims/{claim['id']}/refuse", body))["status"] == "refused"
