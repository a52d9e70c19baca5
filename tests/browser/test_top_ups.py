"""Somebody is owed more: at a phone and at a desk, with JavaScript and without."""

from __future__ import annotations

from tests.browser.conftest import Visitor
from tests.web.test_top_ups import owed_more


def test_more_is_offered_and_taken(visitor: Visitor) -> None:
    more = owed_more(visitor.world)
    visitor.sign_in("person", "jo")
    assert visitor.sees("We owe you £1.00 more.")
    visitor.look("top-up-my-page")
    visitor.open(f"/me/claims/{more.id}")
    visitor.look("top-up-offered")
    visitor.press("Yes, please pay me")
    visitor.world.drain()
    visitor.open(f"/me/claims/{more.id}")
    visitor.look("top-up-paid")
    visitor.follow("See what we worked out first")
    visitor.look("top-up-first-claim")


def test_staff_see_it_as_what_it_is(visitor: Visitor) -> None:
    more = owed_more(visitor.world)
    visitor.sign_in("staff", "ada", goes_to=f"/{visitor.world.slug}/staff/claims/{more.id}")
    assert visitor.sees("This is more money for a claim of £15.50 that was agreed before.")
    visitor.look("top-up-staff")
    visitor.follow("See the first claim")
    visitor.look("top-up-staff-first-claim")


def test_no_thank_you(anybody: Visitor) -> None:
    owed_more(anybody.world)
    anybody.sign_in("person", "jo")
    anybody.press("No, thank you")
    assert anybody.sees("Not taken")
