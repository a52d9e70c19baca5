"""May a fee come in two parts, each paid once, which add up to what was agreed, whatever happens to it?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from service.errors import Invalid, ReciprocalError
from service.own_data import queries as own_data
from service.payouts.putting_off import StaysWhole, TooLate
from service.reports import person_statement
from service.reports.periods import Period
from tests.claims.top_ups import in_order, policy, small, sources
from tests.payouts.corrected import bus
from tests.payouts.parts import PAID, WAITS, Fee
from tests.stage import Council, Stage, refused, told

ALWAYS = Period(date(2000, 1, 1), date(2099, 12, 31))


@pytest.fixture
def council(stage: Stage) -> Council:
    return small(stage)


def paid_on(claim: dict[str, Any]) -> list[str]:
    return [one["paid_on"] for one in claim["payments"] if one["status"] == "paid"]


def test_an_agreed_fee_comes_in_two_parts_each_once(council: Council) -> None:
    fee = Fee.agreed(council)
    day = fee.splits(500)
    assert fee.parts == [("approved", 500, "ready", None), ("approved", 1000, *WAITS)]
    assert (fee.claim["put_off_pence"], fee.rest["rest_of"]) == (1000, fee.claim["id"])
    council.stage.hand_again()
    assert fee.parts == [("paid", 500, *PAID), ("approved", 1000, *WAITS)]
    assert council.balance() == {"fees": 1500, "creditors": -1000, "bank:sandbox": -500}
    fee.comes(day)
    council.stage.settle()
    assert fee.parts == [("paid", 500, *PAID), ("paid", 1000, *PAID)]
    assert paid_on(fee.rest) == [day.isoformat()]
    assert council.balance() == {"fees": 1500, "bank:sandbox": -1500}
    in_order(council)


def test_chosen_before_the_day_it_is_carried_out_when_it_is_agreed(council: Council) -> None:
    fee = Fee.promised(council)
    day = fee.splits(499, days=30)
    fee.tick()
    assert fee.parts == [("paid", 499, *PAID), ("approved", 1001, *WAITS)]
    with council.stage.admin() as line:
        query = "SELECT body FROM notices WHERE person_id = %s AND name = 'claim.approved'"
        ((body,),) = line.execute(query, (fee.person_id,)).fetchall()
    by = date.fromisoformat(fee.claim["pay_by"])
    said = f"{by.day} {by:%B} {by.year} (£4.99) and {day.day} {day:%B} {day.year} (£10.01)."
    assert f"We promised to pay you by {said}" in body
    assert "£15.00 is on its way to you." in body
    fee.comes(day)
    assert fee.paid == 1500
    in_order(council)


def test_statement_letter_and_advice_show_both_parts_and_why(council: Council) -> None:
    fee = Fee.promised(council)
    day = fee.splits(500)
    fee.tick()
    key: dict[str, Any] = {"council_id": council.id, "person_id": fee.person_id, "period": ALWAYS}
    with council.stage.hands.db.council(council.id) as session:
        before = person_statement.statement(session, **key, now=council.stage.clock())
    assert [(line.fee_pence, line.amount_pence) for line in before.paid] == [(500, 500)]
    assert [(one.title, one.amount_pence) for one in before.due] == [("The rest of: Over a Brew", 1000)]
    assert before.not_taken == ()
    fee.comes(day)
    with council.stage.hands.db.council(council.id) as session:
        after = person_statement.statement(session, **key, now=council.stage.clock())
    assert [(line.title, line.fee_pence) for line in after.paid] == [
        ("Over a Brew", 500),
        ("The rest of: Over a Brew", 1000),
    ]
    assert after.sums.total_pence == -council.balance()["bank:sandbox"] == 1500
    for claim, which in ((fee.claim, "first part: £5.00"), (fee.rest, "later part: £10.00")):
        (payment,) = claim["payments"]
        advice = told(council.finance.get(f"payments/{payment['id']}/remittance_advice"))
        (line,) = advice["lines"]
        assert line["amount_pence"] == advice["amount_pence"] == payment["amount_pence"]
        said = " ".join(reason["text"] for reason in line["reasons"])
        assert f"You chose to have this fee in two parts. This is the {which}." in said


@pytest.mark.parametrize("minutes", [20, 19, 1])
def test_a_fee_no_higher_than_what_was_wanted_first_stays_whole(council: Council, minutes: int) -> None:
    fee = Fee.promised(council)
    fee.splits(500)
    # They came for so short a time that there is nothing to divide.
    fee.tick(minutes=minutes)
    assert (fee.claim["status"], fee.rests) == ("paid", [])
    assert fee.paid == 25 * minutes
    in_order(council)


def test_a_day_that_came_before_it_was_agreed_divides_nothing(stage: Stage) -> None:
    council = small(stage, limit="10.00")
    fee = Fee.promised(council)
    day = fee.splits(500)
    fee.tick()
    stage.clock.forward(timedelta(days=10))
    assert fee.in_days(0) >= day
    seen = council.lead.get(f"claims/{fee.claim['id']}").headers["ETag"]
    told(council.approver.post(f"claims/{fee.claim['id']}/approve", {}, seen=seen))
    stage.drain()
    assert (fee.parts, fee.rests) == ([("paid", 1500, *PAID)], [])


def test_it_can_be_changed_and_put_together_until_it_has_left(council: Council) -> None:
    fee = Fee.agreed(council)
    fee.splits(500)
    fee.splits(1)
    assert [part[1] for part in fee.parts] == [1, 1499]
    day = fee.splits(1, days=20)
    with council.stage.admin() as line:
        rows = line.execute("SELECT own_day, state FROM payouts WHERE state = 'held'").fetchall()
    assert rows == [(day, "held")]
    fee.chooses("now")
    assert (fee.claim["fee_pence"], fee.claim["put_off_pence"], fee.rest["status"]) == (1500, 0, "withdrawn")
    fee.splits(700)
    assert [part[:2] for part in fee.parts] == [("approved", 700), ("approved", 800)]
    fee.chooses("later", day=fee.in_days(5))
    assert fee.parts[0] == ("approved", 1500, *WAITS)
    fee.splits(1499, days=7)
    council.stage.settle()
    fee.comes(fee.in_days(7))
    assert fee.parts == [("paid", 1499, *PAID), ("paid", 1, *PAID)]
    assert "claim.stopped" not in council.history(fee.rest["id"])
    in_order(council)


def test_saying_it_twice_is_saying_it_once(council: Council) -> None:
    fee = Fee.agreed(council)
    fee.splits(500)
    before = council.stage.picture("payouts")
    fee.splits(500)
    assert council.stage.picture("payouts") == before
    assert fee.parts == [("approved", 500, "ready", None), ("approved", 1000, *WAITS)]


def test_once_the_first_part_has_left_only_the_day_of_the_rest_is_open(council: Council) -> None:
    fee = Fee.promised(council)
    fee.splits(500)
    fee.tick()
    rest = fee.rest["id"]
    before = council.stage.picture()
    for answer, pence in (("now", None), ("later", None), ("split", 600)):
        with pytest.raises(TooLate):
            fee.chooses(answer, pence=pence, day=fee.in_days(3) if answer != "now" else None)
        assert council.stage.picture() == before
    day = fee.in_days(20)
    fee.chooses("later", day=day, about=rest)
    fee.comes(fee.in_days(9))
    assert fee.parts[1] == ("approved", 1000, *WAITS)
    fee.comes(day)
    assert fee.paid == 1500
    with pytest.raises(TooLate):
        fee.chooses("later", day=fee.in_days(3), about=rest)
    in_order(council)


def test_the_rest_may_come_as_usual_after_all(council: Council) -> None:
    fee = Fee.promised(council)
    fee.splits(500)
    fee.tick()
    fee.chooses("now", about=fee.rest["id"])
    council.stage.drain()
    assert fee.parts == [("paid", 500, *PAID), ("paid", 1000, *PAID)]
    in_order(council)


def test_the_rest_as_usual_while_nothing_has_left_puts_them_together(council: Council) -> None:
    fee = Fee.agreed(council)
    fee.splits(500)
    fee.chooses("later", day=fee.in_days(12), about=fee.rest["id"])
    assert fee.parts == [("approved", 500, "ready", None), ("approved", 1000, *WAITS)]
    fee.chooses("now", about=fee.rest["id"])
    assert fee.parts[0] == ("approved", 1500, "ready", None)
    council.stage.hand_again()
    assert (fee.paid, fee.rest["status"]) == (1500, "withdrawn")
    in_order(council)


def test_what_cannot_be_divided_is_refused_with_a_reason_and_nothing_changes(council: Council) -> None:
    fee = Fee.agreed(council)
    body = {"person": fee.person_id, "session": fee.session_id, "expenses": [bus(410)]}
    costs = told(council.lead.post("claims", body), 201)
    session_id, person_id = council.session("meeting"), council.person()
    given = Fee(council, session_id, person_id, council.offer(session_id, person_id, "member"))
    told(council.lead.post(f"offers/{given.offer_id}/accept", {"give_to": "The Tea Trust"}))
    fee.splits(500)
    rest = fee.rest["id"]
    before = council.stage.picture()
    for one, about in ((fee, costs["id"]), (fee, rest), (given, "")):
        with pytest.raises(StaysWhole):
            one.splits(100, about=about)
        assert council.stage.picture() == before


@pytest.mark.parametrize(
    ("pence", "days", "field"),
    [
        (None, 9, "/now_pence"),
        (0, 9, "/now_pence"),
        (-1, 9, "/now_pence"),
        (1500, 9, "/now_pence"),
        (500, 0, "/day"),
        (500, 183, "/day"),
    ],
)
@pytest.mark.parametrize("agreed", [True, False])
def test_a_sum_or_a_day_that_cannot_be_is_refused(
    council: Council, pence: int | None, days: int, field: str, agreed: bool
) -> None:
    fee = Fee.agreed(council) if agreed else Fee.promised(council)
    before = council.stage.picture()
    with pytest.raises(Invalid) as refusal:
        fee.chooses("split", pence=pence, day=fee.in_days(days))
    assert [fault.pointer for fault in refusal.value.errors] == [field]
    assert council.stage.picture() == before


def test_costs_come_with_the_first_part(council: Council) -> None:
    person_id = council.person()
    body = {
        "person": person_id,
        "facts": {"activity": "meeting", "on": "2026-05-12", "minutes": 60},
        "expenses": [bus(410)],
    }
    claim = told(council.lead.post("claims", body), 201)
    fee = Fee(council, "", person_id, "")
    day = fee.splits(500, about=claim["id"])
    council.stage.drain()
    rows = told(council.lead.get("claims", person=person_id))["data"]
    assert sorted((row["kind"], row["fee_pence"], row["expenses_pence"]) for row in rows) == [
        ("other", 500, 410),
        ("rest", 1000, 0),
    ]
    assert fee.paid == 910
    fee.comes(day)
    assert council.balance() == {"fees": 1500, "expenses": 410, "bank:sandbox": -1910}


def test_a_fee_called_off_here_takes_its_rest_along_and_a_rest_goes_alone(council: Council) -> None:
    fee, other = Fee.agreed(council), Fee.agreed(council)
    for one in (fee, other):
        one.splits(500)
    told(council.lead.post(f"payments/{fee.claim['payments'][-1]['id']}/cancel"))
    told(council.lead.post(f"payments/{other.rest['payments'][-1]['id']}/cancel"))
    council.stage.settle()
    assert [part[:3] for part in fee.parts] == [
        ("withdrawn", 500, "cancelled"),
        ("withdrawn", 1000, "cancelled"),
    ]
    assert [part[:3] for part in other.parts] == [("paid", 500, "paid"), ("withdrawn", 1000, "cancelled")]
    # What somebody called off stays so, whatever comes by.
    council.stage.settle()
    assert other.paid == 500
    in_order(council)


def test_no_limit_is_stepped_under_by_dividing(stage: Stage) -> None:
    """The same person may not agree a claim and let a part of it go."""
    text = policy().replace("payment:\n", 'payment:\n  second_release: {payment_above: "£12.00"}\n', 1)
    council = stage.council(sources=sources(text))
    fee = Fee.promised(council)
    fee.splits(500)
    fee.tick()
    assert [part[2:] for part in fee.parts] == [("held", "second_release"), ("held", "second_release")]
    for claim in (fee.claim, fee.rest):
        payment = claim["payments"][-1]["id"]
        seen = council.finance.get(f"payments/{payment}").headers["ETag"]
        told(council.finance.post(f"payments/{payment}/release", {"by": "Bo"}, seen=seen))
    council.stage.drain()
    assert [part[2:] for part in fee.parts] == [PAID, WAITS]


def test_whoever_agreed_it_lets_neither_part_go(stage: Stage) -> None:
    text = policy(limit="10.00").replace(
        "payment:\n", 'payment:\n  second_release: {payment_above: "£12.00"}\n', 1
    )
    council = stage.council(sources=sources(text))
    both = council.key("approver", "finance")
    fee = Fee.promised(council)
    fee.splits(500)
    fee.tick()
    seen = both.get(f"claims/{fee.claim['id']}").headers["ETag"]
    told(both.post(f"claims/{fee.claim['id']}/approve", {"by": "Bo"}, seen=seen))
    stage.drain()
    for claim in (fee.claim, fee.rest):
        payment = claim["payments"][-1]["id"]
        seen = both.get(f"payments/{payment}").headers["ETag"]
        refused(both.post(f"payments/{payment}/release", {"by": "Bo"}, seen=seen), 409)


def test_refused_or_taken_back_as_a_whole_there_is_no_rest(stage: Stage) -> None:
    council = small(stage, limit="10.00")
    fee, other = Fee.promised(council), Fee.promised(council)
    for one in (fee, other):
        one.splits(500)
        one.tick()
        assert (one.claim["status"], one.rests) == ("waiting", [])
    no = {"clause": "3", "reason": "Not this time."}
    told(council.approver.post(f"claims/{fee.claim['id']}/refuse", no))
    other.tick(attended=False)
    stage.settle()
    assert [(one.claim["status"], one.rests, one.paid) for one in (fee, other)] == [
        ("refused", [], 0),
        ("withdrawn", [], 0),
    ]


def test_somebody_with_a_rest_to_come_is_not_erased(council: Council) -> None:
    fee = Fee.promised(council)
    fee.splits(500, days=60)
    fee.tick()
    council.stage.clock.forward(timedelta(days=40))
    with council.stage.hands.db.council(council.id) as session:
        found = own_data.still_open(
            session, council_id=council.id, person_id=fee.person_id, now=council.stage.clock()
        )
    assert [(one.what, one.leaf) for one in found] == [
        ("Money that we owe you and have not paid", f"claims/{fee.rest['id']}")
    ]


def answers(fee: Fee, day: date) -> str:
    try:
        fee.chooses("split", pence=500, day=day, about=fee.claim["id"])
    except ReciprocalError as refusal:
        return type(refusal).__name__
    return "chosen"


def test_a_choice_and_a_send_at_once_are_one_or_the_other(council: Council) -> None:
    """Never both: what left whole was not divided, and of what was divided only the first part left."""
    fees = [Fee.agreed(council) for _ in range(4)]
    day = fees[0].in_days(9)
    with ThreadPoolExecutor(5) as several:
        sending = several.submit(council.stage.hand_again)
        said = list(several.map(lambda fee: answers(fee, day), fees))
        sending.result()
    council.stage.hand_again()
    for fee, answer in zip(fees, said, strict=True):
        assert (answer, fee.paid) in {("chosen", 500), ("TooLate", 1500)}
    fees[0].comes(day)
    assert [fee.paid for fee in fees] == [1500] * 4
    in_order(council)
