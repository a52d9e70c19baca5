"""Does somebody who was erased stay so, also where a page of theirs is open still?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.errors import Conflict
from service.events import Actor
from service.notices import reaching
from service.people import actions as people
from service.people import authorities, helping, stopping
from service.people.authorities import AuthorityGiven
from service.people.helping import HelperGiven
from tests.own_data.life import EMAIL, NAME, PHONE, key_of
from tests.own_data.test_own_data import asks, round_of_erasing
from tests.stage import Stage


def test_nobody_is_filled_in_again_who_was_erased(stage: Stage) -> None:
    council = stage.council()
    person_id, now = council.person(NAME, email=EMAIL), council.stage.clock()
    who, today = key_of(council, person_id), now.date()
    helper = HelperGiven("supporter", "Hal", "hal@helps.example", until_day=today, consent="phone")
    document = AuthorityGiven("attorney", "Al", "al@acts.example", "LPA 1", today, today)
    asks(council, person_id)
    council.stage.clock.forward(timedelta(days=8))
    round_of_erasing(council)
    about: dict[str, Any] = {**who, "actor": Actor("staff", "stf_1"), "now": now}
    verbs: list[tuple[Any, dict[str, Any]]] = [
        (helping.name, {**about, "given": helper}),
        (authorities.record, {**about, "given": document}),
        (stopping.change_contact, {**about, "email": EMAIL, "phone": PHONE}),
        (people.set_supplier_reference, {**about, "given": "S-1234"}),
        (reaching.choose, {**about, "given": reaching.Choice("", "cy", "1 Row\nTown\nEX1 2MP")}),
    ]
    before = council.stage.picture()
    for verb, given in verbs:
        with (
            council.stage.hands.db.council(council.id) as session,
            pytest.raises(Conflict, match="asked to be"),
        ):
            verb(session, **given)
        assert council.stage.picture() == before, verb
