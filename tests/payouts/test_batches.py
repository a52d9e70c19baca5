"""Are many payments sent, heard of and looked at together, and is each still decided alone?"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from service.payouts import looking
from service.rails import sandbox
from service.rails.protocol import Answer, Asked, NoAnswer, Order, Rail
from service.tasks import NEXT, relay
from tests.stage import A_WHILE, Council, Stage, told

FATES = (sandbox.PAID, sandbox.NO_ACCOUNT, sandbox.LOST_ANSWER, sandbox.LOST_PAYMENT, sandbox.SLOW)


@dataclass
class Counted:
    """A rail that notes how many payments each of its calls held. `pays` False: it never answers."""

    rail: Rail
    pays: bool = True
    sizes: list[int] = field(default_factory=list)
    questions: int = 0
    name: str = "sandbox"

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        self.sizes.append(len(orders))
        if not self.pays:
            raise NoAnswer("Nobody is there.")
        return self.rail.pay(orders)

    def find(self, asked: Asked) -> Answer:
        self.questions += 1
        return self.rail.find(asked)


def owed(council: Council, *accounts: str) -> dict[str, str]:
    """So many people on one register, each with an account. Answers person → account."""
    people = {council.person(account=account): account for account in accounts}
    told(council.tick(council.session(), *people, role="participant"))
    return people


def stands(council: Council, people: dict[str, str]) -> list[tuple[str, str]]:
    return sorted((people[p["person"]], p["status"]) for p in council.payments(limit=100))


def test_one_call_carries_them_all_and_a_lost_answer_freezes_only_its_own(stage: Stage) -> None:
    council, rail = stage.council(), Counted(stage.hands.rails["sandbox"])
    stage.hands.rails["sandbox"] = rail
    people = owed(council, *FATES)
    stage.drain()
    assert rail.sizes == [len(FATES)]
    assert stands(council, people) == [
        (sandbox.NO_ACCOUNT, "failed"),
        (sandbox.LOST_ANSWER, "unknown"),
        (sandbox.LOST_PAYMENT, "unknown"),
        (sandbox.SLOW, "sent"),
        (sandbox.PAID, "paid"),
    ]
    stage.settle()
    assert stands(council, people) == [
        (sandbox.NO_ACCOUNT, "failed"),
        (sandbox.LOST_ANSWER, "paid"),
        (sandbox.LOST_PAYMENT, "failed"),
        (sandbox.SLOW, "paid"),
        (sandbox.PAID, "paid"),
    ]
    assert council.balance() == {
        "fees": 5 * 1550,
        "bank:sandbox": -3 * 1550,
        "creditors": -2 * 1550,
    }


def test_each_event_of_a_batch_keeps_the_request_that_it_follows(stage: Stage) -> None:
    council = stage.council()
    owed(council, sandbox.PAID)
    owed(council, sandbox.PAID)
    stage.drain()
    query = "SELECT claim_id, count(DISTINCT request_id) FROM events WHERE claim_id IS NOT NULL GROUP BY 1"
    with stage.admin() as line:
        assert [number for _, number in line.execute(query)] == [1, 1]
        ((every,),) = line.execute("SELECT count(DISTINCT request_id) FROM events WHERE name = 'payout.paid'")
        assert every == 2


def test_one_that_cannot_be_sent_leaves_the_others_of_its_batch_paid(stage: Stage) -> None:
    council = stage.council()
    people = owed(council, sandbox.PAID, sandbox.PAID, sandbox.PAID)
    stage.drain(leaving=("payouts.send",))
    odd = council.payments()[1]
    with stage.admin() as line:
        line.execute("UPDATE payouts SET method_id = NULL WHERE id = %s", (odd["id"],))
    stage.hand_again()
    assert [status for _, status in stands(council, people)] == ["paid", "paid", "ready"]
    stopped = (
        "SELECT subject_id, d.error FROM deliveries d JOIN events e ON e.id = d.event_id WHERE error > ''"
    )
    with stage.admin() as line:
        assert line.execute(stopped).fetchall() == [(odd["id"], "ValueError")]
    assert council.balance() == {"fees": 3 * 1550, "bank:sandbox": -2 * 1550, "creditors": -1550}


def test_two_workers_with_the_same_batch_pay_each_once(stage: Stage) -> None:
    council = stage.council()
    people = owed(council, *[sandbox.PAID] * 12)
    handed: list[tuple[str, list[tuple[str, int]]]] = []
    stage.drain(leaving=("payouts.send",))
    stage.clock.forward(A_WHILE)
    relay.hand_over(
        stage.hands.db,
        following=NEXT,
        publish=lambda task, _, deliveries: handed.append((task, deliveries)),
        at=stage.clock(),
        hand_again=A_WHILE / 2,
    )
    ((task, deliveries),) = handed
    with ThreadPoolExecutor(2) as workers:
        both = [
            workers.submit(relay.carry, stage.hands, task=task, deliveries=some)
            for some in (deliveries, deliveries[::-1])
        ]
    assert [one.result() for one in both] == [None, None]
    stage.settle()
    assert [status for _, status in stands(council, people)] == ["paid"] * 12
    with stage.admin() as line:
        assert line.execute("SELECT count(*) FROM sandbox_payments").fetchone() == (12,)
    assert council.balance() == {"fees": 12 * 1550, "bank:sandbox": -12 * 1550}


def test_those_that_cannot_be_decided_are_asked_after_ever_more_rarely_and_starve_nobody(
    stage: Stage,
) -> None:
    council, rail = stage.council(), Counted(stage.hands.rails["sandbox"], pays=False)
    stage.hands.rails["sandbox"] = rail
    people = owed(council, sandbox.PAID, sandbox.PAID, sandbox.PAID)
    stage.drain()
    stage.clock.forward(A_WHILE)
    seen: list[str] = []
    for _ in people:
        with stage.hands.db.council(council.id) as session:
            page = looking.take_page(session, council_id=council.id, limit=1, now=stage.clock())
            seen += page.requests
    assert sorted(seen) == sorted(p["id"] for p in council.payments())
    with stage.hands.db.council(council.id) as session:
        page = looking.take_page(session, council_id=council.id, limit=1, now=stage.clock())
        assert page.requests == {}
    waits = "SELECT extract(epoch FROM look_at - %s) FROM payouts"
    with stage.admin() as line:
        found = [float(seconds) for (seconds,) in line.execute(waits, (stage.clock(),))]
    assert all(0 < seconds <= 10 for seconds in found)
