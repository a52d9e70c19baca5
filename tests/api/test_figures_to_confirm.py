"""May a live policy rest on a figure that nobody has looked up? Only once it is confirmed."""

from __future__ import annotations

from datetime import date
from typing import Any

from service.policy import queries, reading
from service.policy.engine import Policy
from service.policy.language.tree import read_tree
from tests.api.test_policy_life import LIMIT, drafted, text, tried
from tests.stage import Council, Stage, refused, told

OVER = """
  - name: Over the limit
    facts: {activity: over_a_brew, role: participant, on: 2026-05-12, minutes: 1h, used: {week_fee: £200.00}}
    expect: {outcome: needs_person, rules: [limits.week]}
    worked: £16.50 more is over the limit.
"""
SURE = "\nsure: {earnings_limit.permitted_work 2026-04-06: Read on gov.uk on 8 April 2026}\n"


def resting_on_an_inferred_figure(*, status: str, sure: str = "") -> str:
    found = text().replace("status: illustrative", f"status: {status}")
    return found.replace("\nexamples:", f"{LIMIT}{sure}\nexamples:").rstrip() + OVER


def test_an_inferred_figure_is_not_published_in_a_live_policy_until_it_is_confirmed(stage: Stage) -> None:
    council = stage.council()
    owner = council.key("policy_owner")
    draft = drafted(council, resting_on_an_inferred_figure(status="live"))
    (fault,) = draft["faults"]
    assert (fault["file"], fault["what"]) == (
        "reference/earnings-limits.yaml",
        "The value of 'earnings_limit.permitted_work' from 2026-04-06 is inferred or remembered, not read.",
    )
    assert (
        "write under sure: 'earnings_limit.permitted_work 2026-04-06: where you read it'" in fault["remedy"]
    )
    refused(owner.post(f"policies/{draft['id']}/publish", {}), 422, f"/text#line={fault['line']}")
    assert told(council.lead.get("policies/in_force"))["version"] == "1.0"
    assert drafted(council, resting_on_an_inferred_figure(status="illustrative"))["faults"] == []
    assert "At most £203.50 (to be confirmed) in a week." in said(council, draft)
    confirmed = drafted(council, resting_on_an_inferred_figure(status="live", sure=SURE))
    assert confirmed["faults"] == []
    tried(council, confirmed)
    assert told(owner.post(f"policies/{confirmed['id']}/publish", {}))["state"] == "published"
    assert "At most £203.50 in a week." in said(council, confirmed)


def said(council: Council, draft: dict[str, Any]) -> list[str]:
    """The sentences of a draft, with the figures of one day."""
    with council.stage.hands.db.council(council.id) as session:
        sources = queries.sources_of(session, council_id=council.id, policy_id=draft["id"])
    policy = Policy(sources, read_tree(sources))
    return [sentence for _, sentence in reading.clauses(policy, on=date(2026, 5, 12))]
