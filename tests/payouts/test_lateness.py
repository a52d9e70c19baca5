"""Does somebody hear, once, that money is late, when it is we who are late?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from service.days import london_day
from service.events import Actor
from service.payouts import putting_off
from service.tasks import hands as in_use
from service.tasks import housekeeping
from service.web.person.easy_lines import Speaker
from tests.stage import Council, Stage, told
from tests.web.cookies import sign_in

LATE = "We are late in paying: Over a Brew"


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


def hours_pass(council: Council, by: timedelta) -> None:
    """The clock comes round, twice."""
    council.stage.clock.forward(by)
    in_use.use(council.stage.hands)
    for _ in range(2):
        housekeeping.own_up_to_late()
        council.stage.drain(leaving=("payouts.send",))


def test_a_payment_that_did_not_come_by_the_promised_day_is_owned_up_to_once(council: Council) -> None:
    session_id = council.ticked()
    council.stage.drain(leaving=("payouts.send",))
    claim = council.claim(session=session_id)
    assert [payment["status"] for payment in claim["payments"]] == ["ready"]
    hours_pass(council, timedelta(hours=1))
    assert LATE not in council.messages(claim["person"])
    hours_pass(council, timedelta(days=60))
    assert council.messages(claim["person"]).count(LATE) == 1
    with council.stage.admin() as line:
        query = "SELECT body, amount_pence FROM notices WHERE name = 'payment.late'"
        ((body, pence),) = line.execute(query).fetchall()
    assert pence == claim["total_pence"]
    assert "We promised £15.50 by " in body
    assert "It is late. We are sorry." in body
    hours_pass(council, timedelta(days=60))
    assert council.messages(claim["person"]).count(LATE) == 1


def test_what_was_paid_refused_or_waits_for_the_persons_own_word_is_not_late(council: Council) -> None:
    paid = council.claim(session=_worked(council, council.ticked()))
    waits = council.claim(session=_worked(council, council.ticked(account=None)))
    gone = council.ticked("practice_review", role="team_member", minutes=300)
    refused = council.claim(session=_worked(council, gone))
    seen = council.lead.get(f"claims/{refused['id']}").headers["ETag"]
    said = {"clause": "3.1", "reason": "Not this time."}
    told(council.approver.post(f"claims/{refused['id']}/refuse", said, seen=seen))
    hours_pass(council, timedelta(days=60))
    for claim in (paid, waits, refused):
        assert "payment.late" not in council.history(claim["id"])


def _worked(council: Council, session_id: str) -> str:
    council.stage.drain()
    return session_id


def day_in(words: str, day: date) -> str:
    return Speaker(words).day(day)


def test_a_day_that_the_person_chose_counts_before_anybody_has_agreed(council: Council) -> None:
    """There is no payment yet; the yes says when they would like it, and that is what was promised."""
    stage = council.stage
    session_id = council.session("practice_review", minutes=300)
    person_id = council.person()
    offer_id = council.invited(session_id, person_id, "team_member")
    day = london_day(stage.clock()) + timedelta(days=90)
    with stage.hands.db.council(council.id) as session:
        putting_off.for_offer(
            session,
            council_id=council.id,
            offer_id=offer_id,
            answer="later",
            day=day,
            actor=Actor("person", person_id),
            now=stage.clock(),
        )
    told(council.tick(session_id, person_id))
    stage.drain()
    claim = council.claim(session=session_id)
    assert (claim["status"], claim["payments"]) == ("waiting", [])
    by, usual = f"{day.day} {day:%B} {day.year}", date.fromisoformat(claim["pay_by"])
    person = sign_in(stage.app.test_client(), council.id, "person", person_id)
    at = f"/exampleshire/me/claims/{claim['id']}"
    assert f"We promise it by {by}." in person.get("/exampleshire/me").text
    assert f"We promise to pay you by {day:%A} {by}." in person.get(at).text
    for words in ("easy", "cy"):
        shown = person.get(f"{at}/{words}").text
        assert day_in(words, day) in shown
        assert day_in(words, usual) not in shown
    hours_pass(council, timedelta(days=60))
    assert "payment.late" not in council.history(claim["id"])
    assert "We are late" not in person.get("/exampleshire/me").text
    hours_pass(council, timedelta(days=31))
    assert council.history(claim["id"]).count("payment.late") == 1
    with stage.admin() as line:
        ((body,),) = line.execute("SELECT body FROM notices WHERE name = 'payment.late'").fetchall()
    assert f" by {by}, for Over a Brew. It is late." in body
