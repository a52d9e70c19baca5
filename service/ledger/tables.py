"""Ledger entries, postings, codes and months, as stored. The database refuses to change an entry."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
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


class LedgerEntry(Base):
    """One balanced entry. One of a kind for each thing it came from.

    `at` is when it happened, by our clock. The database itself fills in the rest: `posted_at` when it was
    written, by its own clock; `period`, the first open accounting month; `transaction`, its own number.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("council_id", "kind", "source_id"),
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index("entries_of_claim", "council_id", "claim_id"),
        Index("entries_of_offer", "council_id", "offer_id", postgresql_where=text("offer_id IS NOT NULL")),
        Index("entries_by_posting", "council_id", "posted_at", "id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    source_id: Mapped[str] = mapped_column(Text)
    claim_id: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    offer_id: Mapped[str | None] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    posted_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    transaction: Mapped[int] = mapped_column(BigInteger)


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
    category: Mapped[str] = mapped_column(Text, server_default=text("''"))
    vat_code: Mapped[str] = mapped_column(Text, server_default=text("''"))


class LedgerCode(Base):
    """A council's own codes for one line, from a day on: a category, `fee`, `expense`, or an account."""

    __tablename__ = "ledger_codes"
    __table_args__ = (ForeignKeyConstraint(["council_id"], ["councils.council_id"]),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    line: Mapped[str] = mapped_column(Text, primary_key=True)
    starts_on: Mapped[date] = mapped_column(Date, primary_key=True)
    subjective: Mapped[str] = mapped_column(Text)
    vat_code: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class LedgerPeriod(Base):
    """An accounting month, like 2026-11, that was closed at least once. `state`: closed or open again."""

    __tablename__ = "ledger_periods"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        CheckConstraint(
            "period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$' AND (state = 'closed' AND reopened_by IS NULL"
            " OR state = 'open' AND reopened_by IS NOT NULL)",
            name="a_month_that_is_closed_or_open",
        ),
        CheckConstraint("reopened_by <> closed_by", name="a_second_person_reopens"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    closed_by: Mapped[str] = mapped_column(Text)
    closed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    reopened_by: Mapped[str | None] = mapped_column(Text)
    reopened_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
