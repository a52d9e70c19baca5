"""Questions about files of payments and what was read back. Writes nothing."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.payouts.file_tables import BankFile, BankFileLine, BankImport, BankImportLine
from service.payouts.tables import Payout
from service.vault import Vault


def get(session: Session, *, council_id: str, file_id: str) -> BankFile:
    """One file. Raises `NotFound`."""
    found = session.get(BankFile, (council_id, file_id))
    if found is None:
        raise NotFound("We cannot find that file. Check the id, or look under another council.")
    return found


def page(session: Session, *, council_id: str, after: str | None = None, limit: int = 50) -> list[BankFile]:
    """Files, the newest first, after an id."""
    query = select(BankFile).where(BankFile.council_id == council_id)
    if after:
        query = query.where(BankFile.id < after)
    return list(session.scalars(query.order_by(BankFile.id.desc()).limit(limit)))


def content(row: BankFile | BankImport, *, vault: Vault) -> bytes:
    """The bytes as they were built or received."""
    return base64.b64decode(vault.open(row.sealed)["content"])


def lines(session: Session, *, council_id: str, file_id: str) -> list[BankFileLine]:
    """What stands in a file, in its order."""
    query = select(BankFileLine).where(BankFileLine.council_id == council_id, BankFileLine.file_id == file_id)
    return list(session.scalars(query.order_by(BankFileLine.number)))


@dataclass(frozen=True)
class Section:
    """What leaves one of the council's accounts on one day. `origin` is the account's credential."""

    processing_day: date | None
    entry_day: date | None
    origin: str | None
    count: int
    total_pence: int


def sections(session: Session, *, council_id: str, file_ids: list[str]) -> dict[str, list[Section]]:
    """File id → its days and accounts, each with its sum: the contras of a Bacs file."""
    line = BankFileLine
    query = (
        select(
            line.file_id,
            line.processing_day,
            line.entry_day,
            line.origin,
            func.count(),
            func.sum(line.amount_pence),
        )
        .where(line.council_id == council_id, line.file_id.in_(file_ids))
        .group_by(line.file_id, line.processing_day, line.entry_day, line.origin)
        .order_by(line.file_id, line.processing_day, line.origin)
    )
    found: dict[str, list[Section]] = {file_id: [] for file_id in file_ids}
    for file_id, processing, entry, origin, count, total in session.execute(query):
        found[file_id].append(Section(processing, entry, origin, int(count), int(total)))
    return found


def due(session: Session, *, council_id: str, rail: str, payout_ids: list[str] | None = None) -> list[Payout]:
    """Payments that are ready on a rail and stand in no file, in the order in which they are locked."""
    filed = select(BankFileLine.payout_id).where(
        BankFileLine.council_id == council_id, BankFileLine.released_at.is_(None)
    )
    query = select(Payout).where(
        Payout.council_id == council_id,
        Payout.rail == rail,
        Payout.state == "ready",
        # Their system was told of it already, by an export.
        Payout.exported_at.is_(None),
        Payout.id.not_in(filed),
    )
    if payout_ids is not None:
        query = query.where(Payout.id.in_(payout_ids))
    return list(session.scalars(query.order_by(Payout.claim_id, Payout.id)))


@dataclass(frozen=True)
class Waiting:
    """How much waits for the next file of a rail."""

    rail: str
    count: int
    total_pence: int


def waiting(session: Session, *, council_id: str, rails: tuple[str, ...]) -> list[Waiting]:
    """What waits for a file, by rail; rails for which nothing waits are left out."""
    found = [(rail, due(session, council_id=council_id, rail=rail)) for rail in rails]
    return [Waiting(rail, len(rows), sum(row.amount_pence for row in rows)) for rail, rows in found if rows]


def entry_days(session: Session, *, council_id: str, payout_ids: list[str]) -> dict[str, date]:
    """Payment id → the day on which Bacs puts it into the account, for those in a file."""
    query = select(BankFileLine.payout_id, BankFileLine.entry_day).where(
        BankFileLine.council_id == council_id,
        BankFileLine.payout_id.in_(payout_ids),
        BankFileLine.released_at.is_(None),
        BankFileLine.entry_day.is_not(None),
    )
    return {payout_id: day for payout_id, day in session.execute(query) if day}


def acknowledged(session: Session, *, council_id: str, payout_ids: list[str]) -> dict[str, BankFile]:
    """Payment id → the file with which the council's finance system took it."""
    query = (
        select(BankFileLine.payout_id, BankFile)
        .join(
            BankFile,
            (BankFile.council_id == BankFileLine.council_id) & (BankFile.id == BankFileLine.file_id),
        )
        .where(
            BankFileLine.council_id == council_id,
            BankFileLine.payout_id.in_(payout_ids),
            BankFileLine.released_at.is_(None),
            BankFile.state == "acknowledged",
        )
    )
    return {found.payout_id: found.BankFile for found in session.execute(query)}


def to_settle(session: Session, *, council_id: str, today: date, limit: int = 500) -> list[BankFileLine]:
    """Lines of submitted files whose entry day has come, with nothing said against them."""
    query = (
        select(BankFileLine)
        .join(
            BankFile,
            (BankFile.council_id == BankFileLine.council_id) & (BankFile.id == BankFileLine.file_id),
        )
        .where(
            BankFileLine.council_id == council_id,
            BankFileLine.entry_day <= today,
            BankFileLine.outcome.is_(None),
            BankFileLine.released_at.is_(None),
            BankFile.state == "submitted",
        )
    )
    return list(session.scalars(query.order_by(BankFileLine.payout_id).limit(limit)))


def standing_line(session: Session, *, council_id: str, payout_id: str) -> BankFileLine | None:
    """The line of the one file in which a payment stands now."""
    query = select(BankFileLine).where(
        BankFileLine.council_id == council_id,
        BankFileLine.payout_id == payout_id,
        BankFileLine.released_at.is_(None),
    )
    return session.scalars(query).first()


def lines_like(session: Session, *, council_id: str, amount_pence: int, reference: str) -> list[BankFileLine]:
    """Lines with this amount under this reference, or under a roll number that only the vault can tell."""
    query = select(BankFileLine).where(
        BankFileLine.council_id == council_id,
        BankFileLine.amount_pence == amount_pence,
        BankFileLine.released_at.is_(None),
        (BankFileLine.reference == reference) | BankFileLine.by_roll,
    )
    return list(session.scalars(query.order_by(BankFileLine.file_id, BankFileLine.number)))


def file_by_serial(session: Session, *, council_id: str, serial: str) -> BankFile | None:
    """The newest Bacs file with this serial number."""
    if not (serial.isascii() and serial.isdigit() and 1 <= len(serial) <= 6):
        return None
    query = select(BankFile).where(
        BankFile.council_id == council_id,
        BankFile.rail == "bacs",
        (BankFile.number - 1) % 999_999 + 1 == int(serial),
    )
    return session.scalars(query.order_by(BankFile.number.desc())).first()


def imported(session: Session, *, council_id: str, import_id: str) -> BankImport:
    """One report that was received. Raises `NotFound`."""
    found = session.get(BankImport, (council_id, import_id))
    if found is None:
        raise NotFound("We cannot find that report. Check the id, or look under another council.")
    return found


def imports(
    session: Session, *, council_id: str, after: str | None = None, limit: int = 50
) -> list[BankImport]:
    """Reports, the newest first, after an id."""
    query = select(BankImport).where(BankImport.council_id == council_id)
    if after:
        query = query.where(BankImport.id < after)
    return list(session.scalars(query.order_by(BankImport.id.desc()).limit(limit)))


def import_lines(session: Session, *, council_id: str, import_id: str) -> list[BankImportLine]:
    """What became of each line of a report."""
    query = select(BankImportLine).where(
        BankImportLine.council_id == council_id, BankImportLine.import_id == import_id
    )
    return list(session.scalars(query.order_by(BankImportLine.number)))
