"""What does one version of a policy make of what another counts, and of a policy that counts nothing?"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import event

from service.policy.engine import read_policy
from service.reports import simulation
from tests.allowances.counting import adopt, at, came, counting, offered, sources, stands
from tests.stage import Stage, told

STRICT = """
counters: {week_talks: {name: Talks in a week, counts: activities, each: week}}
limits: {week: {clause: "W", sentence: Two., counter: week_talks, at_most: 2 times, beyond: not payable}}
"""
HOURS = "counters: {year_hours: {name: Hours in a tax year, counts: hours, each: tax year}}"


def test_a_promise_under_an_older_policy_is_kept_and_counted_in_both(stage: Stage) -> None:
    council = counting(stage, HOURS)
    ada, session_id = council.person(), at(council, "2026-05-12")
    offer = offered(council, session_id, ada)
    told(council.lead.post(f"offers/{offer['id']}/accept", {}))
    adopt(council, STRICT, rate="£15.00", starts="2026-05-01")
    claim = came(council, session_id, ada)
    assert claim["total_pence"] == 2000
    assert claim["assessment"]["facts"].get("used") is None
    assert stands(council, ada, "2026-05-12") == {"week_talks": (0, 1), "year_hours": (0, 60)}
    told(council.lead.get(f"claims/{claim['id']}"))


def test_a_draft_that_counts_nothing_reads_what_was_told_to_one_that_counts(stage: Stage) -> None:
    council = counting(stage, STRICT)
    ada = council.person()
    for day in (11, 12, 13):
        came(council, at(council, f"2026-05-{day}"), ada)
    draft = read_policy(sources(HOURS, starts="2025-06-01"))
    with stage.hands.db.council(council.id) as session:
        found = simulation.simulate(
            session, council_id=council.id, draft=draft, since=date(2026, 5, 1), until=date(2026, 5, 31)
        )
    assert found["not_read"]["claims"] == 0
    assert (found["claims"], found["before_pence"], found["after_pence"]) == (2, 4000, 4000)


def test_a_policy_that_counts_nothing_asks_nothing(stage: Stage) -> None:
    council = stage.council()
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    engines = [stage.hands.db.engine, stage.app.extensions["db"].engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        session_id = council.ticked()
        stage.drain()
        person_id = council.claim(session=session_id)["person"]
        told(council.tick(session_id, person_id, attended=False))
        told(council.lead.post(f"offers/{council.invited(council.session(), person_id)}/decline"))
        stage.drain()
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    assert [one for one in asked if "allowance" in one] == []
    assert len(asked) > 50
