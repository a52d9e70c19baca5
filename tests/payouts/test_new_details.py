"""Where does money go when somebody says how they want to be paid, at whatever moment they say it?"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta

import pytest

from service.payouts.owing import open_obligation
from service.people import actions as people
from service.people.model import BankDetails
from service.rails import sandbox
from service.rails.protocol import Answer, Asked, NoAnswer, Order
from tests.stage import Council, Stage, bank_account, refused, told


class Listening:
    """A rail that pays, and remembers where to."""

    name = "sandbox"

    def __init__(self) -> None:
        self.accounts: list[str] = []

    def pay(self, orders: Sequence[Order]) -> list[Answer]:
        self.accounts += [order.account_number for order in orders]
        return [Answer("paid", rail_reference="X") for _ in orders]

    def find(self, asked: Asked) -> Answer:
        raise NoAnswer("Nobody asks.")


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


@pytest.fixture
def rail(stage: Stage) -> Listening:
    listening = Listening()
    stage.hands.rails["sandbox"] = listening
    return listening


def test_what_waited_for_details_goes_once_they_are_there(council: Council, rail: Listening) -> None:
    session_id = council.ticked(account=None)
    council.stage.drain()
    (held,) = council.payments()
    assert (held["status"], held["held_because"]) == ("held", "no_method")
    person_id = council.claim(session=session_id)["person"]
    assert "How would you like to be paid?" in council.messages(person_id)[-1]
    told(council.pays_into(person_id, sandbox.PAID))
    council.stage.drain()
    assert [p["status"] for p in council.payments()] == ["cancelled", "paid"]
    assert rail.accounts == [sandbox.PAID]


def test_a_change_waits_for_the_person_and_until_then_the_old_account_is_paid(
    council: Council, rail: Listening
) -> None:
    session_id, person_id = council.session(), council.person()
    told(council.pays_into(person_id, "00733445"), 202)
    council.invited(session_id, person_id)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    assert rail.accounts == [sandbox.PAID]
    shown = told(council.lead.get(f"people/{person_id}"))["payment_method"]
    assert (shown["status"], shown["shown"]) == ("current", "account ending 2345")


def test_the_same_details_again_change_nothing(council: Council) -> None:
    person_id = council.person()
    council.stage.drain()
    before = council.stage.picture()
    assert told(council.pays_into(person_id, sandbox.PAID))["status"] == "current"
    council.stage.drain()
    after = council.stage.picture()
    for table in ("payment_methods", "payouts", "notices", "people"):
        assert after[table] == before[table]


def test_a_payment_that_failed_is_tried_again_when_the_details_are_said_to_be_right(council: Council) -> None:
    council.ticked(account=sandbox.NO_ACCOUNT)
    council.stage.drain()
    assert [p["status"] for p in council.payments()] == ["failed"]
    told(council.pays_into(council.claim()["person"], sandbox.NO_ACCOUNT))
    council.stage.drain()
    assert [p["status"] for p in council.payments()] == ["failed", "failed"]


def test_what_is_held_by_hand_goes_to_the_account_that_counts_once_it_is_let_go(
    council: Council, rail: Listening
) -> None:
    session_id = council.ticked()
    council.stage.drain(leaving=("payouts.send",))
    (payment,) = council.payments()
    held = council.lead.post(f"payments/{payment['id']}/hold")
    assert told(held)["held_because"] == "by_hand"
    council.confirmed(council.claim(session=session_id)["person"], "00733445")
    council.stage.drain()
    assert [p["status"] for p in council.payments()] == ["held"]
    seen = council.lead.get(f"payments/{payment['id']}").headers["ETag"]
    assert told(council.lead.post(f"payments/{payment['id']}/release", seen=seen))["status"] == "ready"
    council.stage.drain()
    assert [p["status"] for p in council.payments()] == ["paid"]
    assert rail.accounts == ["00733445"]


def test_what_is_held_by_hand_is_not_let_go_to_somebody_who_wants_no_money(council: Council) -> None:
    session_id = council.ticked()
    council.stage.drain(leaving=("payouts.send",))
    (payment,) = council.payments()
    told(council.lead.post(f"payments/{payment['id']}/hold"))
    person_id = council.claim(session=session_id)["person"]
    told(council.lead.put(f"people/{person_id}/payment_method", {"kind": "none"}), 202)
    council.confirms(person_id)
    seen = council.lead.get(f"payments/{payment['id']}").headers["ETag"]
    before = council.stage.picture()
    refused(council.lead.post(f"payments/{payment['id']}/release", seen=seen), 409)
    assert council.stage.picture() == before


@pytest.mark.parametrize("again", [False, True])
def test_details_given_while_the_debt_is_being_written_down_are_not_missed(
    council: Council, rail: Listening, again: bool
) -> None:
    """The one waits for the other, so that a payment is never laid out as if there were no account.

    `again`: the debt was written down once before, and stopped.
    """
    session_id = council.ticked(account=None)
    council.stage.drain(leaving=() if again else ("payouts.open",))
    claim = council.claim(session=session_id)
    if again:
        told(council.tick(session_id, claim["person"], attended=False))
        council.stage.drain()
        told(council.tick(session_id, claim["person"]))
        council.stage.drain(leaving=("payouts.open",))
    db, now = council.stage.hands.db, council.stage.clock()

    def owe() -> None:
        with db.council(council.id) as session:
            open_obligation(session, council_id=council.id, claim_id=claim["id"], now=now)

    with ThreadPoolExecutor(1) as other:
        with db.council(council.id) as session:
            people.set_method(
                session,
                council_id=council.id,
                person_id=claim["person"],
                given=people.MethodGiven(**bank_account(sandbox.PAID)),
                allowed=["bank_account"],
                hold_hours=0,
                vault=council.stage.hands.vault,
                actor=people.Actor("person", claim["person"]),
                now=now,
            )
            owing = other.submit(owe)
            council.stage.wait_for_a_lock()
        owing.result(timeout=20)
    assert council.payments()[-1]["status"] == "ready"
    council.stage.settle()
    assert rail.accounts == [sandbox.PAID]


def test_new_details_are_held_as_long_as_the_policy_says(council: Council, rail: Listening) -> None:
    """The policy of the demonstration holds nothing, so the waiting time is written down by the verb."""
    session_id = council.ticked(account=None)
    council.stage.drain()
    claim = council.claim(session=session_id)
    now = council.stage.clock()
    with council.stage.hands.db.council(council.id) as session:
        people.set_method(
            session,
            council_id=council.id,
            person_id=claim["person"],
            given=people.MethodGiven(**bank_account(sandbox.PAID)),
            allowed=["bank_account"],
            hold_hours=1,
            vault=council.stage.hands.vault,
            actor=people.Actor("key", "key_1"),
            now=now,
        )
    council.stage.drain()
    held = council.payments()[-1]
    assert (held["status"], held["held_because"]) == ("held", "new_details")
    council.stage.sweep()
    assert council.payments()[-1]["status"] == "held"
    council.stage.sweep(after=timedelta(hours=1))
    assert council.payments()[-1]["status"] == "paid"
    assert rail.accounts == [sandbox.PAID]


def test_bank_details_are_sealed_and_open_with_any_key_of_the_ring(stage: Stage) -> None:
    vault = stage.hands.vault
    details = BankDetails("A Example", "108800", "00012345", "R/1")
    sealed = vault.seal(asdict(details))
    assert "00012345" not in sealed
    assert BankDetails(**vault.open(sealed)) == details
    assert vault.seal(asdict(details)) != sealed
    assert vault.open(vault.reseal(sealed)) == asdict(details)
