"""What becomes of a second council at an address that is taken?"""

from __future__ import annotations

import pytest

from service.councils import actions, queries
from service.days import utc_now
from service.db import Database
from service.errors import Invalid


def test_the_second_is_refused_with_what_to_do(database: Database) -> None:
    given = actions.NewCouncil(slug="exampleshire", name="Exampleshire")
    with database.council("cou_1") as session:
        actions.found(session, council_id="cou_1", given=given, now=utc_now())
    with database.council("cou_2") as session, pytest.raises(Invalid) as refused:
        actions.found(session, council_id="cou_2", given=given, now=utc_now())
    assert refused.value.errors[0].pointer == "/slug"
    assert refused.value.detail == "There is a council at exampleshire already. Choose another word."
    with database.crossing() as outside:
        assert queries.council_id_of(outside, slug="exampleshire") == "cou_1"
