"""What a person does: says yes, says no, takes less, asks for a bus fare, says how to be paid, answers."""

from __future__ import annotations

from service.sessions import queries as sessions
from tests.browser.conftest import Visitor


def _offer_state(visitor: Visitor, name: str) -> tuple[str, int | None, str | None]:
    world = visitor.world
    with world.db.council(world.council_id) as session:
        offer = sessions.offer(session, council_id=world.council_id, offer_id=world.offers[name])
        return offer.state, offer.accept_pence, offer.give_to


def test_says_yes_two_pages_after_the_message(anybody: Visitor) -> None:
    world = anybody.world
    offer = f"/{world.slug}/me/offers/{world.offers['board-jo']}"
    anybody.page.goto(anybody.url + world.link("person", "jo", goes_to=offer))
    anybody.press("Sign me in")
    assert anybody.page.url.endswith(offer)
    assert anybody.sees("£36.00")
    assert anybody.sees("We pay £18.00 an hour for your time.")
    assert anybody.sees("We promise to pay within 10 working days.")
    anybody.press("Yes, I will take part")
    assert anybody.sees("You said yes. Thank you.")
    assert _offer_state(anybody, "board-jo") == ("accepted", None, None)
    anybody.press("Go to my page")
    assert anybody.sees("Coming up")


def test_says_no_and_changes_their_mind(visitor: Visitor) -> None:
    offer = f"/me/offers/{visitor.world.offers['board-jo']}"
    visitor.sign_in("person", "jo")
    visitor.open(offer)
    visitor.press("No, thank you")
    assert visitor.sees("You do not have to say why.")
    assert _offer_state(visitor, "board-jo")[0] == "declined"
    visitor.open(offer)
    visitor.look("offer-declined")
    visitor.press("Yes, I will take part")
    assert _offer_state(visitor, "board-jo")[0] == "accepted"
    visitor.look("offer-answered")
    visitor.open(offer)
    visitor.look("offer-accepted")


def test_takes_less_after_a_slip(anybody: Visitor) -> None:
    anybody.sign_in("person", "jo")
    anybody.open(f"/me/offers/{anybody.world.offers['board-jo']}/less")
    anybody.press("Say yes")
    assert anybody.page.title().startswith("Error: ")
    assert anybody.sees("Choose how much you would like to take")
    anybody.page.get_by_label("A smaller amount").check()
    anybody.page.get_by_label("How much would you like?").fill("ten")
    anybody.press("Say yes")
    assert anybody.page.get_by_label("How much would you like?").input_value() == "ten"
    assert anybody.sees("Write the amount in pounds and pence, like 4.10")
    anybody.page.get_by_label("How much would you like?").fill("40")
    anybody.press("Say yes")
    assert anybody.sees("You can take the sum that was offered, or less")
    assert _offer_state(anybody, "board-jo") == ("made", None, None)
    anybody.page.get_by_label("How much would you like?").fill("£10")
    anybody.press("Say yes")
    assert _offer_state(anybody, "board-jo") == ("accepted", 1000, None)


def test_gives_the_fee_to_a_charity(visitor: Visitor) -> None:
    visitor.sign_in("person", "jo")
    visitor.open(f"/me/offers/{visitor.world.offers['board-jo']}/less")
    visitor.page.get_by_label("Give it to a charity").check()
    visitor.press("Say yes")
    visitor.look("offer-less-error")
    visitor.page.get_by_label("Which charity?").fill("Shelter by the Sea")
    visitor.press("Say yes")
    assert _offer_state(visitor, "board-jo") == ("accepted", None, "Shelter by the Sea")


def test_asks_for_a_bus_fare_and_is_paid(anybody: Visitor) -> None:
    world = anybody.world
    world.tick("jo")
    anybody.sign_in("person", "jo")
    pages = [anybody.page.url]
    anybody.page.on("framenavigated", lambda frame: pages.append(frame.url))
    anybody.follow("Ask for a cost: Over a Brew: what helps?")
    anybody.page.get_by_label("Bus or tram").check()
    anybody.press("Continue")
    anybody.page.get_by_label("How much did you pay?").fill("4.10")
    anybody.press("Continue")
    anybody.page.get_by_label("I have one, but I cannot send it now").check()
    anybody.press("Continue")
    assert anybody.sees("We pay bus and tram fares in full. The cost was £4.10.")
    assert anybody.sees("We promise to pay within 10 working days.")
    assert [claim.total_pence for claim in world.claims_of("jo")] == [1550]
    anybody.press("Send")
    assert anybody.sees("We have it")
    assert len(pages) == 6, pages
    world.drain()
    assert [(c.state, c.total_pence) for c in world.claims_of("jo")] == [("paid", 410), ("paid", 1550)]
    anybody.press("See where it is")
    assert anybody.sees("You were paid: £4.10")


def test_looks_at_every_question_of_a_cost(visitor: Visitor) -> None:
    world = visitor.world
    visitor.sign_in("person", "jo")
    visitor.open(f"/me/costs/{world.sessions['brew']}/kind")
    visitor.press("Continue")
    assert visitor.sees("Choose what you paid for")
    visitor.look("cost-kind-error")
    visitor.page.get_by_label("Personal assistant").check()
    visitor.press("Continue")
    visitor.page.get_by_label("How much did you pay?").fill("lots")
    visitor.press("Continue")
    visitor.look("cost-amount-error")
    visitor.page.get_by_label("How much did you pay?").fill("99")
    visitor.press("Continue")
    visitor.page.get_by_label("How many hours was it for?").fill("4")
    visitor.press("Continue")
    visitor.press("Continue")
    visitor.look("cost-yes-no-error")
    visitor.page.get_by_label("No").check()
    visitor.press("Continue")
    visitor.press("Continue")
    visitor.look("cost-receipt-error")
    visitor.page.get_by_label("I have one, but I cannot send it now").check()
    visitor.press("Continue")
    visitor.look("cost-check")
    assert visitor.sees("You asked for £99.00.")
    visitor.follow("Change how many hours was it for?")
    assert visitor.page.get_by_label("How many hours was it for?").input_value() == "4"
    visitor.page.get_by_label("How many hours was it for?").fill("4.5")
    visitor.press("Continue")
    assert visitor.sees("£99.00")
    visitor.press("Send")
    visitor.look("cost-sent")
    world.drain()
    visitor.press("See where it is")
    assert visitor.sees("It is with an approver at Exampleshire County Council now.")
    visitor.look("claim-waiting")
    visitor.press("Take this claim back")
    assert visitor.sees("Taken back")
    visitor.look("claim-taken-back")


def test_says_how_to_be_paid_and_the_money_comes(anybody: Visitor) -> None:
    world = anybody.world
    world.tick("wei")
    anybody.sign_in("person", "wei")
    anybody.follow("Tell us how you would like to be paid")
    anybody.press("Choose how I am paid")
    anybody.page.get_by_label("Into a bank account").check()
    anybody.press("Continue")
    anybody.page.get_by_label("Name on the account").fill("Wei Chen")
    anybody.page.get_by_label("Sort code").fill("10 88")
    anybody.press("Save")
    assert anybody.sees("Enter a valid sort code like 309430")
    assert anybody.sees("Enter an account number")
    assert anybody.page.get_by_label("Name on the account").input_value() == "Wei Chen"
    assert anybody.page.get_by_label("Sort code").input_value() == "10 88"
    anybody.page.get_by_label("Sort code").fill("10-88-00")
    anybody.page.get_by_label("Account number").fill("0001 2345")
    anybody.press("Save")
    assert anybody.sees("We pay into your bank account, account ending 2345.")
    world.drain()
    anybody.follow("My page")
    assert anybody.sees("£15.50: paid on")


def test_looks_at_bank_details_that_need_another_look(visitor: Visitor) -> None:
    visitor.sign_in("person", "wei")
    visitor.open("/me/payment-method/bank")
    visitor.press("Save")
    assert visitor.page.locator(".govuk-error-summary a").all_inner_texts() == [
        "Enter the name on the account",
        "Enter a sort code",
        "Enter an account number",
    ]
    visitor.look("paid-bank-error")
    visitor.open("/me/payment-method/choose")
    visitor.press("Continue")
    visitor.look("paid-choose-error")


def test_signs_in_with_an_emailed_link_that_works_once(visitor: Visitor) -> None:
    world = visitor.world
    link = world.link("person", "jo")
    for _ in range(3):  # As mail scanners do.
        visitor.page.goto(visitor.url + link)
    visitor.press("Sign me in")
    assert visitor.sees("Hello Jo Marsh")
    visitor.page.goto(visitor.url + link)
    assert visitor.sees("This link no longer works")
    visitor.look("link-ended", status=410)
    visitor.open("/sign-in")
    visitor.page.get_by_label("Your email address").fill("jo")
    visitor.press("Continue")
    assert visitor.sees("Enter an email address in the correct format, like name@example.com")
    visitor.look("sign-in-error")


def test_signs_out(visitor: Visitor) -> None:
    visitor.sign_in("person", "jo")
    visitor.follow("Sign out")
    visitor.press("Sign out")
    visitor.open("/me", at="/sign-in")
