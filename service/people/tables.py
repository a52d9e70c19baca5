"""Co-producers and their payment methods, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base

# References that we make ourselves begin so, and nobody may set one that does.
OWN_REFERENCE = "RCP-"


class Person(Base):
    """Somebody with lived experience, as one council knows them."""

    __tablename__ = "people"
    __table_args__ = (
        ForeignKeyConstraint(["council_id"], ["councils.council_id"]),
        Index(
            "one_person_a_reference",
            "council_id",
            "external_reference",
            unique=True,
            postgresql_where=text("external_reference IS NOT NULL"),
        ),
        Index(
            "one_person_a_supplier_reference",
            "council_id",
            "supplier_reference",
            unique=True,
            postgresql_where=text("supplier_reference IS NOT NULL"),
        ),
        Index("people_by_email", "council_id", "email"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    external_reference: Mapped[str | None] = mapped_column(Text)
    organisation: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    link_asked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    # What the council's finance system calls them; see `known_as`.
    supplier_reference: Mapped[str | None] = mapped_column(Text)

    @property
    def known_as(self) -> str:
        """What they are called in exports: the reference that was set, else one made from their id."""
        return self.supplier_reference or f"{OWN_REFERENCE}{self.id[-10:].upper()}"


class PaymentMethod(Base):
    """One way that a person is, was or may be paid."""

    __tablename__ = "payment_methods"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        Index(
            "one_method_in_use",
            "council_id",
            "person_id",
            "state",
            unique=True,
            postgresql_where=text("state IN ('current', 'proposed')"),
        ),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    details_sealed: Mapped[str | None] = mapped_column(Text)
    masked: Mapped[str] = mapped_column(Text)
    charity: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    usable_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
