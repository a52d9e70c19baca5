"""Receipts, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Receipt(Base):
    """One receipt or ticket. Its picture lies in the store under `id`, sealed with `key_sealed`.

    `claim_id` and `cost_number` (from 0): the cost that it belongs to, once the claim was sent. `kind`: JPEG
    or PDF, as it is kept. `scan`: clean, harmful, not_scanned, or waiting. `mark`: a keyed hash, the same for
    the same picture; it stays when the picture goes, and then there is no key.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        ForeignKeyConstraint(["council_id", "claim_id"], ["claims.council_id", "claims.id"]),
        Index("receipts_of_claim", "council_id", "claim_id"),
        Index("receipts_by_mark", "council_id", "mark"),
        Index("receipts_being_checked", "council_id", "id", postgresql_where=text("state = 'being_checked'")),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    claim_id: Mapped[str | None] = mapped_column(Text)
    cost_number: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    pages: Mapped[int] = mapped_column(Integer)
    bytes: Mapped[int] = mapped_column(BigInteger)
    scan: Mapped[str] = mapped_column(Text)
    mark: Mapped[str] = mapped_column(Text)
    key_sealed: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def is_picture(self) -> bool:
        """Whether a page can show it, rather than link to it."""
        return self.kind == "image/jpeg"
