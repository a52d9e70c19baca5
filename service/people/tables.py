"""Co-producers, how they are paid, and who may act for them, as stored. Opened only by this room."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKeyConstraint, Index, Integer, Text, text
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
        Index("people_by_phone", "council_id", "phone"),
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
    # Somebody pressed "This was not me": nothing is paid to this person until staff have talked with them.
    payments_stopped_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    # What the council's finance system calls them; see `known_as`.
    supplier_reference: Mapped[str | None] = mapped_column(Text)
    # Who signed in before this moment is signed out, wherever that was.
    signed_out_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    # They asked to be erased, and were: nothing here says who they are, and nobody signs in as them.
    erased_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def known_as(self) -> str:
        """What they are called in exports: the reference that was set, else one made from their id."""
        return self.supplier_reference or f"{OWN_REFERENCE}{self.id[-10:].upper()}"


class PaymentMethod(Base):
    """One way that a person is, was or may be paid.

    `state`: current, used for payments; proposed, waits for the person's yes; replaced or declined, over.
    `checked`: what the modulus check said of bank details; `checked_with`: the version of its tables.
    """

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
    checked: Mapped[str | None] = mapped_column(Text)
    checked_with: Mapped[str | None] = mapped_column(Text)


class MethodConfirmation(Base):
    """One code that was sent before a change counts. The code itself is nowhere: it follows from the id."""

    __tablename__ = "method_confirmations"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        ForeignKeyConstraint(
            ["council_id", "method_id"], ["payment_methods.council_id", "payment_methods.id"]
        ),
        Index("confirmations_of_person", "council_id", "person_id", "made_at"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    method_id: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    tries: Mapped[int] = mapped_column(Integer)
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class FormerContact(Base):
    """How a person was reached until it was changed."""

    __tablename__ = "former_contacts"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        Index("former_contacts_of_person", "council_id", "person_id", "ended_at"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class Authority(Base):
    """Somebody who may act on a person's money, on a document that two members of staff have seen."""

    __tablename__ = "authorities"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        CheckConstraint("checked_by IS NULL OR checked_by <> recorded_by", name="two_look_at_the_document"),
        Index("authorities_of_person", "council_id", "person_id"),
        Index("authorities_by_email", "council_id", "email"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    dated: Mapped[date] = mapped_column(Date)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    checked_by: Mapped[str | None] = mapped_column(Text)
    checked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    from_day: Mapped[date] = mapped_column(Date)
    until_day: Mapped[date | None] = mapped_column(Date)
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    link_asked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class ContactRequest(Base):
    """Somebody can no longer be reached as before, and says so. What they typed goes when it is dealt with.

    Nobody has checked who they are, so no person is named: staff find out by talking with them.
    """

    __tablename__ = "contact_requests"
    __table_args__ = (ForeignKeyConstraint(["council_id"], ["councils.council_id"]),)
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    reach: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    closed_by: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class OwnLine(Base):
    """Somebody wants to be told before they pass this sum in a week or a month. No staff page reads it.

    One that was taken away keeps neither its sum nor its start.
    """

    __tablename__ = "own_lines"
    __table_args__ = (
        ForeignKeyConstraint(["council_id", "person_id"], ["people.council_id", "people.id"]),
        CheckConstraint("(amount_pence IS NULL) = (starts IS NULL)", name="a_line_is_whole_or_gone"),
    )
    council_id: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str] = mapped_column(Text, primary_key=True)
    per: Mapped[str] = mapped_column(Text, primary_key=True)
    amount_pence: Mapped[int | None] = mapped_column(BigInteger)
    starts: Mapped[int | None] = mapped_column(Integer)
    set_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
