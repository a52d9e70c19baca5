"""Verbs about exports. Never commit, never call anybody."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from service import events, ids
from service.days import london_day
from service.errors import Conflict, Fault, Invalid, one_fault
from service.events import Actor
from service.exports import mapping as mappings
from service.exports import queries
from service.exports.gathering import gather
from service.exports.mapping import Mapping
from service.exports.model import KINDS, Batch
from service.exports.tables import Export, ExportItem, ExportMapping
from service.exports.writing import first_lines, write
from service.payouts import exporting as payout_exporting

NUMBERS = {"accounts_payable": "AP", "journal": "JN", "payroll": "PR"}


class NothingToExport(Conflict):
    """Everything is in an export of that kind already."""

    title = "There is nothing to export"


@dataclass(frozen=True)
class Wanted:
    """What to export, and how. `until`: payments made, or entries posted, before this moment."""

    kind: str
    mapping_text: str
    until: datetime
    since: datetime | None = None
    label: str = ""


def build(session: Session, *, council_id: str, wanted: Wanted, actor: Actor, now: datetime) -> Export:
    """Build an export once, and keep it. What is in it is in no other of its kind.

    Raises `Invalid` for a mapping that is not for this kind, `NothingToExport`, `DoesNotFit`.
    """
    mapping = _mapping_for(wanted)
    _take_turns(session, council_id, wanted.kind)
    items, payment_ids = gather(
        session, council_id=council_id, kind=wanted.kind, since=wanted.since, until=wanted.until
    )
    if not items:
        raise NothingToExport("Everything from that time is in an export of this kind already.")
    number = queries.count(session, council_id=council_id, kind=wanted.kind) + 1
    batch = Batch(f"{NUMBERS[wanted.kind]}{number:06}", london_day(now), wanted.label, tuple(items))
    row = _keep(session, council_id, wanted, batch, mapping, actor=actor, now=now)
    goes_with = wanted.label or None if wanted.kind == "payroll" else None
    payout_exporting.mark_exported(
        session, council_id=council_id, payout_ids=payment_ids, goes_with=goes_with, now=now
    )
    events.record(
        session,
        council_id=council_id,
        name="export.built",
        subject_id=row.id,
        actor=actor,
        at=now,
        amount_pence=row.total_pence,
        refs={"kind": row.kind, "items": row.items, "sha256": row.sha256},
    )
    return row


def _keep(
    session: Session,
    council_id: str,
    wanted: Wanted,
    batch: Batch,
    mapping: Mapping,
    *,
    actor: Actor,
    now: datetime,
) -> Export:
    """Write the file, and keep it with what is in it."""
    written = write(batch, mapping)
    row = Export(
        council_id=council_id,
        id=ids.new("exp"),
        kind=wanted.kind,
        batch=batch.number,
        mapping=mapping.name,
        mapping_text=wanted.mapping_text,
        label=wanted.label,
        since=wanted.since,
        until=wanted.until,
        items=len(batch.items),
        total_pence=batch.total_pence,
        file_name=written.name,
        media_type=written.media_type,
        sha256=hashlib.sha256(written.content).hexdigest(),
        content=written.content,
        built_by=str(actor),
        built_at=now,
    )
    session.add(row)
    session.flush()
    session.add_all(
        ExportItem(council_id=council_id, kind=wanted.kind, source_id=item.source_id, export_id=row.id)
        for item in batch.items
    )
    return row


@dataclass(frozen=True)
class Preview:
    """The first lines of what would be built."""

    items: int
    total_pence: int
    files: tuple[tuple[str, tuple[str, ...]], ...]


def preview(session: Session, *, council_id: str, wanted: Wanted, now: datetime, most: int = 10) -> Preview:
    """What `build` would make, without making it. Raises as `build` does."""
    mapping = _mapping_for(wanted)
    items, _ = gather(
        session, council_id=council_id, kind=wanted.kind, since=wanted.since, until=wanted.until
    )
    if not items:
        raise NothingToExport("Everything from that time is in an export of this kind already.")
    batch = Batch("PREVIEW", london_day(now), wanted.label, tuple(items))
    files = tuple((name, tuple(lines)) for name, lines in first_lines(batch, mapping, most=most))
    return Preview(len(items), batch.total_pence, files)


def _mapping_for(wanted: Wanted) -> Mapping:
    if wanted.kind not in KINDS:
        raise one_fault("/kind", f"Choose one of {', '.join(KINDS)}")
    if wanted.kind == "payroll" and not wanted.label.strip():
        raise one_fault("/label", "Say which payroll they go with, such as December 2026")
    mapping = mappings.read(wanted.mapping_text)
    if wanted.kind not in mapping.kinds:
        raise Invalid(
            f"This mapping is for {' and '.join(mapping.kinds)}. Choose another one.",
            errors=(Fault("/mapping", f"Choose a mapping that is for {wanted.kind}"),),
        )
    return mapping


def _take_turns(session: Session, council_id: str, kind: str) -> None:
    """Two exports of a kind are built one after the other."""
    session.execute(
        sql("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"export{council_id}{kind}"}
    )


def keep_mapping(
    session: Session, *, council_id: str, text: str, actor: Actor, now: datetime
) -> ExportMapping:
    """Keep a mapping under the name that stands in it, in place of the one before. Raises `Invalid`."""
    mapping = mappings.read(text)
    if mapping.name in mappings.presets():
        raise one_fault("/name", "A preset has this name. Give yours another one.")
    row = session.get(ExportMapping, (council_id, mapping.name), with_for_update=True)
    if row is None:
        row = ExportMapping(
            council_id=council_id,
            name=mapping.name,
            text=text,
            version=1,
            changed_by=str(actor),
            changed_at=now,
        )
        session.add(row)
    elif row.text != text:
        row.text, row.version = text, row.version + 1
        row.changed_by, row.changed_at = str(actor), now
    session.flush()
    events.record(
        session,
        council_id=council_id,
        name="export.mapping_kept",
        subject_id=mapping.name,
        actor=actor,
        at=now,
        refs={"version": row.version},
    )
    return row
