"""The demonstration is told once a run, in a database of its own; these tests only look at it."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from service.days import utc_now
from service.db import Database
from service.dev.__main__ import make
from service.settings import Settings
from tests.servers import Cluster

NAME = "demonstration"


@dataclass(frozen=True)
class Told:
    """A region as it was told: what `demo.json` says, where it lies, and when the telling ended."""

    settings: Settings
    db: Database
    file: Path
    ended_at: datetime

    @property
    def says(self) -> dict[str, Any]:
        """What the file says."""
        found: dict[str, Any] = json.loads(self.file.read_text())
        return found


@pytest.fixture(scope="session")
def region(cluster: Cluster) -> Iterator[Told]:
    """The whole region, whichever worker comes first makes it."""
    data = cluster.folder / NAME
    settings = Settings.from_env(cluster.environment(NAME))
    with (cluster.folder / f"{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (data / "ended").exists():
            cluster.make_database(NAME, template=cluster.migrated())
            make(settings, data=data)
            (data / "ended").write_text(utc_now().isoformat())
    db = Database(settings.database_url, pooled=False)
    yield Told(settings, db, data / "demo.json", datetime.fromisoformat((data / "ended").read_text()))
    db.close()
