"""Does somebody of the demonstration who changes how they are paid type the code, as anybody has to?"""

from __future__ import annotations

from service.dev.cast import EXAMPLESHIRE, bank
from service.dev.town import Town
from service.people import queries
from tests.stage import Stage


def test_a_change_of_their_own_counts_once_the_code_is_typed(stage: Stage) -> None:
    council = stage.council()
    person_id = council.person("Omar Specimen", account=None)
    town = Town(stage.hands, council.id, EXAMPLESHIRE, "a story")
    town.wants("Omar", bank("Omar Specimen", "00000002"))
    town.wants("Omar", bank("Omar Specimen", "00012345"))
    with stage.hands.db.council(council.id) as session:
        key = {"council_id": council.id, "person_id": person_id}
        current = queries.current_method(session, **key)
        assert current is not None
        assert current.masked == "account ending 2345"
        assert queries.proposed_method(session, **key) is None
