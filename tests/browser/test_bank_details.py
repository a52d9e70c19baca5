"""Bank details as people meet them: a failed payment put right, a change by code, a press that stops all."""

from __future__ import annotations

import re

from service.notices import leaving, queries
from service.people import authorities
from service.rails import sandbox
from tests.browser.conftest import Visitor

FORM = ("Name on the account", "Sort code", "Account number")


def fill(visitor: Visitor, *values: str) -> None:
    for label, value in zip(FORM, values, strict=True):
        visitor.page.get_by_label(label).fill(value)


def type_code(visitor: Visitor) -> None:
    """Type the code that the demonstration shows, as if from the message."""
    (code,) = re.findall(r"The code in this one is (\d{6})", visitor.page.locator("main").inner_text())
    visitor.page.get_by_label("Code").fill(code)
    visitor.press("Confirm the change")


def letter(visitor: Visitor, subject: str, link: str) -> None:
    """Open a link of the newest message with this subject, as whoever got it does."""
    world = visitor.world
    with world.db.council(world.council_id) as session:
        notice = next(
            row for row in queries.newest(session, council_id=world.council_id) if row.subject == subject
        )
        make = leaving.stop_link if link == "stop" else leaving.sign_in_link
        path = make(session, notice=notice, base_url="", now=world.now)
    visitor.page.goto(visitor.url + path)


def test_a_failed_payment_is_put_right_from_the_message_on(visitor: Visitor) -> None:
    world = visitor.world
    visitor.sign_in("person", "wei")
    visitor.open("/me/payment-method/bank")
    fill(visitor, "Wei Chen", "10-88-00", sandbox.NO_ACCOUNT)
    visitor.press("Save")
    world.tick("wei")
    letter(visitor, "Your payment did not go through", "sign-in")
    visitor.press("Sign me in")
    assert visitor.page.url.endswith("/me/payment-method/bank")
    assert visitor.sees("£15.50 for Over a Brew: what helps?")
    assert visitor.sees("Why: The bank says there is no such account.")
    visitor.look("paid-failed")
    visitor.press("They are right, try again")
    assert visitor.sees("A payment did not arrive") or visitor.sees("We pay into your bank account")
    visitor.look("paid-tried-again")
    world.drain()
    assert [payment.state for payment in world.payments_of("wei")] == ["failed", "failed"]
    visitor.open("/me/payment-method/bank")
    visitor.press("Save")
    assert visitor.page.locator(".govuk-error-summary a").all_inner_texts() == [
        "Enter the name on the account",
        "Enter a sort code",
        "Enter an account number",
    ]
    visitor.look("paid-failed-error")
    fill(visitor, "Wei Chen", "10-88-00", sandbox.PAID)
    visitor.press("Save")
    assert visitor.sees("Enter the code from our message")
    visitor.look("paid-code")
    visitor.press("Confirm the change")
    assert visitor.sees("Enter the code from our message")
    visitor.look("paid-code-error")
    type_code(visitor)
    assert visitor.sees("We pay into your bank account, account ending 2345.")
    world.drain()
    visitor.look("paid-changed")
    claim = world.claims_of("wei")[0]
    visitor.open(f"/me/claims/{claim.id}")
    text = visitor.page.locator("main").inner_text()
    assert text.count("The payment did not go through: £15.50") == 2
    assert text.count("The bank says there is no such account.") == 2
    assert text.count("You were paid: £15.50") == 1
    visitor.look("claim-paid-at-last")
    visitor.sign_in("staff", "sam")
    visitor.open(f"/staff/claims/{claim.id}")
    assert visitor.page.locator("main").inner_text().count("The bank says there is no such account.") == 2
    visitor.look("staff-claim-paid-at-last")


def test_a_change_is_stopped_from_the_message_and_staff_put_it_right(visitor: Visitor) -> None:
    world = visitor.world
    visitor.sign_in("person", "jo")
    visitor.open("/me/payment-method")
    visitor.press("Change how I am paid")
    visitor.page.get_by_label("Into a bank account").check()
    visitor.press("Continue")
    fill(visitor, "Jo Marsh", "10-88-00", "00733445")
    visitor.press("Save")
    visitor.open("/me/payment-method")
    visitor.look("paid-waits-for-code")
    visitor.open("/me")
    assert visitor.sees("Your change of how you are paid waits for the code in our message.")
    visitor.look("my-page-waits-for-code")
    world.drain()
    letter(visitor, "Your code to change how we pay you", "stop")
    visitor.look("stop")
    visitor.press("Stop it now")
    assert visitor.sees("We have stopped it")
    visitor.look("stopped")
    visitor.open("/me/payment-method", at="/sign-in")
    visitor.sign_in("person", "jo")
    visitor.open("/me/payment-method")
    assert visitor.sees("Your payments are on hold")
    assert visitor.sees("Nothing is paid for now. The way that we have is: bank account ending 2345.")
    assert not visitor.sees("You can change this at any time.")
    visitor.look("paid-stopped")
    visitor.open("/me/payment-method/bank")
    fill(visitor, "Jo Marsh", "10-88-00", "00733445")
    visitor.press("Save")
    assert visitor.sees("So we hold the payments, to keep the money safe.")
    visitor.look("paid-stopped-error")
    visitor.sign_in("staff", "sam")
    visitor.open(f"/staff/people/{world.people['jo']}")
    visitor.look("staff-person-stopped")
    visitor.press("We have talked: go on")
    visitor.press("Let payments go on")
    visitor.look("staff-go-on-error")
    visitor.page.get_by_label("The way they are paid now is right").check()
    visitor.press("Let payments go on")
    assert not visitor.sees("Payments are stopped.")


def test_an_attorney_gives_details_on_a_document_that_two_have_seen(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    visitor.sign_in("staff", "sam")
    visitor.open(f"/staff/people/{world.people['jo']}/acts-for/new")
    visitor.press("I have seen this document")
    visitor.look("staff-acts-for-error")
    page.get_by_label("Attorney: lasting power").check()
    page.get_by_label("Their name").fill("Al Attorney")
    page.get_by_label("Their own email address").fill("al@example.net")
    page.get_by_label("Reference on the document").fill("LPA 7000-1234")
    for name in ("dated", "from_day"):
        for part, value in (("", "1"), ("-month", "3"), ("-year", "2026")):
            page.locator(f"#{name}{part}").fill(value)
    visitor.press("I have seen this document")
    assert visitor.sees("Waits until a second person has seen the document")
    visitor.look("staff-person-acts-for")
    visitor.sign_in("staff", "ada")
    visitor.open(f"/staff/people/{world.people['jo']}")
    visitor.press("I have seen the document too")
    assert visitor.sees("May act now")
    assert visitor.sees("Sam Field and Ada Osei")
    with world.db.council(world.council_id) as session:
        (row,) = authorities.of_person(session, council_id=world.council_id, person_id=world.people["jo"])
    world.staff["al"] = row.id
    visitor.sign_in("attorney", "al", goes_to=f"/{world.slug}/me/payment-method")
    assert visitor.sees("You may say how Jo Marsh is paid.")
    visitor.look("attorney-paid")
    visitor.open("/me/payment-method/bank")
    fill(visitor, "Jo Marsh", "10-88-00", "00733445")
    visitor.press("Save")
    type_code(visitor)
    assert visitor.sees("Jo Marsh is paid this way: bank account ending 3445.")
    visitor.open("/me/offers/" + world.offers["board-jo"], status=403)
    assert visitor.sees("The rest of their pages is theirs alone.")
    visitor.look("attorney-elsewhere", status=403)
    visitor.sign_in("person", "jo")
    visitor.open("/me/payment-method")
    assert visitor.sees("Al Attorney, who acts for you, asked for a change, and we sent a code")
    assert visitor.sees("They may say how you are paid. We tell you each time.")
    visitor.look("paid-with-attorney")


def test_staff_change_how_somebody_is_reached(visitor: Visitor) -> None:
    world = visitor.world
    visitor.sign_in("staff", "sam")
    visitor.open(f"/staff/people/{world.people['jo']}/contact")
    visitor.look("staff-contact")
    visitor.page.get_by_label("Email address (optional)").fill("sam@exampleshire.example")
    visitor.press("Save")
    assert visitor.sees("Enter the person's own address. This is that of somebody who works here")
    visitor.look("staff-contact-error")
    visitor.page.get_by_label("Email address (optional)").fill("jo.new@people.example")
    visitor.press("Save")
    assert visitor.sees("jo.new@people.example")
