"""A policy owner writes and tries a draft, people who are paid read it, and somebody else publishes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.reports import simulation
from tests.api.test_policy_life import LIMIT
from tests.browser.conftest import Visitor
from tests.web.drafts import agreed, asked, asking, drafted, text, tried


def _type(visitor: Visitor, given: str) -> None:
    visitor.page.get_by_label("The text").fill(given)


def _journey(visitor: Visitor, look: Callable[[str], None]) -> None:
    world, page = visitor.world, visitor.page
    world.tick("jo")
    visitor.sign_in("staff", "pat")
    look("policy-owner")
    visitor.press("Write a draft")
    look("policy-write")
    _type(visitor, asking().replace("£16.50", "0.45 p", 1))
    visitor.press("Check and save the draft")
    assert visitor.sees("is a part of one penny. Write 45p if that is what you mean.")
    assert "0.45 p" in page.get_by_label("The text").input_value()
    look("policy-write-mistakes")
    visitor.follow("Line ")
    assert page.evaluate("location.hash").startswith("#line-")
    assert page.locator(":target").inner_text().endswith("0.45 p")
    _type(visitor, asking())
    visitor.press("Check and save the draft")
    assert visitor.sees("From 1 April 2026 online rate rises from £15.50 to £16.50 an hour.")
    look("policy-draft")
    page.get_by_role("group", name="From activities on").get_by_label("Month").fill("13")
    visitor.press("Try it on past claims")
    assert visitor.sees("Enter a real day, like 27 3 2026")
    look("policy-draft-try-error")
    page.get_by_role("group", name="From activities on").get_by_label("Month").fill("1")
    visitor.press("Try it on past claims")
    assert visitor.sees("The draft would pay £16.50: £1.00 more.")
    look("policy-tried-ids")
    visitor.follow("The draft")
    look("policy-draft-tried")
    visitor.follow("See what publishing it needs")
    assert visitor.sees("You wrote this draft, so somebody else has to publish it")
    look("policy-publish-own")
    _agreed_and_published(visitor, look)


def _agreed_and_published(visitor: Visitor, look: Callable[[str], None]) -> None:
    world, page = visitor.world, visitor.page
    visitor.open("/staff/policy")
    draft = page.get_by_role("link", name="version 1.1").get_attribute("href")
    assert draft is not None
    draft = draft.removeprefix(f"/{world.slug}")
    page.goto(f"{visitor.url}/{world.slug}{draft}/ask")
    look("policy-ask-by-id")
    visitor.sign_in("staff", "sam")
    page.goto(f"{visitor.url}/{world.slug}{draft}/ask")
    visitor.press("Ask them")
    assert visitor.sees("Choose at least one person")
    look("policy-ask-error")
    page.get_by_label("Who?").select_option("Jo Marsh")
    visitor.press("Ask them")
    assert visitor.sees("Asked and not answered yet: Jo Marsh.")
    look("policy-asked")
    world.drain()
    visitor.sign_in("person", "jo")
    look("my-page-policy")
    visitor.follow("Changes to our rules")
    look("policy-read")
    page.get_by_label("In your own words").fill("That is fair.")
    visitor.press("I agree")
    assert visitor.sees("You agree. Thank you for reading it.")
    look("policy-read-answered")
    page.goto(f"{visitor.url}/{world.slug}{draft}/publish")
    visitor.press("Publish it")
    assert visitor.sees("Choose the first day")
    look("policy-publish-error")
    page.get_by_label("From 1 April 2025").check()
    look("policy-publish")
    visitor.press("Publish it")
    assert visitor.sees("It counts from 1 April 2025.")
    look("policy-published")
    visitor.open("/staff/policy")
    assert visitor.sees("Followed by another version")
    look("policy-versions")


def test_a_policy_owner_writes_and_tries_and_another_publishes(visitor: Visitor) -> None:
    _journey(visitor, visitor.look)


def test_the_same_without_javascript(without_script: Visitor) -> None:
    """Axe itself is JavaScript, so nothing is looked at here: the way is walked."""
    _journey(without_script, lambda name: None)


def test_a_draft_with_mistakes_and_figures_to_confirm(visitor: Visitor) -> None:
    world = visitor.world
    draft = drafted(world, text().replace("\nexamples:", f"{LIMIT}\nexamples:"))
    visitor.sign_in("staff", "sam")
    visitor.open(f"/staff/policy/{draft}")
    assert visitor.sees("Figures that nobody has confirmed")
    visitor.look("policy-draft-mistakes")
    draft = drafted(world, text().replace("total: £31.50", "total: £31.49"))
    visitor.open(f"/staff/policy/{draft}")
    assert visitor.sees("expects total £31.49, but the rules give £31.50.")
    visitor.look("policy-draft-example")


def test_a_no_and_a_second_persons_answer(visitor: Visitor) -> None:
    world = visitor.world
    draft = drafted(world)
    tried(world, draft)
    asked(world, draft, "jo", "wei")
    agreed(world, draft, "jo", agrees=False, words="It is less than my bus.")
    visitor.sign_in("staff", "sam")
    visitor.open(f"/staff/policy/{draft}")
    assert visitor.sees("Jo Marsh does not agree.")
    visitor.press("Send my answer")
    assert visitor.sees("Choose if you agree")
    visitor.look("policy-sign-error")
    visitor.open(f"/staff/policy/{draft}/publish")
    visitor.look("policy-publish-missing")
    visitor.sign_in("person", "wei")
    visitor.open(f"/me/policy/{draft}")
    visitor.press("I do not agree")
    assert visitor.sees("You do not agree. Thank you for reading it.")
    visitor.look("policy-read-no")


def test_a_large_trial_is_looked_at_again(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    world = visitor.world
    world.tick("jo", "wei")
    monkeypatch.setattr(simulation, "AT_ONCE", 0)
    draft = drafted(world)
    trial = tried(world, draft)
    visitor.sign_in("staff", "sam")
    visitor.open(f"/staff/policy/{draft}/tried/{trial}")
    assert visitor.sees("so this is under way.")
    visitor.look("policy-tried-waiting")
    world.drain()
    visitor.press("Look again")
    assert visitor.sees("Jo Marsh")
    visitor.look("policy-tried")
