"""What somebody does who wants to know, show and keep what they were paid, or would rather be forgotten."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from service.own_data import actions
from service.tasks.hands import Hands
from tests.browser.conftest import Visitor
from tests.web.world import World, build


@pytest.fixture
def other(app: Flask, hands: Hands, world: World) -> World:
    """A second council, which pays Jo too."""
    made = build(app, hands, slug="samplebury", colour="#1d4f5c")
    made.tick("jo")
    return made


def test_keeps_a_statement_and_a_letter_and_sees_both_councils(visitor: Visitor, other: World) -> None:
    visitor.world.tick("jo")
    visitor.sign_in("person", "jo")
    visitor.follow("Get a statement")
    visitor.look("statement")
    visitor.follow("Last tax year")
    assert visitor.sees("Nothing in these days.")
    visitor.look("statement-nothing")
    visitor.follow("Other days")
    visitor.look("statement-days")
    visitor.page.get_by_role("textbox", name="Day").first.fill("31")
    visitor.press("Show these days")
    assert visitor.page.title().startswith("Error: ")
    visitor.look("statement-days-wrong")
    visitor.open("/me/letter")
    visitor.look("letter")
    visitor.page.emulate_media(media="print")
    assert not visitor.page.get_by_role("button", name="Keep this as a PDF").is_visible()
    assert not visitor.page.get_by_role("link", name="Last tax year").is_visible()
    visitor.look("letter-printed")
    visitor.page.emulate_media(media="screen")
    with visitor.page.expect_download() as waiting:
        visitor.page.get_by_role("button", name="Keep this as a PDF").click()
    assert re.match(r"letter-\d{4}-", waiting.value.suggested_filename)
    visitor.open("/me")
    visitor.follow("See all my money in one place")
    visitor.look("my-money-one")
    visitor.page.goto(visitor.url + other.link("person", "jo"))
    visitor.press("Sign me in")
    visitor.follow("See all my money in one place")
    assert visitor.sees("All councils together")
    visitor.look("my-money-two")


def test_takes_a_copy_and_is_forgotten(visitor: Visitor) -> None:
    world = visitor.world
    world.tick("jo")
    visitor.sign_in("person", "jo")
    visitor.open("/me/my-data/erase")
    assert visitor.sees("What must be settled first")
    visitor.look("erase-open")
    visitor.sign_in("person", "tom")
    visitor.follow("See what we keep about you")
    visitor.look("my-data")
    with visitor.page.expect_download() as waiting:
        visitor.page.get_by_role("button", name="Get my copy").click()
    assert waiting.value.suggested_filename == "what-we-keep-about-you.zip"
    visitor.follow("See what we can erase")
    visitor.press("Ask to be erased")
    assert visitor.page.title().startswith("Error: ")
    visitor.look("erase-wrong")
    visitor.page.get_by_role("checkbox").check()
    visitor.press("Ask to be erased")
    visitor.look("erase-asked")
    with world.db.council(world.council_id) as session:
        later = world.now + timedelta(days=8)
        key = {"council_id": world.council_id, "person_id": world.people["tom"]}
        assert actions.carry_out(session, **key, vault=world.hands.vault, now=later)
    visitor.open("/me", at="/sign-in")
