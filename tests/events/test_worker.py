"""Is everything that may follow, or that the clock calls, known to the worker, and safe to lose there?"""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from celery.signals import worker_process_init
from sqlalchemy.exc import OperationalError

from service.settings import QUEUES, Settings
from service.tasks import CLOCK, NEXT, hands
from service.tasks.delivery import TASKS
from service.worker import create_worker
from tests.servers import Cluster

SERVICE = Path(__file__).parents[2] / "service"


def named_in_rooms(name: str) -> bool:
    """Whether some room records an event of this name; the tables of what follows do not count."""
    apart = {SERVICE / "tasks" / "__init__.py", SERVICE / "notices" / "model.py"}
    texts = (
        path.read_text() for path in SERVICE.rglob("*.py") if path not in apart and "web" not in path.parts
    )
    return any(f'"{name}"' in text for text in texts)


def test_every_event_that_is_followed_is_one_that_happens() -> None:
    assert not named_in_rooms("claim.imagined")
    assert [name for name in NEXT if not named_in_rooms(name)] == []


def test_the_worker_knows_every_task_and_every_queue(settings: Settings) -> None:
    worker = create_worker(settings)
    assert set(worker.tasks) >= set(TASKS) | set(CLOCK)
    assert {queue.name for queue in worker.conf.task_queues} == set(QUEUES)
    assert {task.queue for task in TASKS.values()} <= set(QUEUES)
    assert set(worker.conf.beat_schedule) == set(CLOCK)


def test_a_worker_that_begins_while_the_database_is_away_works_once_it_is_back(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"away_{uuid.uuid4().hex}"
    for setting, value in cluster.environment(name).items():
        monkeypatch.setenv(setting, value)
    monkeypatch.setattr(hands, "_in_use", [])
    monkeypatch.setattr(hands, "_maker", [])
    assert {answer for _, answer in worker_process_init.send(sender=None)} == {None}
    for _ in range(2):
        with pytest.raises(OperationalError, match="does not exist"):
            hands.hands()
    cluster.make_database(name, template=cluster.migrated())
    given = hands.hands()
    assert given.settings.database_url == cluster.url(database=name)
    assert hands.hands() is given
    given.db.close()


def test_the_broker_may_be_lost_whole(settings: Settings) -> None:
    """Nothing is answered through it, and what a dead worker held comes back."""
    conf = create_worker(settings).conf
    assert conf.task_ignore_result is True
    assert conf.result_backend is None
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost) == (True, True)
    assert conf.broker_transport_options["visibility_timeout"] >= 300
    assert all(entry["options"]["expires"] for entry in conf.beat_schedule.values())
