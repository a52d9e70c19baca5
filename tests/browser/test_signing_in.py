"""Signing in as people do: by a code on a phone, again before their money is shown, and with a new number."""

from __future__ import annotations

import re
from dataclasses import replace

from service.people import lost
from service.web.sign_in_time import FRESH
from tests.browser.conftest import Visitor
from tests.browser.test_bank_details import fill
from tests.web.cookies import aged
from tests.web.test_sign_in import PHONE, reached, send


def type_code(visitor: Visitor, button: str) -> None:
    """Type the code that the demonstration shows, as if from the message."""
    (code,) = re.findall(r"The code (?:in this one|for Wei Chen) is (\d{6})", visitor.page.inner_text("main"))
    visitor.page.get_by_label("Code").fill(code)
    visitor.press(button)


def grow_old(visitor: Visitor) -> None:
    """Half an hour passes since they showed who they are."""
    (cookie,) = [one for one in visitor.page.context.cookies() if one["name"] == "reciprocal"]
    value = aged(visitor.world.app, cookie["value"], by=FRESH)
    visitor.page.context.add_cookies(
        [{"name": "reciprocal", "value": value, "url": visitor.url, "httpOnly": True, "sameSite": "Lax"}]
    )


def test_signs_in_with_a_texted_code_and_loses_nothing_when_asked_again(visitor: Visitor) -> None:
    reached(visitor.world, "wei", phone=PHONE)
    visitor.open("/sign-in")
    visitor.look("sign-in")
    visitor.press("Continue")
    assert visitor.sees("Enter your email address or mobile number")
    visitor.look("sign-in-error")
    visitor.page.get_by_label("Your email address or mobile number").fill("07700 900982")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/sign-in/code")
    visitor.look("sign-in-code")
    visitor.press("Sign in")
    assert visitor.sees("Enter the code from our message")
    visitor.look("sign-in-code-error")
    type_code(visitor, "Sign in")
    assert visitor.sees("Hello Wei Chen")
    visitor.sign_in("person", "tom")
    visitor.open("/me/payment-method/bank")
    fill(visitor, "Tom Price", "10-88-00", "00012345")
    grow_old(visitor)
    visitor.press("Save")
    assert visitor.sees("Is it still you?")
    assert visitor.sees("Nothing you typed is lost.")
    visitor.look("again", status=401)
    visitor.press("Email a code to t…@people.example")
    visitor.look("again-code")
    visitor.press("Continue")
    assert visitor.sees("Enter the code from our message")
    visitor.look("again-error")
    type_code(visitor, "Continue")
    visitor.look("again-send")
    visitor.press("Send it again")
    assert visitor.sees("We pay into your bank account, account ending 2345.")
    visitor.open("/me/sign-out")
    visitor.look("sign-out")
    visitor.press("Sign out everywhere")
    visitor.open("/me", at="/sign-in")


def test_has_lost_the_phone_and_a_lead_puts_it_right(visitor: Visitor) -> None:
    visitor.open("/sign-in")
    visitor.follow("I lost my phone")
    visitor.look("lost")
    visitor.press("Send")
    assert visitor.page.locator(".govuk-error-summary a").all_inner_texts() == [
        "Enter your name",
        "Enter a phone number or an email address",
    ]
    visitor.look("lost-error")
    visitor.page.get_by_label("Your name").fill("Jo Marsh")
    visitor.page.get_by_label("A phone number or email address").fill("07700 900 990")
    visitor.press("Send")
    assert visitor.sees("Thank you. We will be in touch")
    visitor.look("lost-sent")
    visitor.sign_in("staff", "sam")
    visitor.open("/staff/people/requests")
    visitor.look("staff-contact-requests")
    visitor.follow("Change how we reach Jo Marsh")
    assert visitor.page.url.endswith("/contact")


def test_where_too_many_ask_nothing_typed_is_lost(visitor: Visitor) -> None:
    world = visitor.world
    with world.db.council(world.council_id) as session:
        for _ in range(lost.MOST_AN_HOUR):
            lost.ask(session, council_id=world.council_id, name="A", reach="b", words="", now=world.now)
    visitor.open("/sign-in/lost")
    visitor.page.get_by_label("Your name").fill("Jo Marsh")
    visitor.page.get_by_label("A phone number or email address").fill("07700 900 990")
    visitor.press("Send")
    assert visitor.sees("Please call or email us instead.")
    assert visitor.page.get_by_label("Your name").input_value() == "Jo Marsh"
    visitor.look("lost-full", status=503)
    somebody = world.client()
    for _ in range(30):
        send(somebody, f"/{world.slug}/sign-in/lost")
    visitor.press("Send")
    assert visitor.sees("Then press the button.")
    visitor.look("paused", status=429)


def test_staff_come_in_with_their_work_account_and_a_stranger_is_told_kindly(visitor: Visitor) -> None:
    app = visitor.world.app
    app.extensions["settings"] = replace(app.extensions["settings"], base_url=visitor.url)
    visitor.open("/staff/sign-in")
    visitor.look("staff-sign-in")
    visitor.press("Sign in with your work account")
    visitor.look("demo-provider")
    visitor.follow("Sam Field")
    visitor.page.wait_for_url("**/staff/sessions")
    visitor.open("/staff/sign-in/back?state=x&code=y", status=403)
    assert visitor.sees("That sign-in did not work")
    visitor.look("staff-sign-in-refused", status=403)
