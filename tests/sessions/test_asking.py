"""What may a person ask about an offer, who answers it, and what happens when both act at once?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.claims import answering
from service.claims import queries as claims
from service.days import utc_now
from service.errors import Conflict, Invalid
from service.events import Actor
from service.sessions import actions, asking, cancelling, queries
from service.sessions.asking import CostAsk
from service.sessions.moving import AskIsOver, OfferIsOver
from service.sessions.tables import OfferAsk
from tests.stage import Council, Stage, told

STAFF = Actor("staff", "stf_1")
TRAIN = CostAsk("train", 2450, "book", "The 9:10, please.")


@pytest.fixture
def council(stage: Stage) -> Council:
    return stage.council()


@pytest.fixture
def asked(council: Council) -> Asked:
    return Asked(council)


class Asked:
    """Somebody who said yes to a session of next week."""

    def __init__(self, council: Council) -> None:
        self.council, self.stage = council, council.stage
        self.person_id = council.person()
        starts = utc_now().replace(microsecond=0) + timedelta(days=7)
        self.session_id = council.session(ends=starts + timedelta(hours=1))
        self.offer_id = council.invited(self.session_id, self.person_id)
        self.me = Actor("person", self.person_id)

    def does(self, verb: Any, *, actor: Actor | None = None, **given: Any) -> Any:
        with self.stage.hands.db.council(self.council.id) as session:
            return verb(
                session,
                council_id=self.council.id,
                actor=actor or self.me,
                now=self.stage.clock(),
                **given,
            )

    def refused(self, kind: type[Exception], verb: Any, **given: Any) -> Exception:
        before = self.stage.picture()
        with pytest.raises(kind) as found:
            self.does(verb, **given)
        assert self.stage.picture() == before
        return found.value

    def question(self, words: str = "Is there a lift?") -> OfferAsk:
        found: OfferAsk = self.does(asking.ask_question, offer_id=self.offer_id, words=words)
        return found

    def cost(self, given: CostAsk = TRAIN) -> OfferAsk:
        found: OfferAsk = self.does(asking.ask_for_cost, offer_id=self.offer_id, given=given)
        return found

    def now(self, ask: OfferAsk) -> OfferAsk:
        with self.stage.hands.db.council(self.council.id) as session:
            return queries.ask(session, council_id=self.council.id, ask_id=ask.id)


def test_a_question_has_one_answer_and_the_person_is_told(asked: Asked) -> None:
    row = asked.question()
    assert asked.question("  Is there a lift?\r\n").id == row.id
    asked.does(asking.answer, ask_id=row.id, words="Yes, on the left.", actor=STAFF)
    asked.refused(AskIsOver, asking.answer, ask_id=row.id, words="No.", actor=STAFF)
    asked.stage.drain()
    assert asked.now(row).state == "answered"
    assert asked.now(row).answered_by == "staff:stf_1"
    assert asked.council.messages(asked.person_id).count("An answer to your question: Over a Brew") == 1
    assert asked.question().id != row.id


@pytest.mark.parametrize("words", ["", " \n ", "\x00\x07", "a" * 2001])
def test_a_question_needs_words_and_not_too_many(asked: Asked, words: str) -> None:
    asked.refused(Invalid, asking.ask_question, offer_id=asked.offer_id, words=words)
    row = asked.question()
    asked.refused(Invalid, asking.answer, ask_id=row.id, words=words, actor=STAFF)


def test_a_cost_is_booked_and_no_money_goes_to_the_person(asked: Asked) -> None:
    row = asked.cost()
    assert asked.cost().id == row.id
    met = {"ask_id": row.id, "how": "book", "amount_pence": 2610, "words": "At the machine, code 77."}
    asked.does(answering.meet, **met, actor=STAFF)
    asked.refused(AskIsOver, answering.meet, **met, actor=STAFF)
    asked.stage.drain()
    row = asked.now(row)
    assert (row.state, row.met_pence) == ("booked", 2610)
    assert asked.council.balance() == {"booked": -2610, "expenses": 2610}
    assert "We have booked it for you: Over a Brew" in asked.council.messages(asked.person_id)


def test_money_first_needs_somebody_elses_yes(asked: Asked) -> None:
    row = asked.cost(CostAsk("train", 2450, "advance"))
    met = {"ask_id": row.id, "how": "hand_over", "amount_pence": 2450, "words": "For the train."}
    asked.does(answering.meet, **met, actor=STAFF)
    asked.stage.drain()
    with asked.stage.hands.db.council(asked.council.id) as session:
        claim = claims.get(session, council_id=asked.council.id, claim_id=asked.now(row).result_id or "")
    assert (claim.kind, claim.state, claim.total_pence) == ("advance", "waiting", 2450)


def test_a_no_to_a_cost_is_looked_at_again_and_may_be_met_after_all(asked: Asked) -> None:
    row = asked.cost()
    asked.refused(AskIsOver, asking.look_again, ask_id=row.id, words="No.")
    asked.does(asking.refuse, ask_id=row.id, words="The bus goes there.", actor=STAFF)
    for _ in range(2):
        asked.does(asking.look_again, ask_id=row.id, words="I cannot use the bus.")
    again = asked.now(row)
    assert (again.state, again.answered_by) == ("waiting", "staff:stf_1")
    with asked.stage.hands.db.council(asked.council.id) as session:
        assert asking.asked_words(session, [again]) == {row.id: "The 9:10, please.\n\nI cannot use the bus."}
        assert asking.answered_words(session, [again]) == {row.id: "The bus goes there."}
    met = {"ask_id": row.id, "how": "book", "amount_pence": 2610, "words": "At the machine, code 77."}
    asked.does(answering.meet, **met, actor=STAFF)
    asked.stage.drain()
    assert asked.now(row).state == "booked"
    assert asked.council.balance() == {"booked": -2610, "expenses": 2610}
    asked.refused(AskIsOver, asking.look_again, ask_id=row.id, words="")


def test_a_no_is_not_looked_at_again_once_the_day_has_begun_or_another_waits(asked: Asked) -> None:
    row = asked.cost()
    asked.does(asking.refuse, ask_id=row.id, words="The bus goes there.", actor=STAFF)
    other = asked.cost()
    asked.refused(Conflict, asking.look_again, ask_id=row.id, words="")
    asked.does(asking.take_back, ask_id=other.id)
    asked.stage.clock.forward(timedelta(days=8))
    asked.refused(OfferIsOver, asking.look_again, ask_id=row.id, words="")


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        (CostAsk("yacht", 100, "book"), "/category"),
        (CostAsk("train", 0, "book"), "/about_pence"),
        (CostAsk("train", 1_000_001, "book"), "/about_pence"),
        (CostAsk("train", 100, "please"), "/wish"),
    ],
)
def test_a_cost_that_cannot_be_says_why(asked: Asked, given: CostAsk, pointer: str) -> None:
    refusal = asked.refused(Invalid, asking.ask_for_cost, offer_id=asked.offer_id, given=given)
    assert isinstance(refusal, Invalid)
    assert [fault.pointer for fault in refusal.errors] == [pointer]


def test_a_meeting_that_cannot_be_leaves_the_question_waiting(asked: Asked) -> None:
    row = asked.cost()
    for wrong in ({"amount_pence": 0, "words": "x"}, {"amount_pence": 100, "words": " "}):
        asked.refused(Invalid, answering.meet, ask_id=row.id, how="book", **wrong, actor=STAFF)
    asked.refused(Conflict, asking.answer, ask_id=row.id, words="Yes.", actor=STAFF)
    question = asked.question()
    asked.refused(Conflict, asking.refuse, ask_id=question.id, words="No.", actor=STAFF)
    met = {"how": "book", "amount_pence": 1, "words": "x"}
    asked.refused(Conflict, answering.meet, ask_id=question.id, **met, actor=STAFF)


def test_another_sum_for_the_same_cost_waits_until_the_first_is_taken_back(asked: Asked) -> None:
    row, other = asked.cost(), CostAsk("train", 3000, "book")
    asked.refused(Conflict, asking.ask_for_cost, offer_id=asked.offer_id, given=other)
    for _ in range(2):
        asked.does(asking.take_back, ask_id=row.id)
    assert asked.cost(other).about_pence == 3000
    asked.refused(AskIsOver, asking.refuse, ask_id=row.id, words="No.", actor=STAFF)


def test_a_no_says_why(asked: Asked) -> None:
    row = asked.cost()
    asked.refused(Invalid, asking.refuse, ask_id=row.id, words="", actor=STAFF)
    asked.does(asking.refuse, ask_id=row.id, words="The train is not running.", actor=STAFF)
    asked.stage.drain()
    assert asked.now(row).state == "refused"
    subject = "About the cost that you asked for: Over a Brew"
    assert subject in asked.council.messages(asked.person_id)


@pytest.mark.parametrize("verb", [actions.decline, cancelling.cancel_place])
def test_what_was_asked_for_goes_with_the_offer(asked: Asked, verb: Any) -> None:
    cost, question = asked.cost(), asked.question()
    asked.does(verb, offer_id=asked.offer_id)
    assert asked.now(cost).state == "taken_back"
    assert asked.now(question).state == "waiting"
    asked.refused(OfferIsOver, asking.ask_for_cost, offer_id=asked.offer_id, given=TRAIN)


def test_nothing_is_booked_once_the_day_has_begun(asked: Asked) -> None:
    asked.stage.clock.forward(timedelta(days=8))
    asked.refused(OfferIsOver, asking.ask_for_cost, offer_id=asked.offer_id, given=TRAIN)
    assert asked.question().state == "waiting"


def test_a_place_is_cancelled_once_and_the_session_goes_on(asked: Asked) -> None:
    other = asked.council.person("Bo Example")
    asked.council.invited(asked.session_id, other)
    for _ in range(2):
        asked.does(cancelling.cancel_place, offer_id=asked.offer_id, actor=STAFF)
    asked.stage.drain()
    offers = told(asked.council.lead.get(f"sessions/{asked.session_id}/offers"))["data"]
    assert [row["status"] for row in offers] == ["cancelled", "accepted"]
    said = asked.council.messages(asked.person_id)
    assert said.count("We do not need you this time: Over a Brew") == 1
    assert asked.council.offer(asked.session_id, asked.person_id)


def test_a_place_of_somebody_who_came_is_not_cancelled(asked: Asked) -> None:
    told(asked.council.tick(asked.session_id, asked.person_id))
    asked.refused(Conflict, cancelling.cancel_place, offer_id=asked.offer_id, actor=STAFF)
