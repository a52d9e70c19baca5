"""How do two verbs meet? The second begins while the first is done and not yet committed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.orm import Session

from tests.stage import Council

Verb = Callable[[Session], object]


def crossing(council: Council, first: Verb, second: Verb) -> None:
    """`second` begins while `first` is done and not yet committed. Raises what `second` raises."""
    db = council.stage.hands.db

    def alone() -> None:
        with db.council(council.id) as session:
            second(session)

    with ThreadPoolExecutor(1) as other:
        with db.council(council.id) as session:
            first(session)
            waiting = other.submit(alone)
            council.stage.wait_for_a_lock()
        waiting.result(timeout=20)
