"""In whatever order people say yes and no, come or not, and ask: do the figures stay true and in bounds?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.allowances.counting import assert_totals_are_what_is_held, at, counting, offered
from tests.stage import Council, Stage, told

PLACES, PEOPLE = st.integers(0, 3), st.integers(0, 1)
GRANTED = (200, 201, 409)
LIMITS = {"week_talks": 2, "year_fee": 7000, "group_hours": 300, "year_miles": 400}
COUNTERS = """
counters:
  week_talks: {name: Talks in a week, counts: activities, each: week}
  year_fee: {name: Fees in a tax year, counts: fee, each: tax year}
  group_hours: {name: Hours of a group in a month, counts: hours, each: month, per: organisation}
  year_miles: {name: Miles in a tax year, counts: miles, each: tax year, categories: [car]}
limits:
  talks: {clause: "20", sentence: Talks., counter: week_talks, at_most: 2 times, beyond: not payable}
  fee: {clause: "21", sentence: Fee., counter: year_fee, at_most: £70.00, beyond: the part within}
  hours: {clause: "22", sentence: Hours., counter: group_hours, at_most: 5h, beyond: not payable}
  miles: {clause: "23", sentence: Miles., counter: year_miles, at_most: 40 miles, beyond: not payable}
"""


class Life(RuleBasedStateMachine):
    """Two people of one organisation; three sessions in one week, and one just before a new tax year."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.council: Council = counting(stage, COUNTERS)
        self.people = [self.council.person(name, organisation="Voices", account=None) for name in "AB"]
        days = (("2026-05-12", 1), ("2026-05-13", 2), ("2026-05-14", 1), ("2026-04-05", 2))
        self.places = [at(self.council, day, hours=hours) for day, hours in days]
        self.promised: dict[str, tuple[int, str, str]] = {}

    def _offers(self, place: int, who: int) -> list[dict[str, Any]]:
        rows = told(self.council.lead.get(f"sessions/{self.places[place]}/offers"))["data"]
        return [row for row in rows if row["person"] == self.people[who]]

    @rule(place=PLACES, who=PEOPLE)
    def offer(self, place: int, who: int) -> None:
        if not any(row["status"] in ("made", "accepted") for row in self._offers(place, who)):
            offered(self.council, self.places[place], self.people[who])

    @rule(place=PLACES, who=PEOPLE, less=st.booleans())
    def say_yes(self, place: int, who: int, less: bool) -> None:
        for row in self._offers(place, who)[-1:]:
            body = {"accept_pence": row["fee_pence"] // 2} if less else {}
            answer = self.council.lead.post(f"offers/{row['id']}/accept", body)
            assert answer.status_code in GRANTED
            now = told(self.council.lead.get(f"offers/{row['id']}"))
            if answer.status_code == 200 and row["status"] != "accepted":
                sum_pence = now["fee_pence"] if now["accept_pence"] is None else now["accept_pence"]
                self.promised[row["id"]] = (sum_pence, self.places[place], self.people[who])
            elif now["status"] != row["status"]:
                raise AssertionError(f"A refused yes left the offer {now['status']}.")

    @rule(place=PLACES, who=PEOPLE)
    def say_no(self, place: int, who: int) -> None:
        for row in self._offers(place, who)[-1:]:
            answer = self.council.lead.post(f"offers/{row['id']}/decline")
            assert answer.status_code in GRANTED
            if answer.status_code == 200:
                self.promised.pop(row["id"], None)

    def _fee_claims(self, place: int, who: int) -> list[dict[str, Any]]:
        query = {"session": self.places[place], "person": self.people[who]}
        rows = told(self.council.lead.get("claims", **query))["data"]
        return [row for row in rows if row["kind"] == "attendance"]

    @rule(place=PLACES, who=PEOPLE, longer=st.booleans())
    def tick(self, place: int, who: int, longer: bool) -> None:
        more = {"minutes": 150} if longer else {}
        before = self._fee_claims(place, who)
        told(self.council.tick(self.places[place], self.people[who], role="member", **more))
        self.stage.drain()
        after = self._fee_claims(place, who)
        for offer_id, (sum_pence, *where) in list(self.promised.items()):
            if where == [self.places[place], self.people[who]]:
                # The first claim for what was accepted, at its length, pays what was accepted.
                if after and not before and not longer:
                    assert after[0]["fee_pence"] >= sum_pence
                del self.promised[offer_id]

    @rule(place=PLACES, who=PEOPLE)
    def untick(self, place: int, who: int) -> None:
        told(self.council.tick(self.places[place], self.people[who], attended=False))
        self.stage.drain()
        # What was kept for somebody who stayed away is free.
        for offer_id, (_, *where) in list(self.promised.items()):
            if where == [self.places[place], self.people[who]]:
                del self.promised[offer_id]

    @rule(place=PLACES, who=PEOPLE, miles=st.integers(1, 30))
    def claim_costs(self, place: int, who: int, miles: int) -> None:
        costs = [{"category": "car", "miles": miles + 0.3}]
        body = {"person": self.people[who], "session": self.places[place], "expenses": costs}
        answer = self.council.lead.post("claims", body)
        assert answer.status_code in (*GRANTED, 422)
        self.stage.drain()

    @rule(
        verb=st.sampled_from(["refuse", "withdraw", "edit"]),
        which=st.integers(0, 9),
        miles=st.integers(1, 30),
    )
    def change(self, verb: str, which: int, miles: int) -> None:
        rows = told(self.council.lead.get("claims", limit=100))["data"]
        if not rows:
            return
        path = f"claims/{rows[which % len(rows)]['id']}"
        seen = self.council.lead.get(path).headers["ETag"]
        if verb == "edit":
            body = {"expenses": [{"category": "car", "miles": miles}]}
            answer = self.council.lead.patch(path, body, seen=seen)
        elif verb == "refuse":
            answer = self.council.approver.post(f"{path}/refuse", {"clause": "3", "reason": "No."}, seen=seen)
        else:
            answer = self.council.lead.post(f"{path}/withdraw", {}, seen=seen)
        assert answer.status_code in GRANTED
        self.stage.drain()

    @rule(place=PLACES)
    def say_it_all_again(self, place: int) -> None:
        """The broker hands everything over once more: nothing is used twice."""
        self.stage.hand_again()

    @invariant()
    def totals_are_what_is_held_and_no_more_than_the_limit(self) -> None:
        assert_totals_are_what_is_held(self.council)
        with self.stage.admin() as line:
            rows = line.execute(
                "SELECT counter, reserved, used FROM allowances WHERE council_id = %s", (self.council.id,)
            ).fetchall()
        assert [row for row in rows if row[1] < 0 or row[2] < 0 or row[1] + row[2] > LIMITS[row[0]]] == []

    @invariant()
    def whoever_is_off_holds_nothing_and_whoever_is_paid_holds_it(self) -> None:
        query = """
            SELECT c.state, bool_or(h.state = 'used' AND h.amount > 0) FROM claims c
            JOIN allowance_holdings h ON h.council_id = c.council_id AND h.holder = c.id
            WHERE c.council_id = %s AND h.counter = 'year_fee' AND c.fee_pence > 0 GROUP BY c.id, c.state
        """
        with self.stage.admin() as line:
            rows = line.execute(query, (self.council.id,)).fetchall()
        assert [row for row in rows if row[1] != (row[0] not in ("withdrawn", "refused"))] == []


@pytest.mark.long
def test_figures_stay_true_and_in_bounds(stage: Stage) -> None:
    run_state_machine_as_test(
        lambda: Life(stage),
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
