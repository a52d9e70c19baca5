"""What do the pages about files and reports show? Plain shapes, filled by the views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from service.web.statuses import Status


@dataclass(frozen=True)
class FileRow:
    """One file in the list."""

    id: str
    name: str
    rail: str
    status: Status
    lines: int
    total_pence: int
    arrives: tuple[date, ...]
    built_at: datetime
    by: str


@dataclass(frozen=True)
class Sum:
    """What leaves one account on one day."""

    processing_day: date | None
    entry_day: date | None
    account: str
    count: int
    total_pence: int


@dataclass(frozen=True)
class FileLine:
    """One payment in a file."""

    number: int
    person: str
    claim_id: str
    amount_pence: int
    reference: str
    entry_day: date | None
    status: Status


@dataclass(frozen=True)
class FilePage:
    """One file, whole. `facts`: what happened to it, who did it and when, as pairs of words."""

    row: FileRow
    filed: bool
    sums: tuple[Sum, ...]
    lines: tuple[FileLine, ...]
    facts: tuple[tuple[str, str], ...]
    submit_by: datetime | None
    too_late: bool
    verbs: tuple[str, ...]


@dataclass(frozen=True)
class ImportRow:
    """One report in the list."""

    id: str
    name: str
    kind: str
    received_at: datetime
    by: str
    status: Status


@dataclass(frozen=True)
class ImportLine:
    """One line of a report, and what becomes of it."""

    number: int
    status: Status
    words: str
    person: str
