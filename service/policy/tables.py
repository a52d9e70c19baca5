"""Policy versions, drafts, simulations and sign-offs, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class PolicyVersion(Base):
    """One version of one council's policy: every text it is made of, and from which day it counts."""

    __tablename__ = "policies"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        UniqueConstraint("council_id", "hash"),
        Index("policies_by_day", "council_id", "effective_from"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    slug: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    sources: Mapped[dict[str, Any]] = mapped_column(JSONB)
    effective_from: Mapped[date] = mapped_column(Date)
    published_by: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class PolicyDraft(Base):
    """A text that somebody would like to publish. It never changes: another text is another draft.

    Once published, the version has the draft's id.
    """

    __tablename__ = "policy_drafts"
    __table_args__ = (ForeignKeyConstraint(["council_id"], ["councils.council_id"]),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    slug: Mapped[str | None] = mapped_column(Text)
    version: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    sources: Mapped[dict[str, Any]] = mapped_column(JSONB)
    effective_from: Mapped[date | None] = mapped_column(Date)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    author_kind: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str] = mapped_column(Text)
    author_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    sign_off: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class PolicySimulation(Base):
    """What one text would have paid for stored claims. Waits until `done_at` is set, with its answer."""

    __tablename__ = "policy_simulations"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index("simulations_of_policy", "council_id", "policy_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    policy_id: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    done_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class PolicySignOff(Base):
    """Somebody who was asked to read a draft, or who answered: `agrees` is None until they do.

    `kind` is person, staff or key. The words that they said lie with the event `event_id`, and may be erased.
    """

    __tablename__ = "policy_sign_offs"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "policy_id"], ["policy_drafts.council_id", "policy_drafts.id"]),
        UniqueConstraint("council_id", "policy_id", "kind", "signer_id", "signer_by"),
        Index("sign_offs_of_signer", "council_id", "kind", "signer_id"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    policy_id: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    signer_id: Mapped[str] = mapped_column(Text)
    signer_by: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(JSONB)
    asked_by: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    agrees: Mapped[bool | None] = mapped_column(Boolean)
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    event_id: Mapped[int | None] = mapped_column(BigInteger)
