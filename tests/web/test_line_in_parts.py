"""May somebody have a fee in two parts where it would pass their own line, and does every page say so?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from service.days import LONDON
from tests.web.lines import ASKED, Jo, boxes
from tests.web.test_paid import post


def rest(day: date) -> dict[str, str]:
    return {name.replace("day-", "rest-", 1): value for name, value in boxes(day).items()}


def money(jo: Jo) -> list[tuple[int, str, str | None, date | None]]:
    found = sorted(jo.world.payments_of("jo"), key=lambda row: (row.claim_id, row.id))
    return [
        (row.amount_pence, row.state, row.held_because, row.own_day)
        for row in found
        if row.state != "cancelled"
    ]


def test_as_much_as_stays_within_the_line_by_one_press(monday: Any, jo: Jo) -> None:
    jo.sets("50")
    assert "You said yes" in jo.presses_yes(jo.offered(date(2026, 12, 1)))
    second = jo.offered(date(2026, 12, 2), title="Second board")
    page = jo.presses_yes(second)
    assert ASKED in page
    assert "Yes, and pay me £14.00 as usual, and £22.00 on Monday 7 December 2026" in page
    page = post(jo.client, f"{jo.at}/line/offers/{second}", choice="within").text
    assert "You chose £14.00 first, and the rest on Monday 7 December 2026." in page
    assert jo.offer(second).state == "accepted"
    (choice,) = [row for row in jo.choices() if row.offer_id == second]
    assert (choice.answer, choice.now_pence, choice.day) == ("split", 1400, date(2026, 12, 7))
    line = jo.read("/line")
    assert "The rest of: Second board" in line
    assert "£22.00</span>. It counts on Monday 7 December 2026." in line
    mine = jo.read()
    assert "would pass your own line" not in mine
    assert "You chose £14.00 first, and the rest on Monday 7 December 2026." in mine
    monday.move_to(datetime(2026, 12, 2, 18, tzinfo=LONDON))
    jo.world.tick("jo", session="Second board")
    assert money(jo) == [
        (1400, "paid", None, None),
        (2200, "held", "ones_own_choice", date(2026, 12, 7)),
    ]
    jo.client = jo.world.client("person", "jo")
    mine = jo.read()
    assert "The rest of: Second board" in mine
    assert "You chose this day: Monday 7 December 2026. We send it then." in mine
    assert "We are late" not in mine
    monday.move_to(datetime(2026, 12, 7, 0, 1, tzinfo=LONDON))
    jo.sweep()
    assert [row[:2] for row in money(jo)] == [(1400, "paid"), (2200, "paid")]


def test_both_parts_are_on_their_pages_with_the_reason(monday: Any, jo: Jo) -> None:
    offer_id = jo.offered(date(2026, 12, 2))
    jo.presses_yes(offer_id)
    typed = {"choice": "split", "part": "10", **rest(date(2026, 12, 20))}
    post(jo.client, f"{jo.at}/line/fees/{offer_id}", **typed)
    monday.move_to(datetime(2026, 12, 2, 18, tzinfo=LONDON))
    jo.world.tick("jo", session="Board")
    jo.client = jo.world.client("person", "jo")
    by_kind = {claim.kind: claim.id for claim in jo.world.claims_of("jo") if claim.state != "withdrawn"}
    first = jo.read(f"/claims/{by_kind['attendance']}")
    assert "This is the first part." in first
    assert "£26.00</span> comes later." in first
    assert "This is the first part: £10.00. The other part is £26.00." in first
    later = jo.read(f"/claims/{by_kind['rest']}")
    assert "This is the later part. <a" in later
    assert "This is the later part: £26.00. The other part is £10.00." in later
    sam, kim = jo.world.client("staff", "sam"), jo.world.client("staff", "kim")
    for claim_id, said in (
        (by_kind["attendance"], "comes later"),
        (by_kind["rest"], "agreed with the first"),
    ):
        assert said in sam.get(f"/{jo.world.slug}/staff/claims/{claim_id}").text
    # Staff see the day, and nothing of a line.
    page = kim.get(f"/{jo.world.slug}/staff/payments").text
    assert "The person chose the day of this payment. It goes by itself on Sunday 20 December 2026." in page


def test_the_parts_are_changed_and_put_together_on_the_same_page(monday: Any, jo: Jo) -> None:
    offer_id = jo.offered(date(2026, 12, 2))
    jo.presses_yes(offer_id)
    path = f"{jo.at}/line/fees/{offer_id}"
    post(jo.client, path, choice="split", part="10", **rest(date(2026, 12, 20)))
    page = jo.read(f"/line/fees/{offer_id}")
    assert 'The fee is <span class="rcp-figure">£36.00</span>.' in page
    assert "You chose £10.00 first, and the rest on Sunday 20 December 2026." in page
    post(jo.client, path, choice="split", part="12.01", **rest(date(2026, 12, 21)))
    assert [(row.now_pence, row.day) for row in jo.choices()] == [(1201, date(2026, 12, 21))]
    assert "The rest of:" not in post(jo.client, path, choice="now").text
    post(jo.client, path, choice="split", part="12.01", **rest(date(2026, 12, 21)))
    monday.move_to(datetime(2026, 12, 2, 18, tzinfo=LONDON))
    jo.world.tick("jo", session="Board")
    assert [row[0] for row in money(jo)] == [1201, 2399]
    jo.client = jo.world.client("person", "jo")
    (later,) = [claim.id for claim in jo.world.claims_of("jo") if claim.kind == "rest"]
    page = jo.read(f"/line/fees/{later}")
    assert "Pay me in two parts" not in page
    assert "I take less" not in page
    post(jo.client, f"{jo.at}/line/fees/{later}", choice="later", **boxes(date(2026, 12, 28)))
    assert money(jo)[1] == (2399, "held", "ones_own_choice", date(2026, 12, 28))
    post(jo.client, f"{jo.at}/line/fees/{later}", choice="now")
    jo.world.drain()
    assert [row[:2] for row in money(jo)] == [(1201, "paid"), (2399, "paid")]


def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(monday: Any, jo: Jo) -> None:
    path = f"{jo.at}/line/offers/{jo.offered(date(2026, 12, 2))}"
    good = {"part": "10", **rest(date(2026, 12, 20))}
    for typed, said in (
        ({"part": ""}, "Enter how much you would like first, like 4.10"),
        ({"part": "a bit"}, "Write the amount in pounds and pence, like 4.10"),
        ({"part": "0"}, "Enter how much you would like first, 1p or more"),
        ({"part": "36"}, "Enter less than £36.00, which is the whole fee"),
        ({"rest-day": "31", "rest-month": "2"}, "Enter a real day for the rest, like 27 3 2027"),
        (rest(date(2026, 12, 2)), "Enter a day after 2 December 2026"),
        (rest(date(2028, 1, 1)), "Enter a day up to 31 May 2027"),
    ):
        page = post(jo.client, path, choice="split", **{**good, **typed})
        assert page.text.count(said) == 2, typed
        assert "Error: " in page.text
        for value in {**good, **typed}.values():
            assert f'value="{value}"' in page.text, typed
    page = post(jo.client, path, choice="within")
    assert page.text.count("Choose what you would like") == 2
    assert jo.choices() == []


def test_a_part_that_would_pass_the_line_is_told_and_goes_when_it_is_sent_again(monday: Any, jo: Jo) -> None:
    jo.sets("20")
    offer_id = jo.offered(date(2026, 12, 2))
    assert "Yes, and pay me £20.00 as usual, and £16.00 on Monday 7 December 2026" in jo.presses_yes(offer_id)
    path = f"{jo.at}/line/offers/{offer_id}"
    typed = {"choice": "split", "part": "5", **rest(date(2026, 12, 20))}
    page = post(jo.client, path, **typed)
    assert "With this fee it would come to £31.00 in the week from Monday 14 December 2026" in page.text
    assert page.text.count("Send it again if you would like the rest on this day all the same") == 2
    page = post(jo.client, path, **{**typed, "part": "21"})
    assert page.text.count("Send it again if you would like this sum first all the same") == 2
    assert jo.offer(offer_id).state == "made"
    sure = page.text.split('name="sure" value="', 1)[1].split('"', 1)[0]
    page = post(jo.client, path, **{**typed, "part": "21"}, sure=sure)
    assert "You chose £21.00 first, and the rest on Sunday 20 December 2026." in page.text


def test_costs_and_what_comes_on_top_are_not_divided(monday: Any, jo: Jo) -> None:
    """Nor is the rest: it may have another day."""
    offer_id = jo.offered(date(2026, 12, 2))
    jo.presses_yes(offer_id)
    post(jo.client, f"{jo.at}/line/fees/{offer_id}", choice="split", part="10", **rest(date(2026, 12, 20)))
    monday.move_to(datetime(2026, 12, 2, 18, tzinfo=LONDON))
    jo.world.tick("jo", session="Board")
    jo.client = jo.world.client("person", "jo")
    (later,) = [claim.id for claim in jo.world.claims_of("jo") if claim.kind == "rest"]
    typed = {"choice": "split", "part": "10", **rest(date(2026, 12, 21))}
    page = post(jo.client, f"{jo.at}/line/fees/{later}", **typed)
    assert page.text.count("Choose what you would like") == 2
    assert money(jo)[1][3] == date(2026, 12, 20)
