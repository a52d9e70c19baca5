"""Which lines has somebody set for themselves? They alone set them, change them and take them away.

No event says so: what happens here is nobody's business but theirs. Never commits.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.people import queries
from service.people.benefit_figures import Figure, figures
from service.people.lines_model import PER, Line, read_line
from service.people.tables import OwnLine


def of_person(session: Session, *, council_id: str, person_id: str) -> tuple[Line, ...]:
    """The lines that stand, that of the week first."""
    query = select(OwnLine).where(
        OwnLine.council_id == council_id, OwnLine.person_id == person_id, OwnLine.amount_pence.is_not(None)
    )
    found = [Line(row.per, row.amount_pence or 0, row.starts or 0) for row in session.scalars(query)]
    return tuple(sorted(found, key=lambda line: PER.index(line.per)))


def put(
    session: Session,
    *,
    council_id: str,
    person_id: str,
    per: str,
    amount_pence: int,
    starts: int,
    now: datetime,
) -> Line:
    """Set a line, in place of the one that stood for a week or a month. Raises `Invalid`, `NotFound`."""
    line = read_line(per=per, amount_pence=amount_pence, starts=starts)
    queries.get(session, council_id=council_id, person_id=person_id)
    queries.lock(session, council_id=council_id, person_id=person_id)
    row = session.get(OwnLine, (council_id, person_id, per))
    if row is None:
        row = OwnLine(council_id=council_id, person_id=person_id, per=per)
        session.add(row)
    row.amount_pence, row.starts, row.set_at = line.amount_pence, line.starts, now
    session.flush()
    return line


def take_away(session: Session, *, council_id: str, person_id: str, per: str, now: datetime) -> None:
    """Forget a line, its sum and its start. Safe to repeat."""
    row = session.get(OwnLine, (council_id, person_id, per))
    if row is not None:
        row.amount_pence, row.starts, row.set_at = None, None, now


def presets(*, per: str, on: date) -> list[Figure]:
    """Published figures for a week or a month that somebody may start from. Inferred ones stay hidden."""
    return [figure for figure in figures(on) if figure.per == per and figure.may_be_shown]
