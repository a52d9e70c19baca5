"""Is somebody told before they pass their own line, may they choose, and does nobody else learn of it?"""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from service.days import LONDON
from service.people import actions as people
from service.people.actions import MethodGiven
from service.people.benefit_figures import figures
from service.people.lines_model import Line
from tests.reading_age import reading_age
from tests.web.lines import ASKED, MONDAY, Jo, boxes
from tests.web.test_paid import post

# The texts of a page, each a sentence.
BLOCKS = re.compile(
    r"<(?:h[1-3]|p|label|dd|div[^>]*govuk-hint)\b[^>]*>(.*?)</(?:h[1-3]|p|label|dd|div)>", re.DOTALL
)


def test_somebody_is_asked_before_they_say_yes_and_nothing_moves_until_they_choose(
    monday: Any, jo: Jo
) -> None:
    jo.sets("50")
    first, second = jo.offered(date(2026, 12, 2)), jo.offered(date(2026, 12, 6), title="Second board")
    assert "You said yes" in jo.presses_yes(first)
    page = jo.presses_yes(second)
    assert ASKED in page
    assert "With this fee it would come to £72.00 in the week from Monday 30 November 2026 to" in page
    assert "Sunday 6 December 2026. Your line is £50.00." in page
    assert "Yes, and pay me on Monday 7 December 2026" in page
    assert (jo.offer(second).state, jo.choices()) == ("made", [])
    done = post(jo.client, f"{jo.at}/line/offers/{second}", choice="now").text
    assert "You said that it comes as usual." in done
    assert jo.offer(second).state == "accepted"
    (choice,) = jo.choices()
    assert (choice.answer, choice.day, choice.offer_id) == ("now", None, second)
    assert choice.chosen_by == f"person:{jo.world.people['jo']}"
    assert "would pass your own line" not in jo.read()


def test_the_week_starts_on_the_day_that_the_person_named(monday: Any, jo: Jo) -> None:
    jo.sets("50", starts="6")
    assert "You said yes" in jo.presses_yes(jo.offered(date(2026, 12, 5)))
    # A Sunday: with this person a new week.
    assert "You said yes" in jo.presses_yes(jo.offered(date(2026, 12, 6), title="Second"))
    assert ASKED in jo.presses_yes(jo.offered(date(2026, 12, 12), title="Third"))


def test_a_fee_that_was_put_off_goes_on_its_day_and_is_not_late_before(monday: Any, jo: Jo) -> None:
    jo.sets("30")
    offer_id = jo.offered(date(2026, 12, 2))
    assert ASKED in jo.presses_yes(offer_id)
    chosen = date(2027, 1, 20)
    page = post(jo.client, f"{jo.at}/line/offers/{offer_id}", choice="later", **boxes(chosen))
    assert "£36.00 in the week from Monday 18 January 2027 to Sunday 24 January 2027" in page.text
    assert "Send it again if you would like this day all the same" in page.text
    assert jo.offer(offer_id).state == "made"
    (sure,) = re.findall(r'name="sure" value="([^"]+)"', page.text)
    page = post(jo.client, f"{jo.at}/line/offers/{offer_id}", choice="later", sure=sure, **boxes(chosen))
    assert "You chose Wednesday 20 January 2027." in page.text
    monday.move_to(datetime(2026, 12, 2, 18, tzinfo=LONDON))
    jo.world.tick("jo", session="Board")
    (payment,) = jo.world.payments_of("jo")
    assert (payment.state, payment.held_because, payment.own_day) == ("held", "ones_own_choice", chosen)
    monday.move_to(datetime(2027, 1, 19, 23, 59, tzinfo=LONDON))
    jo.sweep()
    assert jo.world.payments_of("jo")[0].state == "held"
    jo.client = jo.world.client("person", "jo")
    mine = jo.read()
    assert "We are late" not in mine
    assert "You chose this day: Wednesday 20 January 2027. We send it then." in mine
    monday.move_to(datetime(2027, 1, 20, 0, 1, tzinfo=LONDON))
    jo.sweep()
    (payment,) = jo.world.payments_of("jo")
    assert (payment.state, payment.paid_on) == ("paid", chosen)
    assert "You chose the day of this payment" not in jo.read()


def test_somebody_may_take_less_or_nothing_or_say_no(monday: Any, jo: Jo) -> None:
    jo.sets("30")
    offers = [jo.offered(date(2026, 12, 2), title=name) for name in ("Less", "None", "No")]
    less, none, no = offers
    page = post(jo.client, f"{jo.at}/line/offers/{less}", choice="less", amount="30.01")
    assert "£30.01 in the week" in page.text
    assert 'value="30.01"' in page.text
    post(jo.client, f"{jo.at}/line/offers/{less}", choice="less", amount="30.00")
    post(jo.client, f"{jo.at}/line/offers/{none}", choice="none")
    page = post(jo.client, f"{jo.at}/line/offers/{no}", choice="no")
    assert "You said no. Thank you for telling us." in page.text
    found = {offer_id: jo.offer(offer_id) for offer_id in offers}
    assert [(row.state, row.accept_pence) for row in found.values()] == [
        ("accepted", 3000),
        ("accepted", 0),
        ("declined", None),
    ]
    assert {row.offer_id: row.answer for row in jo.choices()} == {less: "less", none: "none", no: "no"}


def test_somebody_may_take_less_or_say_no_after_their_yes(monday: Any, jo: Jo) -> None:
    offers = [jo.offered(date(2026, 12, 2), title=name) for name in ("Less", "None", "No")]
    less, none, no = offers
    for offer_id in offers:
        jo.presses_yes(offer_id)
    post(jo.client, f"{jo.at}/line/fees/{less}", choice="less", amount="12.50")
    post(jo.client, f"{jo.at}/line/fees/{none}", choice="none")
    page = post(jo.client, f"{jo.at}/line/fees/{no}", choice="no").text
    found = {offer_id: jo.offer(offer_id) for offer_id in offers}
    assert [(row.state, row.accept_pence) for row in found.values()] == [
        ("accepted", 1250),
        ("accepted", 0),
        ("declined", None),
    ]
    assert page.count("It counts on") == 1
    assert "£12.50" in page
    monday.move_to(datetime(2026, 12, 2, 18, tzinfo=LONDON))
    jo.world.tick("jo", session="Less")
    assert [row.amount_pence for row in jo.world.payments_of("jo")] == [1250]


def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(monday: Any, jo: Jo) -> None:
    path = f"{jo.at}/line/offers/{jo.offered(date(2026, 12, 2))}"
    for typed, said in (
        ({}, "Choose what you would like"),
        ({"choice": "first"}, "Choose what you would like"),
        (
            {"choice": "later", "day-day": "31", "day-month": "2", "day-year": "2027"},
            "Enter a real day, like 27 3 2027",
        ),
        ({"choice": "later", **boxes(date(2026, 12, 2))}, "Enter a day after 2 December 2026"),
        ({"choice": "later", **boxes(date(2028, 1, 1))}, "Enter a day up to 31 May 2027"),
        ({"choice": "less", "amount": ""}, "Enter how much you would like, like 4.10"),
        ({"choice": "less", "amount": "37"}, "You can take the sum that was offered, or less"),
    ):
        page = post(jo.client, path, **typed)
        assert page.text.count(said) == 2, typed
        assert "Error: " in page.text
        for value in [typed[name] for name in typed if name != "choice"]:
            assert f'value="{value}"' in page.text
    assert jo.choices() == []
    for leaf, typed, said in (
        ("new", {}, "Choose a week or a month"),
        ("week", {"starts": "7"}, "Choose a day of the week"),
        ("month", {"starts": "0"}, "Enter a day from 1 to 31"),
    ):
        assert said in post(jo.client, f"{jo.at}/line/{leaf}", **typed).text
    assert jo.client.get(f"{jo.at}/line/week/amount").status_code == 303
    post(jo.client, f"{jo.at}/line/week", starts="3")
    for typed, said in (
        ({}, "Choose a sum, or enter your own"),
        ({"choice": "esa_permitted_work"}, "Choose a sum, or enter your own"),
        ({"choice": "other"}, "Enter your own sum, like 120 or 95.50"),
        ({"choice": "other", "amount": "a lot"}, "Write the amount in pounds and pence, like 4.10"),
    ):
        assert said in post(jo.client, f"{jo.at}/line/week/amount", **typed).text
    assert "Set a line" in jo.read("/line")


def test_a_line_is_changed_and_taken_away_with_its_sum(monday: Any, jo: Jo) -> None:
    jo.sets("120", starts="3")
    jo.sets("95.50", starts="4")
    assert "in a week that starts on a Friday" in jo.read("/line")
    jo.sets("400", per="month", starts="14")
    page = post_from(jo, "/line/week/take-away")
    assert "£95.50" not in page
    assert "£400.00</span> in a month that starts on day 14 of the month" in page
    with jo.world.db.council(jo.world.council_id) as session:
        rows = session.connection().exec_driver_sql("SELECT per, amount_pence, starts FROM own_lines").all()
    assert sorted(tuple(row) for row in rows) == [("month", 40000, 14), ("week", None, None)]


def post_from(jo: Jo, leaf: str) -> str:
    """Press a button of the page about one's own line."""
    (token, *_) = re.findall(r'name="csrf_token" [^>]*value="([^"]+)"', jo.read("/line"))
    headers = {"Referer": "http://localhost/"}
    answer = jo.client.post(jo.at + leaf, data={"csrf_token": token}, headers=headers, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_only_figures_that_somebody_read_are_offered(monday: Any, jo: Jo) -> None:
    post(jo.client, f"{jo.at}/line/week", starts="0")
    week = jo.read("/line/week/amount")
    inferred = next(one for one in figures(MONDAY.date()) if one.key == "esa_permitted_work")
    assert (inferred.mark, inferred.amount_pence) == ("inferred", 20350)
    assert "£204.00" in week
    assert "£203.50" not in week
    page = post(jo.client, f"{jo.at}/line/week/amount", choice="carers_allowance").text
    assert "£204.00</span> in a week that starts on a Monday" in page
    post(jo.client, f"{jo.at}/line/month", starts="14")
    month = jo.read("/line/month/amount")
    assert "£427.00" in month
    assert "£710.00" in month


def test_what_was_promised_before_there_was_a_line_is_told_on_their_page(monday: Any, jo: Jo) -> None:
    """Also what the council said yes to for them: a line is asked about there, and not by staff."""
    offer_id = jo.offered(date(2026, 12, 2))
    jo.presses_yes(offer_id)
    assert "would pass your own line" not in jo.read()
    jo.sets("30")
    assert "£36.00</span> for Board would pass your own line" in jo.read()
    post(jo.client, f"{jo.at}/line/fees/{offer_id}", choice="later", **boxes(date(2026, 12, 3)), sure="x")
    assert jo.choices() == []
    post(jo.client, f"{jo.at}/line/fees/{offer_id}", choice="now")
    assert [(row.answer, row.offer_id) for row in jo.choices()] == [("now", offer_id)]
    assert "would pass your own line" not in jo.read()


def test_what_comes_after_a_fee_in_the_same_week_is_said_with_it(monday: Any, jo: Jo) -> None:
    for day, title in ((2, "Board"), (3, "Second"), (8, "Next week")):
        jo.presses_yes(jo.offered(date(2026, 12, day), title=title))
    jo.sets("30")
    first, second = re.findall(r"With this fee it would come to [^<]*", jo.read())[:2]
    week = "in the week from Monday 30 November 2026 to Sunday 6 December 2026. Your line is £30.00."
    assert first == (
        f"With this fee it would come to £36.00 {week} With all that comes after it in that week, "
        "it would be £72.00."
    )
    assert second == f"With this fee it would come to £72.00 {week}"


def test_somebody_without_an_answer_is_paid_as_promised(monday: Any, jo: Jo) -> None:
    jo.presses_yes(jo.offered(date(2026, 12, 2)))
    jo.sets("30")
    monday.move_to(datetime(2026, 12, 2, 18, tzinfo=LONDON))
    jo.world.tick("jo", session="Board")
    assert [row.state for row in jo.world.payments_of("jo")] == ["paid"]


def test_the_question_is_asked_exactly_when_the_sum_would_pass_the_line(monday: Any, jo: Jo) -> None:
    """Ten boards on random days, a random line, and yes to each, as far as the person is not asked."""
    dice = random.Random(20)
    line = Line("week", dice.choice((3600, 5000, 7200, 9000)), dice.randrange(7))
    jo.sets(f"{line.amount_pence / 100:.2f}", starts=str(line.starts))
    yes: list[date] = []
    asked = 0
    for number in range(10):
        day = date(2026, 12, 1) + timedelta(days=dice.randrange(17))
        page = jo.presses_yes(jo.offered(day, title=f"Board {number}"))
        first = day - timedelta(days=(day.weekday() - line.starts) % 7)
        there = sum(3600 for one in yes if first <= one <= first + timedelta(days=6))
        past = there + 3600 > line.amount_pence
        assert (ASKED in page) == past, (line, day, yes)
        asked += past
        if not past:
            yes.append(day)
    assert 0 < asked < 10


def test_what_is_given_away_or_paid_back_is_left_out(monday: Any, jo: Jo) -> None:
    jo.sets("36")
    one, other = jo.offered(date(2026, 12, 2)), jo.offered(date(2026, 12, 3), title="Other")
    page = post(jo.client, f"{jo.at}/offers/{one}/less", choice="give", give_to="The Tea Trust")
    assert "You said yes" in page.text
    assert "You said yes" in jo.presses_yes(other)


@pytest.mark.parametrize("kind", ["charity", "none"])
def test_whoever_gives_all_away_or_is_not_paid_passes_no_line(monday: Any, jo: Jo, kind: str) -> None:
    # Wei has not said yet how they are paid, so what they say counts at once.
    wei = jo.world.people["wei"]
    jo = Jo(replace(jo.world, people={**jo.world.people, "jo": wei}), jo.world.client("person", "wei"))
    jo.sets("60")
    assert "You said yes" in jo.presses_yes(jo.offered(date(2026, 12, 2)))
    assert "£51.50</span> is paid or promised" in jo.read("/line/")
    with jo.world.db.council(jo.world.council_id) as session:
        people.set_method(
            session,
            council_id=jo.world.council_id,
            person_id=jo.world.people["jo"],
            given=MethodGiven(kind, charity="The Tea Trust" if kind == "charity" else ""),
            allowed=[kind],
            hold_hours=0,
            vault=jo.world.hands.vault,
            actor=jo.world.lead,
            now=datetime.now(LONDON),
        )
    assert "£0.00</span> is paid or promised" in jo.read("/line/")
    assert "You said yes" in jo.presses_yes(jo.offered(date(2026, 12, 3), title="Other"))


def test_staff_see_the_day_that_was_chosen_and_cannot_pass_over_it(monday: Any, jo: Jo) -> None:
    """And somebody without a line may choose a day just so: a day says nothing about a line."""
    offer_id = jo.offered(date(2026, 12, 2))
    jo.presses_yes(offer_id)
    post(jo.client, f"{jo.at}/line/fees/{offer_id}", choice="later", **boxes(date(2026, 12, 9)))
    monday.move_to(datetime(2026, 12, 2, 18, tzinfo=LONDON))
    jo.world.tick("jo", session="Board")
    (payment,) = jo.world.payments_of("jo")
    kim = jo.world.client("staff", "kim")
    page = kim.get(f"/{jo.world.slug}/staff/payments").text
    assert "The person chose the day of this payment. It goes by itself on Wednesday 9 December 2026." in page
    assert f"/payments/{payment.id}/release" not in page
    (token, *_) = re.findall(r'name="csrf_token" [^>]*value="([^"]+)"', page)
    answer = kim.post(
        f"/{jo.world.slug}/staff/payments/{payment.id}/release",
        data={"seen": payment.tag, "csrf_token": token},
        headers={"Referer": "http://localhost/"},
    )
    assert answer.status_code == 409
    assert jo.world.payments_of("jo")[0].held_because == "ones_own_choice"
    jo.client = jo.world.client("person", "jo")
    page = post(jo.client, f"{jo.at}/line/fees/{payment.claim_id}", choice="now").text
    assert "Fees that are still to come" in page
    jo.world.drain()
    assert jo.world.payments_of("jo")[0].state == "paid"
    answer = jo.client.get(f"{jo.at}/line/fees/{payment.claim_id}")
    assert answer.headers["Location"] == f"{jo.at}/line"


def test_its_pages_can_be_read_at_eleven(monday: Any, jo: Jo) -> None:
    jo.sets("30")
    offer_id = jo.offered(date(2026, 12, 2))
    post(jo.client, f"{jo.at}/line/week", starts="0")
    leaves = ("/line", "/line/new", "/line/week", "/line/month", "/line/week/amount")
    ages = {}
    for leaf in (*leaves, f"/line/offers/{offer_id}", "/payment-method/choose"):
        main = jo.read(leaf).split("<main", 1)[1].split("</main>")[0]
        said = ". ".join(re.sub(r"<[^>]+>|\s+", " ", text).strip() for text in BLOCKS.findall(main))
        assert len(said.split()) > 10, leaf
        ages[leaf] = round(reading_age(said), 1)
    worst = sorted(ages.items(), key=lambda one: -one[1])
    assert worst[0][1] <= 11, worst
