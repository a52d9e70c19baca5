"""Councils, staff, roles, API keys and sign-in links, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Council(Base):
    """One council, or a region of councils. Its id is the wall that every other row stands behind."""

    __tablename__ = "councils"
    __table_args__ = (Index("councils_of_region", "region_id", "council_id"),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    nation: Mapped[str] = mapped_column(Text)
    header_colour: Mapped[str] = mapped_column(Text)
    header_text_colour: Mapped[str] = mapped_column(Text)
    contact_name: Mapped[str] = mapped_column(Text)
    contact_email: Mapped[str] = mapped_column(Text)
    contact_phone: Mapped[str] = mapped_column(Text)
    cost_centre: Mapped[str] = mapped_column(Text)
    bank_rail: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    kind: Mapped[str] = mapped_column(Text)
    region_id: Mapped[str | None] = mapped_column(Text)


class Staff(Base):
    """A member of staff of one council."""

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("council_id", "email"),
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    left_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    link_asked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class ApiKey(Base):
    """A key for a machine. Only the hash of its secret is stored."""

    __tablename__ = "api_keys"
    __table_args__ = (ForeignKeyConstraint(["council_id"], ["councils.council_id"]), UniqueConstraint("hash"))
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    test: Mapped[bool] = mapped_column(Boolean)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class SignInLink(Base):
    """A link that signs one person or member of staff in, once. Only the hash of its token is stored."""

    __tablename__ = "sign_in_links"
    __table_args__ = (ForeignKeyConstraint(["council_id"], ["councils.council_id"]), UniqueConstraint("hash"))
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    goes_to: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
