"""Does a policy live as it should: drafted, checked, tried, published by two, then followed?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.days import london_day, utc_now
from service.reports import simulation
from tests.stage import Council, Stage, refused, told

EXAMPLESHIRE = Path("policies/councils/exampleshire.yaml").read_text()
RATE = """
amounts:
  online_rate:
    name: Online rate, an hour
    clause: "E5"
    values:
      2025-04-01: £15.00
      2026-04-01: £16.50
"""
BEFORE = """
  - name: An hour online, the year before
    facts: {activity: over_a_brew, role: participant, on: 2025-05-12, minutes: 1h}
    expect: {fee: £15.00}
    worked: An hour.
"""

# A limit that rests on a figure which is only inferred.
LIMIT = """
counters:
  week_fee: {name: Fees this week, counts: fee, each: week}
limits:
  week:
    clause: "E8"
    sentence: "At most {at_most} in a week."
    counter: week_fee
    at_most: earnings_limit.permitted_work
    beyond: needs a person
"""


def text(*, rate: str = RATE, version: str = "1.1", starts: str = "2025-04-01") -> str:
    """Exampleshire with a better rate online. Its examples are worked anew."""
    found = EXAMPLESHIRE.replace('version: "1.0"', f'version: "{version}"')
    found = found.replace("effective_from: 2025-04-01", f"effective_from: {starts}")
    found = found.replace(
        "fee: £15.50, expenses: £15.00, total: £30.50", "fee: £16.50, expenses: £15.00, total: £31.50"
    )
    return found.replace("\nexamples:", f"{rate}\nexamples:{BEFORE}")


def drafted(council: Council, given: str | None = None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = told(council.lead.post("policies", {"text": given or text(), **more}), 201)
    return found


def tried(council: Council, draft: dict[str, Any], **period: str) -> dict[str, Any]:
    found: dict[str, Any] = told(council.lead.post(f"policies/{draft['id']}/simulations", period), 201)
    return found


def online_fee(council: Council) -> int:
    facts = {
        "activity": "over_a_brew",
        "role": "participant",
        "on": str(london_day(utc_now())),
        "minutes": 60,
    }
    fee: int = told(council.lead.post("assessments", facts))["fee_pence"]
    return fee


def events_of(stage: Stage) -> list[str]:
    with stage.admin() as line:
        query = "SELECT name FROM events WHERE name LIKE 'policy.%' ORDER BY id"
        return [name for (name,) in line.execute(query).fetchall()]


def test_a_draft_is_tried_and_published_by_a_second_person(stage: Stage) -> None:
    council = stage.council()
    council.ticked()
    stage.drain()
    draft = drafted(council, by="ada")
    assert (draft["state"], draft["faults"], draft["published_at"]) == ("draft", [], None)
    assert {
        "This is version 1.1. It was version 1.0.",
        "From 1 April 2026 online rate rises from £15.50 to £16.50 an hour.",
    } <= {change["sentence"] for change in draft["changes"]}
    found = tried(council, draft)
    assert (found["status"], found["hash"]) == ("done", draft["hash"])
    assert (found["answer"]["claims"], found["answer"]["difference_pence"]) == (1, 100)
    assert found["answer"]["winners"] == {"people": 1, "pence": 100}
    assert "1 person would gain, £1.00 in all." in found["sentences"]
    assert told(council.lead.get(f"policies/{draft['id']}"))["state"] == "simulated"
    assert online_fee(council) == 1550
    owner = council.key("policy_owner")
    answer = told(owner.post(f"policies/{draft['id']}/publish", {"by": "bo", "hash": draft["hash"]}))
    assert (answer["id"], answer["state"], answer["effective_from"]) == (
        draft["id"],
        "published",
        "2025-04-01",
    )
    assert online_fee(council) == 1650
    rows = told(council.lead.get("policies"))["data"]
    assert [(row["version"], row["state"]) for row in rows] == [("1.1", "published"), ("1.0", "superseded")]
    assert told(council.lead.get("policies/in_force"))["id"] == draft["id"]
    again = told(owner.post(f"policies/{draft['id']}/publish", {"by": "bo"}))
    assert again == answer
    names = [
        "policy.adopted",
        "policy.drafted",
        "policy.simulation_begun",
        "policy.simulated",
        "policy.published",
    ]
    assert events_of(stage) == names


def test_the_live_policy_tried_on_its_own_claims_changes_nothing(stage: Stage) -> None:
    council = stage.council()
    council.ticked()
    stage.drain()
    live = told(council.lead.get("policies/in_force"))
    answer = tried(council, live)["answer"]
    assert (answer["claims"], answer["moved"], answer["difference_pence"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("author", "publisher", "status"),
    [("ada", "bo", 200), ("ada", "ADA ", 403), ("ada", "", 403), ("", "bo", 403), ("", "", 403)],
)
def test_one_key_needs_two_people(stage: Stage, author: str, publisher: str, status: int) -> None:
    council = stage.council()
    draft = drafted(council, by=author)
    tried(council, draft)
    answer = council.lead.post(f"policies/{draft['id']}/publish", {"by": publisher})
    assert answer.status_code == status
    assert (told(council.lead.get(f"policies/{draft['id']}"))["state"] == "published") is (status == 200)


def test_only_what_was_tried_can_be_published(stage: Stage) -> None:
    council = stage.council()
    owner = council.key("policy_owner")
    draft = drafted(council)
    problem = refused(owner.post(f"policies/{draft['id']}/publish", {}), 409)
    assert problem["title"] == "This draft has not been tried on past claims"
    other = drafted(council, text(version="1.2"))
    tried(council, other)
    refused(owner.post(f"policies/{draft['id']}/publish", {}), 409)
    tried(council, draft)
    refused(owner.post(f"policies/{draft['id']}/publish", {"hash": other["hash"]}), 422, "/hash")
    assert told(council.lead.get("policies/in_force"))["version"] == "1.0"
    told(owner.post(f"policies/{draft['id']}/publish", {}))
    same = drafted(council)
    tried(council, same)
    refused(owner.post(f"policies/{same['id']}/publish", {}), 409)


def test_a_draft_with_mistakes_is_kept_and_cannot_be_published(stage: Stage) -> None:
    council = stage.council()
    owner = council.key("policy_owner")
    broken = drafted(council, text(rate=RATE.replace("£16.50", "0.45 p")))
    (fault,) = broken["faults"]
    assert fault["what"] == "'0.45 p' is a part of one penny."
    assert (fault["clause"], fault["file"]) == ("E5", "councils/exampleshire.yaml")
    assert council.lead.post(f"policies/{broken['id']}/simulations", {}).status_code == 422
    failing = drafted(council, text().replace("total: £31.50", "total: £31.49"))
    assert "expects total £31.49" in failing["faults"][0]["what"]
    assert tried(council, failing)["status"] == "done"
    problem = told(owner.post(f"policies/{failing['id']}/publish", {}), 422)
    assert problem["title"] == "This policy has mistakes"
    assert "expects total £31.49" in problem["errors"][0]["detail"]
    for nonsense in ("- not a policy", "policy: {extends: region/nowhere@1.0}", "a: &a [*a]"):
        assert drafted(council, nonsense)["faults"]


def test_a_base_is_found_and_pinned(stage: Stage) -> None:
    council = stage.council()
    (fault,) = drafted(council, text().replace("middleshire@1.0", "middleshire@9.9"))["faults"]
    assert fault["what"] == "This builds on version 9.9, but the base there is version 1.0."


def test_it_counts_from_a_later_day_and_never_before_its_own(stage: Stage) -> None:
    council = stage.council()
    owner = council.key("policy_owner")
    today = london_day(utc_now())
    draft = drafted(council)
    tried(council, draft)
    path = f"policies/{draft['id']}/publish"
    refused(owner.post(path, {"effective_from": "2025-03-31"}), 422, "/effective_from")
    tomorrow = str(today + timedelta(days=1))
    assert told(owner.post(path, {"effective_from": tomorrow}))["effective_from"] == tomorrow
    assert online_fee(council) == 1550
    assert told(council.lead.get("policies/in_force"))["version"] == "1.0"
    assert told(council.lead.get("policies/in_force", on=tomorrow))["version"] == "1.1"
    states = {row["version"]: row["state"] for row in told(council.lead.get("policies"))["data"]}
    assert states == {"1.1": "published", "1.0": "published"}


def test_many_claims_are_left_to_a_task(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    council = stage.council()
    council.ticked()
    stage.drain()
    monkeypatch.setattr(simulation, "AT_ONCE", 0)
    draft = drafted(council)
    answer = council.lead.post(f"policies/{draft['id']}/simulations", {})
    asked = told(answer, 202)
    where = answer.headers["Location"]
    assert where == f"/v1/policies/{draft['id']}/simulations/{asked['id']}"
    assert (asked["status"], asked["answer"]) == ("waiting", None)
    refused(council.key("policy_owner").post(f"policies/{draft['id']}/publish", {}), 409)
    stage.drain()
    found = told(council.lead.get(where))
    assert (found["status"], found["answer"]["difference_pence"]) == ("done", 100)
    other = drafted(council, text(version="1.3"))
    refused(council.lead.get(f"policies/{other['id']}/simulations/{asked['id']}"), 404)


def test_a_period_runs_forwards(stage: Stage) -> None:
    council = stage.council()
    draft = drafted(council)
    period = {"since": "2026-05-02", "until": "2026-05-01"}
    refused(council.lead.post(f"policies/{draft['id']}/simulations", period), 422, "/until")


def test_a_dry_run_keeps_nothing(stage: Stage) -> None:
    council = stage.council()
    before = stage.picture()
    told(council.lead.post("policies", {"text": text()}, dry_run="true"), 201)
    assert stage.picture() == before
