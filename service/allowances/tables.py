"""Allowances, and who holds how much of each, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKeyConstraint, Index, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.allowances.model import Key
from service.db import Base


class AllowanceRow(Base):
    """One payee, counter and period: the lock, and what its holdings come to."""

    __tablename__ = "allowances"
    __table_args__ = (ForeignKeyConstraint(["council_id"], ["councils.council_id"]),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    payee: Mapped[str] = mapped_column(Text, primary_key=True)
    counter: Mapped[str] = mapped_column(Text, primary_key=True)
    counts: Mapped[str] = mapped_column(Text, primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    each: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    reserved: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def key(self) -> Key:
        """Which allowance it is."""
        return Key(self.payee, self.counter, self.counts, self.period)


class Holding(Base):
    """What one offer or claim holds of an allowance, or held. `handed_in` is what the policy was told."""

    __tablename__ = "allowance_holdings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["council_id", "payee", "counter", "counts", "period"],
            [
                "allowances.council_id",
                "allowances.payee",
                "allowances.counter",
                "allowances.counts",
                "allowances.period",
            ],
        ),
        Index("holdings_of_holder", "council_id", "holder"),
        Index("holdings_of_occasion", "council_id", "occasion"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    payee: Mapped[str] = mapped_column(Text, primary_key=True)
    counter: Mapped[str] = mapped_column(Text, primary_key=True)
    counts: Mapped[str] = mapped_column(Text, primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(Text, primary_key=True)
    occasion: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    handed_in: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def key(self) -> Key:
        """Which allowance it is a part of."""
        return Key(self.payee, self.counter, self.counts, self.period)
