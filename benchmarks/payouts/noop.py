"""What can Celery do at best? A task that does nothing, on a broker of ours."""

from __future__ import annotations

import os

from celery import Celery

app = Celery("noop", broker=os.environ["NOOP_BROKER"])
app.conf.update(task_ignore_result=True, task_default_queue="noop", worker_hijack_root_logger=False)


@app.task(name="noop", ignore_result=True)
def noop() -> None:
    """Nothing."""
