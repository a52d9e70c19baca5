"""How are very many claims tried on a draft by two processes at once?

The time is cut into shares of claims. We work on one share after another, and so does a helper: a process of
our own program, which is told everything by its standard input and answers by its standard output. Each share
is read as one snapshot of the database shows it, behind the council's walls, and the counts are put together
in the order of the shares. So the answer is the same, whoever did which share. If a helper fails or is
killed, the whole fails: there are no half sums.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import IO, Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from service import days
from service.claims import queries as claims
from service.db import Database, address_of, snapshot_of
from service.errors import Unavailable
from service.policy import queries as policies
from service.policy.engine import Policy, read_policy
from service.policy.simulation import Simulation, State
from service.policy.sources import Sources

Share = tuple[date, date]
Progress = Callable[[int], None]
PATIENCE_SECONDS = 1.0
STIR_SECONDS = 10.0
_USUAL = gc.get_threshold()


class HelperLost(Unavailable):
    """The helper ended before it was done: somebody killed it, or the machine had no memory left."""

    title = "The claims could not all be tried"


class HelperFailed(RuntimeError):
    """The helper stopped at an error of its own; what it was stands in the log."""


def try_share(
    session: Session, *, council_id: str, draft: Policy, share: Share, progress: Progress
) -> Simulation:
    """One share, in this process. `progress` is told how many claims were done each time."""
    in_force = policies.Days(session, council_id=council_id)
    found = Simulation(draft, promised=lambda version, day: version != in_force.on(day))
    since, until = share
    with _looking_for_rings_less_often():
        for rows in claims.judged(session, council_id=council_id, since=since, until=until):
            found.take(rows)
            progress(len(rows))
    return found


@contextmanager
def _looking_for_rings_less_often() -> Iterator[None]:
    """Facts and answers never point at each other in a ring, and looking for them costs much time."""
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*_USUAL)


class Together:
    """The shares, who does which, and what came of them."""

    def __init__(
        self, *, council_id: str, draft: Policy, shares: Sequence[Share], progress: Progress | None
    ) -> None:
        self.council_id, self.draft, self.shares = council_id, draft, shares
        self._waiting = deque(range(len(shares)))
        self._states: dict[int, State] = {}
        self._next = 0
        self._progress = progress
        self._done = [0]
        self._stirred = time.monotonic()
        self._whole = Simulation(draft, promised=_unasked)

    def carry_out(self, session: Session, *, helpers: int) -> Simulation:
        """Do every share, with so many helpers beside us. Raises `HelperLost` or `HelperFailed`."""
        db = Database(address_of(session), pooled=False)
        snapshot = snapshot_of(session)
        hired = [_Helper(self, url=address_of(session), snapshot=snapshot) for _ in range(helpers)]
        try:
            with db.council_as_seen(self.council_id, snapshot=snapshot) as reading:
                self._ours(session, reading, hired)
            while any(helper.is_at_work() for helper in hired):
                self._look(session, hired)
            self._look(session, hired)
        finally:
            for helper in hired:
                helper.end()
            db.close()
        return self._whole

    def alone(self, session: Session) -> Simulation:
        """Do the only share there is, within the caller's own transaction."""

        def counted(many: int) -> None:
            self._done[0] += many
            self._tell(())

        (share,) = self.shares
        return try_share(session, council_id=self.council_id, draft=self.draft, share=share, progress=counted)

    def take(self) -> int | None:
        """The number of a share that nobody has taken; None when there is none left."""
        try:
            return self._waiting.popleft()
        except IndexError:
            return None

    def give(self, number: int, state: State) -> None:
        """What came of a share."""
        self._states[number] = state

    def _ours(self, session: Session, reading: Session, hired: Sequence[_Helper]) -> None:
        def counted(many: int) -> None:
            self._done[0] += many
            self._tell(hired)
            self._stir(session)

        while (number := self.take()) is not None:
            share = self.shares[number]
            found = try_share(
                reading, council_id=self.council_id, draft=self.draft, share=share, progress=counted
            )
            self.give(number, found.state())
            self._look(session, hired)

    def _look(self, session: Session, hired: Sequence[_Helper]) -> None:
        """Put together what is done, in order."""
        self._tell(hired)
        while (state := self._states.pop(self._next, None)) is not None:
            self._whole.add(state)
            self._next += 1
        self._stir(session)

    def _stir(self, session: Session) -> None:
        """The database ends a transaction that nobody uses for a minute: so we use the caller's."""
        if time.monotonic() - self._stirred >= STIR_SECONDS:
            session.execute(text("SELECT 1"))
            self._stirred = time.monotonic()

    def _tell(self, hired: Sequence[_Helper]) -> None:
        for helper in hired:
            if helper.trouble is not None:
                raise helper.trouble
        if self._progress is not None:
            self._progress(self._done[0] + sum(helper.done for helper in hired))


def _unasked(version: str, day: str) -> bool:
    raise RuntimeError(f"Only counts are put together here; no claim of {day} under {version}.")


class _Helper:
    """One process beside ours, and the thread that speaks with it."""

    def __init__(self, together: Together, *, url: str, snapshot: str) -> None:
        self.done = 0
        self.trouble: Exception | None = None
        self._together = together
        self._process = subprocess.Popen(
            [sys.executable, "-m", "service.reports.trying"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
            encoding="utf-8",
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("The helper cannot be spoken with.")
        self._told, self._says = self._process.stdin, self._process.stdout
        self._job = {
            "url": url,
            "snapshot": snapshot,
            "council_id": together.council_id,
            "sources": together.draft.sources.to_json(),
            "bank_holidays_file": days.newer_file(),
        }
        self._thread = threading.Thread(target=self._speak, daemon=True)
        self._thread.start()

    def is_at_work(self) -> bool:
        """Waits a little, and says whether it is still at work."""
        self._thread.join(PATIENCE_SECONDS)
        return self._thread.is_alive()

    def end(self) -> None:
        """Nothing of it is left behind, whatever it was at."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for pipe in (self._told, self._says):
            with suppress(OSError):
                pipe.close()

    def _speak(self) -> None:
        try:
            _write(self._told, self._job)
            while (number := self._together.take()) is not None:
                _write(self._told, [day.isoformat() for day in self._together.shares[number]])
                self._together.give(number, self._answer(self._says))
        except (OSError, EOFError, ValueError):
            self.trouble = HelperLost(
                "A process that tried part of the claims was ended before it was done, so nothing was "
                "counted. Please try again."
            )
        except HelperFailed as error:
            self.trouble = error

    def _answer(self, lines: IO[str]) -> State:
        for line in lines:
            said = json.loads(line)
            if "failed" in said:
                raise HelperFailed(f"The helper stopped at {said['failed']}.")
            if "state" in said:
                state: State = said["state"]
                return state
            self.done += said["done"]
        raise EOFError


def _write(pipe: IO[str], words: Any) -> None:
    pipe.write(json.dumps(words, ensure_ascii=False) + "\n")
    pipe.flush()


def main() -> int:
    """What a helper does: one share after another, until it is told no more. 1 after an error."""
    try:
        _help(json.loads(sys.stdin.readline()))
    except Exception as error:
        _write(sys.stdout, {"failed": type(error).__name__})
        raise
    return 0


def _help(job: dict[str, Any]) -> None:
    days.use_newer(job["bank_holidays_file"])
    draft = read_policy(Sources.from_json(job["sources"]))
    db = Database(job["url"], pooled=False)
    council_id: str = job["council_id"]
    with db.council_as_seen(council_id, snapshot=job["snapshot"]) as session:
        for line in iter(sys.stdin.readline, ""):
            since, until = map(date.fromisoformat, json.loads(line))
            found = try_share(
                session, council_id=council_id, draft=draft, share=(since, until), progress=_tell_done
            )
            _write(sys.stdout, {"state": found.state()})


def _tell_done(many: int) -> None:
    _write(sys.stdout, {"done": many})


if __name__ == "__main__":
    sys.exit(main())
