"""What a person does who spent money: sends a picture, stops and goes on, changes it, does not agree."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload

from service.db import Database
from tests.browser.conftest import Visitor
from tests.receipts import made
from tests.web.test_costs import costs_of
from tests.web.test_look_again import NO, decide
from tests.web.test_look_again_in_part import agreed_in_part

TICKET: FilePayload = {
    "name": "ticket.jpg",
    "mimeType": "image/jpeg",
    "buffer": made.jpeg(made.ticket(900, 1400)),
}
PAPER: FilePayload = {"name": "taxi.pdf", "mimeType": "application/pdf", "buffer": made.pdf()}
NOT_ONE: FilePayload = {"name": "ticket.jpg", "mimeType": "image/jpeg", "buffer": b"MZ this is a program"}


def sends(visitor: Visitor, file: FilePayload) -> None:
    visitor.page.locator("input[type=file]").set_input_files(file)


def test_sends_a_picture_of_the_ticket_and_it_lies_beside_the_reasons(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    world.tick("jo")
    visitor.sign_in("person", "jo")
    visitor.follow("Ask for a cost: Over a Brew: what helps?")
    page.get_by_label("Bus or tram").check()
    visitor.press("Continue")
    page.get_by_label("How much did you pay?").fill("80")
    visitor.press("Continue")
    visitor.look("receipt-question")
    sends(visitor, NOT_ONE)
    visitor.press("Continue")
    assert page.title().startswith("Error: ")
    assert visitor.sees("We cannot read this kind of file.")
    visitor.look("receipt-error")
    sends(visitor, TICKET)
    visitor.press("Continue")
    assert visitor.sees("1 picture")
    visitor.follow("Change your receipt or ticket")
    visitor.look("receipt-sent-already")
    assert page.locator("img").evaluate("img => img.decode().then(() => img.naturalWidth)") == 514
    sends(visitor, PAPER)
    visitor.press("Continue")
    assert visitor.sees("2 pictures")
    visitor.follow("Add another cost")
    page.get_by_label("Car", exact=True).check()
    visitor.press("Continue")
    visitor.open("/me")
    assert visitor.sees("Go on with your claim")
    visitor.look("my-page-unsent")
    visitor.follow("Go on with your claim: Over a Brew: what helps?")
    page.get_by_label("How many miles did you drive?").press_sequentially("12.5")
    page.get_by_text("By our rules you would get £6.88.").wait_for()
    visitor.look("miles-with-the-sum")
    visitor.press("Continue")
    page.get_by_label("How many people taking part").fill("0")
    visitor.press("Continue")
    assert visitor.sees("£86.88")
    visitor.look("cost-check-several")
    visitor.press("Send")
    world.drain()
    visitor.press("See where it is")
    visitor.look("claim-with-receipts")
    visitor.sign_in("staff", "ada")
    visitor.open(f"/staff/claims/{costs_of(world, 'jo')[0].id}")
    assert page.locator("img").evaluate("img => img.decode().then(() => img.naturalWidth)") == 514
    visitor.look("approval-with-receipts")


def test_asks_twice_changes_it_and_does_not_agree_with_a_no(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    world.tick("jo")
    visitor.sign_in("person", "jo")
    for _ in range(2):
        visitor.open(f"/me/costs/{world.sessions['brew']}/kind")
        page.get_by_label("Bus or tram").check()
        visitor.press("Continue")
        page.get_by_label("How much did you pay?").fill("80")
        visitor.press("Continue")
        page.get_by_label("I have one, but I cannot send it now").check()
        visitor.press("Continue")
        twice = visitor.sees("Is this another one?")
        if twice:
            visitor.look("cost-check-asked-before")
        visitor.press("Send")
        world.drain()
    assert twice
    claim = costs_of(world, "jo")[0]
    visitor.open(f"/me/claims/{claim.id}")
    visitor.press("Add a receipt")
    visitor.press("Send it")
    visitor.look("add-receipt-error")
    sends(visitor, TICKET)
    visitor.press("Send it")
    visitor.press("Change this claim")
    visitor.look("cost-check-changing")
    visitor.follow("Change how much did you pay?")
    page.get_by_label("How much did you pay?").fill("81")
    visitor.press("Continue")
    visitor.press("Send the change")
    visitor.look("cost-changed")
    world.drain()
    assert (costs_of(world, "jo")[0].version, costs_of(world, "jo")[0].total_pence) == (2, 8100)
    assert decide(world, "ada", claim, "refuse", **NO)[0] == 200
    visitor.open(f"/me/claims/{claim.id}")
    visitor.look("claim-refused")
    visitor.press("I disagree, look again")
    visitor.look("look-again")
    page.get_by_label("What should we know?").fill("I have the ticket here.")
    visitor.press("Look again, please")
    assert visitor.sees("You asked us to look again")
    visitor.look("claim-looked-at-again")
    visitor.sign_in("staff", "sam")
    visitor.open("/staff/approvals?show=again")
    visitor.look("approvals-look-again")
    visitor.follow("Jo Marsh")
    visitor.look("approval-look-again")


def test_claims_a_bus_fare_with_the_keyboard_alone_in_forty_presses(anybody: Visitor) -> None:
    """Everything is counted but what is typed as the answer: the choice of a radio counts too."""
    world, page = anybody.world, anybody.page
    world.tick("jo")
    anybody.sign_in("person", "jo")
    pressed: list[str] = []
    opened = [page.url]
    page.on("framenavigated", lambda frame: opened.append(re.sub("#.*", "", frame.url)))

    def press(key: str) -> None:
        pressed.append(key)
        page.keyboard.press(key)

    def on(selector: str) -> bool:
        return bool(page.evaluate("wanted => document.activeElement.matches(wanted)", selector))

    def to(selector: str) -> None:
        """From field to field, past the top of the page where the browser begins there."""
        page.wait_for_load_state()
        for _ in range(30):
            press("Tab")
            if on(selector):
                return
            if on(".govuk-skip-link"):
                press("Enter")
        raise AssertionError(f"{selector} is not reached: {pressed}")

    def enter(leads_to: str) -> None:
        press("Enter")
        page.wait_for_url(re.compile(leads_to))

    to("a[href*='/costs/']")
    enter("/kind")
    to("input[value=bus]")
    press("Space")
    enter("/amount_pence")
    to("#amount_pence")
    page.keyboard.type("4.10")
    enter("/receipt")
    to("input[name=receipt]")
    press("Space")
    enter("/check")
    to("form button")
    enter("/sent/")
    assert anybody.sees("We have it")
    assert len(pressed) <= 40, (len(pressed), pressed)
    assert len(set(opened)) <= 6, opened
    assert [claim.total_pence for claim in costs_of(world, "jo")] == [410]


def test_a_part_that_was_not_agreed_is_looked_at_again(visitor: Visitor) -> None:
    world = visitor.world
    _, claim = agreed_in_part(world)
    visitor.sign_in("person", "jo", goes_to=f"/{world.slug}/me/claims/{claim.id}")
    visitor.look("claim-agreed-in-part")
    visitor.press("I disagree, look again")
    visitor.look("claim-part-look-again")
    visitor.page.get_by_label("What should we know? (optional)").fill("The machine gave no ticket.")
    visitor.press("Look again, please")
    assert visitor.sees("Somebody here looks at it again.")
    visitor.look("claim-part-looked-at")
    visitor.open(f"/me/claims/{claim.id}/look-again", status=409)
    visitor.look("claim-part-asked-already", status=409)
    visitor.sign_in("staff", "ada", goes_to=f"/{world.slug}/staff/approvals")
    visitor.look("staff-approvals-part")
    visitor.open(f"/staff/claims/{claim.id}")
    visitor.look("staff-claim-part")
    visitor.page.get_by_label("What did you find?").fill("Bring the card bill, and we pay it.")
    visitor.press("Send the answer")
    visitor.sign_in("person", "jo", goes_to=f"/{world.slug}/me/claims/{claim.id}")
    assert visitor.sees("Bring the card bill, and we pay it.")
    visitor.look("claim-part-answered")


def test_what_was_typed_stands_on_the_page_of_what_could_not_be_done(visitor: Visitor) -> None:
    world = visitor.world
    _, claim = agreed_in_part(world)
    path = f"/{world.slug}/me/claims/{claim.id}/look-again"
    visitor.sign_in("person", "jo", goes_to=path)
    visitor.page.get_by_label("What should we know? (optional)").fill("The machine gave no ticket.")
    there = world.app.extensions["db"]
    world.app.extensions["db"] = Database("postgresql+psycopg://localhost:1/nowhere")
    visitor.press("Look again, please")
    world.app.extensions["db"] = there
    assert visitor.sees("The machine gave no ticket.")
    visitor.look("typed-and-kept", status=503)
    visitor.press("Send it again")
    assert visitor.sees("Somebody here looks at it again.")
