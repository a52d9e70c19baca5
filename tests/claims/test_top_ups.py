"""Does a rate that was backdated give exactly the difference, offered once, and never less than was paid?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from service.claims import topping
from service.days import london_day, utc_now
from tests.claims.top_ups import (
    DAY,
    MILEAGE,
    asked,
    held,
    in_order,
    left_open,
    now_is,
    policy,
    publish,
    small,
    sources,
    top_ups,
    yes,
)
from tests.stage import Council, Stage, refused, told

CAR = {"category": "car", "miles": 18}
BUS = {"category": "bus", "amount_pence": 800}


def at_45p(stage: Stage) -> Council:
    """A council that adopted its policy before the mileage table had its value of 6 April 2026."""
    lines = Path(f"policies/{MILEAGE}").read_text().splitlines()
    table = "\n".join(line for line in lines if "2026-04-06" not in line) + "\n"
    return stage.council(sources=sources(policy(mile="hmrc.mileage.car"), table=table))


def test_a_mile_that_went_from_45p_to_55p_gives_10p_a_mile_more(stage: Stage) -> None:
    council = at_45p(stage)
    person_id = council.person(email="ada@example.org")
    claim = asked(council, person_id, CAR)
    before = asked(council, person_id, CAR, on="2026-04-05")
    stage.drain()
    assert (now_is(council, claim)["status"], claim["expenses_pence"]) == ("paid", 810)
    # The text is the same: what it names is the table as the library has it now.
    publish(council, policy(version="1.1", mile="hmrc.mileage.car"))
    stage.drain()
    (more,) = top_ups(council)
    assert (more["tops_up"], more["kind"], more["status"]) == (claim["id"], "top_up", "draft")
    assert (more["fee_pence"], more["expenses_pence"], more["total_pence"]) == (0, 180, 180)
    assert more["top_up"] == [{"line": 1, "before_pence": 810, "after_pence": 990}]
    assert more["assessment"]["policy"]["version"] == "1.1"
    assert now_is(council, before)["expenses_pence"] == 810
    assert council.messages(person_id)[-1] == "We owe you £1.80 more: your claim"
    assert council.balance() == {"fees": 3000, "expenses": 1620, "bank:sandbox": -4620}
    paid = yes(council, more)
    assert paid["status"] == "paid"
    assert paid["pay_by"] in [str(london_day(utc_now()) + timedelta(days=days)) for days in (9, 10)]
    assert council.balance() == {"fees": 3000, "expenses": 1800, "bank:sandbox": -4800}
    assert council.history(more["id"])[:3] == ["claim.top_up_offered", "claim.submitted", "claim.approved"]
    assert len(told(council.lead.get("claims"))["data"]) == 3
    in_order(council)


def test_the_message_says_what_changed_and_asks(stage: Stage) -> None:
    council = small(stage)
    asked(council, council.person(), CAR)
    stage.drain()
    publish(council, policy(version="1.1", mile=55))
    stage.drain()
    with stage.admin() as line:
        query = "SELECT body FROM notices WHERE name = 'claim.top_up_offered'"
        ((body,),) = line.execute(query).fetchall()
    assert "So we owe you £1.80 more." in body
    assert "Car: £1.80. We pay 55p a mile." in body
    assert "This comes to £9.90 now. It was £8.10 before. The difference is £1.80. (Rule 4.)" in body
    assert "It is your choice. You can say yes or no." in body
    assert "We pay within" not in body
    assert "{link}" in body


def test_nothing_is_offered_twice(stage: Stage) -> None:
    council = small(stage)
    claim = asked(council, council.person(), CAR)
    stage.drain()
    second = publish(council, policy(version="1.1", mile=55, hour=1600))
    stage.drain()
    (more,) = top_ups(council)
    assert (more["fee_pence"], more["expenses_pence"]) == (100, 180)
    before = stage.picture("events", "event_outbox", "event_unsealed", "deliveries")
    with stage.hands.db.council(council.id) as session:
        key = {"council_id": council.id, "now": stage.clock()}
        assert topping.judge_again(session, claim_id=claim["id"], **key) is None
        assert topping.judge_again(session, claim_id=more["id"], **key) is None
        assert topping.follow_version(session, policy_id=second, after="", **key) == 1
    stage.drain()
    assert stage.picture("events", "event_outbox", "event_unsealed", "deliveries") == before
    publish(council, policy(version="1.2", mile=60, hour=1550))
    stage.drain()
    assert [(row["fee_pence"], row["expenses_pence"]) for row in top_ups(council)] == [(100, 180), (0, 90)]
    publish(council, policy(version="1.3", mile=45, hour=1500, cap=600))
    stage.drain()
    assert len(top_ups(council)) == 2


def test_a_fall_of_the_fee_takes_nothing_from_a_rise_of_the_costs(stage: Stage) -> None:
    council = small(stage)
    asked(council, council.person(), CAR, BUS)
    stage.drain()
    publish(council, policy(version="1.1", hour=1000, mile=50, cap=450))
    stage.drain()
    # The bus falls by 50p and the car rises by 90p: costs are one part.
    (more,) = top_ups(council)
    assert (more["fee_pence"], more["expenses_pence"]) == (0, 40)
    assert [row["after_pence"] - row["before_pence"] for row in more["top_up"]] == [90, -50]
    publish(council, policy(version="1.2", hour=1000, mile=40, cap=300))
    stage.drain()
    assert len(top_ups(council)) == 1


def test_a_day_before_the_new_version_stays_as_it_was(stage: Stage) -> None:
    council = small(stage)
    claim = asked(council, council.person(), CAR)
    stage.drain()
    publish(council, policy(version="1.1", mile=55, starts="2026-05-13"))
    stage.drain()
    assert top_ups(council) == []
    assert "claim.policy_changed" not in council.history(claim["id"])


def test_what_nobody_has_agreed_yet_is_worked_out_again(stage: Stage) -> None:
    council = small(stage, limit="20.00")
    claim = asked(council, council.person(), CAR)
    stage.drain()
    assert (now_is(council, claim)["status"], claim["total_pence"]) == ("waiting", 2310)
    publish(council, policy(version="1.1", mile=55, limit="20.00"))
    stage.drain()
    found = now_is(council, claim)
    assert (found["status"], found["total_pence"]) == ("waiting", 2490)
    assert found["assessment"]["policy"]["version"] == "1.1"
    assert found["assessment"]["facts"]["claimed_on"] == claim["assessment"]["facts"]["claimed_on"]
    assert found["pay_by"] == claim["pay_by"]
    publish(council, policy(version="1.2", mile=40, limit="200.00"))
    stage.drain()
    assert (now_is(council, claim)["status"], now_is(council, claim)["total_pence"]) == ("paid", 2220)
    assert top_ups(council) == []
    in_order(council)


def test_a_promise_is_kept_where_the_new_version_gives_less(stage: Stage) -> None:
    council = small(stage, limit="10.00")
    session_id, _ = held(council)
    stage.drain()
    publish(council, policy(version="1.1", hour=1400, limit="10.00"))
    stage.drain()
    claim = council.claim(session=session_id)
    assert (claim["fee_pence"], claim["assessment"]["policy"]["version"]) == (1500, "1.0")
    assert "claim.changed" not in council.history(claim["id"])


def test_who_chose_less_gets_no_more_for_their_time_but_costs(stage: Stage) -> None:
    council = small(stage)
    session_id, person_id = held(council, accept_pence=1000)
    stage.drain()
    told(council.lead.post("claims", {"person": person_id, "session": session_id, "expenses": [CAR]}), 201)
    stage.drain()
    publish(council, policy(version="1.1", hour=1600, mile=55))
    stage.drain()
    assert [(row["fee_pence"], row["expenses_pence"]) for row in top_ups(council)] == [(0, 180)]
    assert yes(council, top_ups(council)[0])["status"] == "paid"
    in_order(council)


def test_a_fee_given_away_is_followed_by_what_comes_on_top(stage: Stage) -> None:
    council = small(stage)
    held(council, give_to="Shelter Box")
    stage.drain()
    publish(council, policy(version="1.1", hour=1600))
    stage.drain()
    (more,) = top_ups(council)
    assert more["fee_pence"] == 100
    (payment,) = yes(council, more)["payments"]
    assert (payment["rail"], payment["give_to"], payment["amount_pence"]) == ("charity", "Shelter Box", 100)


def test_a_no_is_kept_and_nothing_is_paid(stage: Stage) -> None:
    council = small(stage)
    person_id = council.person()
    asked(council, person_id, CAR)
    stage.drain()
    publish(council, policy(version="1.1", mile=55))
    stage.drain()
    (more,) = top_ups(council)
    told(council.lead.post(f"claims/{more['id']}/withdraw", {}))
    stage.drain()
    assert now_is(council, more)["status"] == "withdrawn"
    assert council.messages(person_id)[-1] == "You said no to £1.80 more: your claim"
    refused(council.lead.post(f"claims/{more['id']}/submit"), 409)
    publish(council, policy(version="1.2", mile=60))
    stage.drain()
    assert [row["total_pence"] for row in top_ups(council)] == [180, 90]
    assert council.balance() == {"fees": 1500, "expenses": 810, "bank:sandbox": -2310}


def test_a_yes_is_said_to_a_draft_by_who_may_and_is_never_changed(stage: Stage) -> None:
    council = small(stage)
    claim = asked(council, council.person(), CAR)
    stage.drain()
    publish(council, policy(version="1.1", mile=55))
    stage.drain()
    (more,) = top_ups(council)
    seen = council.lead.get(f"claims/{more['id']}").headers["ETag"]
    before = stage.picture()
    refused(council.lead.post(f"claims/{claim['id']}/submit"), 409)
    refused(council.finance.post(f"claims/{more['id']}/submit"), 403)
    refused(stage.council("demoford").lead.post(f"claims/{more['id']}/submit"), 404)
    refused(council.lead.patch(f"claims/{more['id']}", {"expenses": [BUS]}, seen=seen), 409)
    refused(council.approver.post(f"claims/{more['id']}/approve", {}, seen=seen), 409)
    after = stage.picture()
    neighbour = {"councils", "api_keys", "policies", "events", "event_outbox", "event_unsealed"}
    assert {name for name in after if after[name] != before[name]} <= neighbour
    assert now_is(council, more)["status"] == "draft"
    again = [council.lead.post(f"claims/{more['id']}/submit", once="one-yes") for _ in range(2)]
    assert told(again[0]) == told(again[1])
    refused(council.lead.post(f"claims/{more['id']}/submit"), 409)


def test_a_large_claim_needs_a_person_for_what_comes_on_top(stage: Stage) -> None:
    council = small(stage, limit="20.00")
    claim = asked(council, council.person(), CAR)
    stage.drain()
    seen = council.approver.get(f"claims/{claim['id']}").headers["ETag"]
    told(council.approver.post(f"claims/{claim['id']}/approve", {}, seen=seen))
    stage.drain()
    publish(council, policy(version="1.1", mile=55, limit="20.00"))
    stage.drain()
    (more,) = top_ups(council)
    assert yes(council, more)["status"] == "waiting"
    seen = council.approver.get(f"claims/{more['id']}").headers["ETag"]
    refused(council.lead.post(f"claims/{more['id']}/approve", {}, seen=seen), 403)
    told(council.approver.post(f"claims/{more['id']}/approve", {}, seen=seen))
    stage.drain()
    assert now_is(council, more)["status"] == "paid"
    assert council.balance() == {"fees": 1500, "expenses": 990, "bank:sandbox": -2490}
    in_order(council)


def test_what_was_refused_or_taken_back_gets_nothing(stage: Stage) -> None:
    council = small(stage, limit="1.00")
    person_id = council.person()
    gone, no = asked(council, person_id, CAR), asked(council, person_id, BUS)
    stage.drain()
    told(council.lead.post(f"claims/{gone['id']}/withdraw", {}))
    seen = council.approver.get(f"claims/{no['id']}").headers["ETag"]
    body = {"clause": "3", "reason": "Not this time."}
    told(council.approver.post(f"claims/{no['id']}/refuse", body, seen=seen))
    stage.drain()
    before = [council.history(one["id"]) for one in (gone, no)]
    publish(council, policy(version="1.1", hour=1600, mile=55, limit="1.00"))
    stage.drain()
    assert [council.history(one["id"]) for one in (gone, no)] == before
    assert top_ups(council) == []


def test_what_a_person_decided_is_left_alone(stage: Stage) -> None:
    council = stage.council(sources=sources(left_open(policy())))
    claim = asked(council, council.person(), CAR, BUS)
    stage.drain()
    assert now_is(council, claim)["status"] == "needs_person"
    seen = council.approver.get(f"claims/{claim['id']}").headers["ETag"]
    sums = [{"line": 1, "amount_pence": 300, "reason": "As last year."}]
    told(council.approver.post(f"claims/{claim['id']}/approve", {"sums": sums}, seen=seen))
    stage.drain()
    assert now_is(council, claim)["expenses_pence"] == 800
    publish(council, policy(version="1.1", mile=55, cap=550))
    stage.drain()
    (more,) = top_ups(council)
    assert (more["expenses_pence"], more["top_up"]) == (
        50,
        [{"line": 2, "before_pence": 500, "after_pence": 550}],
    )


def test_what_the_new_version_leaves_open_or_cannot_read_stays(stage: Stage) -> None:
    council = small(stage)
    claim = asked(council, council.person(), CAR, BUS)
    stage.drain()
    publish(council, left_open(policy(version="1.1", hour=1600)))
    stage.drain()
    (more,) = top_ups(council)
    assert (more["fee_pence"], more["expenses_pence"]) == (100, 0)
    assert yes(council, more)["status"] in ("paid", "waiting")
    without = (
        policy(version="1.2", hour=1700)
        .replace("  bus:", "  tram:")
        .replace("category: bus", "category: tram")
    )
    publish(council, without)
    stage.drain()
    assert len(top_ups(council)) == 1
    assert council.history(claim["id"])[-1] == "claim.left_as_it_is"


def test_two_versions_at_once_give_the_better_sum_once(stage: Stage) -> None:
    council = small(stage)
    claims_made = [asked(council, council.person(f"P{n}"), CAR) for n in range(4)]
    stage.drain()
    texts = [policy(version="1.1", mile=55), policy(version="1.2", mile=60)]
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda text: publish(council, text), texts))
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: stage.drain(), range(2)))
    stage.hand_again()
    offered = {claim["id"]: 0 for claim in claims_made}
    for row in top_ups(council):
        offered[row["tops_up"]] += row["total_pence"]
    counting = told(council.lead.get("policies/in_force", on=DAY))["version"]
    assert set(offered.values()) <= {180, 270}
    assert counting == "1.1" or set(offered.values()) == {270}


def test_a_part_at_a_time_finds_every_claim(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    council = small(stage)
    for number in range(5):
        asked(council, council.person(f"P{number}"), CAR)
    stage.drain()
    monkeypatch.setattr(topping, "CHUNK", 2)
    publish(council, policy(version="1.1", mile=55))
    stage.drain()
    assert sorted(row["total_pence"] for row in top_ups(council)) == [180] * 5
    with stage.admin() as line:
        query = "SELECT count(*) FROM events WHERE name = 'policy.follow_on'"
        assert line.execute(query).fetchone() == (2,)


def test_a_simulation_counts_an_activity_once(stage: Stage) -> None:
    council = small(stage)
    asked(council, council.person(), CAR)
    stage.drain()
    second = publish(council, policy(version="1.1", mile=55))
    stage.drain()
    yes(council, top_ups(council)[0])
    period = {"since": DAY, "until": DAY}
    answer = told(council.lead.post(f"policies/{second}/simulations", period), 201)["answer"]
    assert answer["claims"] == 1
