"""What the last check of the books found, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class BookCheck(Base):
    """One row a council. `whole_at`: when everything was last gone through; `clean_at`: when all was well."""

    __tablename__ = "book_checks"
    __table_args__ = (ForeignKeyConstraint(["council_id"], ["councils.council_id"]),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    checked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    whole_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    clean_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    found: Mapped[list[str]] = mapped_column(JSONB)
