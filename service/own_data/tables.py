"""Wishes to be erased, and how long a council keeps things, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Erasure(Base):
    """One wish to be erased. `state`: asked, taken_back or done. Nothing goes before `due_at`."""

    __tablename__ = "erasures"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        CheckConstraint("(state = 'asked') = (ended_at IS NULL)", name="a_wish_that_is_open_or_ended"),
        Index(
            "one_open_erasure",
            "council_id",
            "person_id",
            unique=True,
            postgresql_where=text("state = 'asked'"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    due_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class RetentionPeriod(Base):
    """How many years a council keeps one class of records, from a day on."""

    __tablename__ = "retention_periods"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        CheckConstraint("years BETWEEN 1 AND 20", name="years_that_somebody_could_mean"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    record_class: Mapped[str] = mapped_column(Text, primary_key=True)
    starts_on: Mapped[date] = mapped_column(Date, primary_key=True)
    years: Mapped[int] = mapped_column(Integer)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
