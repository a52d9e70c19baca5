"""Who helps a person, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKeyConstraint, Index, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Helper(Base):
    """Somebody whom a person lets see or do things for them, until a day.

    `consent`: how the person agreed; `own`: on their own page, so that no second look is needed.
    """

    __tablename__ = "helpers"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", name="a_helper_can_be_reached"),
        CheckConstraint(
            "kind <> 'interpreter' OR NOT (may_answer OR may_ask)", name="an_interpreter_only_sees"
        ),
        CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> recorded_by OR consent = 'own'",
            name="two_confirm_a_helper",
        ),
        Index("helpers_of_person", "council_id", "person_id"),
        Index("helpers_by_email", "council_id", "email"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    may_answer: Mapped[bool] = mapped_column(Boolean)
    may_ask: Mapped[bool] = mapped_column(Boolean)
    consent: Mapped[str] = mapped_column(Text)
    until_day: Mapped[date] = mapped_column(Date)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    confirmed_by: Mapped[str | None] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    link_asked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
