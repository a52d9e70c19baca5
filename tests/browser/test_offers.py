"""What happens to an offer: it is asked about, a cost is booked for it, it is called off; many are asked."""

from __future__ import annotations

from tests.browser.conftest import Visitor
from tests.browser.test_a_person import _offer_state


def test_asks_for_a_lift_and_a_train_ticket_and_then_cannot_come(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    offer = f"/me/offers/{world.offers['board-jo']}"
    visitor.sign_in("person", "jo")
    visitor.open(offer)
    for words in ("If plans change", "If you get benefits or pay tax", "See the"):
        page.locator("summary", has_text=words).click()
    visitor.look("offer-open")
    visitor.follow("Ask a question first")
    visitor.look("offer-question")
    visitor.press("Send my question")
    assert visitor.sees("Write your question")
    visitor.look("offer-question-error")
    page.get_by_label("What would you like to ask?").fill("Is there a lift?")
    visitor.press("Send my question")
    visitor.look("offer-asked")
    visitor.press("Back to the offer")
    visitor.follow("Ask us to pay for something before the day")
    visitor.look("before-category")
    visitor.press("Continue")
    visitor.look("before-category-error")
    page.get_by_label("Train").check()
    visitor.press("Continue")
    page.get_by_label("About how much does it cost?").fill("lots")
    visitor.press("Continue")
    visitor.look("before-amount-error")
    page.get_by_label("About how much does it cost?").fill("24.50")
    visitor.press("Continue")
    visitor.look("before-wish")
    page.get_by_label("Please book and pay it for me").check()
    visitor.press("Continue")
    visitor.look("before-check")
    visitor.press("Send")
    assert visitor.sees("We have what you asked")
    visitor.open(offer)
    assert visitor.sees("Waiting for our answer")
    visitor.press("Yes, I will take part")
    visitor.open(offer)
    visitor.look("offer-with-questions")
    visitor.press("I cannot come after all")
    visitor.look("offer-cannot-come")
    visitor.press("I cannot come")
    visitor.look("offer-cannot-come-answered")
    visitor.open(offer)
    assert visitor.sees("What is due to you, and why")
    visitor.look("offer-not-coming")
    assert _offer_state(visitor, "board-jo")[0] == "declined"


def test_staff_answer_ask_many_at_once_and_call_off(visitor: Visitor) -> None:
    world, page = visitor.world, visitor.page
    world.asks("jo", "board-jo", "Is there a lift?")
    session = f"/staff/sessions/{world.sessions['board']}"
    visitor.sign_in("staff", "sam")
    visitor.open("/staff/questions")
    visitor.look("questions")
    visitor.follow("Jo Marsh")
    visitor.press("Send the answer")
    assert visitor.sees("Write your answer")
    visitor.look("question-error")
    page.get_by_label("Your answer").fill("Yes, by the main door.")
    visitor.press("Send the answer")
    assert visitor.sees("Nobody waits for an answer.")
    visitor.look("questions-answered")
    visitor.open(session)
    visitor.press("Ask many at once")
    visitor.look("invite")
    visitor.press("Check the list")
    assert visitor.sees("Write one person on each line")
    visitor.look("invite-error")
    people = "Wei Chen, wei@people.example\nNew Person, new@people.example\nNo Way To Reach\n"
    page.get_by_label("The people").fill(people + "=cmd(), x@people.example")
    page.get_by_label("Role, where a line has none").select_option("Member")
    visitor.press("Check the list")
    assert visitor.sees("Write an email address or a phone number too")
    visitor.look("invite-check")
    visitor.press("Ask 2 people")
    assert visitor.sees("2 people asked. Each gets a message.")
    visitor.look("invite-rest")
    assert "No Way To Reach" in page.get_by_label("The people").input_value()
    visitor.open(session)
    visitor.look("session-with-places")
    page.get_by_role("link", name="Cancel this place").last.click()
    visitor.look("place-cancel")
    visitor.open(session)
    visitor.follow("Cancel this session")
    visitor.look("session-cancel")
    visitor.press("Cancel the session")
    assert visitor.sees("This session is cancelled.")
