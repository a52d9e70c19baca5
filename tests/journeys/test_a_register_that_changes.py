"""Is there one payment, whatever is ticked, un-ticked and ticked again, and in whatever state it was?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from service.claims.model import STATES as CLAIM_STATES
from service.payouts.model import STATES as PAYMENT_STATES
from service.rails import sandbox
from service.rails.protocol import Answer, Asked, Order
from service.reports import books
from tests.stage import Council, Crash, Stage, told

OVER_A_BREW = {"activity": "over_a_brew", "role": "participant"}
REVIEW = {"activity": "practice_review", "role": "team_member", "minutes": 300}
PANEL = {"activity": "recruitment_panel", "role": "panel_member", "minutes": 120}


class Deadly:
    """A rail that takes the process down as it is called."""

    name = "sandbox"

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        raise Crash

    def find(self, asked: Asked) -> Answer:
        raise Crash


def crash_while_sending(council: Council) -> None:
    stage = council.stage
    working = stage.hands.rails["sandbox"]
    stage.hands.rails["sandbox"] = Deadly()
    with pytest.raises(Crash):
        stage.drain()
    stage.hands.rails["sandbox"] = working


def decide(council: Council, verb: str, body: dict[str, Any], *, by: str = "approver") -> None:
    council.stage.drain()
    (claim,) = told(council.lead.get("claims"))["data"]
    seen = council.lead.get(f"claims/{claim['id']}").headers["ETag"]
    told(council.doors[by].post(f"claims/{claim['id']}/{verb}", body, seen=seen))


def drained(*leaving: str) -> Callable[[Council], None]:
    return lambda council: council.stage.drain(leaving=leaving)


def swept(council: Council) -> None:
    council.stage.drain()
    council.stage.sweep()


def refuse(council: Council) -> None:
    decide(council, "refuse", {"clause": "3.1", "reason": "Not this time."})


def ask(council: Council) -> None:
    decide(council, "ask", {"question": "Which day?"})


def withdraw(council: Council) -> None:
    decide(council, "withdraw", {}, by="lead")


def cancel(council: Council) -> None:
    council.stage.drain(leaving=("payouts.send",))
    told(council.lead.post(f"payments/{council.payments()[0]['id']}/cancel"))


# Where things stand → what is done to get there: the session, the account, and the work that is done.
Way = tuple[dict[str, Any], str | None, Callable[[Council], None]]
WAYS: dict[str, Way] = {
    "submitted": (OVER_A_BREW, sandbox.PAID, drained("approvals.route")),
    "waiting": (REVIEW, sandbox.PAID, drained()),
    "needs_person": (PANEL, sandbox.PAID, drained()),
    "asked": (REVIEW, sandbox.PAID, ask),
    "refused": (REVIEW, sandbox.PAID, refuse),
    "withdrawn": (REVIEW, sandbox.PAID, withdraw),
    "approved": (OVER_A_BREW, sandbox.PAID, drained("payouts.open")),
    "approved ready": (OVER_A_BREW, sandbox.PAID, drained("payouts.send")),
    "approved held": (OVER_A_BREW, None, drained()),
    "approved sending": (OVER_A_BREW, sandbox.PAID, crash_while_sending),
    "approved unknown": (OVER_A_BREW, sandbox.LOST_ANSWER, drained()),
    "approved sent": (OVER_A_BREW, sandbox.SLOW, drained()),
    "approved failed": (OVER_A_BREW, sandbox.NO_ACCOUNT, drained()),
    "withdrawn cancelled": (OVER_A_BREW, sandbox.PAID, cancel),
    "approved returned": (OVER_A_BREW, sandbox.RETURNED, swept),
    "paid paid": (OVER_A_BREW, sandbox.PAID, drained()),
}

# Where things stood → claim, overpaid pence and payments: once un-ticked, and once that has settled.
UNTICKED: dict[str, tuple[str, int, list[str]]] = {
    "submitted": ("withdrawn", 0, []),
    "waiting": ("withdrawn", 0, []),
    "needs_person": ("withdrawn", 0, []),
    "asked": ("withdrawn", 0, []),
    "refused": ("refused", 0, []),
    "withdrawn": ("withdrawn", 0, []),
    "approved": ("withdrawn", 0, []),
    "approved ready": ("withdrawn", 0, ["cancelled"]),
    "approved held": ("withdrawn", 0, ["cancelled"]),
    "approved sending": ("paid", 1550, ["paid"]),
    "approved unknown": ("paid", 1550, ["paid"]),
    "approved sent": ("paid", 1550, ["paid"]),
    "approved failed": ("withdrawn", 0, ["failed"]),
    "withdrawn cancelled": ("withdrawn", 0, ["cancelled"]),
    "approved returned": ("withdrawn", 0, ["returned"]),
    "paid paid": ("paid", 1550, ["paid"]),
}

# The same once ticked again. Who refused, refused; what waits for a person, waits.
RETICKED: dict[str, tuple[str, int, list[str]]] = {
    "submitted": ("paid", 0, ["paid"]),
    "waiting": ("waiting", 0, []),
    "needs_person": ("needs_person", 0, []),
    "asked": ("waiting", 0, []),
    "refused": ("refused", 0, []),
    "withdrawn": ("waiting", 0, []),
    "approved": ("paid", 0, ["paid"]),
    "approved ready": ("paid", 0, ["cancelled", "paid"]),
    "approved held": ("approved", 0, ["cancelled", "held"]),
    "approved sending": ("paid", 0, ["paid"]),
    "approved unknown": ("paid", 0, ["paid"]),
    "approved sent": ("paid", 0, ["paid"]),
    "approved failed": ("approved", 0, ["failed", "failed"]),
    "withdrawn cancelled": ("paid", 0, ["cancelled", "paid"]),
    "approved returned": ("approved", 0, ["returned", "returned"]),
    "paid paid": ("paid", 0, ["paid"]),
}


# The same where the tick came back before the payment was stopped: it goes on as if nothing had been.
NEVER_STOPPED: dict[str, tuple[str, int, list[str]]] = {
    "approved ready": ("paid", 0, ["paid"]),
    "approved held": ("approved", 0, ["held"]),
    "approved failed": ("approved", 0, ["failed"]),
    "approved returned": ("approved", 0, ["returned"]),
}


def test_every_state_is_tried() -> None:
    tried = {name.partition(" ")[::2] for name in WAYS}
    assert {claim for claim, _ in tried} == set(CLAIM_STATES) - {"draft"}
    assert {payment for _, payment in tried} - {""} == set(PAYMENT_STATES)


def brought(stage: Stage, where: str) -> tuple[Council, str, str]:
    """A council, its session and its person, where things stand as told."""
    given, account, work = WAYS[where]
    council = stage.council()
    session_id = council.ticked(account=account, **given)
    work(council)
    (claim,) = told(council.lead.get("claims"))["data"]
    stands, _, money = where.partition(" ")
    assert (claim["status"], [p["status"] for p in claim["payments"]]) == (stands, [money] if money else [])
    return council, session_id, claim["person"]


def stands(council: Council) -> tuple[str, int, list[str]]:
    (claim,) = told(council.lead.get("claims"))["data"]
    paid = [p for p in claim["payments"] if p["status"] == "paid"]
    assert len(paid) <= 1
    left = sum(p["amount_pence"] for p in paid)
    owed = claim["total_pence"] if claim["status"] in ("approved", "paid") else 0
    # While its money is on its way, a claim may be marked; only what has left can be too much.
    over = min(claim["overpaid_pence"], left)
    balance = {
        "fees": owed - over,
        "overpayments": over,
        "creditors": left - owed,
        "bank:sandbox": -left,
    }
    assert council.balance() == {account: pence for account, pence in balance.items() if pence}
    return claim["status"], claim["overpaid_pence"], [p["status"] for p in claim["payments"]]


@pytest.mark.parametrize("where", WAYS)
def test_an_untick_is_always_accepted(stage: Stage, where: str) -> None:
    council, session_id, person_id = brought(stage, where)
    told(council.tick(session_id, person_id, attended=False))
    stage.drain()
    stage.settle()
    assert stands(council) == UNTICKED[where]
    told(council.tick(session_id, person_id))
    stage.settle()
    assert stands(council) == RETICKED[where]


@pytest.mark.parametrize("where", WAYS)
def test_a_tick_that_comes_back_before_anybody_looked_changes_nothing(stage: Stage, where: str) -> None:
    council, session_id, person_id = brought(stage, where)
    told(council.tick(session_id, person_id, attended=False))
    told(council.tick(session_id, person_id))
    stage.settle()
    expected = NEVER_STOPPED | {"asked": ("asked", 0, [])}
    assert stands(council) == expected.get(where, RETICKED[where])


@pytest.mark.parametrize("where", WAYS)
def test_a_tick_that_comes_back_while_the_payment_is_being_stopped(stage: Stage, where: str) -> None:
    """The un-tick has asked for a stop; before that is done, the register is put right."""
    council, session_id, person_id = brought(stage, where)
    told(council.tick(session_id, person_id, attended=False))
    stage.drain(leaving=("payouts.stop",))
    told(council.tick(session_id, person_id))
    stage.drain(leaving=("payouts.stop",))
    stage.settle()
    expected = NEVER_STOPPED | {"asked": ("waiting", 0, [])}
    assert stands(council) == expected.get(where, RETICKED[where])


@pytest.mark.parametrize("where", WAYS)
def test_the_same_register_sent_again_changes_nothing(stage: Stage, where: str) -> None:
    council, session_id, person_id = brought(stage, where)
    before = stage.picture()
    told(council.tick(session_id, person_id))
    assert stage.picture() == before


@pytest.mark.parametrize("account", [sandbox.LOST_PAYMENT, sandbox.RETURNED])
def test_nothing_is_owed_once_the_money_did_not_stay_with_somebody_unticked(
    stage: Stage, account: str
) -> None:
    council = stage.council()
    session_id = council.ticked(account=account)
    stage.drain()
    person_id = council.claim(session=session_id)["person"]
    told(council.tick(session_id, person_id, attended=False))
    stage.drain()
    assert stands(council)[1] == 1550
    stage.settle()
    claim, overpaid, payments = stands(council)
    assert (claim, overpaid) == ("withdrawn", 0)
    assert payments in (["failed"], ["returned"])
    council.confirmed(person_id, sandbox.PAID)
    stage.settle()
    assert stands(council) == ("withdrawn", 0, payments)
    told(council.tick(session_id, person_id))
    stage.settle()
    assert stands(council) == ("paid", 0, [*payments, "paid"])


def test_somebody_who_was_never_ticked_and_did_not_come_breaks_no_promise(stage: Stage) -> None:
    council = stage.council()
    session_id, person_id = council.session(), council.person()
    offer_id = council.offer(session_id, person_id)
    told(council.lead.post(f"offers/{offer_id}/accept", {}))
    for attended in (False, True):
        told(council.tick(session_id, person_id, attended=attended))
        with stage.hands.db.council(council.id) as session:
            assert books.breaches(session, council_id=council.id) == []
    stage.settle()
    assert stands(council) == ("paid", 0, ["paid"])
    with stage.hands.db.council(council.id) as session:
        assert books.breaches(session, council_id=council.id) == []


def test_somebody_who_chose_to_take_nothing_is_not_refused(stage: Stage) -> None:
    council = stage.council()
    session_id, person_id = council.session(), council.person()
    offer_id = council.offer(session_id, person_id)
    told(council.lead.post(f"offers/{offer_id}/accept", {"accept_pence": 0}))
    told(council.tick(session_id, person_id))
    stage.drain()
    assert told(council.lead.get("claims"))["data"] == []
    assert council.payments() == []
    assert told(council.lead.get(f"offers/{offer_id}"))["accept_pence"] == 0


def test_a_visit_of_two_days_is_paid_by_its_days(stage: Stage) -> None:
    council = stage.council()
    afternoon = datetime(2026, 5, 20, 15, tzinfo=UTC)
    session_id = council.session("peer_challenge", minutes=30 * 60, online=False, ends=afternoon)
    person_id = council.person()
    told(council.tick(session_id, person_id, role="team_member"))
    stage.drain()
    assert council.claim(session=session_id)["fee_pence"] == 2 * 15000
