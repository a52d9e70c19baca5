"""Do the words of a database error keep to themselves what was sent?"""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.db import Database


def test_an_error_does_not_quote_the_values(database: Database) -> None:
    with pytest.raises(DBAPIError) as failed, database.council("cou_1") as session:
        session.execute(text("SELECT nothing FROM people WHERE name = :name"), {"name": "Ada Example"})
    assert "Ada Example" not in str(failed.value)
    assert "hidden" in str(failed.value)
