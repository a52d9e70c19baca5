"""The Celery application: it gathers the tasks and sets the clock. `celery --app service.worker worker`."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from kombu.entity import Queue

from service import days, log
from service.settings import QUEUES, Settings
from service.tasks import (
    CLOCK,
    approvals,
    claims,
    controls,
    corrections,
    hands,
    housekeeping,
    listening,
    notices,
    outgoing,
    payouts,
    policies,
    recipients,
    reconciling,
)

# The queue of what happens by the clock; events carry their own.
BY_CLOCK = "housekeeping"

# The queues are served in the order in which they are named.
FIRST_COMES_FIRST = {"queue_order_strategy": "priority"}

# Naming them here keeps them imported: a task exists only once its module is read.
GATHERED = (
    approvals,
    claims,
    controls,
    corrections,
    housekeeping,
    listening,
    notices,
    outgoing,
    payouts,
    policies,
    recipients,
    reconciling,
)


def create_worker(settings: Settings) -> Celery:
    """A Celery application on the broker that settings name. Due work lives in the database, never here."""
    app = Celery("reciprocal", broker=settings.broker_url)
    app.conf.update(
        task_queues=[Queue(name) for name in QUEUES],  # type: ignore[no-untyped-call]
        task_default_queue=BY_CLOCK,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": 900, "socket_timeout": 10, **FIRST_COMES_FIRST},
        beat_schedule={
            name: {"task": name, "schedule": every, "options": {"queue": BY_CLOCK, "expires": every * 2}}
            for name, every in CLOCK.items()
        },
        timezone="UTC",
    )
    app.set_default()
    return app


def __getattr__(name: str) -> Celery:
    """`service.worker.app`, made from the environment when Celery's own command asks for it."""
    if name != "app":
        raise AttributeError(name)
    return create_worker(Settings.from_env(os.environ))


@setup_logging.connect
def _logs(**_: Any) -> None:
    log.configure(level=Settings.from_env(os.environ).log_level)


@worker_process_init.connect
def _hands(**_: Any) -> None:
    """Each worker process opens its own connections, after the fork, and once the database is there."""
    settings = Settings.from_env(os.environ)
    days.use_newer(settings.bank_holidays_file)
    hands.use_once_there(lambda: hands.checked_hands_for(settings))
