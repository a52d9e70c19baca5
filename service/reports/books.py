"""Do money and records agree? Sentences for every place where they do not.

Every check is one statement over what is stored, whichever room stored it, so that a slip of a room's own
code cannot hide itself. A new promise about money is a new statement in `books.sql`, and a breach to plant in
`tests/reports/test_books.py`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from service import events
from service.events import SYSTEM
from service.reports.tables import BookCheck

# Between two rounds in which everything is gone through, not only what changed.
WHOLE_EVERY = timedelta(hours=1)
# A transaction that began this long before the last check may have committed after it.
OVERLAP = timedelta(minutes=10)
FIRST_FEW = 20

# What changed since a moment, by claim. Empty `since`: everything.
TOUCHED = """
    SELECT id FROM claims WHERE council_id = :council AND changed_at >= :since
    UNION SELECT claim_id FROM payouts WHERE council_id = :council AND changed_at >= :since
    UNION SELECT claim_id FROM ledger_entries WHERE council_id = :council AND posted_at >= :since
        AND claim_id IS NOT NULL
"""

# Name of a check → its statement.
CHECKS = dict(
    part.split("\n", 1) for part in Path(__file__).with_suffix(".sql").read_text().split("-- check: ")[1:]
)


def breaches(session: Session, *, council_id: str, since: datetime | None = None) -> list[str]:
    """Every breach, the first few of each kind; with `since`, of what changed since then. Writes nothing."""
    claims = "IS NOT NULL" if since is None else f"IN ({TOUCHED})"
    entries = "true" if since is None else "e.posted_at >= :since"
    given = {"council": council_id, "few": FIRST_FEW, "since": since}
    found: list[str] = []
    for statement in CHECKS.values():
        filled = statement.format(claims=claims, entries=entries)
        query = text(f"SELECT * FROM ({filled}) AS sentences (said) ORDER BY said LIMIT :few")  # noqa: S608 - our own file
        found += session.scalars(query, {k: v for k, v in given.items() if f":{k}" in str(query)})
    return found


def last_check(session: Session, *, council_id: str) -> BookCheck | None:
    """What the last check found, if there was one."""
    return session.get(BookCheck, council_id)


def figures(session: Session) -> tuple[int, datetime | None]:
    """Of all councils together: how many breaches stand, and when the longest-unchecked was checked."""
    row = session.execute(text("SELECT breaches, oldest FROM book_figures()")).one()
    return row.breaches, row.oldest


def check(session: Session, *, council_id: str, now: datetime) -> list[str]:
    """Look at what changed since all was well, or once an hour at everything; keep what was found.

    The first breach after a time in which all was well is told to operations. Answers the breaches.
    """
    row = session.get(BookCheck, council_id, with_for_update=True)
    whole = row is None or row.clean_at is None or bool(row.found) or now - row.whole_at >= WHOLE_EVERY
    since = None if whole or row is None or row.clean_at is None else row.clean_at - OVERLAP
    found = breaches(session, council_id=council_id, since=since)
    if row is None:
        row = BookCheck(council_id=council_id, checked_at=now, whole_at=now, clean_at=None, found=[])
        session.add(row)
    if found and not row.found:
        events.record(
            session,
            council_id=council_id,
            name="books.breach",
            subject_id=council_id,
            actor=SYSTEM,
            at=now,
            refs={"breaches": len(found)},
        )
    row.checked_at, row.found = now, found
    row.whole_at = now if whole else row.whole_at
    row.clean_at = row.clean_at if found else now
    session.flush()
    return found
