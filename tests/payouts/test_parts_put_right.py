"""What becomes of a fee in two parts that is put right, taken off the register, sent back or topped up?"""

from __future__ import annotations

import pytest

from service.payouts.putting_off import StaysWhole
from service.rails import sandbox
from tests.claims.top_ups import in_order, now_is, policy, publish, small, top_ups
from tests.payouts.corrected import differences
from tests.payouts.parts import PAID, WAITS, Fee
from tests.stage import Council, Stage, told


@pytest.fixture
def council(stage: Stage) -> Council:
    return small(stage)


# Minutes on the register once the first £5.00 was paid → the rest, the difference, what was too much.
CORRECTED = [(90, 1000, 750, 0), (60, 1000, 0, 0), (40, 500, 0, 0), (20, 0, 0, 0), (10, 0, 0, 250)]


@pytest.mark.parametrize(("minutes", "rest", "more", "over"), CORRECTED)
def test_a_correction_meets_the_rest_first(
    council: Council, minutes: int, rest: int, more: int, over: int
) -> None:
    fee = Fee.promised(council)
    day = fee.splits(500)
    fee.tick(minutes=60)
    fee.tick(minutes=minutes)
    assert fee.parts[1][:2] == (("approved", rest) if rest else ("withdrawn", 1000))
    assert sum(one["total_pence"] for one in differences(council, fee.session_id)) == more
    assert (fee.paid, fee.over) == (500 + more, over)
    in_order(council)
    fee.comes(day)
    council.stage.settle()
    assert (fee.paid, fee.over) == (500 + rest + more, over)
    in_order(council)


def test_corrections_one_after_another_bring_the_rest_back(council: Council) -> None:
    fee = Fee.promised(council)
    day = fee.splits(500)
    fee.tick(minutes=60)
    for minutes in (10, 90, 30, 60):
        fee.tick(minutes=minutes)
        in_order(council)
    fee.comes(day)
    council.stage.settle()
    assert fee.paid - fee.over == 1500
    in_order(council)


def test_taken_off_the_register_the_rest_does_not_come_and_with_the_tick_it_does(council: Council) -> None:
    fee = Fee.promised(council)
    day = fee.splits(500)
    fee.tick()
    fee.tick(attended=False)
    assert (fee.rest["status"], fee.over) == ("withdrawn", 500)
    fee.tick()
    assert (fee.parts[1], fee.over) == (("approved", 1000, *WAITS), 0)
    fee.comes(day)
    assert (fee.paid, fee.over) == (1500, 0)
    in_order(council)


def test_taken_off_before_anything_left_both_stop_and_with_the_tick_it_is_divided_anew(
    council: Council,
) -> None:
    fee = Fee.agreed(council)
    day = fee.splits(500)
    fee.tick(attended=False, leaving=("payouts.send",))
    council.stage.settle()
    assert [part[:3] for part in fee.parts] == [
        ("withdrawn", 500, "cancelled"),
        ("withdrawn", 1000, "cancelled"),
    ]
    assert council.balance() == {}
    fee.tick()
    council.stage.settle()
    assert fee.parts == [("paid", 500, *PAID), ("approved", 1000, *WAITS)]
    fee.comes(day)
    assert (fee.paid, fee.over) == (1500, 0)
    in_order(council)


@pytest.mark.parametrize(("minutes", "later"), [(90, 1750), (40, 500), (20, 0), (10, 0)])
def test_a_correction_before_anything_left_divides_the_new_sum(
    council: Council, minutes: int, later: int
) -> None:
    fee = Fee.promised(council, account=None)
    day = fee.splits(500)
    fee.tick(minutes=60)
    assert [part[1:] for part in fee.parts] == [(500, "held", "no_method"), (1000, "held", "no_method")]
    fee.tick(minutes=minutes)
    told(council.pays_into(fee.person_id, "00012345"))
    council.stage.settle()
    assert fee.paid == min(500, 25 * minutes)
    assert fee.parts[1][:1] == (("approved",) if later else ("withdrawn",))
    fee.comes(day)
    assert (fee.paid, fee.over) == (25 * minutes, 0)
    in_order(council)


@pytest.mark.parametrize("which", ["first", "rest"])
def test_a_part_that_comes_back_is_paid_again_and_no_other(council: Council, which: str) -> None:
    returned = sandbox.RETURNED if which == "first" else "00012345"
    fee = Fee.promised(council, account=returned)
    day = fee.splits(500)
    fee.tick()
    if which == "rest":
        council.confirmed(fee.person_id, sandbox.RETURNED)
        fee.comes(day)
    council.stage.settle()
    part = fee.claim if which == "first" else fee.rest
    assert [one["status"] for one in part["payments"]][-1] == "returned"
    council.confirmed(fee.person_id, "00012346")
    council.stage.settle()
    fee.comes(day)
    council.stage.settle()
    assert [part[:1] + part[2:] for part in fee.parts] == [("paid", *PAID), ("paid", *PAID)]
    assert fee.paid == 1500
    in_order(council)


def test_a_later_version_offers_the_whole_difference(council: Council) -> None:
    fee = Fee.promised(council)
    day = fee.splits(500)
    fee.tick()
    publish(council, policy(version="2.0", hour=1800, starts="2026-01-02"))
    council.stage.drain()
    (more,) = top_ups(council)
    assert more["total_pence"] == 300
    told(council.lead.post(f"claims/{more['id']}/submit"))
    with pytest.raises(StaysWhole):
        fee.splits(100, about=more["id"])
    council.stage.drain()
    assert now_is(council, more)["status"] == "paid"
    fee.comes(day)
    assert fee.paid == 1800
    in_order(council)
