"""Somebody who reads with pictures is asked to a session, says yes, and says how we shall write to them."""

from __future__ import annotations

from tests.browser.conftest import Visitor


def test_somebody_reads_an_offer_with_pictures_says_yes_and_asks_for_letters(visitor: Visitor) -> None:
    world = visitor.world
    offer = f"/me/offers/{world.offers['board-jo']}"
    visitor.sign_in("person", "jo", goes_to=f"/{world.slug}{offer}")
    visitor.follow("Easy Read")
    visitor.page.wait_for_load_state("networkidle")
    visitor.look("easy-offer")
    assert visitor.sees("We ask you to take part in this: Making it Real board.")
    visitor.open(f"{offer}/cy")
    visitor.look("easy-offer-welsh")
    visitor.open(f"{offer}/easy")
    visitor.press("Yes, I will take part")
    assert visitor.sees("You said yes. Thank you.")
    world.tick("jo")
    visitor.open("/me")
    visitor.open(f"/me/claims/{world.claims_of('jo')[0].id}")
    visitor.follow("Easy Read")
    visitor.look("easy-claim")
    visitor.open("/me/statement/easy")
    visitor.look("easy-statement")
    visitor.open("/me/messages")
    visitor.look("messages")
    _asks_for_letters(visitor)


def _asks_for_letters(visitor: Visitor) -> None:
    visitor.page.get_by_role("link", name="Change how we write to you").click()
    visitor.look("messages-way")
    visitor.page.get_by_label("By letter").check()
    visitor.press("Save")
    visitor.look("messages-way-wrong")
    assert visitor.sees("Enter the address, with the postcode on the last line")
    visitor.page.get_by_label("Your address").fill("1 Made Up Street\nExampleton\nEX1 2MP")
    visitor.press("Save")
    assert visitor.sees("By letter")
    visitor.page.get_by_role("link", name="Change which words we use").click()
    visitor.look("messages-words")
    visitor.page.goto(f"{visitor.url}/demo/pictures")
    visitor.look("pictures")


def test_staff_print_a_letter_and_say_that_it_is_posted(visitor: Visitor) -> None:
    world = visitor.world
    visitor.sign_in("staff", "sam")
    visitor.open("/staff/people/new")
    visitor.look("person-new")
    visitor.page.get_by_label("Name", exact=True).fill("Lee Post")
    visitor.page.get_by_label("By letter").check()
    visitor.press("Add this person")
    visitor.look("person-new-wrong")
    visitor.page.get_by_label("Address for letters").fill("1 Made Up Street\nExampleton\nEX1 2MP")
    visitor.press("Add this person")
    world.drain()
    visitor.open("/staff/messages")
    visitor.follow("Letters to print")
    visitor.look("letters")
    visitor.follow("How we write to you")
    visitor.look("letter")
    visitor.press("I have posted it")
    visitor.look("letters-posted")
    assert visitor.sees("No letters wait.")
