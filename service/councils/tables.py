"""Councils, staff, roles, API keys, and what people sign in with, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
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
        Index(
            "one_member_a_subject",
            "council_id",
            "provider_subject",
            unique=True,
            postgresql_where=text("provider_subject IS NOT NULL"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    left_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    link_asked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    # Who signed in before this moment is signed out, wherever that was.
    signed_out_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    # Who they are at the council's own provider: its address, a space, and the name it gave them for us.
    provider_subject: Mapped[str | None] = mapped_column(Text)


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


class SignInCode(Base):
    """A code that signs somebody in, once. The code itself is nowhere: it follows from the id.

    `kind`: person or attorney, and `subject_id` theirs. `way`: by text or by email. `purpose`: to sign in,
    or to show that it is still them.
    """

    __tablename__ = "sign_in_codes"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index("codes_of_subject", "council_id", "kind", "subject_id", "made_at"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    way: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    tries: Mapped[int] = mapped_column(Integer)
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class StaffProvider(Base):
    """Where a council's staff sign in with the account they have there already (OpenID Connect).

    `roles`: what the provider says of somebody → our roles. `links`: whether emailed links work as well.
    """

    __tablename__ = "staff_providers"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index(
            "one_provider_at_a_time",
            "council_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    issuer: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    secret_sealed: Mapped[str] = mapped_column(Text)
    roles: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    roles_claim: Mapped[str] = mapped_column(Text)
    address_claim: Mapped[str] = mapped_column(Text)
    links: Mapped[bool] = mapped_column(Boolean)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
