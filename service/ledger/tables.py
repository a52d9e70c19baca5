"""Ledger entries and postings, as stored. The database refuses to change or delete one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class LedgerEntry(Base):
    """One balanced entry. One of a kind for each thing it came from."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("council_id", "kind", "source_id"),
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index("entries_of_claim", "council_id", "claim_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    source_id: Mapped[str] = mapped_column(Text)
    claim_id: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class LedgerPosting(Base):
    """One side of an entry."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "entry_id"], ["ledger_entries.council_id", "ledger_entries.id"]),
        Index("postings_by_account", "council_id", "account"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    entry_id: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(Text)
    amount_pence: Mapped[int] = mapped_column(BigInteger)
    cost_centre: Mapped[str] = mapped_column(Text)
    subjective: Mapped[str] = mapped_column(Text)
