"""Is every sum and every day in every message, in every form, one that stands in the books?

The money goes its whole way once; `test_messages.py` does the same after everything that can happen.
"""

from __future__ import annotations

from datetime import date

import pytest

from service.rails import sandbox
from tests.notices.figures import check_all, days_in, sums_in
from tests.notices.test_messages import came, council
from tests.stage import Council

__all__ = ["council"]


def test_the_reader_finds_a_sum_and_a_day_that_are_wrong() -> None:
    """So that what follows can fail."""
    assert sums_in("Agreed: £1,015.50 and £4.10.") == {101550, 410}
    assert days_in("by 3 March 2026, neu erbyn 4 Mawrth 2026") == {date(2026, 3, 3), date(2026, 3, 4)}


def test_every_sum_and_day_of_a_whole_journey_stands_in_the_books_in_every_form(
    council: Council,
) -> None:
    for account in (sandbox.PAID, sandbox.RETURNED, None):
        came(council, account)
    council.stage.sweep()
    for words in ("en", "cy", "easy"):
        check_all(council, words, least=12)


def test_a_sum_that_is_not_in_the_books_is_found(council: Council) -> None:
    came(council, sandbox.PAID)
    with council.stage.admin() as line:
        line.execute("UPDATE notices SET body = replace(body, '£15.50', '£15.51')")
    with pytest.raises(AssertionError, match="1551"):
        check_all(council, "en", least=1)
