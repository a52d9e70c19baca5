"""Decisions, as stored. Inserted once, never changed. Opened only by this room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Decision(Base):
    """One person's or the rule's answer to one version of a claim. `kind`: agreed, refused or asked.

    Or, of a claim that was agreed in part: disagreed (its person wants another look), looked_again.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "claim_id"], ["claims.council_id", "claims.id"]),
        Index("decisions_of_claim", "council_id", "claim_id", "claim_version"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    claim_id: Mapped[str] = mapped_column(Text)
    claim_version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    decider_kind: Mapped[str] = mapped_column(Text)
    decider_id: Mapped[str] = mapped_column(Text)
    decider_by: Mapped[str] = mapped_column(Text)
    clause: Mapped[str | None] = mapped_column(Text)
    sums: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    decided_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
