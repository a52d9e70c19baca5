"""Does an offer say everything before a yes? Can it be answered, asked about and cancelled from its page?"""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from service.events import Actor
from service.notices import queries as notices
from service.people.benefit_figures import as_of, facts, figures
from service.sessions import actions as sessions
from service.sessions import queries
from service.sessions.actions import NewOffer, NewSession
from service.sessions.tables import Offer, OfferAsk
from service.web import wording
from tests.web.test_sign_in import OURS, send
from tests.web.world import World

QUESTION = "Is there a lift? I use a chair."


def at(world: World, leaf: str = "", offer: str = "board-jo") -> str:
    return f"/{world.slug}/me/offers/{world.offers[offer]}{leaf}"


def offer_of(world: World, name: str = "board-jo") -> Offer:
    with world.db.council(world.council_id) as session:
        return queries.offer(session, council_id=world.council_id, offer_id=world.offers[name])


def asks(world: World, name: str = "board-jo") -> list[OfferAsk]:
    with world.db.council(world.council_id) as session:
        return queries.asks_of(session, council_id=world.council_id, offer_ids=[world.offers[name]])


def text_of(client: FlaskClient, path: str) -> str:
    """The words of a page's main part, each run of spaces as one."""
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200, path
    main = answer.text.split('id="main-content"', 1)[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def messages(world: World, who: str) -> dict[str, str]:
    with world.db.council(world.council_id) as session:
        rows = notices.of_person(session, council_id=world.council_id, person_id=world.people[who])
        return {row.subject: row.body for row in rows}


def test_two_pages_from_the_message_to_accepted_and_a_mail_scanner_changes_nothing(world: World) -> None:
    link, client = world.link("person", "jo", goes_to=at(world)), world.client()
    for _ in range(3):
        assert world.client().get(link).status_code == 200
    assert offer_of(world).state == "made"
    status, page_two = send(client, link)
    assert (status, page_two) == (303, at(world))
    assert "Yes, I will take part" in client.get(page_two).text
    status, after = send(client, f"{page_two}/yes", page_two)
    assert (status, after) == (303, f"{page_two}/answered")
    assert offer_of(world).state == "accepted"


def test_no_address_of_an_offer_changes_anything_when_it_is_only_opened(world: World) -> None:
    client = world.client("person", "jo")
    for leaf in ("", "/less", "/question", "/before", "/before/check", "/cannot-come", "/asked", "/answered"):
        assert client.get(at(world, leaf)).status_code in (200, 303)
    for leaf in ("/yes", "/no"):
        assert client.get(at(world, leaf)).status_code == 405
    assert (offer_of(world).state, asks(world)) == ("made", [])


def test_the_page_says_all_of_it_before_a_yes(world: World) -> None:
    said = text_of(world.client("person", "jo"), at(world))
    for words in (
        "Making it Real board",
        "How long 2 hours",
        "Town Hall",
        "£36.00",
        "We pay £18.00 an hour for your time.",
        "We promise to pay within 10 working days.",
        "We pay into your bank account, account ending 2345.",
        "Train",
        "Ask us to pay for something before the day",
        "If we cancel with less than 24 hours of notice, we pay 100% of the fee.",
        "There is no fee then, and you do not have to pay anything.",
        "These are facts to help you. They are not advice.",
        "Citizens Advice",
        "Say yes, but take less or give it away",
        "Ask a question first",
    ):
        assert words in said, words


def test_the_message_says_all_of_it_too(world: World) -> None:
    body = messages(world, "jo")["Would you like to join us? Making it Real board"]
    for words in (
        "(2 hours)",
        "Town Hall",
        "We will pay you £36.00 for your time.",
        "We pay £18.00 an hour for your time.",
        "We promise to pay within 10 working days.",
        "You are paid this way: Into a bank account.",
        "We also pay back costs that you have to take part:\n- Bus or tram\n- Train",
        "ask us first",
        "may count for benefits or tax",
    ):
        assert words in body, words


def benefits_of(client: FlaskClient, path: str) -> str:
    said = text_of(client, path)
    return said.split("If you get benefits or pay tax", 1)[1].split("You can get free advice")[0]


def test_every_figure_about_benefits_is_of_the_dated_table_and_the_day_is_shown(world: World) -> None:
    said = benefits_of(world.client("person", "jo"), at(world))
    on = offer_of(world).assessment["facts"]["on"]
    table = {wording.pounds(one.amount_pence): one for one in figures(date.fromisoformat(on))}
    found = set(re.findall(r"£[\d,.]+\d", said))
    assert found
    assert found <= table.keys()
    assert all(table[figure].may_be_shown for figure in found)
    assert wording.short_day(as_of()) in said
    for fact in facts(on=date.fromisoformat(on), field="social care"):
        assert fact.text in said


def other_field(world: World, field: str) -> None:
    """As if the policy had said that the board is about something else."""
    with world.db.council(world.council_id) as session:
        row = queries.offer(session, council_id=world.council_id, offer_id=world.offers["board-jo"])
        row.assessment = {**row.assessment, "field": field}


@pytest.mark.parametrize(
    ("field", "shown"), [("social care", True), ("social housing", True), ("none", False)]
)
def test_what_the_law_says_of_service_users_is_shown_only_in_its_fields(
    world: World, field: str, shown: int
) -> None:
    other_field(world, field)
    said = benefits_of(world.client("person", "jo"), at(world))
    assert said.count("does not count as earnings") == shown
    assert said.count("you may say no to pay for it") == shown
    assert "A payment for your time may count as money you earned." in said


def test_a_question_is_asked_answered_with_a_name_and_seen(world: World) -> None:
    jo, sam = world.client("person", "jo"), world.client("staff", "sam")
    status, page = send(jo, at(world, "/question"), words="  ")
    assert (status, "Write your question" in page) == (200, True)
    assert asks(world) == []
    assert send(jo, at(world, "/question"), words=QUESTION) == (303, at(world, "/asked"))
    (row,) = asks(world)
    assert "Waiting for our answer" in text_of(jo, at(world))
    waiting = text_of(sam, f"/{world.slug}/staff/questions")
    assert "Waiting for an answer (1)" in waiting
    assert QUESTION in waiting
    answer = f"/{world.slug}/staff/questions/{row.id}"
    status, page = send(sam, answer, words="")
    assert (status, "Write your answer" in page) == (200, True)
    assert send(sam, answer, words="Yes, by the main door.") == (303, f"/{world.slug}/staff/questions")
    assert "Waiting for an answer (0)" in text_of(sam, f"/{world.slug}/staff/questions")
    world.drain()
    said = text_of(jo, at(world))
    assert f"You wrote: {QUESTION}" in said
    assert "Sam Field wrote: Yes, by the main door." in said
    body = messages(world, "jo")["An answer to your question: Making it Real board"]
    assert f"You asked us:\n\n{QUESTION}\n\nSam Field answers:\n\nYes, by the main door." in body
    assert offer_of(world).state == "made"


def test_a_cost_is_asked_for_one_question_a_page_and_booked(world: World) -> None:
    jo, sam = world.client("person", "jo"), world.client("staff", "sam")
    steps = (("category", "train"), ("about_pence", "24.50"), ("wish", "book"))
    missing = {
        "category": "Choose what you need to pay for",
        "about_pence": "Enter about how much it costs, like 4.10",
        "wish": "Choose what would help you",
    }
    for step, value in steps:
        path = at(world, f"/before/{step}")
        status, page = send(jo, path)
        assert (status, 'class="govuk-error-summary' in page) == (200, True), step
        assert page.count(missing[step]) == 2
        status, leads = send(jo, path, **{step: value})
        assert status == 303
    assert leads == at(world, "/before/check")
    said = text_of(jo, leads)
    assert "Train" in said
    assert "£24.50" in said
    assert send(jo, leads, words="The 9:10.") == (303, at(world, "/asked"))
    (row,) = asks(world)
    assert (row.category, row.about_pence, row.wish, row.state) == ("train", 2450, "book", "waiting")
    answer = f"/{world.slug}/staff/questions/{row.id}"
    assert 'value="24.50"' in sam.get(answer).text
    status, page = send(sam, answer, how="book", amount="26.1", words="")
    assert status == 200
    assert 'value="26.1"' in page
    assert "Write a few words to them" in page
    status, _ = send(sam, answer, how="book", amount="26.10", words="Code 77 at the machine.")
    assert status == 303
    world.drain()
    assert "Booked for you" in text_of(jo, at(world))
    assert (
        "Code 77 at the machine." in messages(world, "jo")["We have booked it for you: Making it Real board"]
    )
    (row,) = asks(world)
    assert (row.state, row.met_pence) == ("booked", 2610)


def test_what_was_asked_can_be_taken_back_and_only_by_whoever_asked(world: World) -> None:
    ask_id = world.asks("jo", "board-jo", QUESTION)
    take_back = at(world, f"/asked/{ask_id}/take-back")
    bank = f"/{world.slug}/me/payment-method/bank"
    assert send(world.client("person", "wei"), take_back, bank)[0] == 404
    other = f"/{world.slug}/me/offers/{world.offers['brew-wei']}/asked/{ask_id}/take-back"
    assert send(world.client("person", "wei"), other, bank)[0] == 404
    assert asks(world)[0].state == "waiting"
    assert send(world.client("person", "jo"), take_back, at(world)) == (303, at(world))
    assert asks(world)[0].state == "taken_back"


def test_a_facilitator_answers_questions_and_books_nothing(world: World) -> None:
    jo, fay = world.client("person", "jo"), world.client("staff", "fay")
    for step, value in (("category", "train"), ("about_pence", "24.50"), ("wish", "book")):
        send(jo, at(world, f"/before/{step}"), **{step: value})
    send(jo, at(world, "/before/check"))
    answer = f"/{world.slug}/staff/questions/{asks(world)[0].id}"
    assert "An involvement lead can book it" in fay.get(answer).text
    status, _ = send(fay, answer, how="book", amount="24.50", words="Here.")
    assert status == 200
    assert asks(world)[0].state == "waiting"
    assert send(fay, answer, how="refuse", words="No train runs that day.")[0] == 303
    assert asks(world)[0].state == "refused"


def test_a_cost_is_named_by_the_policy_of_the_day_of_its_session(world: World) -> None:
    """Also on a day for which there is no policy at all."""
    jo = world.client("person", "jo")
    for step, value in (("category", "train"), ("about_pence", "24.50"), ("wish", "book")):
        send(jo, at(world, f"/before/{step}"), **{step: value})
    send(jo, at(world, "/before/check"))
    with time_machine.travel(datetime(2001, 1, 1, tzinfo=UTC), tick=True):
        page = world.client("staff", "sam").get(f"/{world.slug}/staff/questions")
    assert page.status_code == 200
    assert "Jo Marsh: Train, about £24.50" in page.text


def test_a_no_to_a_cost_before_the_day_can_be_disagreed_with(world: World) -> None:
    jo, fay = world.client("person", "jo"), world.client("staff", "fay")
    for step, value in (("category", "train"), ("about_pence", "24.50"), ("wish", "book")):
        send(jo, at(world, f"/before/{step}"), **{step: value})
    send(jo, at(world, "/before/check"))
    (row,) = asks(world)
    again, answer = at(world, f"/asked/{row.id}/look-again"), f"/{world.slug}/staff/questions/{row.id}"
    assert jo.get(again).status_code == 409
    send(fay, answer, how="refuse", words="No train runs that day.")
    assert again in jo.get(at(world)).text
    other = f"/{world.slug}/me/offers/{world.offers['brew-wei']}/asked/{row.id}/look-again"
    assert world.client("person", "wei").post(other, data={"words": "Me too."}).status_code in (400, 404)
    assert asks(world)[0].state == "refused"
    assert send(jo, again, words="The 9:10 runs.") == (303, at(world))
    assert asks(world)[0].state == "waiting"
    assert again not in jo.get(at(world)).text
    page = text_of(fay, answer)
    for words in ("Look again", "The 9:10 runs.", "They do not agree with what we wrote", "No train runs"):
        assert words in page
    assert send(fay, answer, how="refuse", words="It is full.")[0] == 303
    assert "It is full." in text_of(jo, at(world))
    assert again in jo.get(at(world)).text


def test_who_cannot_come_sees_what_that_means_first_and_afterwards(world: World) -> None:
    jo = world.client("person", "jo")
    assert send(jo, at(world, "/yes"), at(world))[0] == 303
    said = text_of(jo, at(world, "/cannot-come"))
    assert "There is no fee when you cannot come. You do not have to pay anything." in said
    assert offer_of(world).state == "accepted"
    assert send(jo, at(world, "/no"), at(world, "/cannot-come")) == (303, at(world, "/answered"))
    assert "There is no fee for it." in text_of(jo, at(world, "/answered"))
    ask = f'<a class="govuk-link" href="{at(world, "/question")}">Ask us about it</a>'
    assert ask in jo.get(at(world, "/answered")).text
    assert "What is due to you, and why" in text_of(jo, at(world))
    world.drain()
    body = messages(world, "jo")["You told us that you cannot come: Making it Real board"]
    assert "There is no fee for it." in body


def soon(world: World) -> tuple[str, str]:
    """A board in an hour: Jo said yes, Wei said nothing. Answers session and Jo's offer."""
    starts = world.now + timedelta(hours=1, minutes=5)
    given = NewSession("Board today", "making_it_real_board", starts, starts + timedelta(hours=2))
    key = {"council_id": world.council_id, "now": world.now}
    with world.db.council(world.council_id) as session:
        made = sessions.plan(session, given=given, actor=world.lead, **key)
        for who in ("wei", "jo"):
            new = NewOffer(world.people[who], "member")
            offer = sessions.offer(session, session_id=made.id, given=new, actor=world.lead, **key)
        sessions.accept(session, offer_id=offer.id, actor=Actor("person", world.people["jo"]), **key)
    return made.id, offer.id


def test_staff_see_what_a_cancellation_gives_before_they_cancel(world: World) -> None:
    session_id, offer_id = soon(world)
    sam, jo = world.client("staff", "sam"), world.client("person", "jo")
    page = f"/{world.slug}/staff/sessions/{session_id}/cancel"
    said = text_of(sam, page)
    assert "Jo Marsh £36.00" in said
    assert "Wei Chen Has not said yes, so nothing is due." in said
    assert send(sam, page) == (303, f"/{world.slug}/staff/sessions/{session_id}")
    world.drain()
    mine = text_of(jo, f"/{world.slug}/me/offers/{offer_id}")
    assert "This session will not happen. We are sorry." in mine
    assert "You get £36.00" in mine
    assert "we pay 100% of the fee" in mine
    body = messages(world, "jo")["This session is not going ahead: Board today"]
    assert "This comes to £36.00 for your time." in body
    assert "£" not in messages(world, "wei")["This session is not going ahead: Board today"]


def test_staff_cancel_one_place_and_the_others_stay(world: World) -> None:
    session_id, offer_id = soon(world)
    sam = world.client("staff", "sam")
    page = f"/{world.slug}/staff/sessions/{session_id}/offers/{offer_id}/cancel"
    assert "Cancel the place of Jo Marsh?" in text_of(sam, page)
    assert send(sam, page)[0] == 303
    world.drain()
    assert "We do not need you this time: Board today" in messages(world, "jo")
    assert "We do not need you this time: Board today" not in messages(world, "wei")
    with world.db.council(world.council_id) as session:
        rows = queries.offers(session, council_id=world.council_id, session_id=session_id)
    assert {row.person_id: row.state for row in rows} == {
        world.people["wei"]: "made",
        world.people["jo"]: "cancelled",
    }
    board = f"/{world.slug}/staff/sessions/{world.sessions['board']}/offers/{offer_id}/cancel"
    assert sam.get(board).status_code == 404
    assert sam.post(page, headers=OURS).status_code == 400
