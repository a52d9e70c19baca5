"""Mappings, exports and what is in each, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, deferred, mapped_column

from service.db import Base


class ExportMapping(Base):
    """A council's own mapping, as its text was typed."""

    __tablename__ = "export_mappings"
    __table_args__ = (ForeignKeyConstraint(["council_id"], ["councils.council_id"]),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    changed_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class Export(Base):
    """One file, built once: the same bytes for ever. `mapping_text` is the mapping as it was then."""

    __tablename__ = "exports"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index("exports_by_kind", "council_id", "kind", "id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    batch: Mapped[str] = mapped_column(Text)
    mapping: Mapped[str] = mapped_column(Text)
    mapping_text: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    until: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    items: Mapped[int] = mapped_column(Integer)
    total_pence: Mapped[int] = mapped_column(BigInteger)
    file_name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    built_by: Mapped[str] = mapped_column(Text)
    built_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class ExportItem(Base):
    """One payment or ledger entry in the one export of its kind."""

    __tablename__ = "export_items"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "export_id"], ["exports.council_id", "exports.id"]),
        Index("items_of_export", "council_id", "export_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    source_id: Mapped[str] = mapped_column(Text, primary_key=True)
    export_id: Mapped[str] = mapped_column(Text)
