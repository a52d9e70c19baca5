"""Whatever people, workers, brokers and banks do, in whatever order: is nobody paid twice or forgotten?

A program makes up the order: registers ticked and un-ticked, yes and no, new details, payments held and
called off, work that the broker loses, crashes, a bank that does not answer. What is promised is checked
after each step.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from service import deliveries
from service.rails import sandbox
from service.rails.protocol import Answer, Asked, Order
from service.reports import books
from service.tasks.delivery import TASKS
from tests.stage import Council, Crash, Stage, TooManyCodes, told

PEOPLE = st.integers(0, 2)
ACCOUNTS = st.sampled_from([*sandbox.OUTCOMES, "00733445"])
LOST = st.sets(st.sampled_from(sorted(TASKS)), max_size=4)
GRANTED = (200, 409)


class Deadly:
    """A rail that pays, and takes the process down before or after."""

    name = "sandbox"

    def __init__(self, bank: sandbox.Sandbox, *, after: bool) -> None:
        self.bank, self.after = bank, after

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        if self.after:
            self.bank.pay(orders)
        raise Crash

    def find(self, asked: Asked) -> Answer:
        return self.bank.find(asked)


class Life(RuleBasedStateMachine):
    """Three people, a small session and a large one."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.council: Council = stage.council(
            f"council-{len(stage.hands.db.council_ids())}", policy="exampleshire"
        )
        self.sessions = [
            self.council.session(),
            self.council.session("practice_review", minutes=300, online=False),
        ]
        self.people = [
            self.council.person("Ada Example"),
            self.council.person("Bo Example", account=sandbox.LOST_ANSWER),
            self.council.person("Cy Example", account=None),
        ]
        for session_id, role in zip(self.sessions, ("participant", "team_member"), strict=True):
            for person_id in self.people:
                self.council.invited(session_id, person_id, role)

    # What people do

    @rule(who=PEOPLE, large=st.booleans(), attended=st.booleans())
    def tick(self, who: int, large: bool, attended: bool) -> None:
        told(self.council.tick(self.sessions[large], self.people[who], attended=attended))

    @rule(who=PEOPLE, pence=st.integers(1, 3000))
    def claim_costs(self, who: int, pence: int) -> None:
        cost = {"category": "bus", "amount_pence": pence, "receipt": True}
        body = {"person": self.people[who], "session": self.sessions[1], "expenses": [cost]}
        told(self.council.lead.post("claims", body), 201)

    @rule(verb=st.sampled_from(["approve", "refuse", "ask", "withdraw"]), which=st.integers(0, 5))
    def decide(self, verb: str, which: int) -> None:
        rows = told(self.council.lead.get("claims"))["data"]
        if not rows:
            return
        row = rows[which % len(rows)]
        seen = self.council.lead.get(f"claims/{row['id']}").headers["ETag"]
        body = {"refuse": {"clause": "3.1", "reason": "No."}, "ask": {"question": "Why?"}}.get(verb, {})
        door = self.council.lead if verb == "withdraw" else self.council.approver
        assert door.post(f"claims/{row['id']}/{verb}", body, seen=seen).status_code in GRANTED

    @rule(who=PEOPLE, account=ACCOUNTS)
    def give_details(self, who: int, account: str) -> None:
        answer = self.council.pays_into(self.people[who], account)
        assert answer.status_code in (200, 202)
        if answer.status_code == 202:
            self.confirm(who)

    def confirm(self, who: int) -> None:
        """With too many codes in this hour the change waits, and what was in use stays in use."""
        with suppress(TooManyCodes):
            self.council.confirms(self.people[who])

    @rule(who=PEOPLE)
    def ask_for_a_voucher(self, who: int) -> None:
        answer = self.council.lead.put(f"people/{self.people[who]}/payment_method", {"kind": "voucher"})
        assert answer.status_code in (200, 202)
        if answer.status_code == 202:
            self.confirm(who)

    @rule(which=st.integers(0, 5), again=st.booleans())
    def hand_a_voucher_out(self, which: int, again: bool) -> None:
        """Somebody in finance reports a voucher, whatever we had decided meanwhile."""
        rows = [row for row in self.council.payments() if row["rail"] == "voucher"]
        if rows:
            path = f"payments/{rows[which % len(rows)]['id']}/paid"
            body = {"bank_reference": "V-1" if again else f"V-{which}", "paid_on": "2026-11-01"}
            assert self.council.finance.post(path, body).status_code in GRANTED

    @rule(verb=st.sampled_from(["hold", "release", "cancel"]), which=st.integers(0, 5))
    def handle_payment(self, verb: str, which: int) -> None:
        rows = self.council.payments()
        if rows:
            path = f"payments/{rows[which % len(rows)]['id']}"
            seen = self.council.lead.get(path).headers["ETag"]
            assert self.council.lead.post(f"{path}/{verb}", seen=seen).status_code in GRANTED

    # What machines do

    @rule(lost=LOST)
    def work(self, lost: set[str]) -> None:
        self.stage.drain(leaving=tuple(lost))

    @rule()
    def hand_again(self) -> None:
        self.stage.hand_again()

    @rule()
    def sweep(self) -> None:
        self.stage.sweep()

    @rule(after=st.booleans())
    def crash_while_sending(self, after: bool) -> None:
        bank = self.stage.hands.sandbox
        self.stage.hands.rails["sandbox"] = Deadly(bank, after=after)
        try:
            self.stage.drain()
        except Crash:
            self.stage.hands.db.close()
        finally:
            self.stage.hands.rails["sandbox"] = bank

    # What is promised

    @invariant()
    def the_books_agree(self) -> None:
        with self.stage.hands.db.council(self.council.id) as session:
            assert books.breaches(session, council_id=self.council.id) == []

    @invariant()
    def nobody_is_paid_twice_for_one_thing(self) -> None:
        book = self.stage.hands.sandbox.book(council_id=self.council.id)
        for claim in told(self.council.lead.get("claims", limit=100))["data"]:
            ours = [p for p in claim["payments"] if p["status"] == "paid"]
            banks = [p for p in claim["payments"] if book.get(p["id"], (0, ""))[1] == "paid"]
            assert len(ours) <= 1
            assert len(banks) <= 1
            assert {p["amount_pence"] for p in ours + banks} <= {claim["total_pence"]}

    def teardown(self) -> None:
        """In the end nothing hangs, nothing failed, and whoever is owed and can be paid has been paid."""
        for _ in range(2):
            self.stage.settle()
        self.the_books_agree()
        self.nobody_is_paid_twice_for_one_thing()
        with self.stage.hands.db.council(self.council.id) as session:
            assert [d.error for d, _ in deliveries.failed(session, council_id=self.council.id)] == []
        book = self.stage.hands.sandbox.book(council_id=self.council.id)
        for payment in self.council.payments(limit=100):
            if payment["rail"] == "voucher":
                continue
            assert payment["status"] not in ("sending", "unknown", "sent", "ready")
            in_the_bank = book.get(payment["id"], (0, "absent"))[1]
            assert (payment["status"] == "paid") == (in_the_bank == "paid")
        for claim in told(self.council.lead.get("claims", limit=100))["data"]:
            self._ends_well(claim)

    def _ends_well(self, claim: dict[str, Any]) -> None:
        register = told(self.council.lead.get(f"sessions/{claim['session']}/register"))["entries"]
        came = any(entry["attended"] for entry in register if entry["person"] == claim["person"])
        states = [p["status"] for p in claim["payments"]]
        assert claim["status"] != "submitted"
        assert (claim["status"] == "paid") == (states.count("paid") == 1)
        if claim["kind"] == "attendance":
            assert (claim["overpaid_pence"] > 0) == (claim["status"] == "paid" and not came)
            if not came:
                assert claim["status"] in ("paid", "withdrawn", "refused")
        if claim["status"] == "approved":
            assert states
            assert states[-1] in ("held", "failed", "returned", "cancelled", "ready")


@pytest.mark.long
def test_nobody_is_paid_twice_or_forgotten(stage: Stage) -> None:
    run_state_machine_as_test(
        lambda: Life(stage),
        settings=settings(
            phases=[Phase.generate],
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
