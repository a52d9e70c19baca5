"""Somebody sets a line of their own, is told before a fee would pass it, and chooses a later day."""

from __future__ import annotations

from datetime import timedelta

from service.days import london_day, utc_now
from tests.browser.conftest import Visitor


def sets_a_line(visitor: Visitor) -> None:
    """From my page, through each question and what it says when nothing was typed."""
    page = visitor.page
    visitor.sign_in("person", "jo")
    visitor.look("my-page-without-line")
    visitor.follow("My own line")
    visitor.look("line-none")
    visitor.press("Set a line")
    visitor.press("Continue")
    visitor.look("line-per-error")
    page.get_by_label("A week").check()
    visitor.press("Continue")
    visitor.press("Continue")
    visitor.look("line-start-error")
    page.get_by_label("Thursday").check()
    visitor.press("Continue")
    visitor.look("line-amount")
    page.get_by_label("A sum of my own").check()
    visitor.press("Save my line")
    visitor.look("line-amount-error")
    page.get_by_label("Your own sum").fill("20")
    visitor.press("Save my line")
    assert visitor.sees("in a week that starts on a Thursday")
    visitor.look("line-set")


def test_somebody_is_told_before_they_pass_their_own_line(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    sets_a_line(visitor)
    visitor.open(f"/me/offers/{world.offers['board-jo']}")
    visitor.press("Yes, I will take part")
    assert visitor.sees("This would take you past your own line")
    visitor.look("line-asked")
    visitor.press("Continue")
    visitor.look("line-asked-error")
    page.get_by_label("Yes, and pay me in two parts").check()
    page.get_by_label("How much would you like first?").fill("99")
    visitor.press("Continue")
    assert visitor.sees(", which is the whole fee")
    visitor.look("line-asked-parts-error")
    page.get_by_label("Yes, and I take less").check()
    page.get_by_label("How much would you like?").fill("30")
    visitor.press("Continue")
    assert visitor.sees("With this fee it would come to £30.00")
    visitor.look("line-asked-still-past")
    page.get_by_label("Yes, and pay me as usual").check()
    visitor.press("Continue")
    assert visitor.sees("You said that it comes as usual.")
    visitor.look("line-answered")
    visitor.press("See my own line")
    visitor.look("line-with-fees")
    visitor.follow("Change when it comes")
    visitor.look("line-fee")
    page.get_by_label("Pay me on another day").check()
    visitor.press("Continue")
    visitor.look("line-fee-error")
    page.get_by_label("Pay me in two parts").check()
    page.get_by_label("How much would you like first?").fill("17")
    day = london_day(utc_now()) + timedelta(days=30)
    for part, number in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.locator(f"[name=rest-{part}]").fill(str(number))
    visitor.press("Continue")
    assert visitor.sees("The rest of:")
    visitor.look("line-in-two-parts")
    visitor.open("/me/line/month")
    page.get_by_label("On which day of the month").fill("14")
    visitor.press("Continue")
    visitor.look("line-amount-month")
    page.get_by_label("A sum of my own").check()
    page.get_by_label("Your own sum").fill("10")
    visitor.press("Save my line")
    visitor.open("/me")
    assert visitor.sees("£15.50 for Over a Brew: what helps? would pass your own line")
    visitor.look("my-page-past-line")


def test_the_ways_to_be_paid_side_by_side(visitor: Visitor) -> None:
    visitor.sign_in("person", "jo")
    visitor.open("/me/payment-method/choose")
    visitor.look("paid-side-by-side")
    visitor.press("Continue")
    visitor.look("paid-side-by-side-error")
    visitor.page.get_by_label("Given to a charity").check()
    visitor.press("Continue")
    assert visitor.sees("Enter the name of the charity")
    visitor.look("paid-side-by-side-charity-error")
