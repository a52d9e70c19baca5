"""What if the telling is broken off, or asked for again? It ends as if it had been told in one go."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.cli import main as reciprocal
from service.dev.__main__ import make
from service.settings import Settings
from tests.dev.conftest import NAME, Told
from tests.servers import Cluster

ROOT = Path(__file__).parents[2]
BROKEN_OFF = "broken_off"
# New keys come where the file with them was lost; nothing else may.
EVENTS = "SELECT max(id), count(*) FROM events WHERE name <> 'key.added'"
STEPS = "SELECT count(*) FROM kept_answers"


class Looking:
    """A line past every wall to one database."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._url = cluster.driver_url(database=name)

    def rows(self, statement: str) -> list[Any]:
        with self.line() as line:
            return line.execute(statement).fetchall()

    def line(self) -> psycopg.Connection[Any]:
        """A line of one's own, for whoever looks often."""
        return psycopg.connect(self._url, autocommit=True)

    def steps(self) -> int:
        """How many steps have been told."""
        return int(self.rows(STEPS)[0][0])

    def picture(self) -> dict[str, Counter[Any]]:
        """What came of it, without ids and moments."""
        with_slug = "JOIN councils USING (council_id)"
        return {
            "sessions": Counter(self.rows(f"SELECT slug, title FROM sessions {with_slug}")),
            "offers": Counter(
                self.rows(f"SELECT slug, role, fee_pence, offers.state FROM offers {with_slug}")
            ),
            "claims": Counter(
                self.rows(
                    "SELECT slug, claims.kind, claims.state, fee_pence, expenses_pence "
                    f"FROM claims {with_slug}"
                )
            ),
            "payments": Counter(
                self.rows(f"SELECT slug, rail, payouts.state, amount_pence FROM payouts {with_slug}")
            ),
            "messages": Counter(self.rows(f"SELECT slug, notices.name FROM notices {with_slug}")),
        }


@pytest.fixture
def given(cluster: Cluster) -> dict[str, str]:
    """The settings of a database of its own, with nothing in it."""
    cluster.make_database(BROKEN_OFF, template=cluster.migrated())
    return cluster.environment(BROKEN_OFF)


def _break_off(given: dict[str, str], look: Looking, data: Path, *, after_steps: int) -> None:
    """Start to tell, and kill the teller in the middle of it."""
    command = [sys.executable, "-m", "service.dev", "--data", str(data)]
    teller = subprocess.Popen(
        command, env={**os.environ, **given}, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    ends = time.monotonic() + 90
    with look.line() as line:
        while line.execute(STEPS).fetchall()[0][0] < after_steps and teller.poll() is None:
            if time.monotonic() > ends:
                break
            time.sleep(0.01)
    teller.send_signal(signal.SIGKILL)
    assert teller.wait() == -signal.SIGKILL, "the tale was over before it could be broken off"


@pytest.mark.long
def test_ends_the_same_when_it_was_broken_off_twice(
    cluster: Cluster,
    region: Told,
    given: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    look = Looking(cluster, BROKEN_OFF)
    _break_off(given, look, tmp_path, after_steps=110)
    assert not (tmp_path / "demo.json").exists()
    _break_off(given, look, tmp_path, after_steps=180)
    told = make(Settings.from_env(given), data=tmp_path)
    assert json.loads((tmp_path / "demo.json").read_text()) == told
    whole = Looking(cluster, NAME).picture()
    for name, found in look.picture().items():
        assert (found - whole[name], whole[name] - found) == (Counter(), Counter()), name
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert reciprocal(["verify"]) == 0
    assert capsys.readouterr().out.count("all is well") == 4

    # Told once more, it changes nothing; and its keys stay.
    before = look.rows(EVENTS), look.steps()
    assert make(Settings.from_env(given), data=tmp_path) == told
    assert (look.rows(EVENTS), look.steps()) == before

    # Without its file the keys are lost, since secrets are not stored; there are new ones, and nothing else.
    (tmp_path / "demo.json").unlink()
    again = make(Settings.from_env(given), data=tmp_path)
    assert {**again, "api_keys": {}} == {**told, "api_keys": {}}
    assert again["api_keys"].keys() == told["api_keys"].keys()
    old = {secret for keys in told["api_keys"].values() for secret in keys.values()}
    assert old.isdisjoint(secret for keys in again["api_keys"].values() for secret in keys.values())
    assert (look.rows(EVENTS), look.steps()) == before
