"""The whole machine, driven by a program in any order: people, staff, workers, brokers, banks, policies.

What is promised is checked after each step against the bank's own book of money moved, not against ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from service import deliveries
from service.errors import Conflict, Invalid
from service.events import Actor
from service.payouts import overpaying
from service.rails import sandbox
from service.rails.protocol import Rail
from service.reports import books
from service.tasks.delivery import TASKS
from tests.claims.top_ups import policy, publish, sources
from tests.payouts.test_crashes import Fuse
from tests.stage import Council, Crash, Stage, TooManyCodes, told

ONE_OF = st.integers(0, 11)
ACCOUNTS = st.sampled_from([*sandbox.OUTCOMES, "00733445"])
LOST = st.sets(st.sampled_from(sorted(TASKS)), max_size=4)
MINUTES = st.sampled_from([None, 20, 40, 60, 80, 100])
GRANTED = (200, 202, 409)
HOUR = 1500
MOVED = (
    "SELECT s.payment_id, p.obligation_id, p.person_id, p.claim_id, s.amount_pence, s.stands, p.state"
    " FROM sandbox_payments s JOIN payouts p ON p.council_id = s.council_id AND p.id = s.payment_id"
    " WHERE s.council_id = %s"
)


@dataclass(frozen=True)
class Moved:
    """One line of the bank's own book, beside what we say of the same payment."""

    payment: str
    obligation: str
    person: str
    claim: str
    pence: int
    stands: str
    ours: str


class Whole(RuleBasedStateMachine):
    """Two people and two meetings of an hour, under a small policy of which new versions come."""

    def __init__(self, stage: Stage, *, through: Callable[[Rail], Rail] | None = None) -> None:
        super().__init__()
        self.stage = stage
        slug = f"council-{len(stage.hands.db.council_ids())}"
        self.council: Council = stage.council(slug, sources=sources(policy(limit="30.00")))
        self.bank = stage.hands.sandbox
        self.before = stage.hands.rails["sandbox"]
        stage.hands.rails["sandbox"] = through(self.bank) if through else self.bank
        self.fuse = Fuse(stage)
        self.rates = [HOUR]
        self.longest: dict[tuple[str, str], int] = {}
        self.people = [self.council.person("Ada"), self.council.person("Bo", account=sandbox.LOST_ANSWER)]
        self.sessions = [self.council.session("meeting"), self.council.session("meeting")]
        self.promised: dict[tuple[str, str], int] = {}
        for session_id in self.sessions:
            for person_id in self.people:
                offer_id = self.council.offer(session_id, person_id, "member")
                offer = told(self.council.lead.post(f"offers/{offer_id}/accept", {}))
                self.promised[session_id, person_id] = offer["fee_pence"]

    # What people do

    @rule(who=ONE_OF, where=ONE_OF, attended=st.sampled_from([True, True, True, False]), minutes=MINUTES)
    def tick(self, who: int, where: int, attended: bool, minutes: int | None) -> None:
        person_id, session_id = self.people[who % 2], self.sessions[where % 2]
        told(self.council.tick(session_id, person_id, attended=attended, minutes=minutes))
        if attended:
            longest = self.longest.get((session_id, person_id), 0)
            self.longest[session_id, person_id] = max(longest, 60 if minutes is None else minutes)

    @rule(who=ONE_OF, pence=st.integers(1, 600))
    def claim_costs(self, who: int, pence: int) -> None:
        body = {"person": self.people[who % 2], "session": self.sessions[0], "expenses": [bus(pence)]}
        told(self.council.lead.post("claims", body), 201)

    @rule(which=ONE_OF, pence=st.integers(0, 600))
    def correct_costs(self, which: int, pence: int) -> None:
        found = [row for row in self.claims() if row["kind"] == "expenses"]
        if found:
            path = f"claims/{found[which % len(found)]['id']}/corrections"
            body = {"expenses": [bus(pence)], "reason": "It was another sum."}
            assert self.council.lead.post(path, body).status_code in GRANTED

    @rule(verb=st.sampled_from(["approve", "approve", "refuse", "withdraw", "submit"]), which=ONE_OF)
    def decide(self, verb: str, which: int) -> None:
        rows = [row for row in self.claims() if row["status"] in ("draft", "waiting", "needs_person")]
        if not rows:
            return
        path = f"claims/{rows[which % len(rows)]['id']}"
        seen = self.council.lead.get(path).headers["ETag"]
        body = {"refuse": {"clause": "3", "reason": "No."}}.get(verb, {})
        door = self.council.lead if verb in ("withdraw", "submit") else self.council.approver
        assert door.post(f"{path}/{verb}", body, seen=seen).status_code in GRANTED

    @rule(who=ONE_OF, account=ACCOUNTS)
    def give_details(self, who: int, account: str) -> None:
        answer = self.council.pays_into(self.people[who % 2], account)
        if answer.status_code == 202:
            # With too many codes in this hour the change waits, and what was in use stays in use.
            with suppress(TooManyCodes):
                self.council.confirms(self.people[who % 2])

    @rule(verb=st.sampled_from(["hold", "release", "cancel"]), which=ONE_OF)
    def handle_payment(self, verb: str, which: int) -> None:
        rows = [p for p in self.council.payments(limit=100) if p["status"] in ("ready", "held")]
        if rows:
            path = f"payments/{rows[which % len(rows)]['id']}"
            seen = self.council.lead.get(path).headers["ETag"]
            assert self.council.lead.post(f"{path}/{verb}", seen=seen).status_code in GRANTED

    @rule(which=ONE_OF, most=st.one_of(st.none(), st.integers(1, 700)), lets_go=st.booleans())
    def settle_overpayment(self, which: int, most: int | None, lets_go: bool) -> None:
        """Somebody asks the person, who says yes or no; or somebody else lets it go."""
        rows = [row for row in self.overpayments() if row["left_pence"]]
        if not rows:
            return
        path = f"overpayments/{rows[which % len(rows)]['id']}"
        if lets_go and most is None:
            seen = self.council.finance.get(path).headers["ETag"]
            answer = self.council.finance.post(f"{path}/write_off", {"reason": "Ours."}, seen=seen)
            assert answer.status_code in GRANTED
            return
        assert self.council.finance.post(f"{path}/ask").status_code in GRANTED
        self._says(rows[which % len(rows)], most)

    def _says(self, row: dict[str, Any], most: int | None) -> None:
        with self.stage.hands.db.council(self.council.id) as session:
            try:
                overpaying.answer(
                    session,
                    council_id=self.council.id,
                    overpayment_id=row["id"],
                    most_pence=most,
                    actor=Actor("person", row["person"]),
                    now=self.stage.clock(),
                )
            except (Conflict, Invalid):
                session.rollback()

    # What machines and policies do

    @precondition(lambda self: len(self.rates) < 3)
    @rule(hour=st.sampled_from([1400, 1600, 1800]))
    def publish(self, hour: int) -> None:
        publish(self.council, policy(version=f"1.{len(self.rates)}", hour=hour, limit="30.00"))
        self.rates.append(hour)

    @rule(lost=LOST)
    def work(self, lost: set[str]) -> None:
        self.stage.drain(leaving=tuple(lost))

    @rule()
    def all_work(self) -> None:
        self.stage.drain()

    @rule()
    def hand_again(self) -> None:
        self.stage.hand_again()

    @rule()
    def sweep(self) -> None:
        self.stage.sweep()

    @rule(which=ONE_OF, times=st.integers(1, 3))
    def webhook(self, which: int, times: int) -> None:
        """The bank tells of a payment again: late, doubled, out of order."""
        with self.stage.admin() as line:
            query = "SELECT key FROM sandbox_payments WHERE council_id = %s ORDER BY key"
            keys = line.execute(query, (self.council.id,)).fetchall()
        if keys:
            self.bank.ring(council_id=self.council.id, key=keys[which % len(keys)][0], times=times)

    @rule(step=st.integers(0, 80), swept=st.booleans())
    def crash(self, step: int, swept: bool) -> None:
        """The power goes off before a step of whatever is being done."""
        try:
            with self.fuse.lighting(step):
                self.stage.sweep() if swept else self.stage.hand_again()
        except Crash:
            self.stage.hands.db.close()

    # What is promised

    def claims(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = told(self.council.lead.get("claims", limit=100))["data"]
        return rows

    def overpayments(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = told(self.council.lead.get("overpayments", limit=100))["data"]
        return rows

    def moved(self) -> list[Moved]:
        """The bank's own book."""
        with self.stage.admin() as line:
            return [Moved(*row) for row in line.execute(MOVED, (self.council.id,)).fetchall()]

    @invariant()
    def the_books_agree(self) -> None:
        with self.stage.hands.db.council(self.council.id) as session:
            assert books.breaches(session, council_id=self.council.id) == []
        assert sum(self.council.balance().values()) == 0

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        paid = [row.obligation for row in self.moved() if row.stands == "paid"]
        assert len(paid) == len(set(paid)), "The bank paid one obligation twice."

    @invariant()
    def nobody_has_more_than_was_ever_right(self) -> None:
        """For a fee: the longest time that was ever on the register, at the best rate that there ever was."""
        rows, moved, taken = self.claims(), self.moved(), self._taken()
        for claim in [row for row in rows if row["kind"] == "attendance"]:
            ids = {row["id"] for row in rows if claim["id"] in (row["id"], row["corrects"], row["tops_up"])}
            paid = sum(row.pence for row in moved if row.claim in ids and row.stands == "paid")
            longest = self.longest[claim["session"], claim["person"]]
            most = round_half_up(Fraction(max(self.rates) * longest, 60))
            assert paid <= most + taken.get(claim["id"], 0), "More was paid than was ever right."

    def _taken(self) -> dict[str, int]:
        taken: dict[str, int] = {}
        for row in self.overpayments():
            taken[row["claim"]] = taken.get(row["claim"], 0) + row["taken_pence"]
        return taken

    @invariant()
    def status_is_what_happened(self) -> None:
        for row in self.moved():
            assert (row.ours, row.stands) not in IMPOSSIBLE, f"{row.payment}: we say {row.ours}, {row.stands}"

    def teardown(self) -> None:
        """In the end nothing hangs, and everybody has what is right for what the register says."""
        try:
            for _ in range(3):
                self.stage.settle()
            self.the_books_agree()
            self.nothing_is_paid_twice()
            self.status_is_what_happened()
            self._every_return_was_heard()
            self._nothing_failed()
            self._everybody_has_what_is_right()
        finally:
            self.fuse.remove()
            self.stage.hands.rails["sandbox"] = self.before

    def _every_return_was_heard(self) -> None:
        assert [row.payment for row in self.moved() if (row.ours, row.stands) == ("paid", "returned")] == []

    def _nothing_failed(self) -> None:
        with self.stage.hands.db.council(self.council.id) as session:
            assert [d.error for d, _ in deliveries.failed(session, council_id=self.council.id)] == []
        for payment in self.council.payments(limit=100):
            assert payment["status"] not in ("sending", "unknown", "sent", "ready")

    def _everybody_has_what_is_right(self) -> None:
        rows = self.claims()
        over = self.overpayments()
        for claim in [row for row in rows if row["kind"] in ("attendance", "expenses")]:
            on_top = [row for row in rows if claim["id"] in (row["corrects"], row["tops_up"])]
            family = [claim, *on_top]
            mine = [row for row in over if row["claim"] == claim["id"]]
            if claim["status"] == "paid" and not self._left_open(claim, on_top):
                self._came_out_right(claim, family, mine)

    def _left_open(self, claim: dict[str, Any], on_top: Sequence[dict[str, Any]]) -> bool:
        """Whether something on top waits for a yes or for money, or somebody said no to the last of it."""
        if any(row["status"] in UNDECIDED for row in on_top):
            return True
        done = told(self.council.lead.get(f"claims/{claim['id']}"))["corrections"]
        last = [row["difference"] for row in done if row["status"] == "applied"][-1:]
        return any(row["id"] in last and row["status"] in ("refused", "withdrawn") for row in on_top)

    def _came_out_right(
        self, claim: dict[str, Any], family: Sequence[dict[str, Any]], over: Sequence[dict[str, Any]]
    ) -> None:
        """What the bank paid, less what was paid too much, is what the register or the last receipt says."""
        ids = {row["id"] for row in family}
        paid = sum(row.pence for row in self.moved() if row.claim in ids and row.stands == "paid")
        paid += self._settled_by_offset(ids)
        too_much = sum(row["over_pence"] for row in over)
        if claim["kind"] == "expenses":
            whole = told(self.council.lead.get(f"claims/{claim['id']}"))
            done = [row for row in whole["corrections"] if row["status"] == "applied"]
            cost = (done[-1] if done else whole)["expenses"][0]["amount_pence"]
            assert paid - too_much == min(cost, 500), "A cost came out wrong."
            return
        entry = self._on_register(claim)
        minutes = 60 if entry["minutes"] is None else entry["minutes"]
        rights = {round_half_up(Fraction(rate * minutes, 60)) for rate in self.rates}
        assert paid - too_much in (rights if entry["attended"] else {0}), "A fee came out wrong."
        if entry["attended"] and minutes >= 60:
            assert paid >= self.promised[claim["session"], claim["person"]], "Less than was promised."

    def _settled_by_offset(self, ids: set[str]) -> int:
        """What came off these payments, because the person said that it may."""
        mine = {row.payment for row in self.moved() if row.claim in ids and row.stands == "paid"}
        return sum(
            taking["amount_pence"]
            for row in self.overpayments()
            for taking in row["takings"]
            if taking["payment"] in mine
        )

    def _on_register(self, claim: dict[str, Any]) -> dict[str, Any]:
        entries = told(self.council.lead.get(f"sessions/{claim['session']}/register"))["entries"]
        (found,) = [entry for entry in entries if entry["person"] == claim["person"]]
        return dict(found)


# What we say of a payment, and how it stands at the bank: these can never be together.
IMPOSSIBLE = {
    ("failed", "paid"),
    ("failed", "accepted"),
    ("returned", "paid"),
    ("ready", "paid"),
    ("held", "paid"),
    ("cancelled", "paid"),
    ("cancelled", "accepted"),
    ("paid", "accepted"),
}
# While something on top is one of these, a sum is not the last word.
UNDECIDED = ("submitted", "waiting", "needs_person", "asked", "approved")


def bus(pence: int) -> dict[str, Any]:
    """A bus fare. The policy pays up to £5.00."""
    return {"category": "bus", "amount_pence": pence}


def round_half_up(pence: Fraction) -> int:
    """As the policy rounds."""
    return int(pence + Fraction(1, 2))
