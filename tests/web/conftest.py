"""A page test gets a whole application on an empty database, and a small world in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from service.app import create_app
from service.settings import Settings
from service.tasks.hands import Hands, hands_for
from tests.web.world import World, build


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application as it runs, on this test's database."""
    made = create_app(settings)
    yield made
    made.extensions["db"].close()


@pytest.fixture
def hands(settings: Settings) -> Iterator[Hands]:
    """What carries out the work that pages leave for later."""
    given = hands_for(settings)
    yield given
    given.db.close()


@pytest.fixture
def world(app: Flask, hands: Hands) -> World:
    """One council with people and sessions."""
    return build(app, hands)
