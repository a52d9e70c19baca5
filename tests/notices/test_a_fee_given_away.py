"""Does somebody hear that their fee is given away, whoever wrote it down, and can they stop it?"""

from __future__ import annotations

import re

import pytest

from service import events
from service.notices import queries, telling
from service.people import stopping
from tests.letterbox import Letterbox
from tests.notices.figures import in_form
from tests.notices.test_messages import EMAIL
from tests.people.changes import STAFF, about
from tests.people.test_confirming import press_stop
from tests.stage import Council, Stage, refused, told

CHARITY = "The Invented Trust"
SAID = f"After the session we pay your fee to {CHARITY}. We do not pay it to you."


@pytest.fixture
def council(stage: Stage, post: Letterbox) -> Council:
    return stage.council()


def given_away(council: Council) -> tuple[str, str]:
    """The council's own key says that a fee goes to a charity. Answers the session and the person."""
    session_id, person_id = council.session(), council.person(email=EMAIL)
    offer_id = council.offer(session_id, person_id)
    for _ in range(2):
        told(council.lead.post(f"offers/{offer_id}/accept", {"give_to": CHARITY}))
    council.stage.drain()
    return session_id, person_id


def test_the_person_is_told_once_in_plain_words_and_how_to_stop_it(council: Council, post: Letterbox) -> None:
    given_away(council)
    (said,) = [message for message in post.messages if CHARITY in message.body]
    assert said.to == EMAIL
    assert SAID in said.body
    assert "If you did not ask for this, stop it here." in said.body
    assert [message.subject for message in post.messages] == [
        "How we pay you has been written down",
        "Would you like to join us? Over a Brew",
        "Your fee goes to a charity: Over a Brew",
    ]


def test_a_fee_that_nobody_gives_away_is_said_to_go_to_nobody_else(council: Council, post: Letterbox) -> None:
    council.invited(council.session(), council.person(email=EMAIL))
    council.stage.drain()
    said = post.messages[-1]
    assert said.subject.startswith("Thank you for saying yes")
    assert "charity" not in said.body
    assert "stop it" not in said.body


def test_one_press_keeps_the_fee_from_the_charity(council: Council, post: Letterbox) -> None:
    session_id, person_id = given_away(council)
    press_stop(council, post.messages[-1].body)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    (held,) = council.payments()
    assert (held["status"], held["held_because"]) == ("held", "stopped")
    seen = council.lead.get(f"payments/{held['id']}").headers["ETag"]
    refused(council.lead.post(f"payments/{held['id']}/release", seen=seen), 409)
    council.stage.sweep()
    assert council.payments() == [held]
    with council.stage.hands.db.council(council.id) as session:
        stopping.lift(session, was_theirs=True, actor=STAFF, **about(council, person_id))
    council.stage.drain()
    assert council.payments()[-1]["status"] == "ready"


# What may not be said of money that a charity gets, or of none.
COMES_TO_THEM = re.compile(
    r"on its way to you|paid you|pay you by|We want to pay you|We will pay you|for you\. Somebody|you got"
    r"|You get your money|ar ei ffordd atoch|eich talu erbyn|eich bod wedi cael"
)


def said_of(council: Council, *names: str) -> list[telling.Told]:
    """What is said of these events in every form, the English last."""
    found = []
    with council.stage.hands.db.council(council.id) as session:
        for notice in reversed(queries.newest(session, council_id=council.id)):
            event = events.get(session, council_id=council.id, event_id=notice.event_id)
            if event.name in names:
                found += [in_form(session, event, notice, words) for words in ("cy", "easy", "en")]
    return found


def check_given(council: Council, *names: str) -> None:
    told_of = said_of(council, *names)
    assert len(told_of) == 3 * len(names)
    for one in told_of:
        assert CHARITY in one.subject + one.body, one
        for text in (one.subject, one.body, one.short):
            assert COMES_TO_THEM.findall(text) == [], text


def test_no_message_says_that_money_comes_to_them_which_a_charity_gets(council: Council) -> None:
    session_id, person_id = given_away(council)
    told(council.tick(session_id, person_id))
    council.stage.drain()
    (gift,) = council.payments()
    body = {"bank_reference": "GIFT 1", "paid_on": council.stage.clock().date().isoformat()}
    told(council.finance.post(f"payments/{gift['id']}/paid", body))
    council.stage.drain()
    check_given(council, "claim.approved", "payout.paid")
    assert "We have given £15.50 away for you" in council.messages(person_id)
    told(council.finance.post(f"payments/{gift['id']}/returned", {"reason": "They have closed."}))
    council.stage.drain()
    check_given(council, "payout.returned")


def test_who_has_all_their_money_go_to_a_charity_hears_so_before_and_after_the_yes(council: Council) -> None:
    person_id = council.person(account=None, email=EMAIL)
    gift = {"kind": "charity", "charity": CHARITY}
    told(council.lead.put(f"people/{person_id}/payment_method", gift))
    session_id = council.session("advisory_network", minutes=300)
    council.invited(session_id, person_id, "member")
    told(council.tick(session_id, person_id))
    council.stage.drain()
    check_given(council, "claim.waiting")
    claim_id = council.claim(session=session_id)["id"]
    seen = council.lead.get(f"claims/{claim_id}").headers["ETag"]
    told(council.approver.post(f"claims/{claim_id}/approve", {}, seen=seen))
    council.stage.drain()
    check_given(council, "claim.approved")


def test_a_yes_to_nothing_is_thanked_for_without_a_fee(council: Council) -> None:
    person_id = council.person(email=EMAIL)
    offer_id = council.offer(council.session(), person_id)
    told(council.lead.post(f"offers/{offer_id}/accept", {"accept_pence": 0}))
    council.stage.drain()
    welsh, easy, plain = said_of(council, "offer.accepted")
    assert "There is no fee for this." in plain.body
    assert "We pay no money for your time." in easy.body
    assert "Nid oes ffi am hyn." in welsh.body
    assert "There is no fee for it." in plain.short
    for one in (welsh, easy, plain):
        assert not re.search(r"pay your fee|We pay you after|talu eich ffi", one.body)


def test_the_contact_before_a_change_hears_of_it_too(council: Council, post: Letterbox) -> None:
    session_id, person_id = council.session(), council.person(email="before@example.org")
    offer_id = council.offer(session_id, person_id)
    with council.stage.hands.db.council(council.id) as session:
        changed = {"email": EMAIL, "phone": ""}
        stopping.change_contact(session, **changed, actor=STAFF, **about(council, person_id))
    council.stage.drain()
    told(council.lead.post(f"offers/{offer_id}/accept", {"give_to": CHARITY}))
    council.stage.drain()
    assert {message.to for message in post.messages if SAID in message.body} == {EMAIL, "before@example.org"}
