"""What the tests of Stripe stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rails.paid_by_stripe import Paying, paying
from tests.stage import Council, Stage


@pytest.fixture
def at(stage: Stage) -> Iterator[Paying]:
    """Stripe, where nothing happens by itself."""
    with paying(stage) as running:
        yield running


@pytest.fixture
def council(at: Paying) -> Council:
    """A council that pays from the demonstration's account."""
    return at.stage.council()
