"""Is a person asked once, and only once, about a change that somebody else writes down for them?"""

from __future__ import annotations

from service.people import queries
from service.people.actions import MethodGiven
from service.people.model import BankDetails
from tests.stage import Stage, bank_account, told


def test_a_change_that_is_sent_again_is_the_same_question(stage: Stage) -> None:
    council = stage.council()
    person_id = council.person(email="ada@example.org")
    told(council.pays_into(person_id, "00733445"), 202)
    stage.drain()
    before = stage.picture()
    again = told(council.pays_into(person_id, "00733445"), 202)
    assert (again["status"], again["shown"]) == ("proposed", "account ending 3445")
    stage.drain()
    assert stage.picture() == before
    assert council.messages(person_id).count("Did you ask for this change?") == 1


def test_another_change_takes_the_place_of_the_one_that_waits(stage: Stage) -> None:
    council = stage.council()
    person_id = council.person()
    told(council.pays_into(person_id, "00733445"), 202)
    told(council.pays_into(person_id, "00733446"), 202)
    with stage.hands.db.council(council.id) as session:
        waits = queries.proposed_method(session, council_id=council.id, person_id=person_id)
        assert waits is not None
        assert waits.masked == "account ending 3446"


def test_bank_details_do_not_show_when_they_are_printed() -> None:
    given = MethodGiven(**bank_account("00733445"))
    assert repr(given) == "MethodGiven(kind='bank_account', charity='')"
    assert repr(BankDetails("A Example", "108800", "00733445", "R/1")) == "BankDetails()"
