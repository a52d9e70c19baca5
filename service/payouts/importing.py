"""What does a report change? Received once and kept, tried first, then applied line by line.

A line counts for the one payment of ours with its amount, its reference and its account's digits. A line that
fits none, or more than one, is listed and changes nothing. Each line is done alone: one that is refused
leaves the others done. Never commits.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import events, ids
from service.errors import Refused, one_fault
from service.events import Actor
from service.payouts import file_queries, filing
from service.payouts.file_model import IMPORT_KINDS, REFUSED, UNKNOWN
from service.payouts.file_tables import BankImport, BankImportLine
from service.payouts.told import READERS, Context, Result
from service.rails import bank_reports, credentials
from service.vault import Vault

LONGEST_NAME = 120


def receive(
    session: Session,
    *,
    council_id: str,
    kind: str,
    name: str,
    content: bytes,
    vault: Vault,
    actor: Actor,
    now: datetime,
) -> BankImport:
    """Keep a report as it came. The same bytes come in once. Raises `Invalid` for what cannot be read."""
    filing.take_turns(session, council_id=council_id)
    if kind not in IMPORT_KINDS:
        raise one_fault("/kind", f"Choose one of {', '.join(IMPORT_KINDS)}.")
    digest = hashlib.sha256(content).hexdigest()
    query = select(BankImport).where(
        BankImport.council_id == council_id, BankImport.kind == kind, BankImport.sha256 == digest
    )
    known = session.scalars(query).first()
    if known is not None:
        return known
    bank_reports.read(content, _layout(session, council_id, kind, vault))
    row = BankImport(
        council_id=council_id,
        id=ids.new("imp"),
        kind=kind,
        name="".join(letter for letter in name if letter.isprintable())[:LONGEST_NAME].strip() or kind,
        sealed=vault.seal({"content": base64.b64encode(content).decode()}),
        sha256=digest,
        size=len(content),
        received_by=str(actor),
        received_at=now,
        applied_by=None,
        applied_at=None,
    )
    session.add(row)
    session.flush()
    _tell(session, row, name="import.received", actor=actor, now=now)
    return row


def what_would_change(
    session: Session,
    *,
    council_id: str,
    import_id: str,
    vault: Vault,
    terms: Mapping[str, int],
    actor: Actor,
    now: datetime,
) -> list[Result]:
    """What applying a report would do, found out by doing it and taking it back."""
    row = file_queries.imported(session, council_id=council_id, import_id=import_id)
    trial = session.begin_nested()
    try:
        return _carry_out(session, row, Context(council_id, vault, terms, actor, now))
    finally:
        trial.rollback()
        session.expire_all()


def apply(
    session: Session,
    *,
    council_id: str,
    import_id: str,
    vault: Vault,
    terms: Mapping[str, int],
    actor: Actor,
    now: datetime,
) -> list[BankImportLine]:
    """Do what a report says. Applied once: again, it answers what was done then.

    `terms`: `hold_hours`, how long the policy waits before new details are used.
    """
    filing.take_turns(session, council_id=council_id)
    row = file_queries.imported(session, council_id=council_id, import_id=import_id)
    session.refresh(row, with_for_update=True)
    if row.applied_at is None:
        row.applied_by, row.applied_at = str(actor), now
        for result in _carry_out(session, row, Context(council_id, vault, terms, actor, now)):
            session.add(
                BankImportLine(
                    council_id=council_id,
                    import_id=row.id,
                    number=result.number,
                    did=result.did,
                    words=result.words,
                    payout_id=result.payout_id,
                    file_id=result.file_id,
                )
            )
        session.flush()
        _tell(session, row, name="import.applied", actor=actor, now=now)
    return file_queries.import_lines(session, council_id=council_id, import_id=row.id)


@dataclass(frozen=True)
class _Found:
    """A line with the order in which its payment is locked."""

    order: tuple[str, str]
    row: bank_reports.Row


def _carry_out(session: Session, row: BankImport, context: Context) -> list[Result]:
    """Every line, in the order in which payments are locked; answered in the order of the report."""
    content = file_queries.content(row, vault=context.vault)
    report = bank_reports.read(content, _layout(session, row.council_id, row.kind, context.vault))
    reader = READERS[row.kind]
    found = [_Found(reader.order(session, context, one), one) for one in report.rows]
    results = [
        Result(number, UNKNOWN, "We cannot read this line. Look at it in the report.")
        for number in report.unread
    ]
    in_turn = sorted(found, key=lambda each: (each.order, each.row.number))
    results += [_alone(session, reader.do, context, one.row) for one in in_turn]
    return sorted(results, key=lambda result: result.number)


def _alone(
    session: Session,
    do: Callable[[Session, Context, bank_reports.Row], Result],
    context: Context,
    row: bank_reports.Row,
) -> Result:
    try:
        with session.begin_nested():
            return replace(do(session, context, row), number=row.number)
    except Refused as refusal:
        session.expire_all()
        return Result(row.number, REFUSED, refusal.detail)


def _layout(session: Session, council_id: str, kind: str, vault: Vault) -> bank_reports.Layout:
    own: Sequence[credentials.Credential] = credentials.in_use(
        session, council_id=council_id, rail="bacs", kind="report_layouts", vault=vault
    )
    return bank_reports.layout(kind, own[0].values["layouts"] if own else "")


def _tell(session: Session, row: BankImport, *, name: str, actor: Actor, now: datetime) -> None:
    events.record(
        session,
        council_id=row.council_id,
        name=name,
        subject_id=row.id,
        actor=actor,
        at=now,
        refs={"import_id": row.id, "kind": row.kind, "sha256": row.sha256},
    )
