"""What a person does who wants help, what the helper does, and what staff do for somebody who rings up."""

from __future__ import annotations

import re

from service.councils import actions as councils
from tests.browser.conftest import Visitor


def helper_signs_in(visitor: Visitor, helper_id: str) -> None:
    world = visitor.world
    with world.db.council(world.council_id) as session:
        token = councils.make_link(
            session,
            council_id=world.council_id,
            kind="helper",
            subject_id=helper_id,
            goes_to=f"/{world.slug}/me",
            now=world.now,
        )
    visitor.page.goto(f"{visitor.url}/link/{token}")
    visitor.press("Sign me in")


def test_names_a_helper_who_says_yes_for_them_and_stops_it_with_one_press(visitor: Visitor) -> None:
    page, world = visitor.page, visitor.world
    visitor.sign_in("person", "jo")
    visitor.follow("People who help you")
    visitor.press("Name somebody who helps you")
    visitor.press("Continue")
    assert visitor.sees("Enter their name")
    visitor.look("helpers-who-error")
    page.get_by_label("Their name").fill("Hal Helper")
    page.get_by_label("Their email address").fill("hal@people.example")
    visitor.press("Continue")
    visitor.press("Continue")
    assert visitor.sees("Choose how they help you")
    visitor.look("helpers-kind-error")
    page.get_by_label("Supporter").check()
    visitor.press("Continue")
    page.get_by_label("Say yes or no to offers for you").check()
    visitor.look("helpers-may")
    visitor.press("Continue")
    page.get_by_label("Day", exact=True).fill("40")
    visitor.press("Continue")
    assert visitor.sees("Enter a real last day, like 27 3 ")
    visitor.look("helpers-until-error")
    for part, typed in (("Day", "1"), ("Month", "2"), ("Year", "2027")):
        page.get_by_label(part, exact=True).fill(typed)
    visitor.press("Continue")
    visitor.look("helpers-check")
    visitor.press("Yes, Hal Helper may help me until 1 February 2027")
    assert visitor.sees("Hal Helper may help you now.")
    visitor.look("helpers-named")
    (helper_id,) = re.findall(r"helpers/(hlp_\w+)/end", page.content())
    helper_signs_in(visitor, helper_id)
    assert visitor.sees("You are helping Jo Marsh, until 1 February 2027.")
    visitor.look("helper-page")
    visitor.follow("Making it Real board")
    visitor.look("helper-offer")
    visitor.press("Yes, I will take part")
    visitor.open("/me/payment-method", status=403)
    assert visitor.sees("This is for Jo Marsh alone.")
    visitor.look("helper-closed", status=403)
    visitor.open("/me/helpers/change")
    visitor.look("helper-change")
    world.drain()
    visitor.sign_in("person", "jo")
    visitor.open("/me/helpers/did")
    assert visitor.sees("Said yes to an offer for you: Making it Real board")
    visitor.look("helpers-did")
    visitor.open("/me/helpers")
    visitor.press("Stop Hal Helper from helping")
    assert visitor.sees("Hal Helper helps you no longer.")


def test_staff_send_a_claim_for_somebody_on_the_phone_who_says_that_it_is_wrong(visitor: Visitor) -> None:
    page, world = visitor.page, visitor.world
    world.tick("jo")
    visitor.sign_in("staff", "sam")
    visitor.open(f"/staff/people/{world.people['jo']}")
    visitor.look("staff-person-helped")
    visitor.follow("Enter a claim for Jo Marsh")
    visitor.press("Continue")
    visitor.look("staff-enter-claim-error")
    page.get_by_label("Over a Brew: what helps?").check()
    visitor.press("Continue")
    page.get_by_label("On the phone").check()
    visitor.press("Continue")
    page.get_by_label("Bus").first.check()
    visitor.press("Continue")
    page.get_by_label("How much did they pay?").fill("4.10")
    visitor.look("staff-enter-claim-money")
    visitor.press("Continue")
    if page.get_by_label("Yes", exact=True).count():
        page.get_by_label("Yes", exact=True).check()
        visitor.press("Continue")
    visitor.press("Continue")
    visitor.look("staff-enter-claim-check")
    visitor.press("Send it for Jo Marsh")
    assert visitor.sees("Entered by staff for the person, on the phone")
    visitor.look("staff-claim-entered")
    claim_id = page.url.rpartition("/")[2]
    visitor.open(f"/staff/people/{world.people['jo']}/helpers/new")
    visitor.press("Write this down")
    visitor.look("staff-helper-error")
    visitor.sign_in("person", "jo")
    visitor.open(f"/me/claims/{claim_id}")
    assert visitor.sees("Sam Field wrote this down for you, as you told us on the phone.")
    visitor.look("claim-entered")
    visitor.follow("This is wrong")
    visitor.press("This is wrong")
    visitor.look("claim-wrong-error")
    page.get_by_label("What is wrong with this claim?").fill("It was £3.")
    visitor.press("This is wrong")
    assert visitor.sees("You said that it is wrong")
