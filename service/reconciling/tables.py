"""Comparisons and what they found, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKeyConstraint, Index, Integer, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Reconciliation(Base):
    """One comparison of our payments on one rail with the rail's own record. Never changed."""

    __tablename__ = "reconciliations"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index("reconciliations_by_day", "council_id", "rail", "day"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    rail: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date)
    since: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ours: Mapped[int] = mapped_column(Integer)
    theirs: Mapped[int] = mapped_column(Integer)
    agreed: Mapped[int] = mapped_column(Integer)
    mismatches: Mapped[int] = mapped_column(Integer)


class ReconciliationFinding(Base):
    """One thing that did not agree. A person closes it with a note, or it is closed when both agree again."""

    __tablename__ = "reconciliation_findings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["council_id", "reconciliation_id"], ["reconciliations.council_id", "reconciliations.id"]
        ),
        Index("findings_of_payment", "council_id", "rail", "payment_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    reconciliation_id: Mapped[str] = mapped_column(Text)
    rail: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    payment_id: Mapped[str] = mapped_column(Text)
    ours: Mapped[str] = mapped_column(Text)
    theirs: Mapped[str] = mapped_column(Text)
    ours_pence: Mapped[int | None] = mapped_column(BigInteger)
    theirs_pence: Mapped[int | None] = mapped_column(BigInteger)
    found_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    closed_by: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
