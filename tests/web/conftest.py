"""A page test gets a whole application on an empty database, and a small world in it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import time_machine
from flask import Flask

from service.app import create_app
from service.sessions import actions as sessions
from service.settings import Settings
from service.tasks.hands import Hands, hands_for
from tests.remembered import Rows, is_empty, put_back, rows
from tests.servers import Cluster
from tests.web.lines import MONDAY, Jo
from tests.web.world import World, build


@functools.cache
def _app_for(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application as it runs, on this test's database. What a test sets on it is set back."""
    made = _app_for(settings)
    config, extensions = dict(made.config), dict(made.extensions)
    enabled = [limiter.enabled for limiter in made.extensions["limiter"]]
    yield made
    made.config.clear()
    made.config.update(config)
    made.extensions.clear()
    made.extensions.update(extensions)
    for limiter, was in zip(made.extensions["limiter"], enabled, strict=True):
        limiter.enabled = was
    made.extensions["db"].close()


@pytest.fixture
def hands(settings: Settings) -> Iterator[Hands]:
    """What carries out the work that pages leave for later."""
    given = hands_for(settings)
    yield given
    given.db.close()


_WORLDS: list[tuple[Rows, World]] = []


@pytest.fixture
def world(app: Flask, hands: Hands, cluster: Cluster, database_name: str) -> World:
    """One council with people and sessions. The rows of the first one are put back for those that follow."""
    with psycopg.connect(cluster.driver_url(database=database_name), autocommit=True) as line:
        if not is_empty(line):
            return build(app, hands)
        if not _WORLDS:
            made = build(app, hands)
            if time_machine.escape_hatch.is_travelling():
                return made  # Of another day: nobody else is to live in it.
            _WORLDS.append((rows(line), made))
        else:
            put_back(line, _WORLDS[0][0])
    first = _WORLDS[0][1]
    return replace(
        first,
        app=app,
        db=hands.db,
        hands=hands,
        **{name: dict(getattr(first, name)) for name in ("staff", "people", "sessions", "offers")},
    )


@pytest.fixture
def jo(world: World) -> Jo:
    """With no fee promised yet."""
    with world.db.council(world.council_id) as session:
        sessions.decline(
            session,
            council_id=world.council_id,
            offer_id=world.offers["brew-jo"],
            actor=world.lead,
            now=world.now,
        )
    return Jo(world, world.client("person", "jo"))


@pytest.fixture
def monday() -> Iterator[Any]:
    """It is half past midday on a Monday."""
    with time_machine.travel(MONDAY, tick=True) as clock:
        yield clock
