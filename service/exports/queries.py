"""Questions about exports and mappings. Writes nothing."""

from __future__ import annotations

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.exports import mapping as mappings
from service.exports.tables import Export, ExportItem, ExportMapping


def get(session: Session, *, council_id: str, export_id: str) -> Export:
    """One export, without its content. Raises `NotFound`."""
    found = session.get(Export, (council_id, export_id))
    if found is None:
        raise NotFound("We cannot find that export. Look at the list of them.")
    return found


def page(session: Session, *, council_id: str, before: str | None, limit: int) -> list[Export]:
    """Exports, the newest first; before an id."""
    query = select(Export).where(Export.council_id == council_id)
    if before:
        query = query.where(Export.id < before)
    return list(session.scalars(query.order_by(Export.id.desc()).limit(limit)))


def count(session: Session, *, council_id: str, kind: str) -> int:
    """How many exports of a kind there are."""
    query = select(func.count()).where(Export.council_id == council_id, Export.kind == kind)
    return int(session.scalar(query) or 0)


def exported(*, council_id: str, kind: str) -> Select[str]:
    """A query of everything that is in an export of a kind."""
    return select(ExportItem.source_id).where(ExportItem.council_id == council_id, ExportItem.kind == kind)


def times_exported(session: Session, *, council_id: str, kind: str, ids: list[str]) -> dict[str, int]:
    """Payment id → how often it was exported, where it was taken back from an export before."""
    first = func.split_part(ExportItem.source_id, ".", 1)
    query = (
        select(first, func.count())
        .where(ExportItem.council_id == council_id, ExportItem.kind == kind, first.in_(ids))
        .group_by(first)
    )
    return {source_id: int(times) for source_id, times in session.execute(query)}


def own_mappings(session: Session, *, council_id: str) -> list[ExportMapping]:
    """The council's own mappings, by name."""
    query = select(ExportMapping).where(ExportMapping.council_id == council_id)
    return list(session.scalars(query.order_by(ExportMapping.name)))


def mapping_text(session: Session, *, council_id: str, preset: str | None, name: str | None) -> str:
    """The text of a preset, or of the council's own mapping of that name. Raises `NotFound`."""
    if preset:
        return mappings.preset(preset)
    found = session.get(ExportMapping, (council_id, name or ""))
    if found is None:
        raise NotFound("We cannot find a mapping of that name. Look at the list of them.")
    return found.text
