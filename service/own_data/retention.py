"""How long must something be kept, although somebody would like it gone? Dated settings, by class of record.

The common list counts where a council has set nothing of its own. Never commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import events
from service.days import london_day
from service.errors import one_fault
from service.events import Actor
from service.own_data.tables import RetentionPeriod

COMMON = Path(__file__).with_suffix(".yaml")
MOST_YEARS = 20


@dataclass(frozen=True)
class Kept:
    """One class of records: its plain name, why it must stay, for how many years, and until which day."""

    record_class: str
    name: str
    why: str
    years: int
    until: date


@cache
def _common() -> list[dict[str, Any]]:
    """The common lists with the day each begins, oldest first."""
    found: list[dict[str, Any]] = YAML(typ="safe").load(COMMON.read_text())
    return found


def classes_on(on: date) -> dict[str, dict[str, Any]]:
    """Every class of records with its name, why it stays and its usual years, as it counts on a day."""
    lists = _common()
    found: dict[str, dict[str, Any]] = next(
        (one["classes"] for one in reversed(lists) if one["from"] <= on), lists[0]["classes"]
    )
    return found


def end_of_financial_year(day: date) -> date:
    """The 31 March that closes the year in which this day lies."""
    return date(day.year if (day.month, day.day) <= (3, 31) else day.year + 1, 3, 31)


def kept(session: Session, *, council_id: str, last_paid_on: date | None, today: date) -> list[Kept]:
    """What stays after somebody was erased, and until when; without a payment counted from today."""
    query = select(RetentionPeriod).where(
        RetentionPeriod.council_id == council_id, RetentionPeriod.starts_on <= today
    )
    own = {row.record_class: row.years for row in session.scalars(query.order_by(RetentionPeriod.starts_on))}
    ends = end_of_financial_year(last_paid_on or today)
    return [
        Kept(name, one["name"], one["why"], years, date(ends.year + years, 3, 31))
        for name, one in classes_on(today).items()
        for years in (own.get(name, int(one["years"])),)
    ]


def keep_for(
    session: Session,
    *,
    council_id: str,
    record_class: str,
    years: int,
    starts_on: date,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep a class of records so long, from a day on. Safe to repeat. Raises `Invalid`."""
    known = classes_on(london_day(now))
    if record_class not in known:
        raise one_fault("/class", f"Choose one of {', '.join(known)}.")
    if not 1 <= years <= MOST_YEARS:
        raise one_fault("/years", f"Give a number of years from 1 to {MOST_YEARS}.")
    row = session.get(RetentionPeriod, (council_id, record_class, starts_on))
    if row is not None and row.years == years:
        return
    if row is None:
        row = RetentionPeriod(council_id=council_id, record_class=record_class, starts_on=starts_on)
        session.add(row)
    row.years, row.made_by, row.made_at = years, str(actor), now
    session.flush()
    events.record(
        session,
        council_id=council_id,
        name="retention.set",
        subject_id=record_class,
        actor=actor,
        at=now,
        refs={"record_class": record_class, "years": years, "starts_on": starts_on.isoformat()},
    )
