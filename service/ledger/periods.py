"""Which accounting months are closed? The database gives each entry its month, and none that is closed.

An entry says for ever when its thing happened (`at`). The month that it counts in is that one, or the first
later one that is open.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service import events
from service.days import london_day
from service.errors import Conflict, NotFound, one_fault
from service.events import Actor
from service.ledger.tables import LedgerEntry, LedgerPeriod

CLOSED, OPEN = "closed", "open"


class SamePerson(Conflict):
    """Whoever closed a month may not open it again."""

    title = "A second person must open this month again"


def month_of(moment: datetime) -> str:
    """The accounting month of a moment, like 2026-11, as London counts days."""
    return f"{london_day(moment):%Y-%m}"


def listed(session: Session, *, council_id: str) -> list[LedgerPeriod]:
    """Every month that was ever closed, newest first."""
    query = select(LedgerPeriod).where(LedgerPeriod.council_id == council_id)
    return list(session.scalars(query.order_by(LedgerPeriod.period.desc())))


def months(session: Session, *, council_id: str, now: datetime) -> list[str]:
    """This month, and every month that has an entry, newest first."""
    query = select(LedgerEntry.period).where(LedgerEntry.council_id == council_id).distinct()
    return sorted({month_of(now), *session.scalars(query)}, reverse=True)


def close(
    session: Session, *, council_id: str, period: str, actor: Actor, now: datetime, by: str = ""
) -> LedgerPeriod:
    """Take no more entries for a month. Waits for who is posting just now. Safe to repeat.

    `by`: for whom a key speaks. Raises `Invalid` for a month that cannot be, or has not begun.
    """
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", period):
        raise one_fault("/period", "Write the month like 2026-11")
    if period > month_of(now):
        raise one_fault("/period", "This month has not begun. Close it when it is over")
    by = _who(actor, by)
    _alone(session, council_id)
    row = session.get(LedgerPeriod, (council_id, period))
    if row is not None and row.state == CLOSED:
        return row
    if row is None:
        row = LedgerPeriod(council_id=council_id, period=period, state=CLOSED, closed_by=by, closed_at=now)
        session.add(row)
    row.state, row.closed_by, row.closed_at = CLOSED, by, now
    row.reopened_by = row.reopened_at = None
    session.flush()
    _tell(session, row, name="ledger.month_closed", words=None, actor=actor, now=now)
    return row


def reopen(
    session: Session,
    *,
    council_id: str,
    period: str,
    reason: str,
    actor: Actor,
    now: datetime,
    by: str = "",
) -> LedgerPeriod:
    """Take entries for a closed month again. Safe to repeat.

    Raises `NotFound` for one that is not closed, `SamePerson`, `Invalid` without a reason.
    """
    if not reason.strip():
        raise one_fault("/reason", "Write why this month must be opened again")
    _alone(session, council_id)
    row = session.get(LedgerPeriod, (council_id, period))
    if row is None:
        raise NotFound("This month was never closed. Look at the list of months.")
    if row.state == OPEN:
        return row
    by = _who(actor, by)
    if _may_be_one(row.closed_by, by):
        raise SamePerson("You closed this month. Ask somebody else with the finance role to open it again.")
    row.state, row.reopened_by, row.reopened_at = OPEN, by, now
    session.flush()
    _tell(session, row, name="ledger.month_reopened", words=reason.strip(), actor=actor, now=now)
    return row


def _alone(session: Session, council_id: str) -> None:
    """Wait for whoever is posting, and let nobody begin to until this is committed."""
    session.execute(text("SELECT pg_advisory_xact_lock(books_lock(:council))"), {"council": council_id})


def _who(actor: Actor, by: str) -> str:
    """Who acts, and for whom: `staff:sta_1`, `key:key_1 for ada`."""
    return f"{actor} for {by.strip().lower()}" if by.strip() else str(actor)


def _may_be_one(first: str, second: str) -> bool:
    """Whether these two may be one person: a key that names nobody may be anybody of that key."""
    key, _, person = first.partition(" for ")
    other_key, _, other = second.partition(" for ")
    return key == other_key and (person == other or not person or not other)


def _tell(
    session: Session,
    row: LedgerPeriod,
    *,
    name: str,
    words: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.period,
        actor=actor,
        at=now,
        refs={"closed_by": row.closed_by, "reopened_by": row.reopened_by},
        words=words,
    )
