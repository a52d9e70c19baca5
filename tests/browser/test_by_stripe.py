"""What somebody who is paid by Stripe sees: a form, a slip in it, Stripe's own page, a doubt of the bank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from service.people.recipients import Recipient
from service.rails.stripe import Stripe
from tests.browser.conftest import Visitor
from tests.browser.test_bank_details import type_code
from tests.fake_stripe import FakeStripe

SECRET, MONEY = "sk_test_of_the_demo", "fa_test_demo"


@pytest.fixture
def fake(visitor: Visitor) -> Iterator[FakeStripe]:
    """The pretend Stripe behind the pages and the tasks."""
    with FakeStripe(posts_after=None) as running:
        running.open_platform(secret=SECRET, financial_account=MONEY)
        world = visitor.world
        settings = replace(
            world.app.extensions["settings"],
            stripe_api_base=running.url,
            stripe_api_key=SECRET,
            stripe_financial_account=MONEY,
            base_url=visitor.url,
        )
        world.app.extensions["settings"] = settings
        rail = Stripe(world.db, settings=settings, vault=world.hands.vault)
        world.hands = replace(world.hands, stripe=rail, rails={**world.hands.rails, rail.name: rail})
        yield running


def _types(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_label("Name on the account").fill(name)
    visitor.page.get_by_label("Sort code").fill("10-88-00")
    visitor.page.get_by_label("Account number").fill("00012345")
    visitor.press("Save")


def _state(visitor: Visitor) -> list[tuple[str, str | None]]:
    world = visitor.world
    with world.db.council(world.council_id) as session:
        rows = session.scalars(select(Recipient).order_by(Recipient.id))
        return [(row.state, row.check_result) for row in rows]


def test_a_slip_then_a_name_that_is_only_close(visitor: Visitor, fake: FakeStripe) -> None:
    visitor.sign_in("person", "wei")
    visitor.open("/me/payment-method/choose")
    visitor.page.get_by_label("Into a bank account, by Stripe").check()
    visitor.look("stripe-choose")
    visitor.press("Continue")
    visitor.look("stripe-details")
    visitor.press("Save")
    assert visitor.page.title().startswith("Error: ")
    visitor.look("stripe-details-error")
    _types(visitor, "Mo Close Match")
    visitor.world.drain()
    visitor.open("/me/payment-method")
    assert visitor.sees("is close to the name on the account, but not the same")
    assert visitor.sees("Mo Close Match close_match")
    visitor.look("stripe-doubt-close")
    visitor.press("They are right, use them")
    assert _state(visitor) == [("ready", "close_match")]
    assert visitor.sees("We pay into your bank account by Stripe, account ending 2345.")
    assert visitor.sees("This way of being paid counts: bank account ending 2345, by Stripe")
    visitor.look("stripe-ready")


def test_a_name_that_does_not_fit_is_corrected(visitor: Visitor, fake: FakeStripe) -> None:
    visitor.sign_in("person", "wei")
    visitor.open("/me/payment-method/stripe")
    _types(visitor, "Mo No Match")
    visitor.world.drain()
    visitor.open("/me/payment-method")
    assert visitor.sees("is not the name on the account")
    visitor.look("stripe-doubt-no-match")
    visitor.page.get_by_role("button", name="Correct my details").click()
    _types(visitor, "Mo Example")
    visitor.world.drain()
    assert _state(visitor) == [("doubtful", "no_match")]
    visitor.look("stripe-corrected-code")
    type_code(visitor)
    visitor.world.drain()
    assert _state(visitor) == [("doubtful", "no_match"), ("ready", "match")]


def test_stripe_is_told_on_its_own_page(visitor: Visitor, fake: FakeStripe) -> None:
    visitor.sign_in("person", "wei")
    visitor.open("/me/payment-method/stripe")
    visitor.press("Tell Stripe myself")
    assert visitor.sees("Stripe needs your bank details from you")
    visitor.look("stripe-form-waits")
    visitor.page.get_by_role("button", name="Go to Stripe's page").click()
    assert visitor.page.url.startswith(f"{fake.url}/onboard/")
    visitor.page.locator("[name=sort_code]").fill("108800")
    visitor.page.locator("[name=account_number]").fill("00012345")
    visitor.page.get_by_role("button", name="Save").click()
    visitor.page.wait_for_url(f"{visitor.url}/stripe/**")
    assert visitor.sees("We are asking Stripe if it has all that it needs.")
    visitor.look("stripe-back")
    back = visitor.page.url
    visitor.world.drain()
    assert _state(visitor) == [("ready", "match")]
    visitor.page.goto(back.removesuffix("/back"))
    assert visitor.sees("There is nothing to do here")
    visitor.look("stripe-nothing-to-do")
