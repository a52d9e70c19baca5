"""What becomes of a payment, whatever the bank does? Each account of the sandbox's table, to its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest

from service.days import utc_now
from service.rails import sandbox
from service.rails.protocol import Answer, Asked, NoAnswer, Order
from tests.stage import Council, Stage, told

# account → how the payment stands at once, how in the end, and what happened to it in order.
ENDS: dict[str, tuple[str, str, list[str]]] = {
    sandbox.PAID: ("paid", "paid", ["ready", "sending", "sent", "paid"]),
    sandbox.NO_ACCOUNT: ("failed", "failed", ["ready", "sending", "failed"]),
    sandbox.RETURNED: ("paid", "returned", ["ready", "sending", "sent", "paid", "returned"]),
    sandbox.LOST_ANSWER: ("unknown", "paid", ["ready", "sending", "unknown", "paid"]),
    sandbox.LOST_PAYMENT: (
        "unknown",
        "failed",
        ["ready", "sending", "unknown", "sending_again", "unknown", "failed"],
    ),
    sandbox.SLOW: ("sent", "paid", ["ready", "sending", "sent", "paid"]),
    sandbox.TWICE: ("paid", "paid", ["ready", "sending", "sent", "paid"]),
    "00733445": ("paid", "paid", ["ready", "sending", "sent", "paid"]),
}


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def steps(council: Council, claim_id: str) -> list[str]:
    """What happened to the payments of a claim."""
    return [n.removeprefix("payout.") for n in council.history(claim_id) if n.startswith("payout.")]


def test_the_table_here_is_the_published_one() -> None:
    assert set(sandbox.OUTCOMES) == set(ENDS) - {"00733445"}


@pytest.mark.parametrize("account", ENDS)
def test_ends_as_the_table_says(council: Council, account: str) -> None:
    at_once, in_the_end, happened = ENDS[account]
    session_id = council.ticked(account=account)
    council.stage.drain()
    assert [p["status"] for p in council.payments()] == [at_once]
    for _ in range(3):
        council.stage.sweep()
    claim = council.claim(session=session_id)
    (payment,) = claim["payments"]
    assert payment["status"] == in_the_end
    assert steps(council, claim["id"]) == happened
    paid = in_the_end == "paid"
    assert claim["status"] == ("paid" if paid else "approved")
    assert council.balance() == {"fees": 1550, ("bank:sandbox" if paid else "creditors"): -1550}
    in_the_bank = [stands for _, stands in council.stage.hands.sandbox.book(council_id=council.id).values()]
    assert in_the_bank == ([in_the_end] if in_the_end in ("paid", "returned") else [])


def test_a_return_is_undone_in_the_ledger_to_the_penny(council: Council) -> None:
    council.ticked(account=sandbox.RETURNED)
    council.stage.drain()
    council.stage.sweep()
    entries = told(council.lead.get("ledger/entries"))["data"][-2:]
    assert [entry["kind"] for entry in entries] == ["settlement", "return"]
    assert [
        [(p["account"], p["debit_pence"], p["credit_pence"]) for p in entry["postings"]] for entry in entries
    ] == [
        [("creditors", 1550, 0), ("bank:sandbox", 0, 1550)],
        [("creditors", 0, 1550), ("bank:sandbox", 1550, 0)],
    ]


@pytest.mark.parametrize("account", [sandbox.NO_ACCOUNT, sandbox.RETURNED, sandbox.LOST_PAYMENT])
def test_new_details_pay_the_same_debt_once_and_history_shows_both(council: Council, account: str) -> None:
    session_id = council.ticked(account=account)
    council.stage.drain()
    for _ in range(3):
        council.stage.sweep()
    claim = council.claim(session=session_id)
    first = claim["payments"][0]
    assert first["status"] in ("failed", "returned")
    assert first["failure"]
    told_so = council.messages(claim["person"])[-1]
    assert told_so in ("Your payment did not go through", "Your payment came back to us")

    council.confirmed(claim["person"], sandbox.PAID)
    council.stage.drain()
    council.stage.sweep()
    claim = council.claim(session=session_id)
    assert claim["status"] == "paid"
    assert [p["status"] for p in claim["payments"]] == [first["status"], "paid"]
    assert {p["amount_pence"] for p in claim["payments"]} == {1550}
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}
    assert len(council.stage.picture()["obligations"]) == 1
    assert council.messages(claim["person"])[-1] == "We have paid you £15.50"


def test_a_payment_whose_fate_is_unknown_is_not_made_again_by_new_details(council: Council) -> None:
    session_id = council.ticked(account=sandbox.LOST_ANSWER)
    council.stage.drain()
    claim = council.claim(session=session_id)
    assert [p["status"] for p in claim["payments"]] == ["unknown"]
    council.confirmed(claim["person"], sandbox.PAID)
    council.stage.drain()
    assert [p["status"] for p in council.payments()] == ["unknown"]
    council.stage.sweep()
    assert [p["status"] for p in council.payments()] == ["paid"]
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}


def test_the_sweeper_waits_until_an_answer_is_late(council: Council) -> None:
    council.ticked(account=sandbox.LOST_ANSWER)
    council.stage.drain()
    council.stage.sweep(after=timedelta(seconds=3))
    assert [p["status"] for p in council.payments()] == ["unknown"]
    council.stage.sweep(after=timedelta(seconds=3))
    assert [p["status"] for p in council.payments()] == ["paid"]


def test_what_was_sent_is_asked_after_when_the_bank_forgot_to_tell(council: Council) -> None:
    """The message about a slow payment is lost: the sweeper asks by itself."""
    council.ticked(account=sandbox.SLOW)
    council.stage.drain()
    assert [p["status"] for p in council.payments()] == ["sent"]
    with council.stage.admin() as line:
        line.execute("UPDATE sandbox_payments SET stands = 'paid', becomes = NULL, becomes_at = NULL")
    council.stage.sweep()
    assert [p["status"] for p in council.payments()] == ["paid"]
    assert council.balance() == {"fees": 1550, "bank:sandbox": -1550}


def test_the_same_key_pays_once_in_the_pretend_bank(council: Council) -> None:
    bank = council.stage.hands.sandbox
    order = Order(
        council_id=council.id,
        payment_id="pay_1",
        key="att_1",
        amount_pence=1550,
        reference="EXAMPLE 1",
        account_name="A Example",
        sort_code=sandbox.SORT_CODE,
        account_number=sandbox.PAID,
    )
    assert bank.pay([order]) == bank.pay([order])
    assert bank.book(council_id=council.id) == {"pay_1": (1550, "paid")}
    asked = Asked(council.id, "pay_2", "att_2", 1550, utc_now())
    assert bank.find(asked) == Answer("absent")
    assert len(council.stage.picture()["rail_notices"]) == 1
    assert "00012345" not in repr(order)


def test_an_order_names_our_payment_and_tells_the_bank_no_secret(council: Council) -> None:
    """The reference is at most 18 letters that every bank takes, and says nothing of the claim."""
    seen: list[Order] = []

    class Listening:
        name = "sandbox"

        def pay(self, orders: Sequence[Order]) -> list[Answer]:
            seen.extend(orders)
            raise NoAnswer("Listening only.")

        def find(self, asked: Asked) -> Answer:
            return Answer("absent")

    council.stage.hands.rails["sandbox"] = Listening()
    council.ticked()
    council.stage.drain()
    council.stage.sweep()
    (payment,) = council.payments()
    assert [order.payment_id for order in seen] == [payment["id"]] * 2
    assert len({order.key for order in seen}) == 1
    assert {order.amount_pence for order in seen} == {1550}
    assert re.fullmatch(r"[A-Z0-9 ]{1,18}", seen[0].reference)
