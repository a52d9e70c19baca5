"""Does a simulation say what a draft would have paid: nothing for the live policy, and only what it moves?"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from service.cli import main
from service.days import london_day, utc_now
from service.policy.engine import Policy, read_policy
from service.policy.sources import Sources
from service.reports import simulation, simulation_words
from tests.stage import Council, Stage, told

LIVE = Sources.from_path("policies/councils/exampleshire.yaml")
REGION = "region/middleshire.yaml"


def draft(**changes: str) -> Policy:
    """Exampleshire with figures of the region put in the place of others: `old: new`."""
    return read_policy(Sources(LIVE.main, {**LIVE.files, REGION: edited(**changes)}))


def edited(**changes: str) -> str:
    text = LIVE.files[REGION]
    for which, new in changes.items():
        old = {"online": "2026-04-01: £15.50", "chair": "2026-04-01: £25.00", "bus": "    kind: actual\n"}[
            which
        ]
        assert old in text
        text = text.replace(old, new, 1)
    return text


def simulate(council: Council, given: Policy, *, since: date | None = None) -> dict[str, Any]:
    today = london_day(utc_now())
    with council.stage.hands.db.council(council.id) as session:
        return simulation.simulate(
            session,
            council_id=council.id,
            draft=given,
            since=since or today - timedelta(days=30),
            until=today,
        )


def busy(stage: Stage) -> tuple[Council, str, str]:
    """Two people online for an hour at £15.50, one of them in the chair for two hours at £25.00 as well."""
    council = stage.council()
    ada, bo = council.person(), council.person("Bo Example")
    for activity, role, minutes, who in (
        ("over_a_brew", "participant", 60, ada),
        ("over_a_brew", "participant", 60, bo),
        ("making_it_real_board", "co_chair", 120, bo),
    ):
        session_id = council.session(activity, minutes=minutes)
        council.invited(session_id, who, role)
        told(council.tick(session_id, who))
    body = {
        "person": ada,
        "facts": {"activity": "over_a_brew", "on": str(london_day(utc_now())), "fee": False},
    }
    told(council.lead.post("claims", {**body, "expenses": [{"category": "bus", "amount_pence": 400}]}), 201)
    stage.drain()
    return council, ada, bo


def test_the_live_policy_against_itself_moves_nothing(stage: Stage) -> None:
    council, _, _ = busy(stage)
    answer = simulate(council, read_policy(LIVE))
    assert (answer["claims"], answer["moved"], answer["difference_pence"]) == (4, 0, 0)
    assert answer["before_pence"] == answer["after_pence"] == 1550 + 1550 + 5000 + 400
    assert answer["people"] == []
    assert answer["left_to_a_person"]["claims"] == answer["not_read"]["claims"] == 0


def test_one_changed_rate_moves_only_the_claims_that_used_it(stage: Stage) -> None:
    council, ada, bo = busy(stage)
    answer = simulate(council, draft(chair="2026-04-01: £26.50"))
    assert (answer["claims"], answer["moved"], answer["difference_pence"]) == (4, 1, 300)
    assert answer["winners"] == {"people": 1, "pence": 300}
    assert answer["losers"] == {"people": 0, "pence": 0}
    (person,) = answer["people"]
    assert (person["person"], person["before_pence"], person["after_pence"]) == (bo, 5000, 5300)
    (reason,) = person["reasons"]
    assert (reason["line"], reason["clause"], reason["difference_pence"]) == (
        "Making it Real board",
        "3.3",
        300,
    )
    assert reason["text"].startswith("Making it Real board: £53.00 instead of £50.00. We pay £26.50 an hour")
    moved = {row["activity"]: row["difference_pence"] for row in answer["activities"]}
    assert moved == {"making_it_real_board": 300, "over_a_brew": 0}
    assert ada not in json.dumps(answer)


def test_winners_and_losers_are_people_by_what_they_come_to_in_all(stage: Stage) -> None:
    council, ada, bo = busy(stage)
    answer = simulate(council, draft(chair="2026-04-01: £26.00", online="2026-04-01: £14.50"))
    assert {row["person"]: row["difference_pence"] for row in answer["people"]} == {ada: -100, bo: 100}
    assert answer["winners"] == {"people": 1, "pence": 100}
    assert answer["losers"] == {"people": 1, "pence": -100}
    assert simulation_words.sentences(answer)[1:4] == [
        "3 claims would come to another sum.",
        "1 person would gain, £1.00 in all.",
        "1 person would lose, £1.00 in all.",
    ]


def test_what_the_draft_leaves_to_a_person_is_no_loss(stage: Stage) -> None:
    council, _, _ = busy(stage)
    answer = simulate(council, draft(online="2026-04-01: {undecided: nobody has said yet.}"))
    assert (answer["claims"], answer["moved"], answer["difference_pence"]) == (2, 0, 0)
    left = answer["left_to_a_person"]
    assert (left["claims"], left["before_pence"]) == (2, 3100)
    assert "nobody has said yet" in left["reasons"][0]["text"]


def test_a_cost_that_the_draft_does_not_know_is_said(stage: Stage) -> None:
    council, _, _ = busy(stage)
    files = {**LIVE.files, LIVE.main: LIVE.files[LIVE.main].partition("\nexamples:")[0]}
    files[LIVE.main] += "\nexpenses:\n  bus: {left_out: nobody takes one.}\n"
    answer = simulate(council, read_policy(Sources(LIVE.main, files)))
    assert (answer["claims"], answer["not_read"]["claims"], answer["not_read"]["before_pence"]) == (3, 1, 400)
    assert answer["not_read"]["reasons"][0]["text"].startswith("This policy has no such kind of cost.")


def test_a_refused_claim_and_another_day_do_not_count(stage: Stage) -> None:
    council, _, _ = busy(stage)
    claim = told(council.lead.get("claims"))["data"][0]
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    council.lead.post(f"claims/{claim['id']}/withdraw", {}, seen=seen)
    tomorrow = london_day(utc_now()) + timedelta(days=1)
    assert simulate(council, read_policy(LIVE), since=tomorrow)["claims"] == 0
    neighbour = stage.council("demoford")
    assert simulate(neighbour, read_policy(LIVE))["claims"] == 0


def test_a_later_draft_is_tried_by_the_rules_of_its_first_day(stage: Stage) -> None:
    council, _, bo = busy(stage)
    files = {**LIVE.files, REGION: edited(chair="2026-04-01: £25.00\n      2027-04-01: £27.00")}
    files[LIVE.main] = (
        files[LIVE.main]
        .replace("effective_from: 2025-04-01", "effective_from: 2027-04-01")
        .replace("review_by: 2027-03-31", "review_by: 2029-03-31")
    )
    answer = simulate(council, read_policy(Sources(LIVE.main, files)))
    assert {row["person"]: row["difference_pence"] for row in answer["people"]} == {bo: 400}


def test_the_command_says_it_in_words_and_as_json(
    stage: Stage,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    busy(stage)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    today = london_day(utc_now())
    period = ["--since", str(today - timedelta(days=30)), "--until", str(today)]
    words = [
        "policy",
        "simulate",
        "policies/councils/exampleshire.yaml",
        "--council",
        "exampleshire",
        *period,
    ]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "4 claims from" in said
    assert "The draft would pay the same.\nNobody gains and nobody loses.\n" in said
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["difference_pence"] == 0
    assert main([*words[:4], "nowhere", *period]) == 1
    assert "no council called nowhere" in capsys.readouterr().err
