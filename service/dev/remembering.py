"""Was this step of the tale told before? Each is kept under an idempotency key, in the transaction of its
effect, as the service does for anybody who calls it twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from service import log, once
from service.days import utc_now

MARK = "demonstration"


def remember(session: Session, *, council_id: str, step: str, verb: Callable[[Session], Any]) -> str:
    """Do a step and keep the id it made, or answer the id that it made the first time."""
    key, now = f"{MARK}: {step}", utc_now()
    kept = once.first_answer(session, council_id=council_id, key=key, mark=MARK, now=now)
    if kept is not None:
        return kept.body
    log.begin_request()
    made = verb(session)
    body = made if isinstance(made, str) else str(getattr(made, "id", ""))
    answer = once.Answer(200, body, {})
    once.keep(session, council_id=council_id, key=key, mark=MARK, answer=answer, now=now)
    return body


def remembered(session: Session, *, council_id: str, step: str) -> str | None:
    """What an earlier telling kept of a step, if there was one."""
    kept = once.first_answer(session, council_id=council_id, key=f"{MARK}: {step}", mark=MARK, now=utc_now())
    return kept.body if kept else None
