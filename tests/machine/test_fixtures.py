"""Does a test find the servers as it is promised them?"""

from __future__ import annotations

import psycopg
import pytest
import redis
from sqlalchemy import text

from service.db import Database
from tests import servers
from tests.servers import Broker, Cluster

PLANTED = """
CREATE TABLE planted (id bigint GENERATED ALWAYS AS IDENTITY, word text);
CREATE TABLE kept (word text);
CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'insert only'; END $$;
CREATE TRIGGER never BEFORE DELETE OR TRUNCATE ON planted EXECUTE FUNCTION never();
INSERT INTO planted (word) VALUES ('one'), ('two');
INSERT INTO kept VALUES ('still here');
"""


def test_empties_what_refuses_to_be_emptied_and_counts_anew(cluster: Cluster, worker: str) -> None:
    name = cluster.make_database(f"emptying_{worker}")
    with psycopg.connect(cluster.driver_url(database=name), autocommit=True) as line:
        line.execute(PLANTED)
        with pytest.raises(psycopg.errors.RaiseException):
            line.execute("DELETE FROM planted")
        line.execute(servers.empty_statement(["public.kept"]))
        line.execute("INSERT INTO planted (word) VALUES ('again')")
        assert line.execute("SELECT id, word FROM planted").fetchall() == [(1, "again")]
        assert line.execute("SELECT word FROM kept").fetchall() == [("still here",)]


def test_reaches_the_database_as_a_role_that_cannot_step_over_walls(database: Database) -> None:
    database.check_walls()
    with database.crossing() as session:
        assert session.scalar(text("SELECT current_user")) == "reciprocal_app"
        assert session.scalar(text("SELECT session_user")) == "reciprocal_app"


@pytest.mark.parametrize("time", [1, 2])
def test_finds_the_broker_empty(broker: Broker, time: int) -> None:
    with redis.Redis.from_url(broker.url) as line:
        assert line.keys() == []
        line.set("left", "behind")


def test_a_killed_broker_starts_again_with_nothing(broker: Broker) -> None:
    with redis.Redis.from_url(broker.url) as line:
        line.set("left", "behind")
    broker.kill()
    assert not broker.server.answers()
    broker.start()
    with redis.Redis.from_url(broker.url) as line:
        assert line.get("left") is None
