"""Does a payment that its person put off wait for its day, whatever else it waits for, and go on that day?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from service.days import london_day
from service.errors import Invalid, ReciprocalError
from service.events import Actor
from service.payouts import putting_off
from service.payouts.choice_tables import PaymentChoice
from service.payouts.choosing import begins
from tests.payouts import holding, leaving
from tests.payouts.holding import let_go, now, place, sent
from tests.stage import A_WHILE, Council, Stage, refused, told


def chosen(council: Council, payment: dict[str, Any], day: date | None) -> PaymentChoice:
    """The person says on which day they would like it; None: as usual."""
    with council.stage.hands.db.council(council.id) as session:
        return putting_off.for_claim(
            session,
            council_id=council.id,
            claim_id=payment["claim"],
            answer="later" if day else "now",
            day=day,
            actor=Actor("person", payment["person"]),
            now=council.stage.clock(),
        )


def in_days(council: Council, number: int) -> date:
    return london_day(council.stage.clock()) + timedelta(days=number)


def on_the_day(council: Council, day: date, *, before: timedelta = timedelta()) -> None:
    """The first moments of a day, or some time before it; the clock comes round."""
    stage = council.stage
    stage.clock.forward(begins(day) - before - stage.clock())
    stage.sweep(after=timedelta(seconds=1))


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def test_it_waits_until_its_day_begins_and_then_goes(council: Council) -> None:
    payment, day = holding.ready(council), in_days(council, 9)
    chosen(council, payment, day)
    council.stage.hand_again()
    assert now(council, payment) == ("held", "ones_own_choice")
    on_the_day(council, day, before=A_WHILE)
    assert (now(council, payment), sent(council)) == (("held", "ones_own_choice"), set())
    on_the_day(council, day)
    assert now(council, payment) == ("paid", None)
    found = told(council.lead.get(f"payments/{payment['id']}"))
    assert found["paid_on"] == day.isoformat()
    assert council.breaches() == []


def test_another_day_or_none_after_all(council: Council) -> None:
    payment = holding.ready(council)
    chosen(council, payment, in_days(council, 9))
    chosen(council, payment, in_days(council, 4))
    with council.stage.admin() as line:
        rows = line.execute(
            "SELECT answer, day, replaced_at IS NULL FROM payment_choices ORDER BY id"
        ).fetchall()
    days = [in_days(council, 9), in_days(council, 4)]
    assert rows == [("later", days[0], False), ("later", days[1], True)]
    chosen(council, payment, None)
    council.stage.drain()
    assert now(council, payment) == ("paid", None)


def test_saying_it_twice_is_saying_it_once(council: Council) -> None:
    payment, day = holding.ready(council), in_days(council, 9)
    first = chosen(council, payment, day)
    before = council.stage.picture()
    assert chosen(council, payment, day).id == first.id
    assert {t: r for t, r in council.stage.picture().items() if t != "payouts"} == {
        t: r for t, r in before.items() if t != "payouts"
    }


def test_nobody_else_lets_it_go_before(council: Council) -> None:
    payment = holding.ready(council)
    chosen(council, payment, in_days(council, 9))
    seen = council.finance.get(f"payments/{payment['id']}").headers["ETag"]
    refused(council.finance.post(f"payments/{payment['id']}/release", {}, seen=seen), 409)
    assert now(council, payment) == ("held", "ones_own_choice")


@pytest.mark.parametrize("scope", ["payment", "person", "rail", "council"])
def test_the_end_of_a_hold_does_not_let_it_go_either(council: Council, scope: str) -> None:
    """A hold that stood before the person chose."""
    payment, day = holding.ready(council), in_days(council, 9)
    subject = {"payment": payment["id"], "person": payment["person"], "rail": "sandbox", "council": ""}
    hold_id = place(council, scope, subject[scope])
    council.stage.drain()
    chosen(council, payment, day)
    let_go(council, hold_id)
    council.stage.settle()
    assert (now(council, payment), sent(council)) == (("held", "ones_own_choice"), set())
    on_the_day(council, day)
    assert now(council, payment) == ("paid", None)


def test_a_hold_still_stops_it_on_its_day(council: Council) -> None:
    payment, day = holding.ready(council), in_days(council, 9)
    chosen(council, payment, day)
    hold_id = place(council, "person", payment["person"])
    on_the_day(council, day)
    assert (now(council, payment), sent(council)) == (("held", "hold_person"), set())
    let_go(council, hold_id)
    council.stage.settle()
    assert now(council, payment) == ("paid", None)


def test_new_details_in_the_meantime_do_not_bring_it_forward(council: Council) -> None:
    payment, day = holding.ready(council), in_days(council, 9)
    chosen(council, payment, day)
    council.confirmed(payment["person"], "00012346")
    council.stage.drain()
    claim = told(council.lead.get(f"claims/{payment['claim']}"))
    live = [one for one in claim["payments"] if one["status"] != "cancelled"]
    assert [(one["status"], one["held_because"]) for one in live] == [("held", "ones_own_choice")]
    on_the_day(council, day)
    assert told(council.lead.get(f"claims/{payment['claim']}"))["status"] == "paid"


def test_it_waits_for_no_run_that_comes_after_its_day(stage: Stage) -> None:
    council = leaving.council(stage, runs='{on: [tuesday], at: "14:00"}')
    session_id = council.ticked()
    stage.drain()
    (payment,) = council.claim(session=session_id)["payments"]
    payment = told(council.lead.get(f"payments/{payment['id']}"))
    assert payment["held_because"] == "next_run"
    # A Saturday, after the day that was promised: the next run would be on Tuesday.
    day = in_days(council, 40)
    day += timedelta(days=(5 - day.weekday()) % 7)
    chosen(council, payment, day)
    on_the_day(council, day, before=A_WHILE)
    assert now(council, payment) == ("held", "ones_own_choice")
    on_the_day(council, day)
    assert now(council, payment) == ("paid", None)


def test_a_second_person_may_agree_while_it_waits(stage: Stage) -> None:
    council = leaving.council(stage, runs="at once", second="{payment_above: £1.00}")
    payment = holding.ready_or_held(council)
    assert payment["held_because"] == "second_release"
    day = in_days(council, 9)
    chosen(council, payment, day)
    assert now(council, payment) == ("held", "second_release")
    seen = council.finance.get(f"payments/{payment['id']}").headers["ETag"]
    told(council.finance.post(f"payments/{payment['id']}/release", {"by": "Bo"}, seen=seen))
    assert now(council, payment) == ("held", "ones_own_choice")
    on_the_day(council, day)
    assert now(council, payment) == ("paid", None)


def test_what_has_left_or_is_in_other_hands_stays_as_it_is(council: Council, stage: Stage) -> None:
    session_id = council.ticked()
    stage.drain()
    (paid,) = council.claim(session=session_id)["payments"]
    paid = told(council.lead.get(f"payments/{paid['id']}"))
    assert paid["status"] == "paid"
    other = stage.council("demoford", rail="finance_system")
    theirs = holding.ready(other)
    for where, payment in ((council, paid), (other, theirs)):
        before = stage.picture()
        with pytest.raises(putting_off.TooLate):
            chosen(where, payment, in_days(where, 9))
        assert stage.picture() == before


@pytest.mark.parametrize("number", [-1, 0, 183])
def test_a_day_that_cannot_be_is_refused(council: Council, number: int) -> None:
    payment = holding.ready(council)
    before = council.stage.picture()
    with pytest.raises(Invalid) as refusal:
        chosen(council, payment, in_days(council, number))
    assert [fault.pointer for fault in refusal.value.errors] == ["/day"]
    assert council.stage.picture() == before


def test_chosen_about_an_offer_it_counts_for_the_payment_that_follows(council: Council) -> None:
    stage = council.stage
    session_id, person_id = council.session(), council.person()
    offer_id = council.invited(session_id, person_id)
    day = in_days(council, 60)
    with stage.hands.db.council(council.id) as session:
        putting_off.for_offer(
            session,
            council_id=council.id,
            offer_id=offer_id,
            answer="later",
            day=day,
            actor=Actor("person", person_id),
            now=stage.clock(),
        )
    told(council.tick(session_id, person_id))
    stage.settle()
    (payment,) = council.claim(session=session_id)["payments"]
    assert (payment["status"], payment["held_because"]) == ("held", "ones_own_choice")
    with stage.admin() as line:
        query = "SELECT body FROM notices WHERE person_id = %s AND name = 'claim.approved'"
        ((body,),) = line.execute(query, (person_id,)).fetchall()
    assert f"We promised to pay you by {day.day} {day:%B} {day.year}." in body
    on_the_day(council, day)
    assert now(council, payment) == ("paid", None)


def answers(council: Council, payment: dict[str, Any], day: date) -> str:
    try:
        chosen(council, payment, day)
    except ReciprocalError as refusal:
        return type(refusal).__name__
    return "chosen"


def test_a_choice_and_a_send_at_once_are_one_or_the_other(council: Council) -> None:
    """Never both: what was put off has not left, and what has left was not put off."""
    payments = [holding.ready(council, account=f"0001234{number}") for number in (5,) * 4]
    day = in_days(council, 9)
    with ThreadPoolExecutor(5) as several:
        sending = several.submit(council.stage.hand_again)
        said = list(several.map(lambda p: answers(council, p, day), payments))
        sending.result()
    council.stage.hand_again()
    for payment, answer in zip(payments, said, strict=True):
        status = now(council, payment)
        assert (answer, status) in {
            ("chosen", ("held", "ones_own_choice")),
            ("TooLate", ("paid", None)),
        }
    on_the_day(council, day)
    assert {now(council, payment) for payment in payments} == {("paid", None)}
    assert council.breaches() == []
