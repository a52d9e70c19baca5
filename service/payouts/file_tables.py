"""Files of payments and what was read back, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class BankFile(Base):
    """One file: built once, kept as it was. `sealed` holds its bytes, since they name people's accounts."""

    __tablename__ = "bank_files"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        UniqueConstraint("council_id", "rail", "number"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    rail: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer)
    form: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    lines: Mapped[int] = mapped_column(Integer)
    total_pence: Mapped[int] = mapped_column(BigInteger)
    sealed: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer)
    submit_by: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    built_by: Mapped[str] = mapped_column(Text)
    built_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    fetched_by: Mapped[str | None] = mapped_column(Text)
    fetched_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    submitted_by: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    accepted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    acknowledged_by: Mapped[str | None] = mapped_column(Text)
    acknowledged_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    their_reference: Mapped[str | None] = mapped_column(Text)
    rejected_by: Mapped[str | None] = mapped_column(Text)
    rejected_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    rejected_because: Mapped[str | None] = mapped_column(Text)

    @property
    def serial(self) -> str:
        """Six digits that are new for each file, and never all nought."""
        return f"{(self.number - 1) % 999_999 + 1:06}"


class BankFileLine(Base):
    """One payment in a file. It is in one file at a time: `released_at` frees it for another.

    `by_roll`: the reference field of the file holds the account's roll number, not `reference`.
    """

    __tablename__ = "bank_file_lines"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "file_id"], ["bank_files.council_id", "bank_files.id"]),
        ForeignKeyConstraint(["council_id", "payout_id"], ["payouts.council_id", "payouts.id"]),
        ForeignKeyConstraint(["council_id", "attempt_id"], ["attempts.council_id", "attempts.id"]),
        Index(
            "one_file_a_payout",
            "council_id",
            "payout_id",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
        Index("file_lines_by_reference", "council_id", "reference"),
        Index(
            "file_lines_to_settle",
            "council_id",
            "entry_day",
            postgresql_where=text("outcome IS NULL AND released_at IS NULL"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    file_id: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    payout_id: Mapped[str] = mapped_column(Text)
    attempt_id: Mapped[str | None] = mapped_column(Text)
    method_id: Mapped[str | None] = mapped_column(Text)
    amount_pence: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(Text)
    by_roll: Mapped[bool] = mapped_column(Boolean)
    origin: Mapped[str | None] = mapped_column(Text)
    processing_day: Mapped[date | None] = mapped_column(Date)
    entry_day: Mapped[date | None] = mapped_column(Date)
    outcome: Mapped[str | None] = mapped_column(Text)
    released_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class BankImport(Base):
    """One report as it was received: the same bytes come in once."""

    __tablename__ = "bank_imports"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        UniqueConstraint("council_id", "kind", "sha256"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    sealed: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer)
    received_by: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    applied_by: Mapped[str | None] = mapped_column(Text)
    applied_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class BankImportLine(Base):
    """What became of one line of a report."""

    __tablename__ = "bank_import_lines"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "import_id"], ["bank_imports.council_id", "bank_imports.id"]),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    import_id: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    did: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    payout_id: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[str | None] = mapped_column(Text)
