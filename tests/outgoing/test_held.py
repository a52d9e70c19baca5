"""Does another system hear that a payment is held, whatever it waits for?"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from service import schema
from tests.outgoing.receiver import Receiver, receiver
from tests.outgoing.test_webhooks import delivered, listening, status
from tests.payouts import leaving
from tests.payouts.holding import let_go, place, ready
from tests.servers import Cluster
from tests.stage import Council, Stage

OLD = """
SET session_replication_role = replica;
INSERT INTO webhook_endpoints (council_id, id, url, events, test, state, failures, next_at, made_by, made_at)
SELECT 'cou_1', id, 'https://example.org', events, true, 'working', 0, now(), 'x', now() FROM (VALUES
    ('all', ARRAY['payout.ready', 'payout.held']), ('one', ARRAY['payout.paid'])) AS s (id, events);
"""


@pytest.fixture
def other() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def said(council: Council, other: Receiver) -> list[tuple[str, str]]:
    while delivered(council):
        pass
    return [(got.said["type"], got.said["data"]["status"]) for got in other.got]


@pytest.mark.parametrize("scope", ["person", "rail", "council"])
def test_a_hold_that_covers_a_payment_is_told_and_so_is_its_end(
    stage: Stage, other: Receiver, scope: str
) -> None:
    council = stage.council()
    payment = ready(council)
    endpoint = listening(council, other, "payment.held", "payment.ready")
    assert status(council, endpoint)["events"] == ["payment.ready", "payment.held"]
    hold_id = place(council, scope, {"person": payment["person"], "rail": "sandbox", "council": ""}[scope])
    assert said(council, other) == [("payment.held", "held")]
    let_go(council, hold_id)
    assert said(council, other) == [("payment.held", "held"), ("payment.ready", "ready")]


@pytest.mark.parametrize("policy", [{"runs": leaving.EVERY_DAY}, {"second": "{payment_above: £1.00}"}])
def test_what_waits_for_a_run_or_a_second_person_is_told_as_held(
    stage: Stage, other: Receiver, policy: dict[str, str]
) -> None:
    council = leaving.council(stage, **{"runs": "at once", **policy})
    listening(council, other, "payment.held", "payment.ready", "payment.paid")
    council.ticked()
    stage.drain()
    assert said(council, other) == [("payment.held", "held")]


def test_who_listened_before_hears_of_it_too(cluster: Cluster, worker: str) -> None:
    database = cluster.make_database(f"heard_{worker}")
    owner, config = cluster.url(role="reciprocal_owner", database=database), Config()
    config.set_main_option("script_location", str(schema.FOLDER))
    with create_engine(owner, poolclass=NullPool).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0027")
        connection.commit()
    with psycopg.connect(cluster.driver_url(database=database), autocommit=True) as line:
        line.execute(OLD)
        schema.migrate(owner)
        found = line.execute("SELECT id, events FROM webhook_endpoints ORDER BY id").fetchall()
    assert found == [("all", ["payout.ready", "payout.held", "payout.waiting"]), ("one", ["payout.paid"])]
